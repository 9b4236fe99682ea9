"""DPT250."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_MAKERS = {
    f"torch.{name}"
    for name in (
        "zeros",
        "ones",
        "rand",
        "randn",
        "arange",
        "tensor",
        "eye",
        "full",
        "linspace",
        "randint",
        "cat",
        "stack",
    )
}


class CopyOfTensor(FlowCheck):
    """``torch.tensor(x)`` of a tensor copies it and forgets where it came from. ``x.detach().clone()`` does the same and says so."""

    code = "DPT250"
    name = "copy-of-tensor"
    severity = "warning"
    message = "torch.tensor() of a tensor warns, and cuts it off the graph unseen: say detach().clone()"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.tensor.html"
    fix = "safe"
    words = ("tensor",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "x = torch.zeros(3)\ny = torch.tensor(x)",
        "x = torch.ones(2, 3)\ny = torch.tensor(x, dtype=torch.float64)",
    )
    fixed = (
        "x = torch.zeros(3)\ny = x.detach().clone()",
        None,
    )
    good = (
        "x = [1, 2]\ny = torch.tensor(x)",
        "y = torch.tensor(x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("tensor"):
            if flow.called(call) != "torch.tensor" or not call.args or not flow.is_whole(call):
                continue
            given = call.args[0]
            if flow.called(flow.origin(given)) not in _MAKERS:
                continue
            edit = None
            if isinstance(given, ast.Name) and len(call.args) == 1 and not call.keywords:
                edit = flow.replace(call, f"{given.id}.detach().clone()")
            yield flow.problem(call, fix=flow.fix("Copy it so that it shows", "safe", edit))
