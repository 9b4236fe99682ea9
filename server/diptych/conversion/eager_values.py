"""Python asks for the value of a tensor while a model runs: ``if x.sum() > 0``, ``range(n)``, ``x.item()``.

PyTorch always knows it. A Keras model that runs in a graph (``tf.function``, ``fit``) does not, so it is assumed to
run eagerly. Sizes are known in a graph, but for that of the batch and for those that depend on values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.values import Value
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

EAGER = "in a graph (tf.function, fit) Python cannot ask for it: tf.cond, tf.where and tf.while_loop can"
SIZES = "sizes by values"
MAKES_SIZES = re.compile(
    r"\b(?:unique|unique_consecutive|nonzero|masked_select|argwhere)\(|\w\[(?:~|\w*mask\b|[^\[\]:]*(?:[<>]|[!=]=))"
)
NUMBERS = ("int", "float", "bool", "range", "complex")
CHOOSING = ("max", "min", "sorted")
READING = ("item", "tolist")


def facts_of(text: str) -> set[str]:
    """The fact that some sizes in a file may depend on values."""
    return {SIZES} if MAKES_SIZES.search(text) else set()


def condition(c: Converter, node: cst.BaseExpression) -> None:
    """What an ``if``, a ``while``, ``and``, ``or`` or ``not`` of a model asks."""
    if _runs_in_graph(c):
        for part in _parts(node):
            _asked(c, part)


def function(c: Converter, node: cst.Call, values: list[Value]) -> None:
    """``int(x)``, ``range(n)`` and ``max(n, 1)`` of a tensor."""
    if not isinstance(node.func, cst.Name) or not _runs_in_graph(c) or c.scope.lookup(node.func.value) is not None:
        return
    several = node.func.value in CHOOSING and len(values) > 1
    if (node.func.value in NUMBERS or several) and any(value.is_tensor for value in values):
        _assume(c, node, "the value of a tensor is known here")


def method(c: Converter, node: cst.Call, name: str, value: Value) -> None:
    """``x.item()``."""
    if name in READING and value.is_tensor and _runs_in_graph(c):
        _assume(c, node, "the value of a tensor is known here")


def _runs_in_graph(c: Converter) -> bool:
    """Whether this is a method that a model's call may run."""
    owner = c.scope.owner
    method = c.scope.name.rpartition(".")[2]
    return (
        c.source == "torch" and owner is not None and owner.is_module and c.scope.kind == "function"
        and method not in owner.constructing
    )  # fmt: skip


def _parts(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """What is asked one after the other."""
    if isinstance(node, cst.BooleanOperation):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return _parts(node.expression)
    return [node]


def _asked(c: Converter, node: cst.BaseExpression) -> None:
    if c.expr(node)[1].is_tensor:
        _assume(c, node, "the value of a tensor is known here")
    elif SIZES in c.facts and isinstance(node, cst.Comparison) and any(_size(c, part) for part in walk(node)):
        _assume(c, node, "this size does not depend on values")


def _size(c: Converter, node: cst.CSTNode) -> bool:
    """Whether something is a size that is not known here, or a name that may hold one."""
    if isinstance(node, cst.Name):
        known = c.scope.names.get(node.value)
        own = node.value not in c.scope.parameters
        return own and known is not None and known.kind == "int" and known.literal is MISSING
    from diptych.conversion import attributes

    return isinstance(node, (cst.Subscript, cst.Call)) and attributes.axis_length(c, node) is not None


def _assume(c: Converter, node: cst.BaseExpression, what: str) -> None:
    text = code_of(node).strip()
    c.journal.assume(node, text, f"assumes that {what}: {EAGER}", ("eager", c.scope.name, text))
