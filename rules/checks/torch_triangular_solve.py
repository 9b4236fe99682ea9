"""DPT119."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class TorchTriangularSolve(Check):
    """``torch.triangular_solve(b, A)`` is deprecated: use ``torch.linalg.solve_triangular(A, B, upper=...)``.

    It takes the arguments the other way round, has no default for ``upper`` and returns the solution alone. A fix is
    offered where only the solution is used and nothing is transposed.
    """

    code = "DPT119"
    name = "torch-triangular-solve"
    severity = "warning"
    message = (
        "torch.triangular_solve is deprecated: use torch.linalg.solve_triangular(A, B, upper=...), which takes A first"
    )
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve_triangular.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.triangular_solve",)
    bad = (
        "X = torch.triangular_solve(S, A).solution",
        "X = torch.triangular_solve(S, A, upper=False)[0]",
        "X, _ = torch.triangular_solve(S, A, flag, unitriangular=True)",
        "X, _ = torch.triangular_solve(S, A, transpose=True)",
        "X, copy = torch.triangular_solve(S, A)\nprint(copy)",
    )
    fixed = (
        "X = torch.linalg.solve_triangular(A, S, upper=True)",
        "X = torch.linalg.solve_triangular(A, S, upper=False)",
        "X = torch.linalg.solve_triangular(A, S, upper=flag, unitriangular=True)",
        None,
        None,
    )
    good = ("X = torch.linalg.solve_triangular(A, S, upper=True)",)

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("b", "A", "upper", "transpose", "unitriangular")
        if arguments is None or not {"b", "A"} <= set(arguments):
            return use.problem()
        if "transpose" in arguments and value_of(arguments["transpose"].value) is not False:
            return use.problem()
        code = {name: use.source.code(argument.value) for name, argument in arguments.items()}
        rewrite = use.rewrite("torch.linalg.solve_triangular")
        rest = [f"unitriangular={code['unitriangular']}"] if "unitriangular" in code else []
        rewrite.replace_all(", ".join([code["A"], code["b"], f"upper={code.get('upper', 'True')}", *rest]))
        rewrite.only_first("solution")
        return use.problem(rewrite.done("Use torch.linalg.solve_triangular", "safe"))
