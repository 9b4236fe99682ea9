"""Whether an argument can be of the kind that a rule asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

NUMBER_KINDS = {"int", "float", "number", "bool"}
SEQUENCE_KINDS = {"tuple", "list", "shape"}


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
    allowed = {
        "Axis": {"int", "number"}, "Int": {"int", "number"}, "Float": NUMBER_KINDS, "Number": NUMBER_KINDS,
        "Flag": {"bool"},
        "Str": {"str"}, "Axes": {"int", "number", "none"} | SEQUENCE_KINDS, "Size1": {"int", "number",
        "str"} | SEQUENCE_KINDS,
        "Size2": {"int", "number", "str"} | SEQUENCE_KINDS, "Size3": {"int", "number", "str"} | SEQUENCE_KINDS,
        "Dtype": {"dtype"},
        "Module": {"module"}, "Function": {"function", "foreign"},
    }.get(kind)  # fmt: skip
    if allowed is None or known in allowed:
        return True
    if known in ("unknown", "foreign"):
        return None if kind in ("Axis", "Axes", "Dtype", "Tensor") else True
    return kind == "Dtype" and known == "str"
