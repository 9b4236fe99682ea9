"""DPT243."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_LAYERS = ("ReLU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softplus", "ReLU6", "LeakyReLU", "ELU", "LogSigmoid", "Mish")


class LayerClassCalledOnTensor(FlowCheck):
    """``nn.ReLU(x)`` makes a layer whose ``inplace`` is ``x``; the next operation raises, for a layer is no tensor.

    Write ``nn.ReLU()(x)``, make the layer in ``__init__``, or use the function, ``F.relu(x)``.
    """

    code = "DPT243"
    name = "layer-class-called-on-tensor"
    severity = "error"
    message = "this makes a layer and takes the tensor for a setting: write an empty pair of parentheses before it"
    url = "https://docs.pytorch.org/docs/stable/nn.html"
    fix = "unsafe"
    words = ("forward",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = ("class Net(nn.Module):\n    def forward(self, x):\n        return nn.ReLU(x)",)
    fixed = ("class Net(nn.Module):\n    def forward(self, x):\n        return nn.ReLU()(x)",)
    good = (
        "class Net(nn.Module):\n    def forward(self, x):\n        return nn.ReLU()(x)",
        "class Net(nn.Module):\n    def forward(self, x, p):\n        return nn.Dropout(p)(x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls(*_LAYERS):
            method = flow.method(call)
            if not (flow.called(call) or "").startswith("torch.nn.") or method is None or method[1].name != "forward":
                continue
            around = call.around
            if len(call.args) != 1 or call.keywords or (isinstance(around, ast.Call) and around.func is call):
                continue
            given = flow.origin(call.args[0])
            parameters = [one.arg for one in method[1].args.args[1:2]]
            first = isinstance(given, ast.Name) and given.id in parameters
            if first or (
                isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and flow.is_self(given.func.value)
            ):
                yield flow.problem(call, fix=flow.fix("Make the layer first", "unsafe", flow.after(call.func, "()")))
