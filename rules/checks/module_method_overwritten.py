"""DPT247."""

import ast
from collections.abc import Iterator

from diptych_checks._modules import is_module

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_METHODS = {
    "train",
    "eval",
    "to",
    "parameters",
    "modules",
    "children",
    "buffers",
    "state_dict",
    "zero_grad",
    "named_parameters",
    "named_modules",
    "named_children",
}


class ModuleMethodOverwritten(FlowCheck):
    """``self.train = True`` makes ``model.train()`` raise "'bool' object is not callable"; likewise ``self.modules = ...``."""

    code = "DPT247"
    name = "module-method-overwritten"
    severity = "warning"
    message = "this attribute takes the place of a method of nn.Module, which then cannot be called"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html"
    fix = "none"
    words = ("Module",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.train = True",
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.modules = nn.ModuleList([])",
    )
    fixed = (
        None,
        None,
    )
    good = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.training = True",
        "class Net(nn.Module):\n    def __init__(self, f):\n        super().__init__()\n        self.train = f",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for owner in flow.all(ast.ClassDef):
            if is_module(flow, owner):
                for name in _METHODS & flow.attributes(owner).keys():
                    for one in flow.attributes(owner)[name]:
                        literal = isinstance(one.value, (ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.ListComp))
                        if literal or (flow.called(one.value) or "").startswith("torch.nn."):
                            yield flow.problem(one.target)
