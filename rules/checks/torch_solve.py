"""DPT101."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TorchSolve(Check):
    """``torch.solve(B, A)`` was removed; it raises ``RuntimeError``.

    ``torch.linalg.solve(A, B)`` takes its arguments the other way round and returns the solution alone, without the LU
    factorization (for that there is ``torch.linalg.lu_factor``). A fix is offered where only the solution is used.
    """

    code = "DPT101"
    name = "torch-solve"
    severity = "error"
    message = "torch.solve was removed: use torch.linalg.solve(A, B), which takes A first and returns only the solution"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.solve",)
    bad = (
        "X = torch.solve(B, A).solution",
        "X = torch.solve(B, A)[0]",
        "X, _ = torch.solve(B, A)",
        "X = torch.solve(input=B, A=A + 0).solution",
        "X, LU = torch.solve(B, A)\nprint(LU)",
        "result = torch.solve(B, A)",
    )
    fixed = (
        "X = torch.linalg.solve(A, B)",
        "X = torch.linalg.solve(A, B)",
        "X = torch.linalg.solve(A, B)",
        "X = torch.linalg.solve(A + 0, B)",
        None,
        None,
    )
    good = ("X = torch.linalg.solve(A, B)", "X = solver.solve(B, A)")

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("input", "A")
        if arguments is None or len(arguments) != 2:
            return use.problem()
        rewrite = use.rewrite("torch.linalg.solve")
        rewrite.swap(arguments["input"], arguments["A"])
        rewrite.only_first("solution")
        return use.problem(rewrite.done("Use torch.linalg.solve", "unsafe"))
