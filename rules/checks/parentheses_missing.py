"""DPT228."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

_METHODS = {"backward", "step", "zero_grad", "eval", "train"}


class ParenthesesMissing(FlowCheck):
    """``optimizer.step`` without parentheses does nothing, and nothing complains.

    ``with torch.no_grad:`` raises, and so does an optimizer that is given ``model.parameters`` instead of what it returns.
    """

    code = "DPT228"
    name = "parentheses-missing"
    severity = "error"
    message = "this names a method and does not call it: parentheses are missing"
    url = "https://docs.pytorch.org/docs/stable/optim.html"
    fix = "unsafe"
    words = ("backward", "step", "zero_grad", "eval", "train", "no_grad", "inference_mode", "parameters")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "loss.backward",
        "optimizer.zero_grad",
        "model.eval",
        "with torch.no_grad:\n    y = model(x)",
        "optimizer = torch.optim.Adam(model.parameters, lr=1e-3)",
    )
    fixed = (
        "loss.backward()",
        "optimizer.zero_grad()",
        "model.eval()",
        "with torch.no_grad():\n    y = model(x)",
        "optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)",
    )
    good = (
        "loss.backward()",
        "step = optimizer.step",
        "with torch.no_grad():\n    y = model(x)",
        "@torch.no_grad\ndef f(x):\n    return x",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        found = [
            node.value
            for node in flow.all(ast.Expr)
            if isinstance(node.value, ast.Attribute) and node.value.attr in _METHODS and flow.says("torch")
        ]
        for node in flow.all(ast.With):
            found += [
                one.context_expr
                for one in node.items
                if flow.name(one.context_expr) in ("torch.no_grad", "torch.inference_mode", "torch.enable_grad")
            ]
        for name in ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad"):
            for call in flow.calls(name):
                given = flow.argument(call, 0, "params")
                if (
                    (flow.called(call) or "").startswith("torch.optim.")
                    and isinstance(given, ast.Attribute)
                    and given.attr == "parameters"
                ):
                    found.append(given)
        for node in found:
            yield flow.problem(node, fix=flow.fix("Call it", "unsafe", flow.after(node, "()")))
