"""DPT128."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class CheckpointUseReentrant(Check):
    """``torch.utils.checkpoint`` wants to be told ``use_reentrant``; without it, it warns, and its default is to change.

    ``use_reentrant=False`` is recommended. It is not the same as what the call does now (``True``): it works with inputs
    that need no gradient, and records the random state and the graph in another way.
    """

    code = "DPT128"
    name = "checkpoint-use-reentrant"
    severity = "warning"
    message = "say use_reentrant=False: its default is to change"
    url = "https://docs.pytorch.org/docs/stable/checkpoint.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.utils.checkpoint.checkpoint", "torch.utils.checkpoint.checkpoint_sequential")
    setup = "import torch.utils.checkpoint\n"
    bad = ("y = torch.utils.checkpoint.checkpoint(f, x)", "y = torch.utils.checkpoint.checkpoint_sequential(m, 2, x)")
    fixed = (
        "y = torch.utils.checkpoint.checkpoint(f, x, use_reentrant=False)",
        "y = torch.utils.checkpoint.checkpoint_sequential(m, 2, x, use_reentrant=False)",
    )
    good = (
        "y = torch.utils.checkpoint.checkpoint(f, x, use_reentrant=True)",
        "y = torch.utils.checkpoint.checkpoint(f, x, **options)",
        "f = torch.utils.checkpoint.checkpoint",
    )

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        if call is None or not call.args or any(one.star == "**" for one in call.args):
            return None
        if any(one.keyword is not None and one.keyword.value == "use_reentrant" for one in call.args):
            return None
        rewrite = use.rewrite()
        rewrite.append("use_reentrant=False")
        return use.problem(rewrite.done("Say use_reentrant=False", "unsafe"))
