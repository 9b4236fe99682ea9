"""DPT227."""

import ast
from collections.abc import Iterator

from diptych_checks._outputs import made
from diptych_checks._training import without_gradients

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class BackwardUnderNoGrad(FlowCheck):
    """What is computed under ``torch.no_grad()`` or ``inference_mode()`` has no graph, and ``backward()`` raises."""

    code = "DPT227"
    name = "backward-under-no-grad"
    severity = "error"
    message = "this was computed under torch.no_grad(), which records nothing: backward() raises"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html"
    fix = "none"
    words = ("backward",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "with torch.no_grad():\n    loss = F.mse_loss(model(x), y)\nloss.backward()",
        "with torch.inference_mode():\n    loss = F.mse_loss(model(x), y)\n    loss.backward()",
        "criterion = nn.L1Loss()\nwith torch.no_grad():\n    loss = criterion(model(x), y)\nloss.backward()",
        "with torch.no_grad():\n    loss = (model(x) - y).pow(2).mean()\n    loss.backward()",
    )
    fixed = (
        None,
        None,
        None,
        None,
    )
    good = (
        "with torch.no_grad():\n    target = model(x)\nloss = F.mse_loss(model(x), target)\nloss.backward()",
        "with torch.no_grad():\n"
        "    with torch.enable_grad():\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("backward"):
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                binding = flow.binding(call.func.value)
                value = binding.value if binding is not None and binding.kind == "value" else None
                if value is not None and self._computes(flow, value) and without_gradients(flow, value):
                    yield flow.problem(call)

    def _computes(self, flow: Flow, value: ast.expr) -> bool:
        """Whether the last step of a value is an operation on tensors, which turns no recording on."""
        if isinstance(value, ast.BinOp):
            return True
        name = flow.called(value)
        if name is not None:
            return name.startswith("torch.nn.functional.") or name in ("torch.mean", "torch.sum")
        if not isinstance(value, ast.Call):
            return False
        loss = made(flow, value.func) or ""
        reduced = isinstance(value.func, ast.Attribute) and value.func.attr in ("mean", "sum")
        return reduced or (loss.startswith("torch.nn.") and loss.endswith("Loss"))
