"""DPT255."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class UninitialisedTensor(FlowCheck):
    """``torch.Tensor(n)`` takes sizes. For a number write ``torch.tensor(n)``, or the number itself."""

    code = "DPT255"
    name = "uninitialised-tensor"
    severity = "warning"
    message = "torch.Tensor(3) is a tensor of length 3 with whatever was in memory, not the number 3"
    url = "https://docs.pytorch.org/docs/stable/tensors.html"
    fix = "none"
    words = ("Tensor", "FloatTensor", "LongTensor")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "y = x * torch.Tensor(2)",
        "y = torch.FloatTensor(3) + x",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "y = x * torch.Tensor([2])",
        "w = torch.Tensor(2, 3)\nw.fill_(0)",
        "y = x * torch.tensor(2)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("Tensor", "FloatTensor", "LongTensor"):
            name = flow.called(call) or ""
            if (
                name.startswith("torch.")
                and isinstance(call.around, ast.BinOp)
                and call.args
                and all(type(flow.value(one)) is int for one in call.args)
            ):
                yield flow.problem(call)
