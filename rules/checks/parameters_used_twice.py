"""DPT244."""

import ast
from collections.abc import Iterator

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ParametersUsedTwice(FlowCheck):
    """``model.parameters()`` is a generator. After it was gone through once, clipping clips nothing and an optimizer raises.

    Keep ``list(model.parameters())``.
    """

    code = "DPT244"
    name = "parameters-used-twice"
    severity = "warning"
    message = "parameters() gives its parameters once: the second use of this name gets none"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.parameters"
    fix = "unsafe"
    words = ("parameters",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "params = model.parameters()\n"
        "opt = torch.optim.SGD(params, lr=0.1)\n"
        "for x in data:\n"
        "    opt.zero_grad()\n"
        "    model(x).sum().backward()\n"
        "    nn.utils.clip_grad_norm_(params, 1.0)\n"
        "    opt.step()",
    )
    fixed = (
        "params = list(model.parameters())\n"
        "opt = torch.optim.SGD(params, lr=0.1)\n"
        "for x in data:\n"
        "    opt.zero_grad()\n"
        "    model(x).sum().backward()\n"
        "    nn.utils.clip_grad_norm_(params, 1.0)\n"
        "    opt.step()",
    )
    good = (
        "params = list(model.parameters())\n"
        "opt = torch.optim.SGD(params, lr=0.1)\n"
        "nn.utils.clip_grad_norm_(params, 1.0)",
        "params = model.parameters()\n"
        "if fast:\n"
        "    opt = torch.optim.SGD(params, lr=0.1)\n"
        "else:\n"
        "    opt = torch.optim.Adam(params)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("parameters"):
            statement = flow.statement(call)
            if (
                not isinstance(statement, ast.Assign)
                or statement.value is not call
                or call.args
                or len(statement.targets) != 1
            ):
                continue
            target = statement.targets[0]
            if not isinstance(target, ast.Name):
                continue
            uses = [
                one
                for one in flow.all(ast.Name)
                if one.id == target.id and isinstance(one.ctx, ast.Load) and self._goes_through(flow, one, call)
            ]
            uses.sort(key=flow.place)
            for use in uses[1:]:
                first = flow.statement(uses[0])
                if any(
                    isinstance(one, ast.stmt) and one.block is first.block and one is not first
                    for one in flow.around(use)
                ):
                    edit = flow.replace(call, f"list({flow.code(call)})")
                    yield flow.problem(use, fix=flow.fix("Keep a list", "unsafe", edit))
                    break

    def _goes_through(self, flow: Flow, use: ast.Name, call: ast.Call) -> bool:
        around = use.around
        if not isinstance(around, ast.Call) or use not in around.args or flow.origin(use) is not call:
            return False
        name = flow.called(around) or ""
        return name.startswith(("torch.optim.", "torch.nn.utils.clip_grad_"))
