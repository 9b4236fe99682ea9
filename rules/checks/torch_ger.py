"""DPT108."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class TorchGer(Check):
    """``torch.ger`` is deprecated and will be removed; it is another name of ``torch.outer``."""

    code = "DPT108"
    name = "torch-ger"
    severity = "warning"
    message = "torch.ger is deprecated: use torch.outer"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.outer.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.ger",)
    bad = (
        "y = torch.ger(a, b)",
        "y = torch.ger(input=a, vec2=b)",
        "product = torch.ger",
        "from torch import ger\ny = ger(a, b)",
    )
    fixed = (
        "y = torch.outer(a, b)",
        "y = torch.outer(input=a, vec2=b)",
        "product = torch.outer",
        "from torch import ger\ny = torch.outer(a, b)",
    )
    good = ("y = torch.outer(a, b)", "y = blas.ger(a, b)")

    def visit(self, use: Use) -> Problem:
        return use.problem(use.rewrite("torch.outer").done("Use torch.outer", "safe"))
