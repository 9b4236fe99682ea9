"""DPT207."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_SOFTMAX = {
    "torch.softmax",
    "torch.nn.functional.softmax",
    "tf.nn.softmax",
    "keras.ops.softmax",
    "keras.activations.softmax",
}


class LogOfSoftmax(FlowCheck):
    """The logarithm of a softmax is minus infinity as soon as a probability is too small for its dtype.

    In float32 that happens where a score is 104 below the largest; its gradient is NaN. ``log_softmax`` computes the
    same without ever leaving the range.
    """

    code = "DPT207"
    name = "log-of-softmax"
    severity = "warning"
    message = "log of softmax is -inf, and its gradient NaN, where a probability underflows: use log_softmax"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html"
    fix = "unsafe"
    words = ("softmax",)
    setup = "import tensorflow as tf\nimport torch\nimport torch.nn.functional as F\n"
    bad = (
        "y = torch.log(torch.softmax(x, dim=1))",
        "y = F.softmax(x, dim=-1).log()",
        "y = x.softmax(-1).log()",
        "y = tf.math.log(tf.nn.softmax(x))",
        "p = x.softmax(dim=-1)\ny = -(p * p.log()).sum(-1)",
    )
    fixed = (
        "y = torch.log_softmax(x, dim=1)",
        "y = F.log_softmax(x, dim=-1)",
        "y = x.log_softmax(-1)",
        "y = tf.nn.log_softmax(x)",
        None,
    )
    good = (
        "y = F.log_softmax(x, dim=-1)",
        "y = torch.log(F.softmax(x, dim=1) + 1e-9)",
        "p = F.softmax(x, dim=1)\np = p.clamp(min=1e-9)\ny = p.log()",
        "y = logger.log(F.softmax(x, dim=1))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("log"):
            name = flow.called(call)
            if name in ("torch.log", "tf.math.log", "keras.ops.log") and len(call.args) == 1 and not call.keywords:
                inside = call.args[0]
            elif name is None and isinstance(call.func, ast.Attribute) and not call.args and not call.keywords:
                inside = call.func.value
            else:
                continue
            here, inside = inside, flow.origin(inside)
            if not isinstance(inside, ast.Call) or not isinstance(inside.func, ast.Attribute):
                continue
            method = flow.called(inside) is None and inside.func.attr == "softmax"
            if flow.called(inside) in _SOFTMAX or method:
                before = flow.code(inside.func)
                written = flow.code(inside)
                new = before[: -len("softmax")] + "log_softmax" + written[len(before) :]
                edit = flow.replace(call, new) if before.endswith("softmax") and here is inside else None
                yield flow.problem(call, fix=flow.fix("Use log_softmax", "unsafe", edit))
