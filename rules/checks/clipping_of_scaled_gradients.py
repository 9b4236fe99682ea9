"""DPT224."""

import ast
from collections.abc import Iterator

from diptych_checks._training import calls_in, receiver

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ClippingOfScaledGradients(FlowCheck):
    """With a ``GradScaler`` gradients are some ten thousand times too large until ``scaler.step`` divides them.

    Clipped before that, nearly all of every gradient is cut away, and training slows to a crawl. ``scaler.unscale_(optimizer)``
    divides them earlier.
    """

    code = "DPT224"
    name = "clipping-of-scaled-gradients"
    severity = "warning"
    message = "these gradients are still multiplied by the scaler's factor: call unscale_(optimizer) first"
    url = "https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-clipping"
    fix = "unsafe"
    words = ("clip_grad_norm_", "clip_grad_value_")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    scaler.scale(loss).backward()\n"
        "    nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "    scaler.step(optimizer)\n"
        "    scaler.update()",
    )
    fixed = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    scaler.scale(loss).backward()\n"
        "    scaler.unscale_(optimizer)\n"
        "    nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "    scaler.step(optimizer)\n"
        "    scaler.update()",
    )
    good = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    scaler.scale(loss).backward()\n"
        "    scaler.unscale_(optimizer)\n"
        "    nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "    scaler.step(optimizer)\n"
        "    scaler.update()",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "    optimizer.step()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for clip in flow.calls("clip_grad_norm_", "clip_grad_value_"):
            if not (flow.called(clip) or "").startswith("torch.nn.utils."):
                continue
            statement = flow.statement(clip)
            block = flow.block(statement)
            place = block.index(statement)
            scalers = [
                receiver(one).func.value
                for before in block[:place]
                if isinstance(before, ast.Expr)
                for one in calls_in(flow, before, "backward")
                if isinstance(receiver(one), ast.Call)
                and isinstance(receiver(one).func, ast.Attribute)
                and receiver(one).func.attr == "scale"
            ]
            following = [
                one
                for after in block[place + 1 :]
                if isinstance(after, ast.Expr)
                for one in calls_in(flow, after, "step")
                if len(one.args) == 1
            ]
            if not scalers or not following or flow.says("unscale_", flow.function(clip)):
                continue
            if flow.same(scalers[-1], receiver(following[0])):
                line = f"{flow.code(scalers[-1])}.unscale_({flow.code(following[0].args[0])})"
                yield flow.problem(
                    clip,
                    fix=flow.fix("Unscale the gradients first", "unsafe", flow.new_line(statement, line, before=True)),
                )
