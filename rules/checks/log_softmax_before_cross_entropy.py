"""DPT202."""

from collections.abc import Iterator

from diptych_checks._losses import fed_with, loss_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LogSoftmaxBeforeCrossEntropy(FlowCheck):
    """``CrossEntropyLoss`` applies ``log_softmax`` itself. Twice gives the same numbers, at twice the price.

    But the next reader takes the output for scores, and temperature, label smoothing or an ensemble computed from it go
    wrong. ``NLLLoss`` is the loss of logarithms of probabilities; ``CrossEntropyLoss`` that of scores.
    """

    code = "DPT202"
    name = "log-softmax-before-cross-entropy"
    severity = "information"
    message = "cross entropy applies log_softmax itself: give it the scores, or use NLLLoss"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html"
    fix = "none"
    words = ("CrossEntropyLoss", "cross_entropy")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.cross_entropy(F.log_softmax(scores, dim=1), y)",
        "model = nn.Sequential(nn.Linear(8, 3), nn.LogSoftmax(dim=1))\nloss = nn.CrossEntropyLoss()(model(x), y)",
    )
    fixed = (None, None)
    good = ("loss = F.nll_loss(F.log_softmax(scores, dim=1), y)", "loss = F.cross_entropy(scores, y)")

    def visit(self, flow: Flow) -> Iterator[Problem]:
        calls = loss_calls(flow, ("torch.nn.CrossEntropyLoss",), ("torch.nn.functional.cross_entropy",))
        for call, _, _ in fed_with(flow, calls, ("log_softmax",)):
            yield flow.problem(call)
