"""DPT256."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LossData(FlowCheck):
    """``loss.data`` is what PyTorch 0.3 needed. ``loss.data[0]`` raises now: a loss has no axis. ``loss.item()`` is the number."""

    code = "DPT256"
    name = "loss-data"
    severity = "warning"
    message = "`.data` shares memory with the tensor behind autograd's back: use item() or detach()"
    url = "https://docs.pytorch.org/docs/stable/notes/autograd.html"
    fix = "unsafe"
    words = ("data",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss.backward()\nprint(loss.data[0])",
        "loss.backward()\ntotal = loss.data",
    )
    fixed = (
        "loss.backward()\nprint(loss.item())",
        "loss.backward()\ntotal = loss.detach()",
    )
    good = (
        "loss.backward()\nprint(loss.item())",
        "for batch in batches:\n    print(batch.data)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        losses = {
            (call.func.value.id, flow.function(call))
            for call in flow.calls("backward")
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
        }
        for node in flow.all(ast.Attribute):
            if node.attr != "data" or not isinstance(node.value, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            if (node.value.id, flow.function(node)) not in losses or isinstance(node.around, ast.Attribute):
                continue
            around = node.around
            if isinstance(around, ast.Subscript) and flow.value(around.slice) == 0:
                edit = flow.replace(around, f"{node.value.id}.item()")
                yield flow.problem(
                    node, "a loss has no axis, so [0] raises: use item()", flow.fix("Use item()", "unsafe", edit)
                )
            else:
                yield flow.problem(
                    node, fix=flow.fix("Use detach()", "unsafe", flow.replace(node, f"{node.value.id}.detach()"))
                )
