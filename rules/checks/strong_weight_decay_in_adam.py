"""DPT263."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class StrongWeightDecayInAdam(FlowCheck):
    """``Adam(weight_decay=...)`` adds the decay to the gradient, which Adam then normalises: parameters with large gradients hardly
    decay. Values of 0.01 and more come from recipes for ``AdamW``.
    """

    code = "DPT263"
    name = "strong-weight-decay-in-adam"
    severity = "information"
    message = "Adam scales its weight_decay away with the gradient's size; decoupled decay of this strength is AdamW's"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html"
    fix = "unsafe"
    words = ("Adam",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = ("optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=0.05)",)
    fixed = ("optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)",)
    good = (
        "optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.05)",
        "optimizer = torch.optim.Adam(model.parameters(), weight_decay=1e-5)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("Adam"):
            decay = flow.value(flow.argument(call, 4, "weight_decay"))
            if (
                flow.called(call) == "torch.optim.Adam"
                and isinstance(decay, (int, float))
                and decay >= 0.01
                and "decoupled_weight_decay" not in flow.code(call)
            ):
                named = isinstance(call.func, ast.Attribute)
                edit = flow.replace(call.func, f"{flow.code(call.func)}W") if named else None
                yield flow.problem(call, fix=flow.fix("Use AdamW", "unsafe", edit))
