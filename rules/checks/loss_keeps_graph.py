"""DPT225."""

import ast
from collections.abc import Iterator

from diptych_checks._training import calls_in, receiver

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LossKeepsGraph(FlowCheck):
    """A sum or list of losses holds what each loss was computed from, and memory grows with every batch until it runs out.

    What is only reported needs no graph: ``loss.item()``, or ``loss.detach()``, which waits for no device.
    """

    code = "DPT225"
    name = "loss-keeps-graph"
    severity = "warning"
    message = "this keeps the graph of every iteration in memory: add loss.detach() or loss.item()"
    url = "https://docs.pytorch.org/docs/stable/notes/faq.html"
    fix = "unsafe"
    words = ("backward",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "total = 0.0\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    total += loss",
        "def train(model, optimizer, data):\n"
        "    total, history = 0, []\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "        history.append(loss)",
        "total = 0\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    total += loss * x.size(0)",
    )
    fixed = (
        "total = 0.0\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    total += loss.detach()",
        "def train(model, optimizer, data):\n"
        "    total, history = 0, []\n"
        "    for x, y in data:\n"
        "        loss = F.mse_loss(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "        history.append(loss.detach())",
        "total = 0\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    total += loss.detach() * x.size(0)",
    )
    good = (
        "total = 0.0\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    optimizer.zero_grad()\n"
        "    total += loss.item()",
        "total = 0\nfor x, y in data:\n    loss = F.mse_loss(model(x), y)\n    total += loss\ntotal.backward()",
        "for x, y in data:\n"
        "    total = 0\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    total += loss\n"
        "    loss.backward(retain_graph=True)",
        "total = 0.0\n"
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    loss = loss.item()\n"
        "    total += loss\n"
        "    optimizer.zero_grad()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.AugAssign):
            if isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
                value = node.value
                if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Mult, ast.Div)):
                    value = value.left
                yield from self._kept(flow, node, node.target.id, value)
        for call in flow.calls("append"):
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and len(call.args) == 1:
                yield from self._kept(flow, call, call.func.value.id, call.args[0])

    def _kept(self, flow: Flow, node: ast.AST, total: str, loss: ast.expr) -> Iterator[Problem]:
        loops = flow.loops(node)
        if not loops or not isinstance(loss, ast.Name):
            return
        binding = flow.binding(loss)
        backward = [one for one in calls_in(flow, loops[0], "backward") if isinstance(receiver(one), ast.Name)]
        if binding is None or not any(
            receiver(one).id == loss.id and flow.binding(receiver(one)) is binding for one in backward
        ):
            return
        function = flow.function(node)
        scope = loss.scope.function()
        made = scope.bindings.get(total, []) if scope.kind == "function" else flow.top(total)
        started = [one for one in made if one.kind == "value"]
        empty = all(flow.value(one.value) in (0, []) for one in started)
        if not started or not empty or any(flow.within(one.node, loops[0]) for one in started):
            return
        places = [function] if function is not None else flow.block(flow.statement(loops[-1]))
        for place in places:
            for one in calls_in(flow, place, "backward"):
                if total in flow.counts(receiver(one)):
                    return
        yield flow.problem(node, fix=flow.fix("Detach the loss", "unsafe", flow.after(loss, ".detach()")))
