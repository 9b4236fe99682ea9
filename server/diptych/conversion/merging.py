"""Keras layers that join several tensors: ``layers.Add()([x, y])`` is ``x + y`` in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.layers import Layer
from diptych.inference.values import Value
from diptych.matching.emit import call as emitted
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument, operand
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

OPERATORS = {"keras.layers.Add": cst.Add, "keras.layers.Subtract": cst.Subtract, "keras.layers.Multiply": cst.Multiply}
FUNCTIONS = {"keras.layers.Maximum": "tf.maximum", "keras.layers.Minimum": "tf.minimum"}
LAYERS = {*OPERATORS, *FUNCTIONS, "keras.layers.Concatenate", "keras.layers.Average", "keras.layers.Dot"}
OF_FUNCTION = {f"keras.layers.{name.rpartition('.')[2].lower()}": name for name in LAYERS}
DEFAULTS: dict[str, dict[str, Any]] = {
    "keras.layers.Concatenate": {"axis": -1},
    "keras.layers.Dot": {"axes": None, "normalize": False},
}


def layer(c: Converter, node: cst.Call) -> Code | None:
    """The layer by itself: nothing stands for it in PyTorch but its calls."""
    name = c.qualified(node.func) or ""
    options = _options(c, name, node.args)
    if options is None:
        return c.leave(node, name, "its arguments are not known here")
    return node, Value("module", layer=Layer(name, merges=tuple(options.values()), mode=False))


def _options(c: Converter, name: str, args: Sequence[cst.Arg]) -> dict[str, Any] | None:
    """The layer's arguments; ``None`` where one of them is unknown."""
    options = dict(DEFAULTS.get(name, {}))
    for position, given in enumerate(args):
        keyword = given.keyword.value if given.keyword else [*options, *[""] * len(args)][position]
        literal = c.literal(given.value)
        if keyword == "name":
            continue
        if keyword not in options or literal is MISSING or given.star:
            return None
        options[keyword] = literal
    return None if None in options.values() else options


def function(c: Converter, node: cst.Call) -> Code | None:
    """``layers.add([x, y])``."""
    name = OF_FUNCTION[c.qualified(node.func) or ""]
    options = _options(c, name, node.args[1:]) if node.args and node.args[0].keyword is None else None
    if options is None:
        return c.leave(node, c.qualified(node.func) or "", "its arguments are not known here")
    tensors = node.with_changes(args=[node.args[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    c.stands_for(tensors, node)
    code, value = call(c, tensors, Layer(name, merges=tuple(options.values())))
    return (node, value) if code is tensors else (code, value)


def call(c: Converter, node: cst.Call, merging: Layer) -> Code:
    """The layer called on a list of tensors."""
    tensors = node.args[0].value if len(node.args) == 1 and not node.args[0].keyword else None
    if (
        not isinstance(tensors, (cst.List, cst.Tuple))
        or len(tensors.elements) < 2
        or any(isinstance(e, cst.StarredElement) for e in tensors.elements)
    ):
        return c.leave(node, merging.name, "the tensors that it joins must stand in the call")
    parts = [element.value for element in tensors.elements]
    options: tuple[Any, ...] = merging.merges or ()
    if merging.name == "keras.layers.Concatenate":
        return c.expr(c.source_call("tf.concat", [cst.Arg(tensors), cst.Arg(node_of(options[0]))]))
    if merging.name == "keras.layers.Dot":
        c.helpers.add("batch_dot")
        arguments = [cst.Arg(argument(c.code(part))) for part in parts] + [
            cst.Arg(node_of(option)) for option in options
        ]
        dtype = c.expr(parts[0])[1].dtype
        return emitted(c.name("helper.batch_dot"), arguments), c.fresh(Value("tensor", dtype=dtype))
    if merging.name in FUNCTIONS:
        joined: cst.BaseExpression = parts[0]
        for part in parts[1:]:
            joined = c.source_call(FUNCTIONS[merging.name], [cst.Arg(joined), cst.Arg(part)])
        return c.expr(joined)
    joined = parts[0]
    operator = OPERATORS.get(merging.name, cst.Add)()
    for part in parts[1:]:
        joined = cst.BinaryOperation(operand(joined, operator, "left"), operator, operand(part, operator, "right"))
    if merging.name == "keras.layers.Average":
        joined = cst.BinaryOperation(operand(joined, cst.Divide(), "left"), cst.Divide(), node_of(len(parts)))
    c.alive.append(joined)
    return c.expr(joined)
