"""TensorFlow's functions whose arguments are read when the code is converted: ``tf.slice``, ``tf.map_fn``,
``tf.device``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import expressions
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

DEVICE = re.compile(
    r"/?(?:job:localhost/)?(?:replica:0/task:0/)?(?:device:)?(?P<kind>[CG]PU)(?::(?P<number>\d+))?", re.I
)


def _given(node: cst.Call, names: tuple[str, ...]) -> dict[str, cst.BaseExpression] | None:
    """Arguments by name; ``None`` where there are others or starred ones."""
    found: dict[str, cst.BaseExpression] = {}
    for position, given in enumerate(node.args):
        name = given.keyword.value if given.keyword else names[position] if position < len(names) else ""
        if given.star or name not in (*names, "name"):
            return None
        found[name] = given.value
    found.pop("name", None)
    return found


def sliced(c: Converter, node: cst.Call) -> Code:
    """``tf.slice(x, [0, 1], [2, -1])`` is ``x[0:2, 1:]``."""
    given = _given(node, ("input_", "begin", "size")) or {}
    begin, size = (c.literal(given[n]) if n in given else None for n in ("begin", "size"))
    if "input_" not in given or not isinstance(begin, (list, tuple)) or not isinstance(size, (list, tuple)):
        return c.leave(node, "tf.slice", "where it begins and how much it takes must be written as numbers")
    parts = []
    for first, number in zip(begin, size, strict=False):
        upper = None if number == -1 else node_of(first + number)
        parts.append(cst.SubscriptElement(cst.Slice(node_of(first) if first else None, upper)))
    for place, part in enumerate(parts[:-1]):
        parts[place] = part.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    subscript = cst.Subscript(argument(given["input_"]), parts)
    c.alive.append(subscript)
    c.journal.origins[id(subscript)] = node
    code, value = c.expr(subscript)
    return (node, Value()) if code is node else (code, value)


def mapped(c: Converter, node: cst.Call) -> Code:
    """``tf.map_fn(f, x)``: the results for each part along the first axis, stacked."""
    given = _given(node, ("fn", "elems"))
    if given is None or set(given) != {"fn", "elems"}:
        return c.leave(node, "tf.map_fn", "only a function and one tensor are converted")
    code, value = c.expr(given["elems"])
    if not value.is_tensor:
        return c.leave(node, "tf.map_fn", "only a function and one tensor are converted")
    part = expressions.element_of(replace(value, permutation=None, of=None))
    if isinstance(given["fn"], cst.Lambda):
        function, result = expressions.function_of(c, given["fn"], [part])
    else:
        function, result = c.expr(given["fn"])[0], Value("tensor")
    rank = None if result.rank is None else result.rank + 1
    c.helpers.add("map_first")
    args = [cst.Arg(function), cst.Arg(argument(c.plain(code, value)))]
    return call(c.name("helper.map_first"), args), c.fresh(Value("tensor", dtype=result.dtype, rank=rank))


def printed(c: Converter, node: cst.Call) -> Code:
    """``tf.print(x)``: Python's own."""
    if any(given.star or given.keyword for given in node.args):
        return c.leave(node, "tf.print", "Python's print has other options")
    args = [given.with_changes(value=argument(c.code(given.value))) for given in node.args]
    return node.with_changes(func=cst.Name("print"), args=args), Value("none")


def device(c: Converter, node: cst.Call) -> Code:
    """``with tf.device("/GPU:0"):``: what is made inside stands on that device."""
    literal = c.literal(node.args[0].value) if len(node.args) == 1 else None
    found = DEVICE.fullmatch(literal) if isinstance(literal, str) else None
    if found is None:
        return c.leave(node, "tf.device", "the device's name is not known here")
    kind = {"C": "cpu", "G": "cuda"}[found["kind"][0].upper()]
    name = f"{kind}:{found['number'] or 0}" if kind == "cuda" else kind
    return call(c.name("torch.device"), [cst.Arg(cst.SimpleString(f'"{name}"'))]), Value("device")
