"""DPT253."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LeafReplaced(FlowCheck):
    """``w = w - lr * w.grad`` makes another tensor. Change the one there is: ``with torch.no_grad(): w -= lr * w.grad``."""

    code = "DPT253"
    name = "leaf-replaced"
    severity = "error"
    message = "after this the name holds a new tensor, which is no leaf: its grad is None in the next round"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_leaf.html"
    fix = "none"
    words = ("grad",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "w = torch.zeros(3, requires_grad=True)\n"
        "for x in data:\n"
        "    (w * x).sum().backward()\n"
        "    w = w - 0.1 * w.grad",
    )
    fixed = (None,)
    good = (
        "w = torch.zeros(3, requires_grad=True)\n"
        "for x in data:\n"
        "    (w * x).sum().backward()\n"
        "    with torch.no_grad():\n"
        "        w -= 0.1 * w.grad\n"
        "        w.grad = None",
        "w = torch.zeros(3, requires_grad=True)\n"
        "for x in data:\n"
        "    (w * x).sum().backward()\n"
        "    w = (w - 0.1 * w.grad).detach().requires_grad_()",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.Assign):
            loops, target = flow.loops(node), node.targets[0]
            if not loops or not isinstance(target, ast.Name) or not isinstance(node.value, ast.BinOp):
                continue
            reads = [
                one
                for one in flow.inside(node.value)
                if isinstance(one, ast.Attribute)
                and one.attr == "grad"
                and isinstance(one.value, ast.Name)
                and one.value.id == target.id
            ]
            loop = flow.code(loops[-1])
            if not reads or "requires_grad" in loop or "retain_grad" in loop or ".backward(" not in loop:
                continue
            scope = target.scope.function()
            bound = scope.bindings.get(target.id, []) if scope.kind == "function" else flow.top(target.id)
            makers = [one.value for one in bound if one.kind == "value" and not flow.within(one.node, loops[-1])]
            if len(makers) == 1 and isinstance(makers[0], ast.Call):
                asked = flow.argument(makers[0], None, "requires_grad")
                if (
                    (flow.called(makers[0]) or "").startswith("torch.")
                    and asked is not None
                    and flow.value(asked) is True
                ):
                    yield flow.problem(target)
