"""DPT117."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class TorchLu(Check):
    """``torch.lu`` is deprecated and will be removed: use ``torch.linalg.lu_factor``.

    With ``get_infos=True`` it is ``torch.linalg.lu_factor_ex``. The fix is unsafe: for a singular matrix ``lu_factor``
    raises an error where ``torch.lu`` did not.
    """

    code = "DPT117"
    name = "torch-lu"
    severity = "warning"
    message = "torch.lu is deprecated: use torch.linalg.lu_factor, or lu_factor_ex with get_infos=True"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu_factor.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.lu",)
    bad = (
        "LU, pivots = torch.lu(A)",
        "LU, pivots = torch.lu(A, pivot=True)",
        "LU, pivots, info = torch.lu(A, get_infos=True)",
        "result = torch.lu(A, get_infos=flag)",
    )
    fixed = (
        "LU, pivots = torch.linalg.lu_factor(A)",
        "LU, pivots = torch.linalg.lu_factor(A, pivot=True)",
        "LU, pivots, info = torch.linalg.lu_factor_ex(A)",
        None,
    )
    good = ("LU, pivots = torch.linalg.lu_factor(A)", "P, L, U = torch.linalg.lu(A)")

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("A", "pivot", "get_infos", keywords=("out",))
        if arguments is None or "A" not in arguments:
            return use.problem()
        infos = value_of(arguments["get_infos"].value) if "get_infos" in arguments else False
        if not isinstance(infos, bool):
            return use.problem()
        rewrite = use.rewrite("torch.linalg.lu_factor_ex" if infos else "torch.linalg.lu_factor")
        if "get_infos" in arguments:
            rewrite.remove(arguments["get_infos"])
        if "pivot" in arguments and arguments["pivot"].keyword is None:
            rewrite.replace(arguments["pivot"], f"pivot={use.source.code(arguments['pivot'].value)}")
        return use.problem(rewrite.done("Use torch.linalg.lu_factor", "unsafe"))
