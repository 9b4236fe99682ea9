"""Sizes that a TensorFlow program puts together as a tensor, ``tf.concat([tf.shape(x)[:1], [-1]], 0)``: PyTorch takes
numbers alone, and has the shape of a tensor as numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

from diptych.conversion.names import dotted
from diptych.inference.values import Value
from diptych.matching.emit import call, sequence
from diptych.syntax.precedence import atom
from diptych.syntax.walk import names_read, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

SHAPES = ("tf.shape", "keras.ops.shape", "keras.backend.shape")
JOINS = ("tf.concat", "keras.ops.concatenate")
STACKS = ("tf.stack", "keras.ops.stack")


def numbers(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression:
    """The code of an argument that is a shape or a size, as numbers."""
    parts = _parts(c, node) if isinstance(node, (cst.Call, cst.Subscript)) else None
    if parts is not None and (len(parts) > 1 or _shape(c, node) is None):
        return sequence(parts)
    code, value = c.expr(node)
    root = code
    while isinstance(root, (cst.Subscript, cst.BinaryOperation)):
        root = root.value if isinstance(root, cst.Subscript) else root.left
    made = isinstance(root, cst.Call) and dotted(root.func) == "torch.tensor"
    tensor = made or value.is_tensor or (value.kind == "shape" and value.dtype is not None)
    return call(cst.Attribute(atom(code), cst.Name("tolist")), []) if tensor else code


def taken_apart(c: Converter, node: cst.Call) -> Code | None:
    """``shape = tf.shape(x)`` of which only single sizes are read, ``shape[0]``: ``x.shape``."""
    function, name = c.scope.function, c.assigning
    if function is None or name is None or len(node.args) != 1 or not _assigned_whole(c, node):
        return None
    stored, sizes = 0, 0
    for part in walk(function):
        if isinstance(part, cst.AssignTarget):
            stored += m.matches(part.target, m.Name(name))
        elif isinstance(part, cst.Subscript) and m.matches(part.value, m.Name(name)):
            index = part.slice[0].slice if len(part.slice) == 1 else None
            sizes += isinstance(index, cst.Index) and isinstance(c.literal(index.value), int)
    if stored != 1 or sizes != names_read(function).count(name):
        return None
    shape = _shape(c, node)
    return None if shape is None else (shape, Value("shape"))


def _assigned_whole(c: Converter, node: cst.Call) -> bool:
    """Whether the statement gives a name what ``node`` makes, not something computed from it."""
    statement = c.scope.statement
    return statement is not None and any(isinstance(p, cst.Assign) and p.value is node for p in walk(statement))


def _parts(c: Converter, node: cst.BaseExpression) -> list[cst.BaseElement] | None:
    """The sizes that a list, a slice of a shape, or what joins such is made of; ``None`` where that is not known."""
    if isinstance(node, (cst.List, cst.Tuple)):
        if any(c.expr(each.value)[1].kind not in ("int", "number", "unknown") for each in node.elements):
            return None
        return [cst.Element(c.code(each.value)) for each in node.elements]
    if isinstance(node, cst.Subscript):
        shape = _shape(c, node.value)
        part = node.slice[0].slice if len(node.slice) == 1 else None
        if shape is None or not isinstance(part, cst.Slice):
            return None
        return [cst.StarredElement(node.with_changes(value=shape))]
    shape = _shape(c, node)
    if shape is not None:
        return [cst.StarredElement(shape)]
    asked = c.qualified(node.func) if isinstance(node, cst.Call) else None
    if not isinstance(node, cst.Call) or not node.args or node.args[0].keyword or node.args[0].star:
        return None
    listed = node.args[0].value
    if not isinstance(listed, (cst.List, cst.Tuple)) or any(_elsewhere(c, each) for each in node.args[1:]):
        return None
    if asked in STACKS:
        return _parts(c, listed)
    if asked not in JOINS:
        return None
    found = [_parts(c, each.value) for each in listed.elements]
    return None if any(part is None for part in found) else [each for part in found for each in part or []]


def _shape(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """``x.shape`` for ``tf.shape(x)``."""
    if not isinstance(node, cst.Call) or c.qualified(node.func) not in SHAPES or len(node.args) != 1:
        return None
    code, value = c.expr(node.args[0].value)
    return cst.Attribute(atom(c.plain(code, value)), cst.Name("shape"))


def _elsewhere(c: Converter, argument: cst.Arg) -> bool:
    """Whether an argument is another axis than the first."""
    return c.literal(argument.value) != 0 or (argument.keyword is not None and argument.keyword.value != "axis")
