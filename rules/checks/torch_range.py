"""DPT107."""

import libcst as cst

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of
from diptych.syntax.precedence import operand
from diptych.text.missing import MISSING

# Beyond 2**24 not every integer is a float32, and the two functions round differently.
_EXACT = 2**24


class TorchRange(Check):
    """``torch.range`` is deprecated: its end is included, unlike that of Python's ``range`` and of ``torch.arange``.

    It also gives floats where ``torch.arange`` gives integers: ``torch.range(0, 10)`` is float32, ``torch.arange(0, 11)``
    int64, so the fix says the dtype. It is safe where start, end and step are whole numbers in the text, and unsafe
    where they are not known: with a fractional end, ``end + 1`` can be one element too many.
    """

    code = "DPT107"
    name = "torch-range"
    severity = "warning"
    message = "torch.range is deprecated: use torch.arange, whose end is excluded and which keeps integers as they are"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.arange.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.range",)
    bad = (
        "x = torch.range(0, 10)",
        "x = torch.range(0, 10, 2, dtype=torch.int64)",
        "x = torch.range(start=10, end=-3, step=-2, requires_grad=True)",
        "x = torch.range(1, n)",
        "x = torch.range(n, -10, -2)",
        "x = torch.range(0, end=n if n else 4, dtype=torch.float64)",
        "x = torch.range(0, 1, 0.1)",
        "x = torch.range(0, 2.5)",
        "x = torch.range(0, 10, dtype=None)",
        "x = torch.range(0, 10, step=s)",
    )
    fixed = (
        "x = torch.arange(0, 11, dtype=torch.get_default_dtype())",
        "x = torch.arange(0, 11, 2, dtype=torch.int64)",
        "x = torch.arange(start=10, end=-4, step=-2, requires_grad=True, dtype=torch.get_default_dtype())",
        "x = torch.arange(1, n + 1, dtype=torch.get_default_dtype())",
        "x = torch.arange(n, -11, -2, dtype=torch.get_default_dtype())",
        "x = torch.arange(0, end=(n if n else 4) + 1, dtype=torch.float64)",
        None,
        None,
        None,
        None,
    )
    good = ("x = torch.arange(0, 11)", "for i in range(0, 10):\n    print(torch.zeros(i))")

    def visit(self, use: Use) -> Problem:
        others = ("dtype", "layout", "device", "pin_memory", "requires_grad")
        arguments = use.arguments("start", "end", "step", keywords=others)
        if arguments is None or "start" not in arguments or "end" not in arguments:
            return use.problem()
        values = {name: value_of(arguments[name].value) for name in ("start", "end", "step") if name in arguments}
        whole = all(type(value) is int or value is MISSING for value in values.values())
        step = values.setdefault("step", 1)
        if not whole or step is MISSING or step == 0:
            return use.problem()
        known = all(value is not MISSING and abs(value) <= _EXACT for value in values.values())
        if "dtype" in arguments and value_of(arguments["dtype"].value) is None:
            return use.problem()
        rewrite = use.rewrite("torch.arange")
        if values["end"] is not MISSING:
            end = str(values["end"] + (1 if step > 0 else -1))
        else:
            code = use.source.code(operand(arguments["end"].value, cst.Add(), "left"))
            end = f"{code} + 1" if step > 0 else f"{code} - 1"
        rewrite.replace_value(arguments["end"], end)
        if "dtype" not in arguments:
            rewrite.append(f"dtype={rewrite.spell('torch.get_default_dtype')}()")
        return use.problem(rewrite.done("Use torch.arange with the same dtype", "safe" if known else "unsafe"))
