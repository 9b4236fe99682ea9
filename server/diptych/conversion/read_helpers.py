"""Calls of helpers that conversion itself writes, where no rule does: what they stand for in PyTorch.

A call that is none of these is converted with its helper, as code of the user's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import layer_values
from diptych.conversion.variables import TRAINED
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.precedence import argument, atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

WHOLE = cst.Slice(lower=None, upper=None)
SPACED = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
# Parameters of ``convolve`` and ``convolve_transposed``, under the names that PyTorch's functions have, too.
CONVOLVED = ("x", "weight", "bias", "stride", "padding", "dilation", "groups")
TRANSPOSED = ("x", "weight", "bias", "stride", "padding", "output_padding", "dilation", "groups")


def written(c: Converter, node: cst.Call) -> Code | None:
    """``write(x, lambda places: places[i], value)``: a copy of ``x`` that is written into."""
    given = by_name(node, ("x", "part", "value"))
    if given is None or len(given) != 3 or c.scope.prefix is None:
        return None
    value_code, new = c.expr(given["value"])
    base, value = c.expr(given["x"])
    elements = _places(c, given["part"], value)
    if elements is None:
        return None
    base, value_code = c.plain(base, value), c.plain(value_code, new)
    name = _own_name(c, node, [*elements, value_code]) or c.twin.fresh("written")
    while c.scope.lookup(name) is not None and name != _assigned(c, node):
        name += "_"
    copy = call(cst.Attribute(atom(base), cst.Name("clone")), [])
    place = cst.Subscript(cst.Name(name), elements)
    for target, code in ((cst.Name(name), copy), (place, argument(value_code))):
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(target)], code)]))
    result = c.fresh(Value("tensor", dtype=value.dtype, rank=value.rank))
    c.scope.names[name] = result
    return cst.Name(name), result


def _assigned(c: Converter, node: cst.Call) -> str | None:
    """The name that a statement gives what ``node`` makes, and nothing else."""
    line = c.scope.statement
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    if not isinstance(statement, cst.Assign) or statement.value is not node or len(statement.targets) != 1:
        return None
    target = statement.targets[0].target
    return target.value if isinstance(target, cst.Name) else None


def _own_name(c: Converter, node: cst.Call, read: list[cst.CSTNode]) -> str | None:
    """The name that the statement gives the result, where what is written and where read no other value of it."""
    name = _assigned(c, node)
    first = node.args[0].value
    same = isinstance(first, cst.Name) and first.value == name
    return name if name is not None and (same or not any(name in c.reads(each) for each in read)) else None


def _places(c: Converter, part: cst.BaseExpression, base: Value) -> list[cst.SubscriptElement] | None:
    """The index of ``lambda places: places[index]`` in the twin; ``None`` where it is not one index of the whole."""
    if not isinstance(part, cst.Lambda) or len(part.params.params) != 1 or part.params.params[0].default is not None:
        return None
    name = part.params.params[0].name.value
    names, prefix, mark = dict(c.scope.names), c.scope.prefix, c.journal.mark()
    c.scope.names[name] = Value("tensor", dtype="int32", rank=base.rank, memory=frozenset({c.fresh_storage()}))
    c.scope.prefix = None
    try:
        code = c.code(part.body)
    finally:
        c.scope.names, c.scope.prefix = names, prefix
    if c.journal.errors_since(mark) or not isinstance(code, cst.Subscript) or not isinstance(code.value, cst.Name):
        return None
    found = list(code.slice)
    return found if code.value.value == name and not any(name in c.reads(each) for each in found) else None


def taken(c: Converter, node: cst.Call) -> Code | None:
    """``taken(x, index, axis=1)``: ``x[:, index]``, whether the index holds positions or is a mask."""
    given = by_name(node, ("x", "index", "axis"))
    if given is None or not {"x", "index"} <= set(given):
        return None
    axis = c.literal(given["axis"]) if "axis" in given else 0
    index, held = c.expr(given["index"])
    nested = isinstance(given["index"], (cst.List, cst.Tuple)) and not _is_flat(c.literal(given["index"]))
    if not isinstance(axis, int) or nested or held.kind in ("tuple", "int"):
        return None
    before = [WHOLE] * axis if axis >= 0 else [cst.Index(cst.Ellipsis())]
    behind = [] if axis >= 0 else [WHOLE] * (-1 - axis)
    return _subscript(c, given["x"], [*before, cst.Index(argument(c.plain(index, held))), *behind])


def _is_flat(literal: object) -> bool:
    return isinstance(literal, list) and all(isinstance(item, int) for item in literal)


def picked(c: Converter, node: cst.Call) -> Code | None:
    """``pick(x, [0, 2], i, j)``: ``x[i, :, j]``."""
    if len(node.args) < 3 or any(given.star or given.keyword for given in node.args):
        return None
    axes = c.literal(node.args[1].value)
    if not isinstance(axes, list) or len(axes) != len(node.args) - 2 or axes != sorted(set(axes)) or axes[0] < 0:
        return None
    parts: list[cst.BaseSlice] = [WHOLE] * (axes[-1] + 1)
    for axis, given in zip(axes, node.args[2:], strict=True):
        code, value = c.expr(given.value)
        if not value.is_tensor:
            return None
        parts[axis] = cst.Index(argument(c.plain(code, value)))
    return _subscript(c, node.args[0].value, parts)


def _subscript(c: Converter, node: cst.BaseExpression, parts: list[cst.BaseSlice]) -> Code:
    code, value = c.expr(node)
    elements = [cst.SubscriptElement(part, comma=SPACED) for part in parts]
    elements[-1] = elements[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return cst.Subscript(atom(c.plain(code, value)), elements), c.fresh(Value("tensor", dtype=value.dtype))


def typed(c: Converter, node: cst.Call) -> Code | None:
    """``typed_tensor(tf.float32, data)``: a tensor of this data, or of sizes where numbers are given."""
    if len(node.args) < 2 or any(given.star or given.keyword for given in node.args):
        return None
    dtype_code, dtype = c.expr(node.args[0].value)
    given = [c.expr(each.value) for each in node.args[1:]]
    if dtype.kind != "dtype" or (len(given) == 1 and given[0][1].kind in ("unknown", "number", "bool")):
        return None
    codes = [cst.Arg(argument(c.plain(code, value))) for code, value in given]
    like = keyword("dtype", dtype_code)
    if len(given) > 1 or given[0][1].kind == "int":
        return call(c.name("torch.zeros"), [*codes, like]), c.fresh(Value("tensor", dtype.dtype, len(given)))
    rank = given[0][1].rank
    return call(c.name("torch.as_tensor"), [*codes, like]), c.fresh(Value("tensor", dtype.dtype, rank))


def view_as_real(c: Converter, node: cst.Call) -> Code | None:
    """``view_as_real(x)``: PyTorch's own."""
    given = by_name(node, ("x",))
    if not given:
        return None
    code, value = c.expr(given["x"])
    rank = None if value.rank is None else value.rank + 1
    view = call(c.name("torch.view_as_real"), [cst.Arg(argument(c.plain(code, value)))])
    return view, Value("tensor", dtype="float", rank=rank, memory=value.memory)


