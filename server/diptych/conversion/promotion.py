"""Casts that PyTorch makes by itself and TensorFlow leaves to the user.

A rule says with ``promotes`` what its operation makes of the dtypes of its arguments in PyTorch:

========  =========================================================================
"float"   integers and booleans become float32 (``torch.exp``)
"int64"   booleans and narrow integers become int64 (``torch.sum``)
"common"  operands of different dtypes take their common one (``torch.add``)
"number"  the same, and booleans become integers (``torch.lt``)
"bool"    everything is taken for true or false (``torch.logical_and``)
========  =========================================================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.values import Value, category, promote
from diptych.matching.emit import Emitted, call
from diptych.matching.fold import Facts

if TYPE_CHECKING:
    from diptych.catalog.rule import Rule
    from diptych.conversion.application import Attempt
    from diptych.conversion.converter import Converter

KINDS = ("Tensor", "Operand")
ORDER = ["bool", "int", "float", "complex"]
OF_NUMBERS = {"bool": "bool", "int": "int64", "float": "float32"}


def prepare(c: Converter, attempt: Attempt, codes: dict[str, Emitted]) -> None:
    """Cast the arguments of one call as PyTorch does; what is known of them changes with it."""
    wanted = attempt.rule.attributes.get("promotes")
    if wanted is None or c.source != "torch":
        return
    facts = attempt.facts
    changed = dict(facts.values)
    for name, dtype in casts(attempt.rule, facts).items():
        code = codes[name]
        assert isinstance(code, cst.BaseExpression)
        codes[name] = call(c.name("tf.cast"), [cst.Arg(code), cst.Arg(c.name(f"tf.{dtype}"))])
        changed[name] = replace(changed[name], kind="tensor", dtype=dtype)
    for name in _tensors(attempt.rule, facts):
        if category(changed[name].dtype) is None and wanted in ("float", "int64"):
            facts.assumed.add(name)
    attempt.facts = Facts(facts.literals, changed, facts.assumed)


def casts(rule: Rule, facts: Facts) -> dict[str, str]:
    """The arguments of which it is known that PyTorch computes in another dtype than theirs, and that dtype."""
    wanted = rule.attributes.get("promotes")
    operands = [facts.values[n] for n, kind in rule.kinds.items() if kind in KINDS and n in facts.values]
    common = common_dtype(operands) if wanted in ("common", "number") else None
    found = {}
    for name in _tensors(rule, facts) if wanted else ():
        value = facts.values[name]
        dtype = _dtype(str(wanted), value.dtype, common, operands)
        if dtype is not None and dtype != value.dtype:
            found[name] = dtype
    return found


def _tensors(rule: Rule, facts: Facts) -> list[str]:
    """Parameters that are tensors, as far as is known."""
    return [
        n for n, kind in rule.kinds.items()
        if kind in KINDS and n in facts.values and facts.values[n].kind in ("tensor", "unknown")
    ]  # fmt: skip


def _dtype(wanted: str, dtype: str | None, common: str | None, values: list[Value]) -> str | None:
    """The dtype to cast one argument to, ``None`` where it stays."""
    known = category(dtype)
    if wanted == "bool":
        return "bool"
    if known is None:
        return None
    if wanted == "float":
        floats = [v.dtype for v in values if v.is_tensor and v.dtype in ("float64", "float16")]
        return (floats[0] if floats else "float32") if known in ("int", "bool") else None
    if wanted == "int64":
        return "int64" if known in ("int", "bool") and dtype != "int" else None
    if wanted == "number" and common == "bool":
        return "int32"
    return common if common not in (None, *ORDER[1:]) else None


def common_dtype(values: list[Value]) -> str | None:
    """The dtype that PyTorch computes in for these operands; ``None`` where it cannot be known.

    A number counts only where its category is higher than that of every tensor.
    """
    tensors = [value for value in values if value.kind not in OF_NUMBERS]
    if not tensors or any(value.dtype is None for value in tensors):
        return None
    dtype = tensors[0].dtype
    for value in tensors[1:]:
        dtype = promote(dtype, value.dtype)
    for number in (OF_NUMBERS[value.kind] for value in values if value.kind in OF_NUMBERS):
        known = category(dtype)
        if known is not None and ORDER.index(known) < ORDER.index(str(category(number))):
            dtype = number
    return dtype
