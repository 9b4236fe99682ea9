"""DPT229."""

import ast
from collections.abc import Iterator

from diptych_checks._training import calls_in, steps

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class TrainingModeLost(FlowCheck):
    """After the first evaluation the model stays in evaluation mode: no dropout, and batch norm's statistics stand still.

    Call ``model.train()`` at the start of each epoch, not once before all of them.
    """

    code = "DPT229"
    name = "training-mode-lost"
    severity = "warning"
    message = "eval() is called in the training loop and train() is not: from the second round on there is no dropout"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train"
    fix = "none"
    words = ("eval",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "optimizer = torch.optim.Adam(model.parameters())\n"
        "model.train()\n"
        "for epoch in range(9):\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "    model.eval()\n"
        "    with torch.no_grad():\n"
        "        print(F.mse_loss(model(v), w))",
    )
    fixed = (None,)
    good = (
        "optimizer = torch.optim.Adam(model.parameters())\n"
        "for epoch in range(9):\n"
        "    model.train()\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "    model.eval()",
        "optimizer = torch.optim.Adam(student.parameters())\n"
        "for x in data:\n"
        "    teacher.eval()\n"
        "    loss = F.mse_loss(student(x), teacher(x))\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("eval"):
            loops = flow.loops(call)
            if not loops or not isinstance(call.func, ast.Attribute) or call.args:
                continue
            model = call.func.value
            loop = next((one for one in reversed(loops) if calls_in(flow, one, "backward")), None)
            if loop is None or not any(flow.within(step, loop) for step in steps(flow)):
                continue
            calls = [one for one in flow.inside(loop) if isinstance(one, ast.Call)]
            names = [
                one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "") for one in calls
            ]
            if any("train" in name for name in names) or not self._is_trained(flow, model):
                continue
            yield flow.problem(call)

    def _is_trained(self, flow: Flow, model: ast.expr) -> bool:
        return any(
            isinstance(one.func, ast.Attribute)
            and flow.same(one.func.value, model)
            and any((flow.called(outer) or "").startswith("torch.optim.") for outer in flow.around(one))
            for one in flow.calls_anywhere("parameters")
        )