def convolved(c: Converter, node: cst.Call) -> Code | None:
    """``convolve(x, weight)``: PyTorch has a function for each number of axes, which the weight must tell."""
    return _convolution(c, node, CONVOLVED, "conv")


def convolved_transposed(c: Converter, node: cst.Call) -> Code | None:
    """``convolve_transposed(x, weight)``, likewise."""
    return _convolution(c, node, TRANSPOSED, "conv_transpose")


def _convolution(c: Converter, node: cst.Call, names: tuple[str, ...], function: str) -> Code | None:
    given = by_name(node, names)
    if given is None or not {"x", "weight"} <= set(given):
        return None
    x, weight = c.expr(given["x"])[1], c.expr(given["weight"])[1]
    axes = None if weight.rank is None else weight.rank - 2
    if axes not in (1, 2, 3):
        return None
    args = [cst.Arg(argument(c.code(given[name]))) for name in ("x", "weight")]
    for name in names[2:]:
        if name in given and not (name == "bias" and c.literal(given[name]) is None):
            args.append(keyword(name, argument(c.code(given[name]))))
    made = call(c.name(f"torch.nn.functional.{function}{axes}d"), args)
    return made, c.fresh(Value("tensor", dtype=x.dtype, rank=x.rank))


def walked(c: Converter, node: cst.Call) -> Code | None:
    """``named_children(model)`` and the like: the module's own methods."""
    name = (c.qualified(node.func) or "").removeprefix("helper.")
    if len(node.args) != 1 or node.args[0].keyword or node.args[0].star:
        return None
    code, value = c.expr(node.args[0].value)
    if value.kind not in ("module", "self", "unknown"):
        return None
    module = Value("module", api=layer_values.WALKED if name == "named_modules" else None)
    item = c.fresh(Value("tensor", dtype="float", api=TRAINED)) if name.endswith("parameters") else module
    if name.startswith("named_"):
        item = Value("tuple", items=(Value("str"), item))
    return call(cst.Attribute(atom(code), cst.Name(name)), []), Value("list", item=item)


WALKS = ("children", "named_children", "named_modules", "named_parameters", "parameters")
SPECIAL = {
    **{f"helper.{name}": walked for name in WALKS},
    "helper.write": written,
    "helper.taken": taken,
    "helper.pick": picked,
    "helper.typed_tensor": typed,
    "helper.view_as_real": view_as_real,
    "helper.convolve": convolved,
    "helper.convolve_transposed": convolved_transposed,
}
