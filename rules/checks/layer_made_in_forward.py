"""DPT242."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import has_weights, is_keras, is_module

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LayerMadeInForward(FlowCheck):
    """A layer that ``forward`` (or ``call``) makes has other weights each time, which no optimizer knows and no file keeps."""

    code = "DPT242"
    name = "layer-made-in-forward"
    severity = "warning"
    message = "this layer is made anew, with new random weights, at every call: make it in __init__"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html"
    fix = "none"
    words = ("forward", "call")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "class Net(nn.Module):\n    def forward(self, x):\n        return nn.Linear(8, 3)(x)",
        "class Net(nn.Module):\n    def forward(self, x):\n        norm = nn.BatchNorm2d(3)\n        return norm(x)",
        "import keras\n\nclass Net(keras.Model):\n    def call(self, x):\n        return keras.layers.Dense(3)(x)",
    )
    fixed = (
        None,
        None,
        None,
    )
    good = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(8, 3)\n"
        "\n"
        "    def forward(self, x):\n"
        "        return self.fc(x)",
        "class Net(nn.Module):\n    def forward(self, x):\n        return nn.Softmax(dim=1)(x)",
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        if self.fc is None:\n"
        "            self.fc = nn.Linear(8, 3)\n"
        "        return self.fc(x)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for method in flow.all(ast.FunctionDef):
            owner = method.around
            if method.name not in ("forward", "call") or not isinstance(owner, ast.ClassDef):
                continue
            if not (is_module(flow, owner) if method.name == "forward" else is_keras(flow, owner)):
                continue
            for node in flow.inside(method):
                if isinstance(node, ast.Call):
                    maker = flow.origin(node.func) if isinstance(node.func, ast.Name) else node.func
                    if has_weights(flow, maker) and flow.function(maker) is method:
                        yield flow.problem(maker)
