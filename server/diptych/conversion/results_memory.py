"""What a function or method of the file gives back: something new, an argument, or what is held elsewhere.

In a signature's result ``memory`` holds places of parameters in ``Signature.given`` instead of storages, or one of the
numbers below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import memory
from diptych.inference.layers import Signature
from diptych.inference.values import Value, replace

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.scope import Scope

HELD = -1  # by an attribute, or by a name outside of the function
ANY = -2  # any of the arguments
CALLER = "the caller"
WITHOUT = {"int", "float", "number", "bool", "str", "none", "shape", "dtype", "device"}


def summary(scope: Scope, result: Value, names: tuple[str, ...]) -> Value:
    """The result of a function for its signature, where ``names`` are its parameters."""
    items = tuple(summary(scope, item, names) for item in result.items) if result.items is not None else None
    item = summary(scope, result.item, names) if result.item is not None else None
    return replace(result, memory=_places(scope, result, names), items=items, item=item, of=None)


def _places(scope: Scope, value: Value, names: tuple[str, ...]) -> frozenset[int]:
    if value.kind in WITHOUT:
        return frozenset()
    if not value.memory and not value.items and value.item is None:
        return frozenset({ANY})
    given = {storage: place for place, name in enumerate(names) for storage in scope.entry[name].memory}
    storages = {abs(storage) for storage in value.memory}
    seen = {abs(storage) for storage in scope.external} - set(given)
    found = {ANY if scope.own.get(storage) == CALLER else HELD for storage in storages & seen}
    return frozenset(found | {given[storage] for storage in storages if storage in given})


def of_call(c: Converter, node: cst.Call, signature: Signature, values: list[Value]) -> Value:
    """The result of a call on arguments with these values, in a new storage or in theirs."""
    known = _arguments(node, signature, values)
    shared = frozenset().union(*(every(value) for value in values)) if values else frozenset()
    held = c.fresh_storage()

    def settled(value: Value) -> Value:
        items = tuple(settled(item) for item in value.items) if value.items is not None else None
        item = settled(value.item) if value.item is not None else None
        if value.kind in WITHOUT:
            return replace(value, items=items, item=item)
        found = {c.fresh_storage()}
        for place in value.memory or ({ANY} if value.kind == "unknown" else ()):
            found |= shared if place == ANY else known.get(place, frozenset({held}))
        return replace(value, memory=frozenset(found), items=items, item=item)

    result = settled(signature.result)
    if held in every(result):
        memory.seen_by(c, frozenset({held}), "what holds it")
    return result


def _arguments(node: cst.Call, signature: Signature, values: list[Value]) -> dict[int, frozenset[int]]:
    """The storages of each argument by the place of its parameter; none where it is not known which is which."""
    names = list(signature.given)
    if any(argument.star for argument in node.args):
        shared = frozenset().union(*(every(value) for value in values))
        return dict.fromkeys(range(len(names)), shared)
    positional = iter(signature.parameters)
    found: dict[int, frozenset[int]] = {}
    for argument, value in zip(node.args, values, strict=True):
        name = argument.keyword.value if argument.keyword is not None else next(positional, None)
        if name in signature.given:
            found[names.index(name)] = every(value)
    return found


def every(value: Value) -> frozenset[int]:
    """The storages that a value, or something inside it, may share."""
    inside = [*(value.items or ()), *([value.item] if value.item is not None else [])]
    return value.memory.union(*(every(item) for item in inside))
