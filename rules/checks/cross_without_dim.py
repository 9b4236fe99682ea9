"""DPT138."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use


class CrossWithoutDim(Check):
    """``torch.cross`` without ``dim`` takes the first axis of size 3, which is deprecated.

    For a batch of three vectors that is the batch. ``torch.linalg.cross`` takes the last axis; no fix is offered, as it
    depends on the shape whether that is the same.
    """

    code = "DPT138"
    name = "cross-without-dim"
    severity = "warning"
    message = "torch.cross without dim takes the first axis of size 3: say dim=, or use torch.linalg.cross"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.cross.html"
    tags = ("deprecated",)
    fix = "none"
    names = ("torch.cross",)
    bad = ("y = torch.cross(a, b)",)
    fixed = (None,)
    good = ("y = torch.cross(a, b, dim=-1)", "y = torch.cross(a, b, 1)", "y = torch.linalg.cross(a, b)")

    def visit(self, use: Use) -> Problem | None:
        arguments = use.arguments("input", "other", "dim", keywords=("out",))
        return use.problem() if arguments is not None and "other" in arguments and "dim" not in arguments else None
