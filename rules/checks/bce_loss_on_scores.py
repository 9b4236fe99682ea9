"""DPT205."""

from collections.abc import Iterator

from diptych_checks._losses import fed_with, loss_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class BceLossOnScores(FlowCheck):
    """``BCELoss`` wants probabilities. Scores of a linear layer leave [0, 1], and it raises as soon as one does.

    On a GPU that is an assertion of the device, after which nothing works any more and the traceback points elsewhere.
    """

    code = "DPT205"
    name = "bce-loss-on-scores"
    severity = "warning"
    message = "the input of BCELoss must be probabilities, this is no sigmoid's output: use BCEWithLogitsLoss"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html"
    fix = "none"
    words = ("BCELoss", "binary_cross_entropy")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "model = nn.Linear(8, 1)\nloss = nn.BCELoss()(model(x), y)",
        "loss = F.binary_cross_entropy(F.log_softmax(x, dim=1), y)",
    )
    fixed = (None, None)
    good = (
        "model = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())\nloss = nn.BCELoss()(model(x), y)",
        "loss = F.binary_cross_entropy(F.softmax(x, dim=1), y)",
        "loss = F.binary_cross_entropy(nn.Linear(8, 1)(x).clamp(0, 1), y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        calls = loss_calls(flow, ("torch.nn.BCELoss",), ("torch.nn.functional.binary_cross_entropy",))
        for call, _, _ in fed_with(flow, calls, ("scores", "log_softmax", "logsigmoid")):
            yield flow.problem(call)
