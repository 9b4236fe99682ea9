"""Whether an argument can be of the kind that a rule asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value, element_of, join_all

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

NUMBER_KINDS = {"int", "float", "number", "bool"}
SEQUENCE_KINDS = {"tuple", "list", "shape"}
_SIZES = {"int", "number", "str"} | SEQUENCE_KINDS
ALLOWED = {
    "Axis": {"int", "number"}, "Axes": {"int", "number", "none"} | SEQUENCE_KINDS, "Int": {"int", "number"},
    "Float": NUMBER_KINDS, "Number": NUMBER_KINDS, "Flag": {"bool"}, "Str": {"str"}, "Dtype": {"dtype"},
    "Size1": _SIZES, "Size2": _SIZES, "Size3": _SIZES, "Module": {"module"}, "Function": {"function", "foreign"},
}  # fmt: skip


def flag(c: Converter, kind: str | None, bound: Any) -> Any:
    """The argument; ``True`` or ``False`` where a 1 or a 0 stands for it."""
    if kind != "Flag" or not isinstance(bound, cst.Integer) or bound.value not in ("0", "1"):
        return bound
    flag = cst.Name(str(bound.value == "1"))
    c.alive.append(flag)
    return flag


def fits(c: Converter, kind: str, bound: Any, value: Value, literal: Any) -> bool | None:
    """Whether an argument can be of a rule's kind; ``None`` if that is not known."""
    known = value.kind
    if kind in ("Any", "Operand"):
        return known not in ("str", "none", "module", "dtype") if kind == "Operand" else True
    if kind == "Shape":
        if isinstance(bound, list):
            if len(bound) == 1 and isinstance(bound[0], cst.BaseExpression):
                only = c.expr(bound[0])[1].kind
                return True if only in NUMBER_KINDS | SEQUENCE_KINDS else None if only == "unknown" else False
            return True
        return (
            True if known in SEQUENCE_KINDS else None if known in ("unknown", "tensor") else known in ("int", "number")
        )
    if kind == "Tensor":
        if known in ("tensor",):
            return True
        if known in ("unknown", "foreign"):
            return True if known == "unknown" and any(storage > 0 for storage in value.memory) else None
        return False
    if kind == "Tensors":
        return (
            True
            if known in ("list", "tuple", "modules") or isinstance(bound, (cst.Tuple, cst.List))
            else None
            if known == "unknown"
            else False
        )
    allowed = ALLOWED.get(kind)
    if allowed is None or known in allowed:
        return True
    if known in ("unknown", "foreign"):
        if kind == "Dtype" and c.source == "tensorflow":
            return True  # no argument of TensorFlow may be a dtype or else a device or a tensor
        return None if kind in ("Axis", "Axes", "Dtype", "Tensor") else True
    return kind == "Dtype" and known == "str"


def row(c: Converter, bound: list[cst.BaseExpression | cst.StarredElement], kind: str) -> Value:
    """What is known of a shape written as integers in a row, or as one sequence; of tensors or shapes in a row."""
    values = [c.expr(item.value if isinstance(item, cst.StarredElement) else item)[1] for item in bound]
    if any(isinstance(item, cst.StarredElement) for item in bound):
        if kind != "Tensors":
            return Value("shape")
        starred = [isinstance(item, cst.StarredElement) for item in bound]
        each = [element_of(v) if star else v for v, star in zip(values, starred, strict=True)]
        return Value("list", item=join_all(each).plain(), memory=frozenset().union(*(v.memory for v in values)))
    if one_of(kind, values):
        return Value("tuple", items=tuple(values))
    if len(values) == 1 and values[0].kind not in NUMBER_KINDS:
        return values[0] if values[0].kind in SEQUENCE_KINDS else Value("shape")
    return Value("tuple", items=tuple(values))


def one_of(kind: str, values: list[Value]) -> bool:
    """Whether arguments in a row are one tensor, or one shape, where there may be several."""
    return len(values) == 1 and (kind == "Shapes" or (kind == "Tensors" and values[0].is_tensor))
