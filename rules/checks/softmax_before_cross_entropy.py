"""DPT201."""

from collections.abc import Iterator

from diptych_checks._losses import fed_with, inner, loss_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_SOFTMAX = ("torch.softmax", "torch.nn.functional.softmax")


class SoftmaxBeforeCrossEntropy(FlowCheck):
    """``CrossEntropyLoss`` applies ``log_softmax`` itself: given probabilities it applies softmax twice.

    The model still learns, slowly and to a worse end: its loss cannot fall below 0.55 for two classes (1.46 for ten)
    however sure it is. Return the scores from ``forward`` and apply softmax where probabilities are wanted.
    """

    code = "DPT201"
    name = "softmax-before-cross-entropy"
    severity = "warning"
    message = "cross entropy applies log_softmax itself; this input went through softmax already: give it the scores"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"
    fix = "unsafe"
    words = ("CrossEntropyLoss", "cross_entropy")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.cross_entropy(torch.softmax(scores, dim=1), y)",
        "criterion = nn.CrossEntropyLoss()\np = F.softmax(net(x), dim=1)\nloss = criterion(p, y)",
        "model = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1)).to(device)\n"
        "criterion = nn.CrossEntropyLoss().to(device)\nfor x, y in data:\n    loss = criterion(model(x), y)",
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.head = nn.Linear(8, 3)\n\n"
        "    def forward(self, x):\n        x = self.head(x)\n        return F.softmax(x, dim=1)\n\n"
        "def train(data):\n    net = Net()\n    loss_fn = nn.CrossEntropyLoss()\n    for x, y in data:\n        out = net(x)\n"
        "        loss = loss_fn(out, y)",
        "class Lit(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.net = nn.Sequential(nn.Linear(8, 3), nn.Softmax(-1))\n        self.loss = nn.CrossEntropyLoss()\n\n"
        "    def training_step(self, x, y):\n        return self.loss(self.net(x), y)",
    )
    fixed = ("loss = F.cross_entropy(scores, y)", None, None, None, None)
    good = (
        "loss = F.cross_entropy(scores, y)\np = torch.softmax(scores, dim=1)",
        "p = scores\nif known:\n    p = F.softmax(p, dim=1)\nloss = F.cross_entropy(p, y)",
        "loss = F.cross_entropy(scores, torch.softmax(teacher, dim=1))",
        "class Net(nn.Module):\n    def forward(self, x):\n        if self.training:\n            return x\n"
        "        return F.softmax(x, dim=1)\n\nloss = nn.CrossEntropyLoss()(Net()(x), y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        calls = loss_calls(flow, ("torch.nn.CrossEntropyLoss",), ("torch.nn.functional.cross_entropy",))
        for call, given, _ in fed_with(flow, calls, ("softmax",)):
            scores = inner(given, flow, _SOFTMAX)
            edit = flow.replace(given, flow.code(scores)) if scores is not None else None
            yield flow.problem(call, fix=flow.fix("Give it the scores", "unsafe", edit))
