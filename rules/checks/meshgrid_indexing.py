"""DPT135."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class MeshgridIndexing(Check):
    """``torch.meshgrid`` without ``indexing=`` is deprecated: it will have to be said.

    The fix says ``"ij"``, which is what PyTorch does without it; NumPy's default is the other, ``"xy"``.
    """

    code = "DPT135"
    name = "meshgrid-indexing"
    severity = "warning"
    message = 'torch.meshgrid warns without indexing=: say indexing="ij", which is its default'
    url = "https://docs.pytorch.org/docs/stable/generated/torch.meshgrid.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.meshgrid", "torch.functional.meshgrid")
    bad = ("y, x = torch.meshgrid(a, b)", "y = torch.meshgrid([a, b])", "y = torch.meshgrid(*[a, b])")
    fixed = (
        'y, x = torch.meshgrid(a, b, indexing="ij")',
        'y = torch.meshgrid([a, b], indexing="ij")',
        'y = torch.meshgrid(*[a, b], indexing="ij")',
    )
    good = ('y, x = torch.meshgrid(a, b, indexing="xy")', "y = torch.meshgrid(a, b, **options)", "f = torch.meshgrid")

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        if call is None or not call.args or any(one.keyword is not None or one.star == "**" for one in call.args):
            return None
        rewrite = use.rewrite()
        rewrite.append('indexing="ij"')
        return use.problem(rewrite.done('Say indexing="ij"', "safe"))
