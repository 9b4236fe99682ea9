"""DPT223."""

import ast
from collections.abc import Iterator

from diptych_checks._training import calls_in, is_statement, steps

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ClippingInVain(FlowCheck):
    """Gradients are clipped between ``backward()`` and ``step()``. Anywhere else it changes nothing, and training explodes anyway."""

    code = "DPT223"
    name = "clipping-in-vain"
    severity = "warning"
    message = "the gradients are clipped when the step has been made already, or before there are any"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html"
    fix = "none"
    words = ("clip_grad_norm_", "clip_grad_value_")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    optimizer.zero_grad()\n"
        "    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "    loss.backward()\n"
        "    optimizer.step()",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "    optimizer.step()\n"
        "    optimizer.zero_grad()",
        "for x, y in data:\n"
        "    loss = F.mse_loss(model(x), y)\n"
        "    if i % 4 == 0:\n"
        "        nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
        "        optimizer.step()\n"
        "        optimizer.zero_grad()\n"
        "    loss.backward()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for clip in flow.calls("clip_grad_norm_", "clip_grad_value_"):
            if not (flow.called(clip) or "").startswith("torch.nn.utils.") or not isinstance(
                flow.statement(clip), ast.Expr
            ):
                continue
            statement = flow.statement(clip)
            block = flow.block(statement)
            place = block.index(statement)
            stepping = [
                block.index(flow.statement(one))
                for one in steps(flow)
                if is_statement(flow, one) and flow.statement(one) in block
            ]
            backward = [
                at for at, one in enumerate(block) if isinstance(one, ast.Expr) and calls_in(flow, one, "backward")
            ]
            others = [
                at for at, one in enumerate(block) if not isinstance(one, ast.Expr) and calls_in(flow, one, "backward")
            ]
            if len(stepping) != 1 or len(backward) != 1 or others or backward[0] > stepping[0]:
                continue
            if place > stepping[0] or place < backward[0]:
                yield flow.problem(clip)
