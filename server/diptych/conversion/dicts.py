"""Dicts: what they hold. Layers in them take and give axes in the source's order, since whoever reads one by its key
cannot tell which it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import handed_layers, held_layers, parameter_groups
from diptych.conversion.rewriting import fit
from diptych.inference.layers import Layer
from diptych.inference.values import MIXED, Value, element_of
from diptych.matching.emit import call
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

FILLED_BY = {"update", "setdefault"}
PUT_IN = {"dict", "unknown"}  # kinds of what may be a dict


def of(values: list[Value]) -> Value:
    """A dict of these values, of which the keys are not known."""
    storages = frozenset().union(*(value.memory for value in values))
    return Value("dict", item=_any(values), memory=storages)


def _any(values: list[Value]) -> Value | None:
    """What is known of any layer in a dict; ``None`` where there are other values."""
    if not values or any(value.kind != "module" for value in values):
        return None
    layers = [value.layer for value in values if value.layer is not None]
    if len(layers) < len(values) or all(layer == layers[0] for layer in layers):
        return values[0] if len(layers) == len(values) else Value("module")
    if not all(handed_layers.callable_on_one(layer) for layer in layers):
        return Value("module", api=MIXED)
    mode, mutates = any(layer.mode for layer in layers), any(layer.mutates for layer in layers)
    return Value("module", layer=Layer("module", mode=mode, mutates=mutates, fresh=False))


def display(c: Converter, node: cst.Dict) -> Code:
    """``{"a": x, **others}``."""
    elements, values = [], []
    for element in node.elements:
        known = parameter_groups.put(c, element)
        code, value = held(c, *c.expr(element.value)) if known is None else known
        values.append(value)
        parts = {} if code is element.value else {"value": fit(element, "value", code)}
        if isinstance(element, cst.DictElement) and (key := c.code(element.key)) is not element.key:
            parts["key"] = key
        elements.append(element.with_changes(**parts) if parts else element)
    changed = any(a is not b for a, b in zip(elements, node.elements, strict=True))
    result = node.with_changes(elements=elements) if changed else node
    keys = tuple(c.literal(element.key) if isinstance(element, cst.DictElement) else None for element in node.elements)
    found = of(values)
    if found.item is not None or not all(isinstance(key, (str, int)) for key in keys):
        return result, found
    return result, replace(found, items=tuple(values), keys=keys)


def held(c: Converter, code: cst.BaseExpression, value: Value) -> Code:
    """What is put into a dict, as the source has it."""
    code, value = held_layers.in_source_order(c, code, value)
    return c.plain(code, value), value.plain()


def filled(c: Converter, node: cst.Call, args: list[cst.Arg], values: list[Value]) -> Value | None:
    """What ``dict(a=x)`` gives, and ``None`` for other calls; layers in ``args`` of what fills a dict are changed."""
    function = node.func
    makes = isinstance(function, cst.Name) and function.value == "dict" and c.scope.lookup("dict") is None
    fills = (
        isinstance(function, cst.Attribute)
        and function.attr.value in FILLED_BY
        and c.expr(function.value)[1].kind in PUT_IN
    )
    if not makes and not fills:
        return None
    for place, (given, value) in enumerate(zip(args, values, strict=True)):
        code, values[place] = held_layers.in_source_order(c, given.value, value)
        if code is not given.value:
            args[place] = given.with_changes(value=code)
    if not makes:
        return None
    named = all(given.keyword is not None for given in args)
    return of(values) if named else replace(of(values), item=_of_pairs(values[0]) if len(values) == 1 else None)


def _of_pairs(given: Value) -> Value | None:
    """What is known of any value in ``dict(given)``, where ``given`` is a dict or gives pairs."""
    if given.kind == "dict":
        return given.item
    pair = element_of(given)
    return _any([pair.items[1]]) if pair.kind == "tuple" and pair.items is not None and len(pair.items) == 2 else None


def asked(c: Converter, node: cst.Call) -> Value | None:
    """What ``values()``, ``items()``, ``keys()`` and ``get()`` of a dict of layers give."""
    function = node.func
    known = c.expr(function.value)[1] if isinstance(function, cst.Attribute) else None
    if known is None or known.kind != "dict" or known.item is None or not isinstance(function, cst.Attribute):
        return None
    given = {
        "values": Value("list", item=known.item),
        "items": Value("list", item=Value("tuple", items=(Value(), known.item))),
        "get": known.item,
        "pop": known.item,
    }
    return given.get(function.attr.value) if len(node.args) <= 1 else None


def of_modules(c: Converter, node: cst.Call) -> Code | None:
    """``nn.ModuleDict({...})``: a dict, which Keras tracks as an attribute."""
    if not node.args:
        return cst.Dict([]), replace(of([]), items=(), keys=())
    if len(node.args) != 1 or node.args[0].star:
        return None
    code, value = c.expr(node.args[0].value)
    if value.kind not in PUT_IN:
        return None
    made = isinstance(node.args[0].value, (cst.Dict, cst.DictComp))
    copied = code if made else call(cst.Name("dict"), [cst.Arg(argument(code))])
    return copied, Value("dict", item=value.item or Value("module"), memory=value.memory)
