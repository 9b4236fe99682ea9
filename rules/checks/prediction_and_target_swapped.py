"""DPT211."""

import ast
from collections.abc import Iterator

from diptych_checks._losses import loss_calls

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_PREDICTIONS = {"pred", "preds", "prediction", "predictions", "logits", "output", "outputs", "y_pred", "y_hat", "yhat"}
_TARGETS = {"target", "targets", "label", "labels", "y_true", "ground_truth"}
_TORCH = {
    "CrossEntropyLoss": "cross_entropy",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "NLLLoss": "nll_loss",
    "KLDivLoss": "kl_div",
}
_KERAS = {
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "KLDivergence": "kl_divergence",
    "BinaryFocalCrossentropy": "binary_focal_crossentropy",
}


class PredictionAndTargetSwapped(FlowCheck):
    """PyTorch's losses take the prediction first, Keras' the target. A squared error does not care; most others go wrong in silence."""

    code = "DPT211"
    name = "prediction-and-target-swapped"
    severity = "warning"
    message = "by their names, the target stands where this loss takes the prediction"
    url = "https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions"
    fix = "unsafe"
    words = (
        "loss",
        "cross_entropy",
        "criterion",
        "mse_loss",
        "CrossEntropyLoss",
        "MSELoss",
        "losses",
        "CategoricalCrossentropy",
        "MeanSquaredError",
    )
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.cross_entropy(labels, logits)",
        "criterion = nn.BCELoss()\nloss = criterion(target, output)",
        "import keras\nloss = keras.losses.categorical_crossentropy(y_pred, y_true)",
    )
    fixed = (
        "loss = F.cross_entropy(logits, labels)",
        "criterion = nn.BCELoss()\nloss = criterion(output, target)",
        "import keras\nloss = keras.losses.categorical_crossentropy(y_true, y_pred)",
    )
    good = (
        "loss = F.cross_entropy(logits, labels)",
        "import keras\nloss = keras.losses.categorical_crossentropy(y_true, y_pred)",
        "loss = F.mse_loss(target, output)",
        "loss = F.cross_entropy(x, y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for names, module, functions, first, second in (
            (_TORCH, "torch.nn", "torch.nn.functional", _TARGETS, _PREDICTIONS),
            (_KERAS, "keras.losses", "keras.losses", _PREDICTIONS, _TARGETS),
        ):
            classes = tuple(f"{module}.{one}" for one in names)
            for call in loss_calls(flow, classes, tuple(f"{functions}.{one}" for one in names.values())):
                if len(call.args) < 2 or not all(isinstance(one, ast.Name) for one in call.args[:2]):
                    continue
                left, right = call.args[:2]
                if left.id in first and right.id in second:
                    edits = (flow.replace(left, right.id), flow.replace(right, left.id))
                    yield flow.problem(call, fix=flow.fix("Swap them", "unsafe", *edits))
