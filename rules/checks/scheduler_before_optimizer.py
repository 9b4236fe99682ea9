"""DPT222."""

import ast
from collections.abc import Iterator

from diptych_checks._outputs import made
from diptych_checks._training import calls_in, is_optimizer, is_statement, receiver

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class SchedulerBeforeOptimizer(FlowCheck):
    """``scheduler.step()`` before the first ``optimizer.step()`` skips the first value of the schedule.

    PyTorch 1.1 turned the order around; it warns once. Step the scheduler after the optimizer.
    """

    code = "DPT222"
    name = "scheduler-before-optimizer"
    severity = "warning"
    message = "the scheduler steps before the optimizer does: the first learning rate is never used"
    url = "https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
    fix = "none"
    words = ("lr_scheduler",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)\n"
        "for epoch in range(9):\n"
        "    scheduler.step()\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()",
    )
    fixed = (None,)
    good = (
        "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)\n"
        "for epoch in range(9):\n"
        "    for x, y in data:\n"
        "        F.mse_loss(model(x), y).backward()\n"
        "        optimizer.step()\n"
        "        optimizer.zero_grad()\n"
        "    scheduler.step()",
        "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)\n"
        "for epoch in range(9):\n"
        "    scheduler.step()\n"
        "    train(model, optimizer)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("step"):
            if not isinstance(call.func, ast.Attribute) or not is_statement(flow, call) or not flow.loops(call):
                continue
            if not (made(flow, receiver(call)) or "").startswith("torch.optim.lr_scheduler."):
                continue
            block = flow.block(flow.statement(call))
            place = block.index(flow.statement(call))
            if not any(self._steps(flow, one) for one in block[:place]) and any(
                self._steps(flow, one) for one in block[place:]
            ):
                yield flow.problem(call)

    def _steps(self, flow: Flow, statement: ast.stmt) -> bool:
        return any(is_optimizer(flow, receiver(one)) for one in calls_in(flow, statement, "step"))
