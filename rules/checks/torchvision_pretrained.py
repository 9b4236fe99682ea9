"""DPT142."""

import ast
from collections.abc import Iterator

from diptych_checks._guards import is_guarded

from diptych.checks.check import FlowCheck
from diptych.checks.finding import Fix
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_NEW = {"pretrained": "weights", "pretrained_backbone": "weights_backbone"}
_WITHOUT_WEIGHTS = {"vit_h_14", "regnet_y_128gf"}


class TorchvisionPretrained(FlowCheck):
    """``pretrained=`` of torchvision's models is deprecated since 0.13: it is ``weights=``.

    ``pretrained=True`` stands for the first weights that were published, ``weights="IMAGENET1K_V1"`` of a classifier;
    ``weights="DEFAULT"`` takes the best there are.
    """

    code = "DPT142"
    name = "torchvision-pretrained"
    severity = "warning"
    message = "pretrained= is deprecated: use weights="
    url = "https://docs.pytorch.org/vision/stable/models.html"
    tags = ("deprecated",)
    fix = "unsafe"
    words = tuple(_NEW)
    setup = "import torch\nfrom torchvision import models\n"
    bad = (
        "net = models.resnet50(pretrained=True)",
        "from torchvision.models import vgg16\nnet = vgg16(num_classes=10, pretrained=False)",
        "net = models.detection.fasterrcnn_resnet50_fpn(pretrained=True)",
        "net = models.segmentation.fcn_resnet50(pretrained_backbone=False)",
    )
    fixed = (
        'net = models.resnet50(weights="IMAGENET1K_V1")',
        "from torchvision.models import vgg16\nnet = vgg16(num_classes=10, weights=None)",
        None,
        "net = models.segmentation.fcn_resnet50(weights_backbone=None)",
    )
    good = (
        "net = models.resnet50(weights='DEFAULT')",
        "net = load_model(pretrained=True)",
        "import timm\nnet = timm.create_model('resnet50', pretrained=True)",
        "try:\n    net = models.resnet50(weights='DEFAULT')\nexcept TypeError:\n    net = models.resnet50(pretrained=True)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for old, new in _NEW.items():
            for call in flow.keyword_calls(old):
                name = flow.called(call) or ""
                if name.startswith("torchvision.models.") and not is_guarded(flow, call):
                    yield flow.problem(call, f"{old}= is deprecated: use {new}=", self._fix(flow, call, name, old))

    def _fix(self, flow: Flow, call: ast.Call, name: str, old: str) -> Fix | None:
        keyword = next(one for one in call.keywords if one.arg == old)
        classifier = name.count(".") == 2 and name.rpartition(".")[2] not in _WITHOUT_WEIGHTS
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
        if value is False:
            text = f"{_NEW[old]}=None"
        elif value is True and old == "pretrained" and classifier:
            text = 'weights="IMAGENET1K_V1"'
        else:
            return None
        return flow.fix("Say which weights", "unsafe", flow.replace(keyword, text))
