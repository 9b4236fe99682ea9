"""DPT240."""

import ast
import re
from collections.abc import Iterator

from diptych_checks._modules import has_weights, is_module

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_REGISTERS = re.compile(r"add_module|register_module|setattr|__dict__|ModuleList|ModuleDict|_modules")

_READERS = {"len", "enumerate", "zip", "reversed", "range"}


class ModulesInPlainList(FlowCheck):
    """A module finds its parts among its attributes, not in lists and dicts.

    Hidden layers are not trained, not moved to the GPU and not saved.
    """

    code = "DPT240"
    name = "modules-in-plain-list"
    severity = "warning"
    message = "a plain list or dict hides these modules from parameters(), to() and state_dict(): use ModuleList or ModuleDict"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html"
    fix = "unsafe"
    words = ("Module", "LightningModule")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.blocks = [nn.Linear(8, 8) for _ in range(n)]",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.heads = {'a': nn.Linear(8, 1), 'b': nn.Linear(8, 2)}",
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.blocks = []\n"
        "        for _ in range(n):\n"
        "            self.blocks.append(nn.Linear(8, 8))",
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        layers = []\n"
        "        for _ in range(n):\n"
        "            layers.append(nn.Conv2d(3, 3, 1))\n"
        "        self.layers = layers",
    )
    fixed = (
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.blocks = nn.ModuleList([nn.Linear(8, 8) for _ in range(n)])",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.heads = nn.ModuleDict({'a': nn.Linear(8, 1), 'b': nn.Linear(8, 2)})",
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.blocks = nn.ModuleList([])\n"
        "        for _ in range(n):\n"
        "            self.blocks.append(nn.Linear(8, 8))",
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        layers = []\n"
        "        for _ in range(n):\n"
        "            layers.append(nn.Conv2d(3, 3, 1))\n"
        "        self.layers = nn.ModuleList(layers)",
    )
    good = (
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.blocks = nn.ModuleList([nn.Linear(8, 8) for _ in range(n)])",
        "class Net(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.blocks = []\n"
        "        for i in range(n):\n"
        "            block = nn.Linear(8, 8)\n"
        "            self.add_module(str(i), block)\n"
        "            self.blocks.append(block)",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.blocks = [nn.Linear(8, 8)]\n"
        "        self.net = nn.Sequential(*self.blocks)",
        "class Holder:\n    def __init__(self):\n        self.blocks = [nn.Linear(8, 8)]",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for owner in flow.all(ast.ClassDef):
            if not is_module(flow, owner):
                continue
            for name, bindings in flow.attributes(owner).items():
                if len(bindings) != 1 or bindings[0].value is None:
                    continue
                value = bindings[0].value
                if not self._holds_modules(flow, owner, name, value) or self._is_registered(flow, owner, name, value):
                    continue
                kind = "ModuleDict" if isinstance(flow.origin(value), (ast.Dict, ast.DictComp)) else "ModuleList"
                edit = None
                base = next((one for one in owner.bases if flow.name(one) == "torch.nn.Module"), None)
                if isinstance(base, ast.Attribute):
                    edit = flow.replace(value, f"{flow.code(base.value)}.{kind}({flow.code(value)})")
                yield flow.problem(bindings[0].target, fix=flow.fix(f"Use {kind}", "unsafe", edit))

    def _holds_modules(self, flow: Flow, owner: ast.ClassDef, name: str, value: ast.expr) -> bool:
        held = flow.origin(value)
        if isinstance(held, (ast.ListComp, ast.DictComp)):
            parts = [held.value if isinstance(held, ast.DictComp) else held.elt]
        elif isinstance(held, ast.Dict):
            parts = list(held.values)
        elif isinstance(held, ast.List):
            parts = list(held.elts)
            if not parts:
                parts = [
                    call.args[0]
                    for call in flow.calls("append")
                    if len(call.args) == 1
                    and isinstance(call.func, ast.Attribute)
                    and flow.within(call, owner)
                    and self._is_list(flow, call.func.value, name, value)
                ]
        else:
            return False
        return bool(parts) and all(self._is_module(flow, flow.origin(part)) for part in parts)

    def _is_list(self, flow: Flow, node: ast.expr, name: str, value: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return isinstance(value, ast.Name) and value.id == node.id and flow.function(node) is flow.function(value)
        return isinstance(node, ast.Attribute) and node.attr == name and flow.is_self(node.value)

    def _is_module(self, flow: Flow, node: ast.expr) -> bool:
        if has_weights(flow, node):
            return True
        if flow.called(node) == "torch.nn.Sequential" and isinstance(node, ast.Call):
            return any(self._is_module(flow, flow.origin(one)) for one in node.args)
        local = flow.class_of(node.func) if isinstance(node, ast.Call) else None
        return local is not None and is_module(flow, local)

    def _is_registered(self, flow: Flow, owner: ast.ClassDef, name: str, value: ast.expr) -> bool:
        """Whether the modules are attributes as well: added by name, or unpacked or handed on somewhere."""
        if _REGISTERS.search(flow.code(owner)):
            return True
        for node in flow.inside(owner, functions=True):
            if isinstance(node, ast.Attribute) and node.attr == name and flow.is_self(node.value):
                around = node.around
                if isinstance(around, ast.Starred):
                    return True
                if (
                    isinstance(around, ast.Call)
                    and node in around.args
                    and getattr(around.func, "id", "") not in _READERS
                ):
                    return True
        if isinstance(value, ast.Name):
            function = flow.function(value)
            return any(
                isinstance(one, ast.Starred) and isinstance(one.value, ast.Name) and one.value.id == value.id
                for one in flow.inside(function)
            )
        return False
