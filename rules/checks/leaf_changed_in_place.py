"""DPT252."""

import ast
from collections.abc import Iterator

from diptych_checks._training import without_gradients

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_FREE = {"requires_grad_", "detach_", "retain_grad_", "share_memory_", "__init__"}


class LeafChangedInPlace(FlowCheck):
    """``w -= lr * w.grad`` raises for a parameter, since the graph needs its old value. Put it under ``torch.no_grad()``."""

    code = "DPT252"
    name = "leaf-changed-in-place"
    severity = "error"
    message = "a leaf that requires a gradient cannot be changed in place outside torch.no_grad(): this raises"
    url = "https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd"
    fix = "none"
    words = ("requires_grad", "Parameter")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "w = torch.zeros(3, requires_grad=True)\nw -= 0.1 * g",
        "w = nn.Parameter(torch.zeros(3))\nw.normal_()",
        "w = torch.ones(3, requires_grad=True)\nw[0] = 2.0",
        "w = torch.ones(3, requires_grad=True)\n"
        "for x in data:\n"
        "    (w * x).sum().backward()\n"
        "    w -= 0.1 * w.grad\n"
        "    w.grad.zero_()",
    )
    fixed = (
        None,
        None,
        None,
        None,
    )
    good = (
        "w = torch.zeros(3, requires_grad=True)\nwith torch.no_grad():\n    w -= 0.1 * g",
        "w = torch.zeros(3)\nw += 1",
        "w = nn.Parameter(torch.zeros(3), requires_grad=False)\nw.normal_()",
        "w = torch.zeros(3, requires_grad=True)\nw.requires_grad_(False)\nw += 1",
        "w = torch.zeros(3, requires_grad=True) * 2\nw += 1",
        "w = torch.zeros(3, requires_grad=True)\nfor x in data:\n    w = w * x\n    w += 1",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        changed: list[tuple[ast.AST, ast.expr]] = [(node, node.target) for node in flow.all(ast.AugAssign)]
        for node in flow.all(ast.Assign):
            changed += [(node, one.value) for one in node.targets if isinstance(one, ast.Subscript)]
        for node in flow.all(ast.Expr):
            call = node.value
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr.endswith("_")
                and call.func.attr not in _FREE
            ):
                changed.append((call, call.func.value))
        for node, holder in changed:
            if (
                isinstance(holder, ast.Name)
                and self._is_leaf(flow, made := flow.bound_once(holder) or flow.origin(holder))
                and not without_gradients(flow, node)
            ):
                function = flow.function(node)
                if (
                    not flow.says("requires_grad_", function)
                    and not flow.says("detach_", function)
                    and not flow.says(".requires_grad =", function)
                    and flow.function(made) is function
                ):
                    yield flow.problem(holder)

    def _is_leaf(self, flow: Flow, node: ast.expr) -> bool:
        name = flow.called(node) or ""
        if not isinstance(node, ast.Call) or not name.startswith("torch."):
            return False
        asked = flow.argument(node, None, "requires_grad")
        if name == "torch.nn.Parameter":
            return len(node.args) == 1 and (asked is None or flow.value(asked) is True)
        return asked is not None and flow.value(asked) is True
