"""DPT257."""

import ast
from collections.abc import Iterator

from diptych_checks._losses import loss_calls
from diptych_checks._shapes import is_column, is_flat

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LossBroadcasts(FlowCheck):
    """A column of predictions against a row of targets is averaged over all pairs; the model learns the mean of the targets.

    PyTorch warns once. Give both the same shape: ``prediction.squeeze(1)`` or ``target.unsqueeze(1)``.
    """

    code = "DPT257"
    name = "loss-broadcasts"
    severity = "warning"
    message = "(N, 1) against (N,) broadcasts to (N, N): the loss compares every prediction with every target"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html"
    fix = "none"
    words = ("MSELoss", "mse_loss", "L1Loss", "l1_loss", "SmoothL1Loss", "smooth_l1_loss", "HuberLoss", "huber_loss")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))\nloss = F.mse_loss(model(x), y.view(-1))",
        "y = torch.randn(64)\ncriterion = nn.MSELoss()\nloss = criterion(nn.Linear(8, 1)(x), y)",
        "loss = F.l1_loss(out.view(-1), y.view(-1, 1))",
    )
    fixed = (
        None,
        None,
        None,
    )
    good = (
        "model = nn.Linear(8, 1)\nloss = F.mse_loss(model(x).squeeze(1), y.view(-1))",
        "loss = F.mse_loss(model(x), y)",
        "y = torch.randn(64, 1)\nloss = F.mse_loss(nn.Linear(8, 1)(x), y)",
        "loss = F.l1_loss(out.view(-1, 1), y.view(-1, 1))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        names = ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss")
        functions = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
        calls = loss_calls(
            flow, tuple(f"torch.nn.{one}" for one in names), tuple(f"torch.nn.functional.{one}" for one in functions)
        )
        for call in calls:
            first, second = flow.argument(call, 0, "input"), flow.argument(call, 1, "target")
            if first is None or second is None:
                continue
            if (is_column(flow, first) and is_flat(flow, second)) or (is_flat(flow, first) and is_column(flow, second)):
                yield flow.problem(call)
