"""DPT254."""

import ast
import itertools
from collections.abc import Iterator

from diptych_checks._shapes import shape

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_CONTIGUOUS = {
    f"torch.{name}" for name in ("zeros", "ones", "rand", "randn", "empty", "arange", "full", "randint", "eye")
}
_CONTIGUOUS |= {"torch.nn.functional.unfold", "torch.nn.functional.linear", "torch.nn.functional.embedding"}


class ViewAfterPermute(FlowCheck):
    """After ``permute`` or ``transpose`` the axes stand in another order than the memory; ``view`` joins none, ``reshape`` copies.

    Reported where more axes are joined than stand next to each other in memory, and the text shows that the tensor was
    contiguous before: what a convolution or ``interpolate`` gives may be laid out channels-last, and then it is fine.
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
        "x = torch.randn(8, 4, 6)\ny = x.permute(0, 2, 1).view(8, -1)",
        "y = x.contiguous().permute(2, 0, 1).view(-1)",
        "x = F.unfold(x, 3)\nx = x.view(b, -1, 9, n).permute(0, 3, 2, 1)\ny = x.view(-1, 9, c)",
        "q = F.linear(x, w).view(b, n, heads, size)\nq = q.transpose(1, 2)\ny = q.view(b * heads, n, size)",
    )
    fixed = (
        "x = torch.randn(8, 4, 6)\ny = x.permute(0, 2, 1).reshape(8, -1)",
        "y = x.contiguous().permute(2, 0, 1).reshape(-1)",
        "x = F.unfold(x, 3)\nx = x.view(b, -1, 9, n).permute(0, 3, 2, 1)\ny = x.reshape(-1, 9, c)",
        "q = F.linear(x, w).view(b, n, heads, size)\nq = q.transpose(1, 2)\ny = q.reshape(b * heads, n, size)",
    )
    good = (
        "y = x.contiguous().permute(0, 2, 3, 1).view(b, -1, c)",
        "y = x.permute(0, 2, 3, 1).view(-1, c)",
        "y = F.interpolate(x, (2, 2)).permute(0, 2, 3, 1).view(-1, c)",
        "y = x.contiguous().permute(0, 2, 1).contiguous().view(8, -1)",
        "y = torch.ones(2, 3, 4).permute(0, 2, 1).reshape(8, -1)",
        "y = torch.ones(2, 3).permute(1, 0).view(torch.int32)",
        "y = torch.ones(2, 3, 4).transpose(1, 2).contiguous().view(2, -1)",
        "y = torch.ones(2, 3, 1).transpose(1, 2).view(2, -1)",
        "y = torch.ones(2, 3, 4).transpose(0, 1).view(3, 2, 2, 2)",
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
            order = self._order(flow, moved)
            if order is None:
                continue
            together = sum(second == first + 1 for first, second in itertools.pairwise(order))
            if len(order) - len(sizes) > together and self._is_contiguous(flow, moved.func.value):
                end = flow.offsets(call.func)[1]
                edit = flow.edit(end - len("view"), end, "reshape")
                yield flow.problem(call, fix=flow.fix("Use reshape", "unsafe", edit))

    def _order(self, flow: Flow, moved: ast.Call) -> list[int] | None:
        """The order in which ``permute`` or ``transpose`` leaves three axes or more."""
        if not isinstance(moved.func, ast.Attribute):
            return None
        axes = [flow.value(one) for one in moved.args]
        rank = len(axes) if moved.func.attr == "permute" else self._rank(flow, moved.func.value)
        if not all(type(one) is int for one in axes) or rank is None or rank < 3:
            return None
        named = [one % rank for one in axes]
        if moved.func.attr == "permute":
            return named
        if moved.func.attr != "transpose" or len(named) != 2:
            return None
        order = list(range(rank))
        order[named[0]], order[named[1]] = named[1], named[0]
        return order

    def _rank(self, flow: Flow, node: ast.expr) -> int | None:
        """How many axes a tensor has, where the text gives their sizes and none is 1."""
        node = flow.origin(node)
        known = shape(flow, node)
        if known is not None:
            return len(known) if 1 not in known else None
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not flow.is_whole(node):
            return None
        if node.func.attr == "contiguous":
            return self._rank(flow, node.func.value)
        if node.func.attr in ("view", "reshape") and len(node.args) > 1 and flow.called(node) is None:
            return len(node.args) if 1 not in [flow.value(one) for one in node.args] else None
        return None

    def _is_contiguous(self, flow: Flow, node: ast.expr) -> bool:
        """Whether the text shows that a tensor's axes stand in memory as they are numbered."""
        node = flow.origin(node)
        if not isinstance(node, ast.Call):
            return False
        if flow.called(node) is not None:
            return flow.called(node) in _CONTIGUOUS
        method = node.func
        if not isinstance(method, ast.Attribute):
            return False
        if method.attr == "contiguous":
            return not node.args and not node.keywords
        return method.attr in ("view", "reshape") and self._is_contiguous(flow, method.value)
