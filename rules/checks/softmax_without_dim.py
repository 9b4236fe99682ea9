"""DPT209."""

from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_FUNCTIONS = {f"torch.nn.functional.{name}": 1 for name in ("softmax", "log_softmax", "softmin")}
_CLASSES = {f"torch.nn.{name}": 0 for name in ("Softmax", "LogSoftmax", "Softmin")}


class SoftmaxWithoutDim(FlowCheck):
    """Without ``dim``, softmax chooses an axis by the rank: 0 for one and three axes, else 1.

    For a batch of sequences (batch, length, classes) that is the batch: probabilities then depend on what else is in it.
    PyTorch warns once; the fix says the last axis, which is what most code means, and changes what the others compute.
    """

    code = "DPT209"
    name = "softmax-without-dim"
    severity = "warning"
    message = "without dim, softmax takes axis 0 of tensors of one or three axes, else 1: say which"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html"
    tags = ("deprecated",)
    fix = "unsafe"
    words = ("softmax", "log_softmax", "softmin", "Softmax", "LogSoftmax", "Softmin")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "p = F.softmax(x)",
        "layer = nn.LogSoftmax()",
        "p = F.log_softmax(x, dtype=torch.float64)",
        "p = F.softmin(x, None)",
    )
    fixed = (
        "p = F.softmax(x, dim=-1)",
        "layer = nn.LogSoftmax(dim=-1)",
        "p = F.log_softmax(x, dtype=torch.float64, dim=-1)",
        None,
    )
    good = ("p = F.softmax(x, dim=1)", "p = F.softmax(x, 1)", "layer = nn.Softmax(dim=0)", "p = F.softmax(*arguments)")

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls(*self.words):
            name = flow.called(call) or ""
            position = _FUNCTIONS.get(name, _CLASSES.get(name))
            if position is None or not flow.is_whole(call):
                continue
            given = flow.argument(call, position, "dim")
            if given is None:
                yield flow.problem(call, fix=flow.fix("Take the last axis", "unsafe", flow.append(call, "dim=-1")))
            elif flow.value(given) is None:
                yield flow.problem(call)
