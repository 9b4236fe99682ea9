"""DPT220."""

import ast
import re
from collections.abc import Iterator

from diptych_checks._training import calls_in, is_statement, receiver, steps

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_CLEARS = re.compile(r"\bzero_grad|\.grad\s*=|\bgrad\.(?:zero_|fill_|data)|\bset_to_none|\bgrad_zero")


class GradientsNeverCleared(FlowCheck):
    """``backward()`` adds to the gradients that are there. Without ``zero_grad()`` each step follows the sum of all before.

    The loss falls at first, then jumps about or grows. To add up gradients over some batches on purpose, clear them after
    the step. A file in which ``zero_grad`` stands anywhere is left alone if the optimizer is made elsewhere.
    """

    code = "DPT220"
    name = "gradients-never-cleared"
    severity = "warning"
    message = "gradients are added up over all iterations: nothing clears them in this loop"
    url = "https://docs.pytorch.org/docs/stable/optim.html"
    fix = "unsafe"
    words = ("backward",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    opt.step()",
        "def train(model, optimizer, data):\n"
        "    for epoch in range(9):\n"
        "        for x, y in data:\n"
        "            loss = F.mse_loss(model(x), y)\n"
        "            loss.backward()\n"
        "            optimizer.step()",
    )
    fixed = (
        "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    opt.zero_grad()\n"
        "    loss.backward()\n"
        "    opt.step()",
        "def train(model, optimizer, data):\n"
        "    for epoch in range(9):\n"
        "        for x, y in data:\n"
        "            loss = F.mse_loss(model(x), y)\n"
        "            optimizer.zero_grad()\n"
        "            loss.backward()\n"
        "            optimizer.step()",
    )
    good = (
        "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    opt.zero_grad()\n"
        "    loss.backward()\n"
        "    opt.step()",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    for p in model.parameters():\n"
        "        p.grad = None",
        "loss.backward()\noptimizer.step()",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    clear(optimizer)",
        "for x, y in data:\n    loss = F.mse_loss(model(x), y)\n    loss.backward()\n    opt.step(closure)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for step in steps(flow):
            loops = flow.loops(step)
            backward = [one for one in calls_in(flow, loops[0], "backward") if is_statement(flow, one)] if loops else []
            optimizer = receiver(step)
            if not backward or self._is_cleared(flow, step, optimizer):
                continue
            edit = flow.new_line(flow.statement(backward[0]), f"{flow.code(optimizer)}.zero_grad()", before=True)
            yield flow.problem(step, fix=flow.fix("Clear the gradients before backward()", "unsafe", edit))

    def _is_cleared(self, flow: Flow, step: ast.Call, optimizer: ast.expr) -> bool:
        if isinstance(optimizer, ast.Call):
            return True
        function = flow.function(step)
        maker = flow.origin(optimizer)
        known = isinstance(maker, ast.Call) and flow.function(maker) is function
        if flow.says(_CLEARS, function if known else None):
            return True
        passed = [
            argument
            for loop in flow.loops(step)
            for call in flow.inside(loop)
            if isinstance(call, ast.Call)
            for argument in call.args
        ]
        return any(flow.same(one, optimizer) for one in passed)
