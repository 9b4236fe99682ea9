"""DPT254."""

import ast
import itertools
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ViewAfterPermute(FlowCheck):
    """After ``permute`` the axes stand in another order than the memory; ``view`` joins none, ``reshape`` copies.

    Reported where more axes are joined than stand next to each other in memory. (Memory that was laid out channels-last
    before, or axes of length 1, would be the exception.)
    """

    code = "DPT254"
    name = "view-after-permute"
    severity = "warning"
    message = "view() cannot join axes that were moved apart: this raises. Use reshape()"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html"
    fix = "unsafe"
    words = ("view",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "y = x.permute(0, 2, 1).view(8, -1)",
        "y = x.permute(0, 2, 1).view(-1)",
        "x = x.permute(2, 1, 0)\ny = x.view(-1)",
    )
    fixed = (
        "y = x.permute(0, 2, 1).reshape(8, -1)",
        "y = x.permute(0, 2, 1).reshape(-1)",
        "x = x.permute(2, 1, 0)\ny = x.reshape(-1)",
    )
    good = (
        "y = x.permute(0, 2, 3, 1).view(b, -1, c)",
        "y = x.permute(0, 2, 1).contiguous().view(8, -1)",
        "y = x.transpose(1, 2).view(b, -1, c)",
        "y = x.permute(0, 2, 1).reshape(8, -1)",
        "y = x.permute(1, 0).view(torch.int32)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("view"):
            if not isinstance(call.func, ast.Attribute) or not flow.is_whole(call) or call.keywords or not call.args:
                continue
            sizes = call.args
            if len(sizes) == 1 and flow.value(sizes[0]) != -1:
                continue
            moved = flow.origin(call.func.value)
            if not isinstance(moved, ast.Call) or not isinstance(moved.func, ast.Attribute) or flow.name(moved.func):
                continue
            axes = [flow.value(one) for one in moved.args]
            if moved.func.attr != "permute" or len(axes) < 3 or not all(type(one) is int for one in axes):
                continue
            order = [one % len(axes) for one in axes]
            together = sum(second == first + 1 for first, second in itertools.pairwise(order))
            if len(axes) - len(sizes) > together:
                end = flow.offsets(call.func)[1]
                edit = flow.edit(end - len("view"), end, "reshape")
                yield flow.problem(call, fix=flow.fix("Use reshape", "unsafe", edit))
