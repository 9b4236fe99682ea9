"""DPT232."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import is_module

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class DropoutAlwaysOn(FlowCheck):
    """``F.dropout`` does not know the mode of the module that calls it: ``training`` is ``True`` unless it is told.

    The model then gives other results at each call in evaluation, and worse ones. For ``F.alpha_dropout`` the default is
    ``False``, and it never does anything.
    """

    code = "DPT232"
    name = "dropout-always-on"
    severity = "warning"
    message = "without training=self.training this drops units in evaluation, too"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html"
    fix = "unsafe"
    words = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "class Net(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5)",
        "class Net(nn.Module):\n    def forward(self, x):\n        return F.alpha_dropout(x, p=0.1)",
    )
    fixed = (
        "class Net(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5, training=self.training)",
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        return F.alpha_dropout(x, p=0.1, training=self.training)",
    )
    good = (
        "class Net(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5, self.training)",
        "class Net(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5, training=True)",
        "class Net(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, **self.how)",
        "y = F.dropout(x, 0.5)",
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        if self.training:\n"
        "            x = F.dropout(x, 0.5)\n"
        "        return x",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls(*self.words):
            name = flow.called(call) or ""
            method = flow.method(call)
            if not name.startswith("torch.nn.functional.") or method is None or not is_module(flow, method[0]):
                continue
            if not flow.is_whole(call) or flow.argument(call, 2, "training") is not None:
                continue
            tests = [one.test for one in flow.around(call) if isinstance(one, (ast.If, ast.IfExp))]
            if any("training" in flow.code(test) for test in tests) or not method[1].args.args:
                continue
            message = "without training=self.training this never does anything" if "alpha" in name else None
            edit = flow.append(call, f"training={method[1].args.args[0].arg}.training")
            yield flow.problem(call, message, flow.fix("Ask the module for its mode", "unsafe", edit))
