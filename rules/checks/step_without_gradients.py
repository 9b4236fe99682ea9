"""DPT221."""

from collections.abc import Iterator

from diptych_checks._training import calls_in, computes_gradients, is_statement, receiver, steps

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class StepWithoutGradients(FlowCheck):
    """``zero_grad()`` stands between ``backward()`` and ``step()``, or ``step()`` before ``backward()``: no gradient is ever used.

    The order is ``zero_grad()``, ``backward()``, ``step()``.
    """

    code = "DPT221"
    name = "step-without-gradients"
    severity = "warning"
    message = "the gradients are cleared before this step uses them: nothing is learned"
    url = "https://docs.pytorch.org/docs/stable/optim.html"
    fix = "none"
    words = ("zero_grad",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.zero_grad()\n"
        "    optimizer.step()",
        "for x, y in data:\n"
        "    optimizer.zero_grad()\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.step()\n"
        "    loss.backward()",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    optimizer.zero_grad()",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    opt_a.zero_grad()\n"
        "    opt_b.step()",
        "for x, y in data:\n    optimizer.zero_grad()\n    compute_gradients(model, x)\n    optimizer.step()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for step in steps(flow):
            if not is_statement(flow, step):
                continue
            block = flow.block(flow.statement(step))
            place = block.index(flow.statement(step))
            between = []
            for statement in reversed(block[:place]):
                cleared = [
                    one for one in calls_in(flow, statement, "zero_grad") if flow.same(receiver(one), receiver(step))
                ]
                if cleared and is_statement(flow, cleared[0]) and flow.statement(cleared[0]) is statement:
                    others = [*block[: block.index(statement)], *block[place + 1 :]]
                    after = [one for one in others if calls_in(flow, one, "backward")]
                    if after and not any(computes_gradients(flow, one) for one in between):
                        yield flow.problem(step)
                    break
                between.append(statement)
