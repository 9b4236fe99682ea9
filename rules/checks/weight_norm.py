"""DPT109."""

import re

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use

# Code that takes the normalization off, or reads the parameters by their old names, has to change with it.
_TIED = re.compile(r"\b(?:remove_weight_norm|weight_[gv])\b")


class WeightNorm(Check):
    """``torch.nn.utils.weight_norm`` is deprecated: use ``torch.nn.utils.parametrizations.weight_norm``.

    The new one computes the same weight and loads old checkpoints. But the parameters have other names in new ones
    (``parametrizations.weight.original0`` for ``weight_g``, ``original1`` for ``weight_v``), and it is taken off with
    ``torch.nn.utils.parametrize.remove_parametrizations(module, "weight")``. So the fix is unsafe, and not offered in a
    file that mentions ``remove_weight_norm``, ``weight_g`` or ``weight_v``.
    """

    code = "DPT109"
    name = "weight-norm"
    severity = "warning"
    message = "torch.nn.utils.weight_norm is deprecated: use torch.nn.utils.parametrizations.weight_norm (state_dict keys change)"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.nn.utils.weight_norm", "torch.nn.utils.weight_norm.weight_norm")
    bad = (
        "layer = torch.nn.utils.weight_norm(torch.nn.Linear(3, 4))",
        "from torch import nn\nlayer = nn.utils.weight_norm(nn.Linear(3, 4), dim=None)",
        "layer = torch.nn.utils.weight_norm(torch.nn.Linear(3, 4))\nprint(layer.weight_g)",
    )
    fixed = (
        "layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 4))",
        "from torch import nn\nlayer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 4), dim=None)",
        None,
    )
    good = ("layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 4))",)

    def visit(self, use: Use) -> Problem:
        if _TIED.search(use.source.text):
            return use.problem()
        rewrite = use.rewrite("torch.nn.utils.parametrizations.weight_norm")
        return use.problem(rewrite.done("Use torch.nn.utils.parametrizations.weight_norm", "unsafe"))
