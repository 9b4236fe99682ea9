"""Bringing the operands of one operation to the same order of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import held_layers
from diptych.inference.permutations import Permutation
from diptych.inference.values import Value, replace

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

NUMBERS = {"int", "float", "number", "bool", "none", "str", "dtype", "device"}


def common(c: Converter, operands: Sequence[Code]) -> tuple[list[cst.BaseExpression], Permutation | None]:
    """The operands with their axes in one order, and that order.

    They keep an order of their own only where every tensor among them is known to have as many axes; otherwise
    broadcasting would pair other axes than in the source.
    """
    wanted = {value.permutation for _, value in operands if value.permutation is not None}
    if not wanted:
        return [code for code, _ in operands], None
    if len(wanted) == 1:
        (permutation,) = wanted
        assert permutation is not None
        if all(value.kind in NUMBERS or value.rank in (0, len(permutation)) for _, value in operands):
            codes = [
                code if value.kind in NUMBERS or value.rank == 0 else c.arranged(code, value, permutation)
                for code, value in operands
            ]
            return codes, permutation
    return [c.plain(code, value) for code, value in operands], None


def broadcast_rank(values: Sequence[Value]) -> int | None:
    """The number of axes of an elementwise result."""
    ranks = [
        value.rank if value.kind == "tensor" else 0
        for value in values
        if value.kind in NUMBERS or value.kind == "tensor"
    ]
    if len(ranks) < len(values) or any(rank is None for rank in ranks):
        return None
    return max((rank for rank in ranks if rank is not None), default=None)


def differing(c: Converter, a: dict[str, Value], b: dict[str, Value]) -> list[str]:
    """Names whose axes, or those that their layers take, stand in another order at the end of two branches."""
    both = ((name, a[name], b[name]) for name in set(a) & set(b))
    return sorted(name for name, x, y in both if x.permutation != y.permutation or held_layers.apart(c, x, y))


def in_source_order(value: Value) -> Value:
    """What is known of a tensor, or a layer, that was brought back."""
    return replace(held_layers.settled(value), permutation=None)


def restored(c: Converter, names: list[str], values: dict[str, Value]) -> list[Any]:
    """Statements that bring names back to the source's order of axes."""
    found = []
    for name in names:
        here, value = cst.Name(name), values[name]
        code = c.plain(here, value) if value.permutation is not None else here
        if value.kind == "module":
            code, _ = held_layers.in_source_order(c, here, value)
        if code is not here:
            found.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], code)]))
    return found
