"""TensorFlow's functions whose arguments are read when the code is converted: ``tf.slice``, ``tf.map_fn``,
``tf.device``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.values import DATA, Value, element_of
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument, atom, operand

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

DEVICE = re.compile(
    r"/?(?:job:localhost/)?(?:replica:0/task:0/)?(?:device:)?(?P<kind>[CG]PU)(?::(?P<number>\d+))?", re.I
)


def given_by_name(node: cst.Call, names: tuple[str, ...]) -> dict[str, cst.BaseExpression] | None:
    """Arguments by name, but for the name; ``None`` where there are others or starred ones."""
    found = by_name(node, names, also=("name",))
    if found is not None:
        found.pop("name", None)
    return found


def sliced(c: Converter, node: cst.Call) -> Code:
    """``tf.slice(x, [0, 1], [2, -1])`` is ``x[0:2, 1:]``."""
    given = given_by_name(node, ("input_", "begin", "size")) or {}
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
    c.stands_for(subscript, node)
    code, value = c.expr(subscript)
    return (node, Value()) if code is node else (code, value)


def mapped(c: Converter, node: cst.Call) -> Code:
    """``tf.map_fn(f, x)``: the results for each part along the first axis, stacked."""
    from diptych.conversion import expressions

    given = given_by_name(node, ("fn", "elems"))
    if given is None or set(given) != {"fn", "elems"}:
        return c.leave(node, "tf.map_fn", "only a function and one tensor are converted")
    code, value = c.expr(given["elems"])
    if not value.is_tensor:
        return c.leave(node, "tf.map_fn", "only a function and one tensor are converted")
    part = element_of(replace(value, permutation=None, of=None))
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


def mean_squares(c: Converter, node: cst.Call) -> Code:
    """TensorFlow 1's ``losses.mean_squared_error(labels, predictions)``: the mean over all elements."""
    name = "tf.compat.v1.losses.mean_squared_error"
    given = given_by_name(node, ("labels", "predictions", "weights"))
    if given is None or not {"labels", "predictions"} <= set(given):
        return c.leave(node, name, c.why(name, "its arguments are not known here"))
    if "weights" in given and c.literal(given["weights"]) not in (1, 1.0):
        return c.leave(node, name, "weights of elements are not converted")
    apart = cst.BinaryOperation(
        operand(given["predictions"], cst.Subtract(), "left"), cst.Subtract(),
        operand(given["labels"], cst.Subtract(), "right"),
    )  # fmt: skip
    squared = c.source_call("tf.square", [cst.Arg(apart)])
    return c.expr(c.source_call("tf.reduce_mean", [cst.Arg(squared)]))


def array(c: Converter, node: cst.Call) -> Code:
    """``tf.experimental.numpy.asarray([1, 2])``: of int64 and float64, where its elements are Python's numbers."""
    name = c.qualified(node.func) or ""
    given = given_by_name(node, ("a", "dtype"))
    if given is None or "a" not in given:
        return c.leave(node, name, "its arguments are not known here")
    code, value = c.expr(given["a"])
    dtype = None
    if "dtype" in given:
        dtype = (c.qualified(given["dtype"]) or "").removeprefix("tf.")
        if dtype not in ("float32", "float64", "int32", "int64"):
            return c.leave(node, name, "its dtype must be written in the call")
    elif not value.is_tensor:
        kinds = {type(item) for item in _numbers(c.literal(given["a"]))}
        if not kinds or kinds - {int, float}:
            return c.leave(node, name, "its elements must be written in the call")
        dtype = "float64" if float in kinds else "int64"
    if value.is_tensor and dtype is None:
        return code, value
    typed = [] if dtype is None else [keyword("dtype", c.name(f"torch.{dtype}"))]
    made = call(c.name("torch.as_tensor"), [cst.Arg(argument(c.plain(code, value))), *typed])
    return made, c.fresh(Value("tensor", dtype=dtype, rank=value.rank if value.is_tensor else _depth(given["a"])))


def _numbers(literal: object) -> list[object]:
    if isinstance(literal, (list, tuple)):
        return [number for item in literal for number in _numbers(item)]
    return [literal]


def _depth(node: cst.BaseExpression) -> int:
    if isinstance(node, (cst.List, cst.Tuple)):
        return 1 + (_depth(node.elements[0].value) if node.elements else 0)
    return 0


