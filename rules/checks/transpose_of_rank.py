"""DPT258."""

import ast
from collections.abc import Iterator

from diptych_checks._shapes import shape

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class TransposeOfRank(FlowCheck):
    """``.T`` of a batch of matrices also moves the batch to the end. ``.mT`` transposes each matrix."""

    code = "DPT258"
    name = "transpose-of-rank"
    severity = "warning"
    message = "x.T reverses all axes, and is deprecated but for matrices: use x.mT or permute"
    url = "https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.T"
    fix = "none"
    words = ("T",)
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = ("x = torch.randn(2, 3, 4)\ny = x.T",)
    fixed = (None,)
    good = (
        "x = torch.randn(3, 4)\ny = x.T",
        "y = x.T",
        "x = torch.randn(2, 3, 4)\ny = x.mT",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for node in flow.all(ast.Attribute):
            if node.attr == "T" and isinstance(node.ctx, ast.Load):
                known = shape(flow, node.value)
                if known is not None and len(known) not in (0, 2):
                    yield flow.problem(node)
