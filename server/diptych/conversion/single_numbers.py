"""Axes as PyTorch takes them and TensorFlow does not.

A tensor without axes has an axis 0 (and -1) in PyTorch; the twin gives it one. Over no axes, as in ``x.sum(())``,
PyTorch reduces all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value
from diptych.matching.emit import Emitted, call
from diptych.matching.fold import Facts

if TYPE_CHECKING:
    from diptych.conversion.application import Attempt
    from diptych.conversion.converter import Converter


def prepare(c: Converter, attempt: Attempt, codes: dict[str, Emitted]) -> bool:
    """Give tensors known to have no axes one where an axis is named, and say whether that was needed."""
    rule, facts = attempt.rule, attempt.facts
    if c.source == "torch" and rule.base == "Reduction" and facts.literals.get("dim") in ((), []):
        codes.pop("dim", None)
        facts = attempt.facts = Facts({**facts.literals, "dim": ...}, facts.values, facts.assumed)
    axes = rule.attributes.get("axes") or (("dim",) if rule.base == "Reduction" else ())
    if c.source != "torch" or not any(_named(facts.literals.get(name)) for name in axes):
        return False
    names = [n for n, kind in rule.kinds.items() if kind in ("Tensor", "Operand") and n in attempt.bindings]
    names = [n for n in names if facts.values[n].is_tensor]
    ranks = [facts.values[n].rank for n in names]
    if not ranks or ranks[0] != 0 or any(rank not in (0, 1) for rank in ranks):
        return False
    values = dict(facts.values)
    for name in (n for n, rank in zip(names, ranks, strict=True) if rank == 0):
        code = codes[name]
        assert isinstance(code, cst.BaseExpression)
        codes[name] = _reshaped(c, code, "(1,)")
        values[name] = replace(values[name], rank=1)
    attempt.facts = Facts(facts.literals, values, facts.assumed)
    return True


def _named(axis: Any) -> bool:
    if isinstance(axis, (tuple, list)):
        return bool(axis)
    return isinstance(axis, int)


def restore(c: Converter, attempt: Attempt, code: cst.BaseExpression) -> cst.BaseExpression:
    """The result without the axis, where the operation kept it."""
    reduces = attempt.rule.base == "Reduction" and attempt.facts.literals.get("keepdim", False) is False
    return code if reduces else _reshaped(c, code, "()")


def rankless(value: Value) -> Value:
    """What is known of the result."""
    if value.items is not None:
        return replace(value, items=tuple(rankless(item) for item in value.items))
    return replace(value, rank=0) if value.is_tensor else value


def _reshaped(c: Converter, code: cst.BaseExpression, shape: str) -> cst.BaseExpression:
    return call(c.name("tf.reshape"), [cst.Arg(code), cst.Arg(cst.parse_expression(shape))])
