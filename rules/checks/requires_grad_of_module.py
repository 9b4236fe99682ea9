"""DPT245."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import has_weights, is_module
from diptych_checks._outputs import instance

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class RequiresGradOfModule(FlowCheck):
    """``layer.requires_grad = False`` sets an attribute that nobody reads; the layer is trained on.

    ``layer.requires_grad_(False)`` sets it for each parameter.
    """

    code = "DPT245"
    name = "requires-grad-of-module"
    severity = "warning"
    message = "a module has no requires_grad: this freezes nothing. Call requires_grad_(False)"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.requires_grad_"
    fix = "unsafe"
    words = ("requires_grad",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "layer = nn.Linear(8, 3)\nlayer.requires_grad = False",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.body = nn.Sequential(nn.Linear(8, 3))\n"
        "        self.body.requires_grad = False",
    )
    fixed = (
        "layer = nn.Linear(8, 3)\nlayer.requires_grad_(False)",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.body = nn.Sequential(nn.Linear(8, 3))\n"
        "        self.body.requires_grad_(False)",
    )
    good = (
        "layer = nn.Linear(8, 3)\nlayer.requires_grad_(False)",
        "layer = nn.Linear(8, 3)\nlayer.weight.requires_grad = False",
        "x = torch.zeros(3)\nx.requires_grad = True",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for one in flow.attribute_bindings():
            if (
                one.target.attr != "requires_grad"
                or not isinstance(one.value, ast.Constant)
                or not isinstance(one.node, ast.Assign)
            ):
                continue
            holder = instance(flow, one.target.value)
            local = flow.class_of(holder.func) if isinstance(holder, ast.Call) else None
            if (
                has_weights(flow, holder)
                or flow.called(holder) == "torch.nn.Sequential"
                or (local is not None and is_module(flow, local))
            ):
                text = f"{flow.code(one.target)}_({flow.code(one.value)})"
                edit = flow.replace(one.node, text) if len(one.node.targets) == 1 else None
                yield flow.problem(one.target, fix=flow.fix("Set it for each parameter", "unsafe", edit))
