"""DPT262."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem
from diptych.text.missing import MISSING


class FlattenedBatch(FlowCheck):
    """``torch.flatten(x)`` in ``forward`` makes one row of the whole batch. The linear layer raises, or, with a batch of 1, does not."""

    code = "DPT262"
    name = "flattened-batch"
    severity = "warning"
    message = "this flattens the batch, too: say start_dim=1, so that the layer sees one row for each example"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.flatten.html"
    fix = "none"
    words = ("flatten", "view", "reshape")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(64, 3)\n"
        "\n"
        "    def forward(self, x):\n"
        "        x = torch.flatten(x)\n"
        "        return self.fc(x)",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(64, 3)\n"
        "\n"
        "    def forward(self, x):\n"
        "        return self.fc(x.view(-1))",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(64, 3)\n"
        "\n"
        "    def forward(self, x):\n"
        "        x = torch.flatten(x, 1)\n"
        "        return self.fc(x)",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(64, 3)\n"
        "\n"
        "    def forward(self, x):\n"
        "        return self.fc(x.view(-1, 64))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for maker in flow.calls("Linear"):
            if flow.called(maker) != "torch.nn.Linear" or not isinstance(flow.statement(maker), ast.Assign):
                continue
            target = flow.statement(maker).targets[0]
            for call in flow.calls(target.attr) if isinstance(target, ast.Attribute) else ():
                method = flow.method(call)
                if (
                    method is None
                    or method[1].name != "forward"
                    or flow.own_attribute(call.func) is not maker
                    or len(call.args) != 1
                ):
                    continue
                made = flow.origin(call.args[0])
                if not isinstance(made, ast.Call) or made.keywords or not isinstance(made.func, ast.Attribute):
                    continue
                whole = flow.called(made) == "torch.flatten" and len(made.args) == 1
                if flow.called(made) is None:
                    whole = (made.func.attr == "flatten" and not made.args) or (
                        made.func.attr in ("view", "reshape") and [flow.value(one) for one in made.args] == [-1]
                    )
                if whole and flow.value(flow.argument(maker, 0, "in_features")) not in (1, MISSING):
                    yield flow.problem(made)
