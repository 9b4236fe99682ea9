"""Layers and variables that a model keeps in lists, tuples and dicts.

Keras tracks what is in them. PyTorch knows only what is in its own containers: the weights of others would be neither
trained nor saved. What an empty list is filled with shows later in the class, which is converted twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import held_layers
from diptych.conversion.names import dotted
from diptych.conversion.variables import TRAINED
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

_LIST = "torch.nn.ModuleList"
LAYERS, WEIGHTS = "layers", "weights"
KINDS = ("list", "tuple", "modules", "dict")
CONTAINERS = {
    (LAYERS, False): _LIST, (LAYERS, True): "torch.nn.ModuleDict",
    (WEIGHTS, False): "torch.nn.ParameterList", (WEIGHTS, True): "torch.nn.ParameterDict",
}  # fmt: skip
BOTH = "PyTorch's containers hold either layers or parameters: keep them in attributes of their own"


def put(c: Converter, target: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """What is assigned to an attribute of a model, in PyTorch's containers where it holds layers or variables."""
    name = _tracked_place(c, target)
    if name is None:
        return code, value
    if content := _content(c, target, value):
        _tracked(c)[name] = content
        return _contained(c, code, value), value
    if value.kind in KINDS and value.items == () and name in _tracked(c):
        return call(c.name(CONTAINERS[_tracked(c)[name], value.kind == "dict"]), []), value
    if value.kind in ("unknown", "list", "tuple", "dict") and _may_hold(value) and _calls_items(c, name):
        c.journal.assume(target, f"self.{name}", f"assumes that `self.{name}` holds layers alone", (name, "layers"))
        return call(c.name(CONTAINERS[LAYERS, value.kind == "dict"]), [cst.Arg(argument(code))]), value
    return code, value


def grown(c: Converter, place: cst.BaseExpression, given: cst.BaseExpression, value: Value, *, several: bool) -> None:
    """Note that a list or dict of a model is given a layer or variable, or ``several``; lists in it change, too."""
    name = _tracked_place(c, place)
    if name is None:
        return
    inside = _content(c, given, value)
    content = _content(c, given, Value("list", items=(value,))) if not several else inside
    if content is not None:
        _tracked(c)[name] = content
    if inside is not None and not several:
        c.remember(given, (_contained(c, c.code(given), value), value))


def _tracked(c: Converter) -> dict[str, str]:
    assert c.scope.owner is not None
    return c.scope.owner.tracked


def _tracked_place(c: Converter, node: cst.BaseExpression) -> str | None:
    """The attribute of a model that ``node`` names; ``None`` for any other place, and where PyTorch is read."""
    owner = c.scope.owner
    if c.source == "torch" or owner is None or not owner.is_module:
        return None
    return held_layers.attribute_of_self(c, node)


def _content(c: Converter, node: cst.BaseExpression, value: Value) -> str | None:
    """Whether a list, tuple or dict holds layers, or others that hold some, or variables; ``None`` for other values."""
    inside = value.items or (() if value.item is None else (value.item,))
    if value.kind not in KINDS or not inside:
        return None
    found = {_kept(c, node, each) for each in inside}
    if found == {LAYERS, WEIGHTS}:
        c.journal.error(node, "attributes", BOTH)
    return found.pop() if len(found) == 1 else None


def _kept(c: Converter, node: cst.BaseExpression, value: Value) -> str | None:
    if value.kind == "module" or (value.kind in KINDS and _content(c, node, value) is not None):
        return LAYERS  # a container is a module, too
    return WEIGHTS if value.is_tensor and value.api == TRAINED else None


def _may_hold(value: Value) -> bool:
    """Whether nothing is known of what a list holds, if it is one and not empty."""
    inside = value.items if value.items is not None else (value.item or Value(),)
    return bool(inside) and all(each.kind in ("unknown", "module") for each in inside)


def _calls_items(c: Converter, name: str) -> bool:
    """Whether the class calls what it takes from a list that an attribute holds."""
    assert c.scope.owner is not None
    return any(_calls_items_in(method, name) for method in c.scope.owner.methods if method.params.params)


def _calls_items_in(method: cst.FunctionDef, name: str) -> bool:
    place = f"{method.params.params[0].name.value}.{name}"
    taken, called = set[str](), set[str]()
    for node in walk(method):
        if isinstance(node, (cst.For, cst.CompFor)):
            given = [arg.value for arg in node.iter.args] if isinstance(node.iter, cst.Call) else [node.iter]
            if any(dotted(each) == place for each in given):
                taken |= {each.value for each in walk(node.target) if isinstance(each, cst.Name)}
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Subscript):
            if dotted(node.func.value) == place:
                return True
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
            called.add(node.func.value)
    return bool(taken & called)


def _contained(c: Converter, code: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    content = _content(c, code, value)
    if content is None:
        return code
    return call(c.name(CONTAINERS[content, value.kind == "dict"]), [cst.Arg(argument(_inside(c, code, value)))])


def _inside(c: Converter, code: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    """The list or dict that a container is made of, with containers in place of the lists in it."""
    items = value.items or ()
    item = value.item or (items[0] if items else Value())
    if isinstance(code, (cst.List, cst.Tuple)):
        known = len(items) == len(code.elements)
        elements = [
            each if isinstance(each, cst.StarredElement) else each.with_changes(value=_contained(c, each.value, one))
            for each, one in zip(code.elements, items if known else [item] * len(code.elements), strict=True)
        ]
        return code.with_changes(elements=elements) if isinstance(code, cst.List) else cst.List(elements)
    if isinstance(code, cst.Dict):
        return code.with_changes(
            elements=[
                each.with_changes(value=_contained(c, each.value, one)) if isinstance(each, cst.DictElement) else each
                for each, one in zip(code.elements, items or [item] * len(code.elements), strict=True)
            ]
        )
    if isinstance(code, cst.ListComp):
        return code.with_changes(elt=_contained(c, code.elt, item))
    if isinstance(code, cst.DictComp):
        return code.with_changes(value=_contained(c, code.value, item))
    if item.kind not in KINDS or value.kind == "dict":
        return code
    name = "each"
    while c.scope.lookup(name) is not None:
        name += "_"
    return cst.ListComp(_contained(c, cst.Name(name), item), cst.CompFor(cst.Name(name), code))
