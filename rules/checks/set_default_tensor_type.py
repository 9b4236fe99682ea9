"""DPT125."""

import libcst as cst

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of

_DTYPES = {
    "torch.FloatTensor": "torch.float32",
    "torch.DoubleTensor": "torch.float64",
    "torch.HalfTensor": "torch.float16",
    "torch.BFloat16Tensor": "torch.bfloat16",
}


class SetDefaultTensorType(Check):
    """``torch.set_default_tensor_type`` is deprecated: use ``torch.set_default_dtype`` and ``torch.set_default_device``.

    A fix is offered for types on the CPU. It is unsafe because the old function also made the CPU the default device
    again.
    """

    code = "DPT125"
    name = "set-default-tensor-type"
    severity = "warning"
    message = "torch.set_default_tensor_type is deprecated: use torch.set_default_dtype and torch.set_default_device"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.set_default_dtype.html"
    tags = ("deprecated",)
    fix = "unsafe"
    names = ("torch.set_default_tensor_type",)
    bad = (
        "torch.set_default_tensor_type(torch.DoubleTensor)",
        'torch.set_default_tensor_type("torch.FloatTensor")',
        "torch.set_default_tensor_type(torch.cuda.FloatTensor)",
    )
    fixed = ("torch.set_default_dtype(torch.float64)", "torch.set_default_dtype(torch.float32)", None)
    good = ("torch.set_default_dtype(torch.float64)",)

    def visit(self, use: Use) -> Problem:
        arguments = use.arguments("t")
        if not arguments:
            return use.problem()
        value = value_of(arguments["t"].value)
        node = arguments["t"].value
        named = use.source.names.qualified(node) if isinstance(node, (cst.Name, cst.Attribute)) else value
        dtype = _DTYPES.get(named) if isinstance(named, str) else None
        if dtype is None:
            return use.problem()
        rewrite = use.rewrite("torch.set_default_dtype")
        rewrite.replace(arguments["t"], rewrite.spell(dtype))
        return use.problem(rewrite.done("Use torch.set_default_dtype", "unsafe"))
