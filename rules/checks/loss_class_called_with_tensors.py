"""DPT210."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem
from diptych.text.missing import MISSING

_LOSSES = (
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "NLLLoss",
    "SmoothL1Loss", "SoftMarginLoss", "MultiLabelSoftMarginLoss", "PoissonNLLLoss",
)  # fmt: skip
_TENSORS = {
    "output",
    "outputs",
    "pred",
    "preds",
    "prediction",
    "predictions",
    "logits",
    "y_pred",
    "y_hat",
    "yhat",
    "scores",
}
_TARGETS = {"target", "targets", "label", "labels", "y", "y_true", "truth"}


class LossClassCalledWithTensors(FlowCheck):
    """``nn.MSELoss(prediction, target)`` makes a loss with tensors for its settings, and computes nothing.

    It raises "Boolean value of Tensor with more than one value is ambiguous", or gives a module where a number is
    wanted. Make the loss first: ``nn.MSELoss()(prediction, target)``.
    """

    code = "DPT210"
    name = "loss-class-called-with-tensors"
    severity = "error"
    message = "this makes a loss, and takes tensors for its settings: write an empty pair of parentheses before them"
    url = "https://docs.pytorch.org/docs/stable/nn.html#loss-functions"
    fix = "unsafe"
    words = _LOSSES
    setup = "from torch import nn\n"
    bad = ("loss = nn.CrossEntropyLoss(outputs, labels)", "loss = nn.MSELoss(model(x), y)")
    fixed = ("loss = nn.CrossEntropyLoss()(outputs, labels)", "loss = nn.MSELoss()(model(x), y)")
    good = (
        "loss = nn.CrossEntropyLoss(weights)(outputs, labels)",
        "loss = nn.CrossEntropyLoss(weights, None, ignore)",
        "loss = nn.MSELoss()(outputs, labels)",
        "loss = nn.NLLLoss(weight, size_average)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls(*_LOSSES):
            if not (flow.called(call) or "").startswith("torch.nn.") or len(call.args) != 2 or not flow.is_whole(call):
                continue
            first, second = call.args
            looks = _last(second) in _TARGETS and (isinstance(first, ast.Call) or _last(first) in _TENSORS)
            if looks and flow.value(first) is MISSING and flow.value(second) is MISSING:
                edit = flow.after(call.func, "()")
                yield flow.problem(call, fix=flow.fix("Make the loss first", "unsafe", edit))


def _last(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