def normal_array(c: Converter, node: cst.Call) -> Code:
    """``tf.experimental.numpy.random.randn(2, 3)``: float64."""
    name = "tf.experimental.numpy.random.randn"
    if any(given.keyword or given.star for given in node.args):
        return c.leave(node, name, "its arguments are not known here")
    if not node.args:
        return c.leave(node, name, "a single number has no axes: write torch.randn(())")
    sizes = [cst.Arg(argument(c.code(given.value))) for given in node.args]
    made = call(c.name("torch.randn"), [*sizes, keyword("dtype", c.name("torch.float64"))])
    return made, c.fresh(Value("tensor", dtype="float64", rank=len(sizes)))


def sparse(c: Converter, node: cst.Call) -> Code:
    """``tf.SparseTensor(indices, values, dense_shape)``."""
    given = given_by_name(node, ("indices", "values", "dense_shape"))
    if given is None or set(given) != {"indices", "values", "dense_shape"}:
        return c.leave(node, "tf.SparseTensor", c.why("tf.SparseTensor", "its arguments are not known here"))
    c.helpers.add("sparse_tensor")
    args = [cst.Arg(argument(c.code(given[name]))) for name in ("indices", "values", "dense_shape")]
    return call(c.name("helper.sparse_tensor"), args), Value("sparse")


def dense(c: Converter, node: cst.Call) -> Code:
    """``tf.sparse.to_dense(x)``."""
    given = given_by_name(node, ("sp_input",))
    code, value = c.expr(given["sp_input"]) if given and "sp_input" in given else (node, Value())
    if value.kind != "sparse":
        return c.leave(node, "tf.sparse.to_dense", c.why("tf.sparse.to_dense", "only sparse tensors made here"))
    return call(cst.Attribute(atom(code), cst.Name("to_dense")), []), c.fresh(Value("tensor"))


def map_structure(c: Converter, node: cst.Call) -> Code:
    """``tf.nest.map_structure(f, structure)``: a function of the leaves of lists, tuples and dicts."""
    from diptych.conversion import expressions

    if len(node.args) < 2 or any(given.keyword or given.star for given in node.args):
        return c.leave(node, "tf.nest.map_structure", "only a function and structures by position are converted")
    first = node.args[0].value
    if isinstance(first, cst.Lambda):
        function = expressions.function_of(c, first, [Value("tensor") for _ in node.args[1:]])[0]
    else:
        function = c.expr(first)[0]
    c.helpers.add("map_structure")
    rest = [cst.Arg(argument(c.code(given.value))) for given in node.args[1:]]
    kind = c.expr(node.args[1].value)[1].kind
    result = Value(kind, item=Value("tensor")) if kind in ("list", "tuple") else Value(api=DATA)
    return call(c.name("helper.map_structure"), [cst.Arg(argument(function)), *rest]), result


def flatten(c: Converter, node: cst.Call) -> Code:
    """``tf.nest.flatten(structure)``: its leaves, those of dicts in the order of their keys."""
    if len(node.args) != 1 or node.args[0].keyword or node.args[0].star:
        return c.leave(node, "tf.nest.flatten", "its arguments are not known here")
    c.helpers.add("flat_leaves")
    args = [cst.Arg(argument(c.code(node.args[0].value)))]
    return call(c.name("helper.flat_leaves"), args), Value("list", item=Value(api=DATA))


def tensor_array(c: Converter, node: cst.Call) -> Code:
    """``tf.TensorArray(tf.float32, size=3)``: a list of tensors."""
    given = given_by_name(node, ("dtype", "size", "dynamic_size", "clear_after_read", "element_shape"))
    if given is None:
        return c.leave(node, "tf.TensorArray", c.why("tf.TensorArray", "its arguments are not known here"))
    c.helpers.add("TensorArray")
    size = [cst.Arg(argument(c.code(given["size"])))] if "size" in given else []
    return call(c.name("helper.TensorArray"), size), Value("tensors")


def of_tensor_array(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression) -> Code:
    """A method of such a list."""
    name = function.attr.value
    if name not in ("write", "read", "stack", "size") or any(given.star or given.keyword for given in node.args):
        return c.leave(node, f"tf.TensorArray.{name}", "a Python list collects tensors: write what is done with it")
    args = [given.with_changes(value=argument(c.code(given.value))) for given in node.args]
    new = call(cst.Attribute(atom(code), function.attr), args)
    if name in ("read", "stack"):
        return new, c.fresh(Value("tensor"))
    return new, Value("tensors") if name == "write" else Value("int")
