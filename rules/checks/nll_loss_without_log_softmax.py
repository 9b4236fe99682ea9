"""DPT204."""

from collections.abc import Iterator

from diptych_checks._losses import fed_with, loss_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class NllLossWithoutLogSoftmax(FlowCheck):
    """``NLLLoss`` wants logarithms of probabilities; it takes the chosen number as it is, with another sign.

    Given scores it has no lower end: the loss runs to minus infinity, and accuracy looks fine for a while. Given
    probabilities its gradient does not grow where the model is wrong.
    """

    code = "DPT204"
    name = "nll-loss-without-log-softmax"
    severity = "warning"
    message = "the input of NLLLoss must be logarithms of probabilities: use log_softmax, or CrossEntropyLoss on scores"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html"
    fix = "unsafe"
    words = ("NLLLoss", "nll_loss")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.nll_loss(F.softmax(scores, dim=1), y)",
        "model = nn.Sequential(nn.Flatten(), nn.Linear(8, 3))\nloss = nn.NLLLoss()(model(x), y)",
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(8, 3)\n"
        "        self.out = nn.Softmax(dim=1)\n\n    def forward(self, x):\n        return self.out(self.fc(x))\n\n"
        "net = Net()\ncriterion = nn.NLLLoss()\nloss = criterion(net(x), y)",
    )
    fixed = ("loss = F.nll_loss(F.log_softmax(scores, dim=1), y)", None, None)
    good = (
        "loss = F.nll_loss(F.log_softmax(scores, dim=1), y)",
        "loss = nn.NLLLoss()(torch.log(F.softmax(scores, dim=1) + 1e-9), y)",
        "model = nn.Sequential(nn.Linear(8, 3), nn.LogSoftmax(dim=1))\nloss = nn.NLLLoss()(model(x), y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        calls = loss_calls(flow, ("torch.nn.NLLLoss",), ("torch.nn.functional.nll_loss",))
        for call, given, kind in fed_with(flow, calls, ("softmax", "scores", "sigmoid")):
            edit = None
            if kind == "softmax" and flow.called(given) in ("torch.softmax", "torch.nn.functional.softmax"):
                written = flow.code(given.func)  # type: ignore[attr-defined]
                if written.endswith(".softmax"):
                    edit = flow.replace(given.func, written[: -len("softmax")] + "log_softmax")  # type: ignore[attr-defined]
            yield flow.problem(call, fix=flow.fix("Use log_softmax", "unsafe", edit))
