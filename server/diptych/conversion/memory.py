"""Who else can see a tensor that is written into.

PyTorch's in-place operations change every name, view, attribute and caller that shares the memory; TensorFlow's tensors
never change. So an in-place operation becomes a new value for the name only where nobody else could see the change.
What may share memory or not, by a dtype or a mode that is not known here, is assumed not to.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value, perhaps, sharing
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

BUILTINS = frozenset(dir(builtins))


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
    for sure, reason in _seen(c, node, value, rebound):
        if sure:
            return reason
        _assume_apart(c, node, value, reason)
    return None


def why_no_part_in_place(c: Converter, node: cst.Attribute | cst.Subscript) -> str | None:
    """Why ``d["x"] += 1`` may not stay as it is, where that may be a tensor; ``None`` if it may, or is assumed to."""
    value = c.expr(node)[1]
    if value.is_tensor:
        return "an attribute or element that is a tensor is written in place, and others may see it"
    if value.kind == "unknown" and value.memory:
        for _, reason in _seen(c, node, value, _root(node)):
            _assume_apart(c, node, value, reason)
    return None


def why_not_known_in_place(c: Converter, node: cst.BaseExpression, value: Value) -> str | None:
    """Why ``d[k] = v`` may not stay as it is where ``d`` may be a tensor, or an array that has a tensor's memory."""
    if max(value.memory) < 0:
        return None
    if value.kind == "foreign":
        return why_not_in_place(c, node, node.value if isinstance(node, cst.Name) else None)
    return "it is not known whether a tensor is written into"


def _assume_apart(c: Converter, node: cst.BaseExpression, value: Value, reason: str) -> None:
    which = "a tensor of its own" if value.is_tensor else "a number, or a tensor of its own"
    c.journal.assume(node, "in place", f"assumes {which}: else {reason}", ("apart", c.scope.name, code_of(node)))


def _seen(c: Converter, node: cst.BaseExpression, value: Value, rebound: str | None) -> Iterator[tuple[bool, str]]:
    """Who sees a tensor being written into, in the order of what is certain: whether that is, and how to say it."""
    scope, text = c.scope, code_of(node)
    found = []
    for storage in sorted(value.memory, key=abs):
        if storage in scope.external or -storage in scope.external:
            owner = scope.own.get(abs(storage)) or "someone else"
            number = value.kind == "unknown" and owner.startswith("self.")
            sure = storage > 0 and storage in scope.external and not number
            found.append((sure, f"`{text}` is written in place and {owner} sees the change; nothing in TensorFlow does"
                          " that"))  # fmt: skip
    if isinstance(node, cst.Name) and (
        scope.here[node.value] > 1 or (node.value != rebound and node.value in scope.later)
    ):
        found.append((True, f"`{text}` is written in place and read again"))
    for name in sorted(scope.later | set(scope.here) | scope.captured):
        known = scope.names.get(name)
        if name in (rebound, text) or known is None:
            continue
        sure = shares(known, value.memory)
        if sure is not None:
            found.append((sure, f"`{text}` is written in place and `{name}` shares its memory and is read later"))
    yield from sorted(found, key=lambda each: not each[0])


def shares(value: Value, memory: frozenset[int]) -> bool | None:
    """Whether a value, or something inside it, shares memory: ``True``, ``False`` if perhaps, ``None`` if it cannot."""
    inside = [*(value.items or ()), *([value.item] if value.item is not None else [])]
    answers = {sharing(value.memory, memory), *(shares(item, memory) for item in inside)}
    return True if True in answers else False if False in answers else None


def put(c: Converter, target: cst.Attribute | cst.Subscript, value: Value) -> None:
    """Note that what ``d[k] = v`` and ``o.h = v`` write into holds the value from now on."""
    root = _root(target)
    known = c.scope.names.get(root) if root is not None else None
    if root is None or known is None or known.kind == "self":
        return
    if known.kind == "foreign":  # an array copies what it is given
        c.scope.names[root] = replace(known, memory=known.memory | perhaps(value.memory))
        return
    items, keys = known.items, known.keys
    if known.kind == "dict":
        key = _key(c, target)
        items, keys = None, None
        if known.items is not None and known.keys is not None and key is not MISSING:
            held = {**dict(zip(known.keys, known.items, strict=True)), key: value.plain()}
            keys, items = tuple(held), tuple(held.values())
    item = known.item if known.item is None or known.item.layer == value.layer else None
    c.scope.names[root] = replace(known, memory=known.memory | value.memory, items=items, item=item, keys=keys)


def _key(c: Converter, target: cst.Attribute | cst.Subscript) -> Any:
    """The key of ``d[key]``, where it stands in the code and ``d`` is a name."""
    if not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Name) or len(target.slice) != 1:
        return MISSING
    part = target.slice[0].slice
    return c.literal(part.value) if isinstance(part, cst.Index) else MISSING


def kept(c: Converter, node: cst.Call) -> None:
    """What a call that is a statement of its own is given may be kept: by the object whose method it is, or unseen."""
    if c.source != "torch" or c.qualified(node.func) is not None:
        return
    root = _root(node.func) if isinstance(node.func, cst.Attribute) else None
    if isinstance(node.func, cst.Name) and node.func.value in BUILTINS and c.scope.lookup(node.func.value) is None:
        return
    known = c.scope.names.get(root) if root is not None else None
    if known is not None and (known.is_tensor or known.kind == "api"):
        return
    given = frozenset().union(*(c.expr(argument.value)[1].memory for argument in node.args))
    if not given:
        return
    if root is not None and known is not None and known.kind != "self":
        c.scope.names[root] = replace(
            known, memory=known.memory | given, items=None, item=None if known.kind == "dict" else known.item, keys=None
        )
        return
    seen_by(c, given, f"what `{code_of(node.func)}` may keep")


def seen_by(c: Converter, memory: frozenset[int], owner: str) -> None:
    """Note who else can see these storages."""
    c.scope.external |= memory
    for storage in memory:
        c.scope.own.setdefault(abs(storage), owner)


def _root(node: cst.BaseExpression) -> str | None:
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None
