"""Converting ``x[...]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import attributes, checkpoints, gathering, layer_parts, methods, rates, reversed_axes
from diptych.conversion.rewriting import fit
from diptych.inference.values import Value, join_all, replace
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def convert(c: Converter, node: cst.Subscript) -> Code:
    """``x[...]``: an axis length, an element, a slice, a mask."""
    size = attributes.axis_length(c, node)
    if size is not None:
        return size
    index = _literal_index(c, node)
    if isinstance(node.value, cst.Call) and isinstance(index, int):
        part = attributes.part_of_call(c, node.value, index)
        if part is not None:
            return part
    rate = rates.read(c, node)
    if rate is not None:
        return rate
    base, value = c.expr(node.value)
    if value.kind == "unknown" and _only_of_arrays(c, node) and methods.is_data(node.value, value):
        text = code_of(node.value)
        c.journal.assume(node, "indexing", f"assumes that `{text}` is a tensor", ("tensor", c.scope.name, text))
        value = Value("tensor", memory=value.memory)
    if value.is_tensor:
        return _tensor(c, node, base, value)
    if value.kind == "states" and value.items:
        if index == 0:
            return base, value.items[0]
        return c.leave(node, "recurrent states", "only the output sequence of a recurrent layer is converted")
    layer = layer_parts.element(c, node, base, value)
    if layer is not None:
        return layer
    state = checkpoints.part(c, node, value)
    if state is not None:
        return state
    elements, changed = _elements(c, node)
    result = node
    if base is not node.value or changed:
        result = node.with_changes(value=fit(node, "value", base), slice=elements)
    return result, _item(value, index)


def _only_of_arrays(c: Converter, node: cst.Subscript) -> bool:
    """Whether an index has a list of numbers, which of all things only tensors take in this file."""
    parts = [element.slice.value for element in node.slice if isinstance(element.slice, cst.Index)]
    lists = [c.literal(part) for part in parts if isinstance(part, cst.List) and part.elements]
    return not c.other_arrays and any(
        isinstance(each, list) and all(isinstance(item, int) for item in each) for each in lists
    )


def _literal_index(c: Converter, node: cst.Subscript) -> Any:
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        return c.literal(node.slice[0].slice.value)
    return MISSING


def _item(value: Value, index: Any) -> Value:
    if value.kind == "shape":
        return Value("int") if index is not MISSING else value
    if value.kind == "self":
        return Value()
    if value.kind == "dict" and value.item is not None:
        return value.item
    if value.kind == "dict":
        item = value.items[value.keys.index(index)] if value.items and value.keys and index in value.keys else None
        held = item is None or item.kind not in ("int", "float", "number", "bool", "str")
        return Value("unknown" if item is None else item.kind, memory=value.memory if held else frozenset())
    if index is MISSING:
        return replace(value, items=None, item=join_all(value.items), literal=MISSING) if value.items else value
    if (
        value.items is not None
        and isinstance(index, int)
        and not isinstance(index, bool)
        and -len(value.items) <= index < len(value.items)
    ):
        return value.items[index]
    if value.items:
        return join_all(value.items)
    if value.item is not None:
        return value.item
    if value.kind == "foreign":
        return value
    return Value(memory=value.memory)


def _elements(c: Converter, node: cst.Subscript) -> tuple[list[cst.SubscriptElement], bool]:
    elements = []
    for element in node.slice:
        part = element.slice
        if isinstance(part, cst.Index):
            code = c.code(part.value)
            new = part if code is part.value else part.with_changes(value=code)
        else:
            changes = {}
            for name in ("lower", "upper", "step"):
                old = getattr(part, name)
                if old is not None and (code := c.code(old)) is not old:
                    changes[name] = code
            new = part.with_changes(**changes) if changes else part
        elements.append(element if new is part else element.with_changes(slice=new))
    return elements, any(a is not b for a, b in zip(elements, node.slice, strict=True))


def _kinds(c: Converter, node: cst.Subscript) -> list[str]:
    """What stands at each place of an index: "slice", "int", "new", "...", "tensor", "list" or "unknown"."""
    kinds = []
    parts = [element.slice for element in node.slice]
    for part in parts:
        if isinstance(part, cst.Slice):
            kinds.append("slice")
            continue
        assert isinstance(part, cst.Index)
        value = c.expr(part.value)[1]
        if isinstance(part.value, cst.Ellipsis):
            kinds.append("...")
        elif value.kind == "none" or c.qualified(part.value) == "tf.newaxis":
            kinds.append("new")
        elif value.kind in ("int", "number"):
            kinds.append("int")
        else:
            kinds.append(value.kind)
    return kinds


def _tensor(c: Converter, node: cst.Subscript, base: cst.BaseExpression, value: Value) -> Code:
    kinds = _kinds(c, node)
    if _is_spread(c, node):
        code = node.with_changes(value=fit(node, "value", c.plain(base, value)), slice=_elements(c, node)[0])
        return code, Value("tensor", dtype=value.dtype, memory=value.memory)
    if any(kind in gathering.NAMES for kind in kinds):
        return gathering.convert(c, node, base, value, kinds, _elements(c, node)[0])
    if kinds == ["bool"] or "bool" in kinds:
        return c.leave(node, "indexing", "indexing by a Python truth value has no equivalent")
    if c.target == "torch" and reversed_axes.is_asked(c, node):
        return reversed_axes.convert(c, node)
    elements, changed = _elements(c, node)
    permutation = None
    if value.permutation is not None and kinds == ["slice"] * len(value.permutation):
        permutation = value.permutation
        elements = [elements[axis].with_changes(comma=elements[place].comma) for place, axis in enumerate(permutation)]
        changed = True
    else:
        base = c.plain(base, value)
    rank = None
    if value.rank is not None:
        rank = value.rank - sum(kind in ("int", "unknown") for kind in kinds) + kinds.count("new")
        rank = None if "unknown" in kinds else rank
    last = (
        kinds[-1]
        if (value.rank is not None and len(kinds) - kinds.count("new") == value.rank) or "..." in kinds
        else "rest"
    )
    keeps_width = last == "rest"
    result = Value(
        "tensor",
        dtype=value.dtype,
        rank=rank,
        permutation=permutation,
        width=value.width if keeps_width else None,
        memory=value.memory,
    )
    if base is node.value and not changed:
        return node, result
    return node.with_changes(value=fit(node, "value", base), slice=elements), result


def _is_spread(c: Converter, node: cst.Subscript) -> bool:
    """Whether an index is a tuple such as ``(..., *((None,) * n))``: places that both frameworks read alike."""
    part = node.slice[0].slice
    if len(node.slice) != 1 or not isinstance(part, cst.Index) or not isinstance(part.value, cst.Tuple):
        return False
    elements = part.value.elements
    starred = [_repeated(element.value) for element in elements if isinstance(element, cst.StarredElement)]
    single = [element.value for element in elements if not isinstance(element, cst.StarredElement)]
    if not starred or not all(_is_place(c, each) for each in single):
        return False
    return all(each is not None and all(_is_place(c, part.value) for part in each.elements) for each in starred)


def _repeated(node: cst.BaseExpression) -> cst.Tuple | None:
    """The tuple of ``(None,) * n`` and of ``n * (None,)``."""
    sides = [node.left, node.right] if isinstance(node, cst.BinaryOperation) else []
    times = isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Multiply)
    return next((side for side in sides if times and isinstance(side, cst.Tuple)), None)


def _is_place(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this is ``None``, ``...``, ``slice(None)`` or a number."""
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value == "slice" and c.scope.lookup("slice") is None
    return isinstance(node, cst.Ellipsis) or c.expr(node)[1].kind in ("none", "int")
