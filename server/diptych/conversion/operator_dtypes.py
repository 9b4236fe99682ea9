"""The dtypes in which operators compute: PyTorch's bring their operands to a common one, TensorFlow's do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.promotion import ORDER, common_dtype
from diptych.conversion.rewriting import fit
from diptych.inference.values import Value, category, promote
from diptych.matching.emit import call
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

Codes = list[cst.BaseExpression]
# What PyTorch's operators are as functions, where TensorFlow's are not defined, or not for booleans.
SHIFTS = {"<<": "torch.bitwise_left_shift", ">>": "torch.bitwise_right_shift"}
OF_BOOLEANS = {"+": "torch.add", "*": "torch.mul", "**": "torch.pow"}
ORDERED = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)


def function_for(symbol: str, a: Value, b: Value) -> str | None:
    """The function whose rules convert an operator that TensorFlow lacks for these operands."""
    if symbol in SHIFTS:
        return SHIFTS[symbol]
    if symbol == "@":
        return "torch.matmul" if 1 in (a.rank, b.rank) else None
    if symbol == "**" and all(v.is_tensor and category(v.dtype) == "int" for v in (a, b)):
        return "torch.pow"
    return OF_BOOLEANS.get(symbol) if common_dtype([a, b]) == "bool" else None


def result_dtype(divides: bool, a: Value, b: Value) -> str | None:
    """The dtype of ``a + b`` and the like in PyTorch."""
    common = common_dtype([a, b])
    if divides and category(common) in ("int", "bool"):
        return "float32"
    if common is not None:
        return common
    if a.is_tensor and b.is_tensor:
        return promote(a.dtype, b.dtype)
    one, scalar = (a, b) if a.is_tensor else (b, a)
    if scalar.kind == "float":
        return one.dtype or "float"
    if divides and _quotient_of_integers(a, b):
        return "float32"
    if divides:
        return one.dtype if category(one.dtype) == "float" else None
    return one.dtype if category(one.dtype) == "float" or scalar.kind in ("int", "bool") else None


def alike(c: Converter, codes: Codes, a: Value, b: Value, *, divides: bool) -> Codes:
    """The operands as TensorFlow's operator needs them: tensors in the dtype that PyTorch computes in, as far as known,
    and True as 1 where it stands for a number.
    """
    values = (a, b)
    common = common_dtype([a, b])
    if divides and category(common) in ("int", "bool"):
        common = "float32"
    if common is None and divides and _quotient_of_integers(a, b):
        return [_cast(c, x, c.name("tf.float32")) if v.is_tensor else x for x, v in zip(codes, values, strict=True)]
    if common is None or (common == "float" and a.is_tensor and b.is_tensor):
        return _beside_floats(c, codes, a, b, divides=divides)
    result = list(codes)
    for place, value in enumerate(values):
        if value.is_tensor:
            if _unlike(value.dtype, common):
                result[place] = _cast(c, codes[place], c.name(f"tf.{common}"))
        elif value.kind == "bool" and common != "bool":
            result[place] = _number(codes[place])
    return result


def assume_floating(c: Converter, node: cst.BinaryOperation | cst.AugAssign, a: Value, b: Value) -> None:
    """Say, once for each function, that a quotient is not known to be of floating tensors."""
    known = any(category(v.dtype) in ("float", "complex") if v.is_tensor else v.kind == "float" for v in (a, b))
    integers = all(category(v.dtype) in ("int", "bool") if v.is_tensor else v.kind in ("int", "bool") for v in (a, b))
    if known or integers or _quotient_of_integers(a, b):
        return
    reason = f"assumes `{code_of(node).strip()}` floating: integers give float32 in PyTorch and float64 in TensorFlow"
    c.journal.assume(node, "/", reason, ("quotient", c.scope.name))


def _quotient_of_integers(a: Value, b: Value) -> bool:
    """Whether integers are divided by, or divide, something that is only known to be no tensor of known dtype."""
    one, other = (a, b) if a.is_tensor else (b, a)
    return category(one.dtype) in ("int", "bool") and other.kind in ("number", "unknown")


def _unlike(dtype: str | None, common: str) -> bool:
    """Whether a tensor must be cast; of a dtype that is only known to be floating, it is not known."""
    if common in ORDER[1:]:
        return False
    return category(dtype) != category(common) if dtype in ORDER[1:] else dtype != common


def _beside_floats(c: Converter, codes: Codes, a: Value, b: Value, *, divides: bool) -> Codes:
    """Integers beside a tensor that is floating, of a width that is not known; in a quotient, beside one of any dtype,
    since TensorFlow divides only what is of one dtype.
    """
    result = list(codes)
    for place, (value, other) in enumerate(((a, b), (b, a))):
        if not (value.is_tensor and other.is_tensor and category(value.dtype) in ("int", "bool")):
            continue
        if other.dtype == "float" or (divides and other.dtype is None):
            code = codes[1 - place]
            if not isinstance(code, (cst.Name, cst.Attribute)):
                if place == 0 and c.scope.prefix is None:
                    continue  # bound where it stands, it would be named before it has a value
                code = result[1 - place] = c.bind(code, "value")
            result[place] = _cast(c, codes[place], cst.Attribute(code, cst.Name("dtype")))
    return result


def _cast(c: Converter, code: cst.BaseExpression, dtype: cst.BaseExpression) -> cst.BaseExpression:
    return call(c.name("tf.cast"), [cst.Arg(argument(code)), cst.Arg(dtype)])


def _number(code: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(code, cst.Name) and code.value in ("True", "False"):
        return cst.Integer("1" if code.value == "True" else "0")
    return call(cst.Name("int"), [cst.Arg(argument(code))])


def compared(c: Converter, node: cst.Comparison, codes: Codes, values: list[Value]) -> Codes:
    """The operands of one comparison in a dtype that TensorFlow compares."""
    if c.target != "tensorflow" or len(codes) != 2:
        return codes
    a, b = values
    if common_dtype([a, b]) == "bool" and isinstance(node.comparisons[0].operator, ORDERED):
        return [
            _cast(c, code, c.name("tf.int32")) if value.is_tensor else _number(code)
            for code, value in zip(codes, values, strict=True)
        ]
    return alike(c, codes, a, b, divides=False)


def wide_quotient(codes: Codes, a: Value, b: Value) -> Codes:
    """TensorFlow divides integers into float64, PyTorch into float32."""
    if not all(category(v.dtype) == "int" if v.is_tensor else v.kind == "int" for v in (a, b)):
        return codes
    place = 0 if a.is_tensor else 1
    attribute = cst.Attribute(cst.Name("x"), cst.Name("double"))
    wide = call(attribute.with_changes(value=fit(attribute, "value", atom(codes[place]))), [])
    return [wide, codes[1]] if place == 0 else [codes[0], wide]
