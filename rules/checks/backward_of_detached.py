"""DPT226."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class BackwardOfDetached(FlowCheck):
    """``loss.item()`` is a Python number and ``loss.detach()`` a tensor without a graph: neither has anything to go back through."""

    code = "DPT226"
    name = "backward-of-detached"
    severity = "error"
    message = "this has no graph any more, so backward() raises: it was taken out by item() or detach()"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html"
    fix = "none"
    words = ("backward",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.mse_loss(model(x), y).item()\nloss.backward()",
        "loss = F.mse_loss(model(x), y)\nloss = loss.detach()\nloss.backward()",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "loss = F.mse_loss(model(x), y)\nloss.backward()\nloss = loss.item()",
        "z = x.detach().requires_grad_()\nz.backward(g)",
        "z = x.detach()\nz.requires_grad = True\nz.backward(g)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("backward"):
            if not isinstance(call.func, ast.Attribute):
                continue
            value = flow.origin(call.func.value)
            number = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "float"
            taken = (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Attribute)
                and value.func.attr in ("item", "detach", "tolist", "numpy")
            )
            if (number or taken) and not flow.says("requires_grad", flow.function(call)):
                yield flow.problem(call)
