"""Layers that one name, attribute or list holds by turns, though they take their axes in different orders.

Whoever calls what such a place holds cannot tell which layer it is. So each gets the source's order of axes, with
transposes around it: at the end of a branch, or where it is put there. That a place holds such layers shows only after
they were put there; the function, or the class, is converted again then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import handed_layers
from diptych.inference.values import MIXED, Value, join, join_all
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def apart(c: Converter, a: Value, b: Value) -> bool:
    """Whether two values are layers of which nothing is known that is true of both, but that can be brought there."""
    if a.kind != "module" or b.kind != "module" or a.layer is None or b.layer is None:
        return False
    return (
        a.layer.joined(b.layer) is None
        and handed_layers.callable_on_one(a.layer)
        and handed_layers.callable_on_one(b.layer)
    )


def in_source_order(c: Converter, code: cst.BaseExpression, value: Value) -> Code:
    """Layers that take and give axes in the source's order, those inside lists too."""
    new = handed_layers.plain(c, code, value)
    return new, settled(value) if new is not code else value


def settled(value: Value) -> Value:
    """What is known of layers once they take and give axes in the source's order."""
    if value.items is not None or value.item is not None:
        items = None if value.items is None else tuple(settled(item) for item in value.items)
        item = join_all(items) if items else None if value.item is None else settled(value.item)
        return replace(value, items=items, item=item if value.kind == "modules" or not items else None)
    layer = value.layer if value.kind == "module" else None
    if layer is None or not handed_layers.called_otherwise(value):
        return value
    within = f".layers[{int(layer.takes is not None)}]" if layer.within == "" else None
    name = "Sequential" if within is None else layer.name
    wrapped = replace(
        layer, name=name, takes=None, gives=None, activation=None, definition=None, within=within, inputs=1,
        parts=None, each=None, names=None,
    )  # fmt: skip
    return replace(value, layer=wrapped)


def put(c: Converter, target: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """What is put into a place, in the source's order of axes where the place holds layers of several orders."""
    return in_source_order(c, code, value) if _is_marked(c, target) else (code, value)


def appended(c: Converter, node: cst.Call) -> None:
    """``layers.append(layer)`` where ``layers`` holds layers of several orders."""
    if isinstance(node.func, cst.Attribute) and node.args and _is_marked(c, node.func.value):
        given = node.args[-1].value
        c.remember(given, in_source_order(c, *c.expr(given)))


def noted(c: Converter, place: cst.BaseExpression, value: Value) -> None:
    """Let what stands around be converted again, where it turns out that a place holds layers of several orders."""
    if _mixes(value):
        mark(c, place)


def mark(c: Converter, place: cst.BaseExpression) -> None:
    """Let what stands around be converted again with the layers that a place holds in the source's order."""
    for node in walk(place):
        attribute = attribute_of_self(c, node)
        if attribute is not None and c.scope.owner is not None and attribute not in c.scope.owner.in_source_order:
            c.scope.owner.in_source_order.add(attribute)
            c.scope.owner.again = True
        elif isinstance(node, cst.Name) and c.scope.kind == "function":
            c.scope.holds_several.add(node.value)


def either(c: Converter, target: cst.Attribute, before: Value | None, now: Value) -> Value:
    """An attribute that may hold one layer or another, or none, by the branch that was taken."""
    if before is not None and {before.kind, now.kind} == {"module", "none"}:
        return join(before, now)
    if before is None or before.kind != "module" or now.kind != "module" or before.layer is None or now.layer is None:
        return now
    layer = before.layer.joined(now.layer)
    if layer is None:
        noted(c, target, Value("module", api=MIXED))
        reason = "it holds layers that take their input with different orders of axes"
        c.journal.error(target, target.attr.value, reason)
        return Value("module")
    return replace(now, layer=layer)


def _mixes(value: Value) -> bool:
    if value.kind == "module":
        return value.api == MIXED
    return any(_mixes(item) for item in (*(value.items or ()), *([value.item] if value.item is not None else [])))


def _is_marked(c: Converter, place: cst.BaseExpression) -> bool:
    attribute = attribute_of_self(c, place)
    if attribute is not None:
        return c.scope.owner is not None and attribute in c.scope.owner.in_source_order
    return isinstance(place, cst.Name) and place.value in c.scope.in_source_order


def attribute_of_self(c: Converter, node: cst.CSTNode) -> str | None:
    """The name of an attribute of ``self``; ``None`` for anything else."""
    if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return None
    known = c.scope.lookup(node.value.value)
    return node.attr.value if known is not None and known.kind == "self" else None
