"""Who else can see a tensor that is written into.

PyTorch's in-place operations change every name, view, attribute and caller that shares the memory; TensorFlow's tensors
never change. So an in-place operation becomes a new value for the name only where nobody else could see the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def why_not_in_place(c: Converter, node: cst.BaseExpression | None, rebound: str | None = None) -> str | None:
    """Why a tensor may not be replaced instead of written into; ``None`` if it may.

    ``rebound`` is the name that takes the new value; reading that one later is right.
    """
    if node is None:
        return "it is not known which tensor is written into"
    rebound = rebound or c.assigning
    value = c.expr(node)[1]
    if not value.memory:
        return (
            None
            if value.kind not in ("unknown", "foreign")
            else "it is not known who else shares the memory that is written into"
        )
    scope = c.scope
    text = code_of(node)
    for storage in sorted(value.memory & scope.external):
        owner = scope.own.get(storage) or "someone else"
        return f"`{text}` is written in place and {owner} sees the change; nothing in TensorFlow does that"
    if isinstance(node, cst.Name) and (
        scope.here[node.value] > 1 or (node.value != rebound and node.value in scope.later)
    ):
        return f"`{text}` is written in place and read again"
    for name in sorted(scope.later | set(scope.here)):
        if name in (rebound, text):
            continue
        known = scope.names.get(name)
        if known is not None and shares(known, value.memory):
            return f"`{text}` is written in place and `{name}` shares its memory and is read later"
    return None


def shares(value: object, memory: frozenset[int]) -> bool:
    """Whether a value, or something inside it, may share memory."""
    from diptych.inference.values import Value

    assert isinstance(value, Value)
    if value.memory & memory:
        return True
    inside = [*(value.items or ()), *([value.item] if value.item is not None else [])]
    return any(shares(item, memory) for item in inside)
