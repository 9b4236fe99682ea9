"""``tf.data``: pipelines of tensors, which a short class of the same methods stands for in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.values import DATA, FOREIGN, Value, join
from diptych.matching.emit import call
from diptych.syntax.canonical import DTYPES
from diptych.syntax.literals import value_of
from diptych.syntax.precedence import argument, atom
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# In ``api`` of a pipeline: its length is known to be a number.
SIZED = "sized"
# How fast something is computed, and what it is called.
IGNORED = {"num_parallel_calls", "deterministic", "name", "seed"}
METHODS = {
    "as_numpy_iterator": (),
    "batch": ("batch_size", "drop_remainder", "num_parallel_calls", "deterministic", "name"),
    "cache": (),
    "concatenate": ("dataset", "name"),
    "enumerate": ("start", "name"),
    "filter": ("predicate", "name"),
    "map": ("map_func", "num_parallel_calls", "deterministic"),
    "reduce": ("initial_state", "reduce_func", "name"),
    "repeat": ("count", "name"),
    "shuffle": ("buffer_size", "seed", "reshuffle_each_iteration", "name"),
    "skip": ("count", "name"),
    "take": ("count", "name"),
    "unbatch": ("name",),
}
# Methods that change neither the elements nor their order.
DROPPED = {"prefetch", "with_options"}
UNSIZED = {"filter", "unbatch"}
ANY_ORDER = "assumes that any other order will do as well: PyTorch draws other numbers"


def given(node: cst.Call, names: Sequence[str]) -> dict[str, cst.Arg] | None:
    """Arguments by name; ``None`` where one is starred or not among them."""
    found: dict[str, cst.Arg] = {}
    for position, each in enumerate(node.args):
        name = each.keyword.value if each.keyword else names[position] if position < len(names) else ""
        if each.star or name not in names:
            return None
        found[name] = each
    return found


# --- Where pipelines begin ----------------------------------------------------------------------------------------


def _data(c: Converter, node: cst.Call, name: str, only: str) -> Code | None:
    """The tensors that a pipeline is made of."""
    found = given(node, (only, "name"))
    if found is None or only not in found:
        return None
    code, value = c.expr(found[only].value)
    if _has_text(value_of(found[only].value)):
        c.leave(node, name, "PyTorch has no tensors of strings: keep a Python list of str")
        return None
    return c.plain(code, value), value.plain()


def _has_text(literal: object) -> bool:
    if isinstance(literal, (list, tuple)):
        return any(_has_text(item) for item in literal)
    return isinstance(literal, str)


def of_slices(c: Converter, node: cst.Call) -> Code:
    """``tf.data.Dataset.from_tensor_slices((x, y))``."""
    name = "tf.data.Dataset.from_tensor_slices"
    found = _data(c, node, name, "tensors")
    if found is None:
        return node, Value() if _left(c, node) else c.leave(node, name, "its arguments are not known here")[1]
    code, value = found
    return helper(c, "slices", [cst.Arg(argument(code))]), Value("dataset", item=_element(c, value, -1), api=SIZED)


def of_tensors(c: Converter, node: cst.Call) -> Code:
    """``tf.data.Dataset.from_tensors((x, y))``."""
    name = "tf.data.Dataset.from_tensors"
    found = _data(c, node, name, "tensors")
    if found is None:
        return node, Value() if _left(c, node) else c.leave(node, name, "its arguments are not known here")[1]
    code, value = found
    return helper(c, "once", [cst.Arg(argument(code))]), Value("dataset", item=_element(c, value, 0), api=SIZED)


def _left(c: Converter, node: cst.Call) -> bool:
    return bool(c.journal.remarks) and c.journal.remarks[-1].node is node


def _element(c: Converter, value: Value, more: int) -> Value:
    """What is known of tensors with more or fewer axes than these, as elements."""
    if value.kind == "tuple" and value.items is not None:
        return Value("tuple", items=tuple(_element(c, item, more) for item in value.items))
    if value.kind == "tensor":
        rank = None if value.rank is None else value.rank + more
        width = value.width if rank is None or rank > 0 else None
        return c.fresh(Value("tensor", dtype=value.dtype, rank=rank, width=width))
    if value.kind in ("int", "float", "bool") and more == 0:
        return c.fresh(Value("tensor", dtype={"int": "int32", "float": "float32"}.get(value.kind, "bool"), rank=0))
    if value.kind == "bytes":
        return value if more == 0 else Value("list", item=value)
    if value.kind in ("foreign", "list", "unknown"):
        return c.fresh(Value("tensor")) if value.kind != "unknown" else Value(api=DATA)
    return Value(api=DATA)


def of_range(c: Converter, node: cst.Call) -> Code:
    """``tf.data.Dataset.range(5)``: int64."""
    name = "tf.data.Dataset.range"
    plain = [each for each in node.args if not (each.keyword and each.keyword.value == "name")]
    if any(each.star or each.keyword for each in plain) or not 1 <= len(plain) <= 3:
        return c.leave(node, name, "only numbers by position are converted")
    numbers = [cst.Arg(argument(c.code(each.value))) for each in plain]
    item = c.fresh(Value("tensor", dtype="int64", rank=0))
    code = helper(c, "slices", [cst.Arg(call(c.name("torch.arange"), numbers))])
    return code, Value("dataset", item=item, api=SIZED)


def of_pair(c: Converter, node: cst.Call) -> Code:
    """``tf.data.Dataset.zip((a, b))`` and ``zip(a, b)``."""
    parts = [each.value for each in node.args if each.keyword is None or each.keyword.value == "datasets"]
    if len(parts) == 1 and isinstance(parts[0], cst.Tuple):
        parts = [element.value for element in parts[0].elements]
    found = [c.expr(part) for part in parts]
    if len(found) < 2 or any(value.kind != "dataset" for _, value in found):
        return c.leave(node, "tf.data.Dataset.zip", "only several pipelines of the file are converted")
    sized = all(value.api == SIZED for _, value in found)
    items = tuple(value.item or Value(api=DATA) for _, value in found)
    code = helper(c, "side_by_side", [cst.Arg(argument(code)) for code, _ in found])
    return code, Value("dataset", item=Value("tuple", items=items), api=SIZED if sized else None)


def of_generator(c: Converter, node: cst.Call) -> Code:
    """``tf.data.Dataset.from_generator(f, output_signature=...)``."""
    name = "tf.data.Dataset.from_generator"
    found = given(node, ("generator", "output_types", "output_shapes", "args", "output_signature", "name"))
    stated = (found or {}).get("output_signature") or (found or {}).get("output_types")
    dtypes = None if stated is None else _dtypes(c, stated.value)
    if found is None or "generator" not in found or dtypes is None:
        return c.leave(node, name, "the dtypes of what it yields must be written in the call")
    from diptych.conversion import expressions

    function = found["generator"].value
    code = expressions.function_of(c, function, [])[0] if isinstance(function, cst.Lambda) else c.code(function)
    more: list[cst.Arg] = []
    if "args" in found:
        extra = found["args"].value
        if not isinstance(extra, (cst.Tuple, cst.List)):
            return c.leave(node, name, "its arguments must be written as a tuple")
        more = [cst.Arg(argument(call(c.name("torch.tensor"), [cst.Arg(c.code(e.value))]))) for e in extra.elements]
    written = helper(c, "generated", [cst.Arg(argument(code)), cst.Arg(dtypes[0]), *more])
    return written, Value("dataset", item=dtypes[1])


def _dtypes(c: Converter, node: cst.BaseExpression) -> Code | None:
    """The dtypes of a signature as code, and what is known of the tensors; ``None`` where they are not written."""
    if isinstance(node, (cst.Tuple, cst.List)):
        parts = [_dtypes(c, element.value) for element in node.elements]
        if any(part is None for part in parts):
            return None
        known = [part for part in parts if part is not None]
        elements = [e.with_changes(value=code) for e, (code, _) in zip(node.elements, known, strict=True)]
        brackets = [cst.LeftParen()], [cst.RightParen()]
        code = cst.Tuple(elements, lpar=brackets[0], rpar=brackets[1])
        return code, Value("tuple", items=tuple(value for _, value in known))
    rank: int | None = None
    if isinstance(node, cst.Call) and c.qualified(node.func) == "tf.TensorSpec":
        found = given(node, ("shape", "dtype", "name"))
        shape = value_of(found["shape"].value) if found and "shape" in found else MISSING
        rank = len(shape) if isinstance(shape, (tuple, list)) else None
        if found is None:
            return None
        if "dtype" not in found:
            return c.name("torch.float32"), c.fresh(Value("tensor", dtype="float32", rank=rank))
        node = found["dtype"].value
    literal = value_of(node)
    name = literal if isinstance(literal, str) else (c.qualified(node) or "").removeprefix("tf.")
    if name not in DTYPES - {"string"}:
        return None
    return c.name(f"torch.{name}"), c.fresh(Value("tensor", dtype=name, rank=rank))


# --- What is done with them ---------------------------------------------------------------------------------------


def method(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """A method of a pipeline."""
    name = function.attr.value
    key = f"tf.data.Dataset.{name}"
    if name in DROPPED:
        return code, value
    if name == "cardinality" and not node.args:
        return counted(c, node, code, value)
    names = METHODS.get(name)
    found = given(node, names) if names is not None else None
    if found is None:
        return c.leave(node, key, c.why(key, f"no rule knows the method .{name}() of tf.data with these arguments"))
    if name == "shuffle":
        c.journal.assume(node, key, ANY_ORDER, ("order", c.scope.name))
    if name == "cache" and any(kind in ("str",) for kind in (c.expr(a.value)[1].kind for a in node.args)):
        return c.leave(node, key, "PyTorch has no cache in a file")
    item = value.item or Value(api=DATA)
    args: list[cst.Arg] = []
    for parameter, each in found.items():
        if parameter in IGNORED:
            continue
        if parameter in ("map_func", "predicate", "reduce_func"):
            state = [c.expr(found["initial_state"].value)[1].plain()] if parameter == "reduce_func" else []
            written = _function(c, each.value, [*state, item] if state else _arguments(item))
            if written is None:
                return c.leave(node, key, "the function takes or gives tensors with their axes in another order")
            new, result = written
        else:
            new, result = c.code(each.value), Value()
        if parameter == "map_func":
            item = _element(c, result, 0)
        if parameter == "reduce_func":
            item = c.fresh(replace(result, permutation=None, of=None)) if result.is_tensor else Value(api=DATA)
        keyword = each.keyword if each.keyword and each.keyword.value not in ("map_func", "predicate") else None
        args.append(_moved(each, new, keyword))
    if name == "concatenate":
        item = join(item, c.expr(found["dataset"].value)[1].item or Value(api=DATA))
    item = _changed(c, name, item)
    if args:
        args[-1] = args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    unchanged = len(args) == len(node.args) and all(a is b for a, b in zip(args, node.args, strict=True))
    if code is function.value and unchanged:
        new_code: cst.BaseExpression = node
    else:
        new_code = node.with_changes(func=function.with_changes(value=atom(code)), args=args)
    if name == "reduce":
        return new_code, item
    if name == "as_numpy_iterator":
        return new_code, Value("list", item=FOREIGN)
    return new_code, Value("dataset", item=item, api=_sized(c, name, found, value))


def _moved(old: cst.Arg, new: cst.BaseExpression, keyword: cst.Name | None) -> cst.Arg:
    if new is old.value and keyword is old.keyword:
        return old
    equal = old.equal if keyword is not None else cst.MaybeSentinel.DEFAULT
    return old.with_changes(value=argument(new), keyword=keyword, equal=equal)


def _sized(c: Converter, name: str, found: dict[str, cst.Arg], value: Value) -> str | None:
    if name in UNSIZED or (name == "repeat" and not isinstance(_count(c, found), int)):
        return None
    if name == "concatenate" and c.expr(found["dataset"].value)[1].api != SIZED:
        return None
    return value.api


def _count(c: Converter, found: dict[str, cst.Arg]) -> int | None:
    literal = c.literal(found["count"].value) if "count" in found else None
    return literal if isinstance(literal, int) and literal >= 0 else None


def _changed(c: Converter, name: str, item: Value) -> Value:
    if name == "batch":
        return _element(c, item, 1)
    if name == "unbatch":
        return _element(c, item, -1)
    if name == "enumerate":
        return Value("tuple", items=(c.fresh(Value("tensor", dtype="int64", rank=0)), item))
    return item


def _arguments(item: Value) -> list[Value]:
    """What a function is called on for an element."""
    return list(item.items) if item.kind == "tuple" and item.items is not None else [item]


def _function(c: Converter, node: cst.BaseExpression, elements: list[Value]) -> Code | None:
    """A function that is called on elements, and what it gives; ``None`` where it has axes in another order."""
    from diptych.conversion import expressions

    if isinstance(node, cst.Lambda):
        return expressions.function_of(c, node, elements)
    code, value = c.expr(node)
    if value.kind == "module":
        layer = value.layer
        return None if layer is not None and (layer.takes or layer.gives) else (code, Value("tensor"))
    if value.kind != "function" or value.definition is None:
        return code, Value(api=DATA)
    signature = value.definition.signature(c)
    if signature is None:
        return code, Value(api=DATA)
    if any(order is not None for order in signature.orders.values()) or signature.result != signature.result.plain():
        return None
    return code, signature.result


def counted(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """How many elements a pipeline has, as a tensor."""
    number, _ = length(c, node, code, value)
    if number is node:
        return node, Value()
    return call(c.name("torch.tensor"), [cst.Arg(number)]), c.fresh(Value("tensor", dtype="int64", rank=0))


def length(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """``len(dataset)``."""
    if value.api != SIZED:
        return c.leave(node, "tf.data.Dataset.cardinality", "TensorFlow does not know its length either")
    count = cst.CompFor(cst.Name("_"), atom(code))
    one = cst.GeneratorExp(cst.Integer("1"), count, lpar=[], rpar=[])
    return call(cst.Name("sum"), [cst.Arg(one)]), Value("int")


def cardinality(c: Converter, node: cst.Call) -> Code:
    """``tf.data.experimental.cardinality(dataset)``."""
    name = "tf.data.experimental.cardinality"
    if len(node.args) != 1 or node.args[0].star:
        return c.leave(node, name, "its arguments are not known here")
    code, value = c.expr(node.args[0].value)
    if value.kind != "dataset":
        return c.leave(node, name, c.why(name, "only a pipeline of the file is counted"))
    return counted(c, node, code, value)


MADE = {
    "tf.data.Dataset.from_tensor_slices": of_slices,
    "tf.data.Dataset.from_tensors": of_tensors,
    "tf.data.Dataset.range": of_range,
    "tf.data.Dataset.zip": of_pair,
    "tf.data.Dataset.from_generator": of_generator,
    "tf.data.experimental.cardinality": cardinality,
}
