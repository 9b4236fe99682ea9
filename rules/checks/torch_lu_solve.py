"""DPT118."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TorchLuSolve(Check):
    """``torch.lu_solve(B, LU, pivots)`` is deprecated: use ``torch.linalg.lu_solve(LU, pivots, B)``."""

    code = "DPT118"
    name = "torch-lu-solve"
    severity = "warning"
    message = "torch.lu_solve is deprecated: use torch.linalg.lu_solve(LU, pivots, B), which takes B last"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu_solve.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.lu_solve",)
    bad = (
        "X = torch.lu_solve(S, *torch.linalg.lu_factor(A))",
        "F = torch.linalg.lu_factor(A)\nX = torch.lu_solve(S, F.LU, F.pivots)",
        "F = torch.linalg.lu_factor(A)\nX = torch.lu_solve(LU_pivots=F[1], input=S, LU_data=F[0])",
    )
    fixed = (
        None,
        "F = torch.linalg.lu_factor(A)\nX = torch.linalg.lu_solve(F.LU, F.pivots, S)",
        None,
    )
    good = ("X = torch.linalg.lu_solve(LU, pivots, B)",)

    def visit(self, use: Use) -> Problem:
        call = use.call
        if call is None or len(call.args) != 3 or any(one.star or one.keyword is not None for one in call.args):
            return use.problem()
        rewrite = use.rewrite("torch.linalg.lu_solve")
        b, lu, pivots = (use.source.code(argument.value) for argument in call.args)
        for argument, code in zip(call.args, (lu, pivots, b), strict=True):
            rewrite.replace(argument, code)
        return use.problem(rewrite.done("Use torch.linalg.lu_solve", "safe"))
