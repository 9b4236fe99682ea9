"""DPT206."""

from collections.abc import Iterator

from diptych_checks._losses import loss_calls
from diptych_checks._outputs import output

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class KlDivOfProbabilities(FlowCheck):
    """``kl_div`` wants logarithms of probabilities as its input, and probabilities as its target.

    With probabilities for both the result is a number without meaning, often negative. A target of logarithms needs
    ``log_target=True``.
    """

    code = "DPT206"
    name = "kl-div-of-probabilities"
    severity = "warning"
    message = "the input of kl_div must be logarithms of probabilities: use log_softmax"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html"
    fix = "none"
    words = ("kl_div", "KLDivLoss")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss = F.kl_div(F.softmax(student, dim=1), F.softmax(teacher, dim=1), reduction='batchmean')",
        "criterion = nn.KLDivLoss(reduction='batchmean')\np = F.log_softmax(student, dim=1)\nq = F.log_softmax(teacher, dim=1)\n"
        "loss = criterion(p, q)",
    )
    fixed = (None, None)
    good = (
        "loss = F.kl_div(F.log_softmax(student, dim=1), F.softmax(teacher, dim=1), reduction='batchmean')",
        "loss = F.kl_div(F.log_softmax(a, dim=1), F.log_softmax(b, dim=1), reduction='batchmean', log_target=True)",
        "loss = F.kl_div(torch.log(F.softmax(student, dim=1) + 1e-9), teacher)",
        "loss = nn.KLDivLoss(log_target=True)(F.log_softmax(a, dim=1), F.log_softmax(b, dim=1))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in loss_calls(flow, ("torch.nn.KLDivLoss",), ("torch.nn.functional.kl_div",)):
            given, target = flow.argument(call, 0, "input"), flow.argument(call, 1, "target")
            if given is not None and output(flow, given) in ("softmax", "sigmoid", "scores"):
                yield flow.problem(call)
            elif target is not None and output(flow, target) == "log_softmax" and "log_target" not in flow.code(call):
                maker = flow.origin(call.func)
                if maker is call.func or "log_target" not in flow.code(maker):
                    message = "the target of kl_div is logarithms of probabilities: say log_target=True"
                    yield flow.problem(call, message)
