"""DPT265."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import has_weights, is_module
from diptych_checks._outputs import instance

from diptych.checks.check import FlowCheck
from diptych.checks.finding import Fix
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_WRONG = "require_grad"
_MAKERS = {
    f"torch.{name}"
    for name in (
        "tensor", "as_tensor", "from_numpy", "empty", "zeros", "ones", "full", "rand", "randn", "randint", "arange",
        "linspace", "eye", "empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randperm",
        "nn.Parameter", "cat", "stack",
    )
}  # fmt: skip
_KEEPING = {"to", "cuda", "cpu", "float", "double", "half", "clone", "detach", "reshape", "view", "requires_grad_"}


class RequireGradMisspelled(FlowCheck):
    """``x.require_grad = True`` sets an attribute that nobody reads: it is ``requires_grad``, with an s.

    As an argument or a method it raises.
    """

    code = "DPT265"
    name = "require-grad-misspelled"
    severity = "error"
    message = "it is requires_grad: this sets an attribute that nobody reads"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.requires_grad.html"
    fix = "unsafe"
    words = (_WRONG, "require_grad_")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "x = torch.ones(3)\nx.require_grad = True",
        "for p in net.parameters():\n    p.require_grad = False",
        "for name, p in net.named_parameters():\n    if 'bn' in name:\n        p.require_grad = False",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.out = nn.Linear(8, 3)\n"
        "        self.out.weight.require_grad = False",
        "layer = nn.Linear(8, 3)\nlayer.require_grad = False",
        "w = torch.zeros(3, require_grad=True)",
        "x = torch.rand(3).cuda().require_grad_()",
    )
    fixed = (
        "x = torch.ones(3)\nx.requires_grad = True",
        "for p in net.parameters():\n    p.requires_grad = False",
        "for name, p in net.named_parameters():\n    if 'bn' in name:\n        p.requires_grad = False",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.out = nn.Linear(8, 3)\n"
        "        self.out.weight.requires_grad = False",
        "layer = nn.Linear(8, 3)\nlayer.requires_grad_(False)",
        "w = torch.zeros(3, requires_grad=True)",
        "x = torch.rand(3).cuda().requires_grad_()",
    )
    good = (
        "x = torch.ones(3)\nx.requires_grad = True",
        "class Settings:\n    def __init__(self):\n        self.require_grad = True",
        "settings = load()\nsettings.require_grad = False",
        "w = make(torch.zeros(3), require_grad=True)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for one in flow.attribute_bindings():
            if one.target.attr != _WRONG or not isinstance(one.node, ast.Assign):
                continue
            if self._is_module(flow, one.target.value):
                yield flow.problem(one.target, fix=self._freeze(flow, one.node, one.target))
            elif self._is_tensor(flow, one.target.value):
                yield flow.problem(one.target, fix=self._spell(flow, flow.offsets(one.target)[1], _WRONG))
        for call in flow.keyword_calls(_WRONG):
            if flow.called(call) in _MAKERS:
                keyword = next(one for one in call.keywords if one.arg == _WRONG)
                start = flow.offsets(keyword)[0]
                fix = self._spell(flow, start + len(_WRONG), _WRONG)
                yield flow.problem(call, "it is requires_grad=: this raises TypeError", fix)
        for call in flow.calls("require_grad_"):
            if isinstance(call.func, ast.Attribute):
                holder = call.func.value
                if self._is_module(flow, holder) or self._is_tensor(flow, holder):
                    fix = self._spell(flow, flow.offsets(call.func)[1], "require_grad_")
                    yield flow.problem(call, "it is requires_grad_(): this raises AttributeError", fix)

    def _spell(self, flow: Flow, end: int, wrong: str) -> Fix | None:
        right = wrong.replace("require", "requires")
        return flow.fix(f"Write {right}", "unsafe", flow.edit(end - len(wrong), end, right))

    def _freeze(self, flow: Flow, node: ast.Assign, target: ast.Attribute) -> Fix | None:
        if len(node.targets) > 1:
            return None
        text = f"{flow.code(target.value)}.requires_grad_({flow.code(node.value)})"
        return flow.fix("Call requires_grad_", "unsafe", flow.replace(node, text))

    def _is_module(self, flow: Flow, node: ast.expr) -> bool:
        made = instance(flow, node)
        local = flow.class_of(made.func) if isinstance(made, ast.Call) else None
        if local is not None:
            return is_module(flow, local) and _WRONG not in flow.attributes(local)
        return has_weights(flow, made) or flow.called(made) == "torch.nn.Sequential"

    def _is_tensor(self, flow: Flow, node: ast.expr) -> bool:
        node = flow.origin(node)
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _KEEPING:
            node = flow.origin(node.func.value)
        if isinstance(node, ast.Call):
            return flow.called(node) in _MAKERS
        if isinstance(node, ast.Attribute):
            return node.attr in ("weight", "bias") and has_weights(flow, instance(flow, node.value))
        return isinstance(node, ast.Name) and self._is_parameter(flow, node)

    def _is_parameter(self, flow: Flow, node: ast.Name) -> bool:
        """Whether a name is what ``for`` takes from ``parameters()`` or second from ``named_parameters()``."""
        for loop in flow.loops(node):
            stored = [one for one in flow.inside(loop) if isinstance(one, ast.Name) and one.id == node.id]
            stored = [one for one in stored if isinstance(one.ctx, ast.Store)]
            if stored:
                return len(stored) == 1 and isinstance(loop, ast.For) and stored[0] is self._drawn(loop)
        return False

    def _drawn(self, loop: ast.For) -> ast.expr | None:
        called = loop.iter.func if isinstance(loop.iter, ast.Call) else None
        kind = called.attr if isinstance(called, ast.Attribute) else None
        if kind == "named_parameters" and isinstance(loop.target, ast.Tuple) and len(loop.target.elts) == 2:
            return loop.target.elts[1]
        return loop.target if kind == "parameters" else None
