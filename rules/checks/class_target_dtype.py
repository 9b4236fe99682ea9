"""DPT260."""

import ast
from collections.abc import Iterator

from diptych_checks._losses import loss_calls
from diptych_checks._shapes import dtype

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ClassTargetDtype(FlowCheck):
    """Cross entropy takes int64 class numbers, or probabilities in floating point. int32 raises; so do class numbers as floats."""

    code = "DPT260"
    name = "class-target-dtype"
    severity = "error"
    message = "class numbers must be int64: this raises. Call long()"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"
    fix = "unsafe"
    words = ("cross_entropy", "CrossEntropyLoss", "nll_loss", "NLLLoss")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.cross_entropy(scores, y.int())",
        "y = torch.tensor([0, 2], dtype=torch.int32)\nloss = nn.CrossEntropyLoss()(scores, y)",
        "loss = F.cross_entropy(scores, y.argmax(1).float())",
    )
    fixed = (
        "loss = F.cross_entropy(scores, y.long())",
        None,
        "loss = F.cross_entropy(scores, y.argmax(1).long())",
    )
    good = (
        "loss = F.cross_entropy(scores, y.long())",
        "loss = F.cross_entropy(scores, one_hot.float())",
        "loss = F.cross_entropy(scores, y)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        classes, functions = (
            ("torch.nn.CrossEntropyLoss", "torch.nn.NLLLoss"),
            ("torch.nn.functional.cross_entropy", "torch.nn.functional.nll_loss"),
        )
        for call in loss_calls(flow, classes, functions):
            target = flow.argument(call, 1, "target")
            if target is None:
                continue
            kind, made = dtype(flow, target), flow.origin(target)
            method = made.func if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) else None
            numbers = (
                method is not None
                and kind == "float32"
                and isinstance(method.value, ast.Call)
                and getattr(method.value.func, "attr", "") == "argmax"
            )
            if kind in ("int32", "int16", "int8") or numbers:
                edit = None
                if method is not None and made is target and method.attr in ("int", "short", "char", "float"):
                    end = flow.offsets(method)[1]
                    edit = flow.edit(end - len(method.attr), end, "long")
                yield flow.problem(target, fix=flow.fix("Use long()", "unsafe", edit))
