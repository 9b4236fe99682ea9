"""Layers that are handed to code which calls them unseen: they take and give axes in the source's order.

A layer with axes of its own gets transposes around it, where it is handed over or, if an attribute or a name holds it,
where it is put there (`held_layers.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import activations, held_layers, sequences
from diptych.inference.layers import Layer
from diptych.inference.permutations import inverse
from diptych.inference.values import MIXED, Value, join_all
from diptych.matching.emit import call
from diptych.syntax.precedence import atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

SEVERAL = "a model that is not called on one tensor alone cannot be handed on in the source's order of axes"
DIFFERENT = "it may hold layers that take their axes in different orders, and whoever gets it cannot tell them apart"
LOOKED_AT = "it is handed to a function that calls it and looks at what it is, which two layers in the twin would be"
# Python's own functions that do not call what they are given, or hand it on as it is.
KEEPERS = {
    "isinstance", "issubclass", "print", "len", "type", "id", "repr", "str", "hasattr", "getattr", "super", "bool",
    "callable", "hash", "vars", "dir", "zip", "enumerate", "list", "tuple", "sorted", "reversed", "iter", "next",
}  # fmt: skip
ANY = ("any",)
ASKING = ("isinstance", "hasattr", "getattr", "setattr", "type")
ADDING = ("append", "extend", "insert")


def handed(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """A value that is handed to code which cannot be seen."""
    if value.kind == "module" and value.api == MIXED:
        held_layers.noted(c, node, value)
        c.journal.error(node, "axes", DIFFERENT)
        return code, value
    if not called_otherwise(value):
        return code, value
    held_layers.mark(c, node)
    return held_layers.in_source_order(c, code, value)


def given_back(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """What a function gives back to whoever calls it; a method of a name such as ``_make`` only its own class calls."""
    name = c.scope.function.name.value if c.scope.function is not None else ""
    if c.scope.owner is not None and name.startswith("_"):
        return code, value
    return handed(c, node, code, value)


def kept(c: Converter, node: cst.Call) -> bool:
    """Whether what is called hands its arguments on as they are, or never calls them."""
    function = node.func
    if isinstance(function, cst.Name):
        return function.value in KEEPERS and c.scope.lookup(function.value) is None
    if not isinstance(function, cst.Attribute) or function.attr.value not in ADDING:
        return False
    return c.expr(function.value)[1].kind in ("list", "modules")


def called_otherwise(value: Value) -> bool:
    """Whether there is a layer in a value whose twin takes or gives axes in another order than the source's, or lacks
    the activation that follows it.
    """
    if value.kind == "module":
        layer = value.layer
        return layer is not None and (layer.activation is not None or layer.moves_axes)
    return any(
        called_otherwise(item) for item in (*(value.items or ()), *([value.item] if value.item is not None else []))
    )


def order(layer: Layer | None) -> tuple[object, ...]:
    """The orders of axes that a layer takes and gives, and what follows it."""
    if layer is None:
        return (None, None)
    if layer.activation is not None:
        return (layer.takes, layer.gives, layer.activation)
    return ANY if layer.any_layout else (layer.takes, layer.gives)


def looks(body: Iterable[Any], names: Iterable[str]) -> dict[str, bool]:
    """Of the parameters that a function asks what they are, or reads attributes of: whether it does no more. ``body``
    is everything inside its body.
    """
    reads: dict[str, set[int]] = {name: set() for name in names}
    looked = set[int]()
    for part in body:
        kind = type(part)
        if kind is cst.Name:
            if part.value in reads:
                reads[part.value].add(id(part))
        elif kind is cst.Attribute:
            looked.add(id(part.value))
        elif kind is cst.Call and type(part.func) is cst.Name and part.func.value in ASKING:
            looked.update(id(argument.value) for argument in part.args[:1])
    return {name: places <= looked for name, places in reads.items() if places & looked}


def plain(c: Converter, code: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    """A layer, or the layers in a list, with axes in the source's order and the activation that belongs to it."""
    if not called_otherwise(value):
        return code
    if value.items and isinstance(code, (cst.Tuple, cst.List)) and len(code.elements) == len(value.items):
        inside = [plain(c, e.value, item) for e, item in zip(code.elements, value.items, strict=True)]
        changed = [
            e if e.value is new else e.with_changes(value=new) for e, new in zip(code.elements, inside, strict=True)
        ]
        return code.with_changes(elements=changed)
    if value.kind != "module":
        return _each(c, code, value)
    layer = value.layer
    assert layer is not None
    if not callable_on_one(layer):
        c.journal.error(code, layer.name, SEVERAL)
        return code
    if not layer.optional:
        return _wrapped(c, code, layer)
    held = code if isinstance(code, cst.Name) else c.bind(code, "layer")
    none = cst.Comparison(atom(held), [cst.ComparisonTarget(cst.Is(), cst.Name("None"))])
    return cst.IfExp(none, cst.Name("None"), _wrapped(c, held, layer))


def _wrapped(c: Converter, code: cst.BaseExpression, layer: Layer) -> cst.BaseExpression:
    before = [] if layer.takes is None else [sequences.permute(c, layer.takes)]
    after = [] if layer.gives is None else [sequences.permute(c, inverse(layer.gives))]
    if layer.activation is not None:  # softmax is along the last axis in the source's order
        after.append(activations.layer(c, layer.activation)[0])
    return sequences.nested(c, [*before, code, *after])


def _each(c: Converter, code: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    """The layers of a list that is not written out."""
    item = value.item if value.item is not None else join_all(value.items or ())
    if item.kind != "module" or item.layer is None or value.kind not in ("list", "tuple", "modules"):
        c.journal.error(code, "axes", DIFFERENT)
        return code
    if isinstance(code, (cst.ListComp, cst.GeneratorExp)):
        return code.with_changes(elt=plain(c, code.elt, item))
    name = "layer"
    while c.scope.lookup(name) is not None:
        name += "_"
    listed = cst.ListComp(plain(c, cst.Name(name), item), cst.CompFor(cst.Name(name), atom(code)))
    return call(cst.Name("tuple"), [cst.Arg(listed)]) if value.kind == "tuple" else listed


def callable_on_one(layer: Layer) -> bool:
    """Whether a layer is called on one tensor, as one inside ``keras.Sequential`` is."""
    signature = layer.definition.signature if layer.definition is not None else None
    single = signature is None or (len(signature.parameters) == 1 and signature.result.kind in ("tensor", "unknown"))
    return single and layer.call_order is None and layer.merges is None and not layer.also and layer.outputs is None
