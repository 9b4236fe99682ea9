"""DPT251."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_ALWAYS = {"unsqueeze", "permute", "masked_fill", "contiguous", "log_softmax", "softmax", "type_as", "index_select"}
_OF_TENSORS = {"to", "cuda", "cpu", "float", "half", "long", "view", "detach", "clone"}
_MAKERS = {
    f"torch.{name}"
    for name in (
        "zeros",
        "ones",
        "rand",
        "randn",
        "arange",
        "tensor",
        "eye",
        "full",
        "linspace",
        "randint",
        "cat",
        "stack",
    )
}


class ResultUnused(FlowCheck):
    """Only methods that end in an underscore change a tensor in place; the others give a new one. Modules are different."""

    code = "DPT251"
    name = "result-unused"
    severity = "warning"
    message = "this changes nothing: it gives a new tensor, which nobody takes"
    url = "https://docs.pytorch.org/docs/stable/tensors.html"
    fix = "none"
    words = ("unsqueeze", "permute", "masked_fill", "contiguous", "log_softmax", "softmax", "to", "cuda", "float")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "x.unsqueeze(0)",
        "x = torch.zeros(3)\nx.to(device)",
        "x.masked_fill(mask, 0.0)",
    )
    fixed = (
        None,
        None,
        None,
    )
    good = (
        "x = x.unsqueeze(0)",
        "x.unsqueeze_(0)",
        "model = nn.Linear(8, 3)\nmodel.to(device)",
        "model.to(device)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.Expr):
            call = node.value
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not flow.says("torch"):
                continue
            if any(isinstance(one, ast.Try) for one in flow.around(node)) or flow.name(call.func) is not None:
                continue
            method, holder = call.func.attr, call.func.value
            known = method in _OF_TENSORS and flow.called(flow.origin(holder)) in _MAKERS
            if known or (method in _ALWAYS and isinstance(holder, (ast.Name, ast.Call)) and call.args):
                yield flow.problem(call)
