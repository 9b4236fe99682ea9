"""DPT103."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Rewrite, Use
from diptych.syntax.literals import value_of


class TorchEigLstsqMatrixRank(Check):
    """``torch.eig``, ``torch.lstsq`` and ``torch.matrix_rank`` were removed; they raise ``RuntimeError``.

    - ``torch.eig`` returned real and imaginary parts as two columns, ``torch.linalg.eig`` returns complex numbers; for the
      eigenvalues ``torch.view_as_real`` gives the two columns back, for eigenvectors the code after it has to change.
    - ``torch.lstsq(B, A)`` took its arguments the other way round and left residuals in the last rows of the solution.
    - ``torch.matrix_rank`` called ``symmetric`` what is now ``hermitian``.
    """

    code = "DPT103"
    name = "torch-eig-lstsq-matrix-rank"
    severity = "error"
    message = "removed: use its namesake in torch.linalg"
    url = "https://docs.pytorch.org/docs/stable/linalg.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.eig", "torch.lstsq", "torch.matrix_rank")
    bad = (
        "L = torch.eig(A).eigenvalues",
        "L, _ = torch.eig(A, eigenvectors=False)",
        "L, V = torch.eig(A, eigenvectors=True)\nprint(V)",
        "X = torch.lstsq(B, A).solution[: A.size(1)]",
        "X, _ = torch.lstsq(B, A)",
        "r = torch.matrix_rank(A)",
        "r = torch.matrix_rank(A, 0.1, symmetric=True)",
    )
    fixed = (
        "L = torch.view_as_real(torch.linalg.eigvals(A))",
        "L = torch.view_as_real(torch.linalg.eigvals(A))",
        None,
        "X = torch.linalg.lstsq(A, B).solution[: A.size(1)]",
        "X = torch.linalg.lstsq(A, B).solution",
        "r = torch.linalg.matrix_rank(A)",
        "r = torch.linalg.matrix_rank(A, 0.1, hermitian=True)",
    )
    good = ("r = torch.linalg.matrix_rank(A)", "L = torch.linalg.eig(A)")

    def visit(self, use: Use) -> Problem:
        if use.name == "torch.eig":
            message = "torch.eig was removed: torch.linalg.eig returns complex numbers, not pairs of real ones"
            rewrite = self._eig(use)
        elif use.name == "torch.lstsq":
            message = "torch.lstsq was removed: use torch.linalg.lstsq(A, B), which takes A first"
            rewrite = self._lstsq(use)
        else:
            message = "torch.matrix_rank was removed: use torch.linalg.matrix_rank (symmetric= is now hermitian=)"
            rewrite = self._matrix_rank(use)
        fix = rewrite.done("Use torch.linalg", "unsafe") if rewrite is not None else None
        return use.problem(fix, message=message)

    def _eig(self, use: Use) -> Rewrite | None:
        arguments = use.arguments("input", "eigenvectors")
        if arguments is None or "input" not in arguments or arguments["input"].keyword is not None:
            return None
        rewrite = use.rewrite()
        rewrite.rename("torch.linalg.eigvals", before=rewrite.spell("torch.view_as_real") + "(")
        rewrite.only_first("eigenvalues", then=")")
        if "eigenvectors" in arguments:
            if not isinstance(value_of(arguments["eigenvectors"].value), bool):
                return None
            rewrite.remove(arguments["eigenvectors"])
        return rewrite

    def _lstsq(self, use: Use) -> Rewrite | None:
        arguments = use.arguments("input", "A")
        if arguments is None or len(arguments) != 2:
            return None
        rewrite = use.rewrite("torch.linalg.lstsq")
        rewrite.swap(arguments["input"], arguments["A"])
        rewrite.only_first("solution", then=".solution")
        return rewrite

    def _matrix_rank(self, use: Use) -> Rewrite | None:
        arguments = use.arguments("input", "tol", "symmetric")
        if arguments is None or "input" not in arguments:
            return None
        rewrite = use.rewrite("torch.linalg.matrix_rank")
        if "symmetric" in arguments:
            rewrite.rename_keyword(arguments["symmetric"], "hermitian")
        return rewrite
