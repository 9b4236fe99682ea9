"""Keras layers that join several tensors: ``layers.Add()([x, y])`` is ``x + y`` in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.layers import Layer
from diptych.inference.values import Value
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import operand

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

OPERATORS = {"keras.layers.Add": cst.Add, "keras.layers.Subtract": cst.Subtract, "keras.layers.Multiply": cst.Multiply}
FUNCTIONS = {"keras.layers.Maximum": "tf.maximum", "keras.layers.Minimum": "tf.minimum"}
LAYERS = {*OPERATORS, *FUNCTIONS, "keras.layers.Concatenate", "keras.layers.Average"}


def layer(c: Converter, node: cst.Call) -> Code | None:
    """The layer by itself: nothing stands for it in PyTorch but its calls."""
    name = c.qualified(node.func) or ""
    axis = -1
    for argument in node.args:
        keyword = argument.keyword.value if argument.keyword else "axis"
        literal = c.literal(argument.value)
        if keyword == "axis" and isinstance(literal, int) and name == "keras.layers.Concatenate":
            axis = literal
        elif keyword != "name":
            return c.leave(node, name, "its arguments are not known here")
    return node, Value("module", layer=Layer(name, merges=axis, mode=False))


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
    if merging.name == "keras.layers.Concatenate":
        return c.expr(c.source_call("tf.concat", [cst.Arg(tensors), cst.Arg(node_of(merging.merges))]))
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
