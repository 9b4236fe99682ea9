"""DPT266."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.finding import Fix
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_SOFTPLUS = "exp() overflows to inf in float32 from 89 on: softplus computes this without"


class LostNearZero(FlowCheck):
    """``torch.log(1 + x)`` and ``torch.exp(x) - 1`` lose the digits of a small ``x``: use ``torch.log1p`` and ``torch.expm1``.

    In float32 ``1 + 1e-8`` is 1, so that the first gives 0. ``torch.log(1 + torch.exp(x))`` also overflows: that is
    ``torch.nn.functional.softplus``.
    """

    code = "DPT266"
    name = "lost-near-zero"
    severity = "information"
    message = "near 0 this loses the digits of its argument"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.log1p.html"
    fix = "unsafe"
    words = ("log", "exp")
    bad = (
        "y = torch.log(1 + x)",
        "y = torch.log(x.abs() + 1.0) / 3",
        "y = (torch.exp(a * b) - 1) / b",
        "y = torch.log(1 + torch.exp(x))",
        "from torch import log\ny = log(1 + x)",
    )
    fixed = (
        "y = torch.log1p(x)",
        "y = torch.log1p(x.abs()) / 3",
        "y = (torch.expm1(a * b)) / b",
        None,
        None,
    )
    good = (
        "y = torch.log1p(x)",
        "y = torch.log(x)",
        "y = torch.exp(x - 1)",
        "import numpy as np\ny = np.log(1 + x)",
        "y = torch.log(2 + x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("log"):
            other = self._beside_one(call.args[0]) if len(call.args) == 1 and not call.keywords else None
            if other is not None and flow.called(call) == "torch.log":
                if flow.called(flow.origin(other)) == "torch.exp":
                    yield flow.problem(call, _SOFTPLUS)
                else:
                    yield flow.problem(call, f"{self.message}: use log1p", self._fix(flow, call, call, other, "log1p"))
        for node in flow.all(ast.BinOp):
            left = node.left
            minus_one = isinstance(node.op, ast.Sub) and _is_one(node.right)
            plain = isinstance(left, ast.Call) and len(left.args) == 1 and not left.keywords
            if minus_one and plain and flow.called(left) == "torch.exp":
                fix = self._fix(flow, node, left, left.args[0], "expm1")
                yield flow.problem(left, f"{self.message}: use expm1", fix)

    def _beside_one(self, node: ast.expr) -> ast.expr | None:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
            return None
        return node.right if _is_one(node.left) else node.left if _is_one(node.right) else None

    def _fix(self, flow: Flow, whole: ast.expr, call: ast.Call, argument: ast.expr, new: str) -> Fix | None:
        if not isinstance(call.func, ast.Attribute):
            return None
        text = f"{flow.code(call.func.value)}.{new}({flow.code(argument)})"
        return flow.fix(f"Use {new}", "unsafe", flow.replace(whole, text))


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 1
