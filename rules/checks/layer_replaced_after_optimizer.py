"""DPT246."""

import ast
import re
from collections.abc import Iterator

from diptych_checks._modules import has_weights

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class LayerReplacedAfterOptimizer(FlowCheck):
    """An optimizer trains the parameters that there were when it was made. A layer put in afterwards keeps its first weights."""

    code = "DPT246"
    name = "layer-replaced-after-optimizer"
    severity = "warning"
    message = "the optimizer was made before this layer, so it does not train it"
    url = "https://docs.pytorch.org/docs/stable/optim.html#constructing-it"
    fix = "none"
    words = ("optim",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "optimizer = torch.optim.Adam(model.parameters())\nmodel.fc = nn.Linear(512, 10)",
        "optimizer = torch.optim.Adam(model.parameters())\nmodel.classifier[6] = nn.Linear(512, 10)",
    )
    fixed = (None, None)
    good = (
        "model.fc = nn.Linear(512, 10)\noptimizer = torch.optim.Adam(model.parameters())",
        "optimizer = torch.optim.Adam(model.parameters())\n"
        "model.fc = nn.Linear(512, 10)\n"
        "optimizer.add_param_group({'params': model.fc.parameters()})",
        "optimizer = torch.optim.Adam(model.parameters())\n"
        "model.fc = nn.Linear(512, 10)\n"
        "optimizer = torch.optim.Adam(model.parameters())",
        "optimizer = torch.optim.Adam(old_model.parameters())\nmodel.fc = nn.Linear(512, 10)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.Assign):
            target = node.targets[0]
            model = _root(target)
            if len(node.targets) > 1 or model is None or flow.is_self(model) or not has_weights(flow, node.value):
                continue
            block = flow.block(node)
            place = block.index(node)
            made = any(self._optimizes(flow, before, model.id) for before in block[:place])
            changed = any(
                isinstance(before, ast.Assign) and flow.code(before.targets[0]) == model.id
                for before in block[:place]
                if self._after(flow, block, before, model.id)
            )
            later = any(
                self._optimizes(flow, after, model.id) or "param_group" in flow.code(after) for after in block[place:]
            )
            if made and not later and not changed:
                yield flow.problem(target)

    def _optimizes(self, flow: Flow, statement: ast.stmt, model: str) -> bool:
        return any(
            isinstance(node, ast.Call)
            and (flow.called(node) or "").startswith("torch.optim.")
            and re.search(rf"(?<![\w.]){model}\.parameters\(\)", flow.code(node))
            for node in flow.inside(statement)
        )

    def _after(self, flow: Flow, block: list[ast.stmt], statement: ast.stmt, model: str) -> bool:
        """Whether a statement stands after one that makes an optimizer."""
        return any(self._optimizes(flow, one, model) for one in block[: block.index(statement)])


def _root(target: ast.expr) -> ast.Name | None:
    """The name that holds the model of which ``model.head.fc`` or ``model.layers[2]`` is a part."""
    if not isinstance(target, (ast.Attribute, ast.Subscript)):
        return None
    node: ast.expr = target
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node if isinstance(node, ast.Name) else None
