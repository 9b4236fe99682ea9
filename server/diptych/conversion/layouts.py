"""Bringing the operands of one operation to the same order of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.permutations import Permutation
from diptych.inference.values import Value

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


def differing(a: dict[str, Value], b: dict[str, Value]) -> list[str]:
    """Names whose axes stand in another order at the end of two branches."""
    return sorted(name for name in set(a) & set(b) if a[name].permutation != b[name].permutation)


def restored(c: Converter, names: list[str], values: dict[str, Value]) -> list[Any]:
    """Statements that bring names back to the source's order of axes."""
    found = []
    for name in names:
        if values[name].permutation is not None:
            code = c.plain(cst.Name(name), values[name])
            found.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], code)]))
    return found
