"""DPT266."""

import ast
import re
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_LIMITED = re.compile(r"abs|clamp|clip|relu|max|min")


class SoftplusByHand(FlowCheck):
    """``torch.log(1 + torch.exp(x))`` is inf in float32 for ``x`` from 89 on, and its gradient is NaN.

    ``torch.nn.functional.softplus`` computes the same without. Left alone is what is limited first, as in ``torch.exp(-x.abs())``.
    """

    code = "DPT266"
    name = "softplus-by-hand"
    severity = "warning"
    message = "exp() overflows to inf in float32 from 89 on: softplus computes this without"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html"
    fix = "none"
    words = ("log", "log1p")
    bad = (
        "y = torch.log(1 + torch.exp(x))",
        "y = torch.log1p(torch.exp(-x)).mean()",
        "from torch import exp, log\ne = exp(a - b)\nloss = log(e + 1.0)",
    )
    fixed = (None, None, None)
    good = (
        "y = torch.nn.functional.softplus(x)",
        "y = torch.log1p(torch.exp(-torch.abs(x)))",
        "y = torch.log(1 + x)",
        "y = torch.exp(x) - 1",
        "import numpy as np\ny = np.log(1 + np.exp(x))",
        "z = x.clamp(max=20)\ny = torch.log(1 + torch.exp(z))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("log", "log1p"):
            name = flow.called(call)
            if name not in ("torch.log", "torch.log1p") or len(call.args) != 1 or call.keywords:
                continue
            raised = call.args[0] if name == "torch.log1p" else _beside_one(call.args[0])
            raised = flow.origin(raised) if raised is not None else None
            if isinstance(raised, ast.Call) and flow.called(raised) == "torch.exp" and len(raised.args) == 1:
                exponent = raised.args[0]
                if not any(_LIMITED.search(flow.code(one)) for one in (exponent, flow.origin(exponent))):
                    yield flow.problem(call)


def _beside_one(node: ast.expr) -> ast.expr | None:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return None
    return node.right if _is_one(node.left) else node.left if _is_one(node.right) else None


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 1
