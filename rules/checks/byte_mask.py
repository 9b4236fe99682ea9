"""DPT259."""

import ast
from collections.abc import Iterator

from diptych_checks._shapes import dtype

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ByteMask(FlowCheck):
    """``masked_fill`` raises for a uint8 mask, and indexing with one is deprecated. Compare, or call ``.bool()``."""

    code = "DPT259"
    name = "byte-mask"
    severity = "error"
    message = "a mask must be bool: uint8 raises, or is taken for positions"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html"
    fix = "unsafe"
    words = ("byte", "uint8")
    setup = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    bad = (
        "y = x.masked_fill(mask.byte(), 0.0)",
        "mask = torch.zeros(3, dtype=torch.uint8)\ny = x.masked_fill(mask, 0.0)",
    )
    fixed = (
        "y = x.masked_fill(mask.bool(), 0.0)",
        None,
    )
    good = (
        "y = x.masked_fill(mask.bool(), 0.0)",
        "mask = torch.zeros(3, dtype=torch.bool)\ny = x.masked_fill(mask, 0.0)",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for call in flow.calls("masked_fill", "masked_fill_", "masked_select", "masked_scatter", "masked_scatter_"):
            if flow.name(call.func) is not None or not call.args or dtype(flow, call.args[0]) != "uint8":
                continue
            given, edit = call.args[0], None
            if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "byte":
                end = flow.offsets(given.func)[1]
                edit = flow.edit(end - len("byte"), end, "bool")
            yield flow.problem(call, fix=flow.fix("Make it bool", "unsafe", edit))
