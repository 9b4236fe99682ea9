"""DPT203."""

from collections.abc import Iterator

from diptych_checks._losses import fed_with, inner, loss_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class SigmoidBeforeBceWithLogits(FlowCheck):
    """``BCEWithLogitsLoss`` applies sigmoid itself: given probabilities it applies it twice.

    All its inputs are then between 0.5 and 0.73, and the loss of a perfect model is 0.31 for positives, 0.69 for
    negatives.
    """

    code = "DPT203"
    name = "sigmoid-before-bce-with-logits"
    severity = "warning"
    message = "this loss applies sigmoid itself; its input is a probability already: give it the scores"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html"
    fix = "unsafe"
    words = ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "MultiLabelSoftMarginLoss")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.binary_cross_entropy_with_logits(torch.sigmoid(scores), y)",
        "model = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())\nloss = nn.BCEWithLogitsLoss()(model(x).squeeze(1), y)",
        "p = scores.sigmoid()\nloss = nn.MultiLabelSoftMarginLoss()(p, y)",
        "loss = F.binary_cross_entropy_with_logits(input=F.softmax(scores, dim=1), target=y)",
    )
    fixed = ("loss = F.binary_cross_entropy_with_logits(scores, y)", None, None, None)
    good = (
        "loss = F.binary_cross_entropy(torch.sigmoid(scores), y)",
        "loss = nn.BCEWithLogitsLoss()(nn.Linear(8, 1)(x), y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        classes = ("torch.nn.BCEWithLogitsLoss", "torch.nn.MultiLabelSoftMarginLoss")
        calls = loss_calls(flow, classes, ("torch.nn.functional.binary_cross_entropy_with_logits",))
        for call, given, kind in fed_with(flow, calls, ("sigmoid", "softmax")):
            message = None if kind == "sigmoid" else "this loss applies sigmoid itself; its input went through softmax"
            scores = inner(given, flow, ("torch.sigmoid", "torch.nn.functional.sigmoid"))
            edit = flow.replace(given, flow.code(scores)) if scores is not None else None
            yield flow.problem(call, message, flow.fix("Give it the scores", "unsafe", edit))
