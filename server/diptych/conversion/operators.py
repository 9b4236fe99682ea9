"""Converting operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import application
from diptych.conversion.layouts import broadcast_rank, common
from diptych.conversion.rewriting import fit
from diptych.inference.values import UNKNOWN, Value, category, promote
from diptych.matching.emit import call
from diptych.syntax.precedence import atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

NUMERIC = {"int", "float", "number", "bool"}


def binary(c: Converter, node: cst.BinaryOperation) -> Code:
    """``a + b`` and the like."""
    left, right = c.expr(node.left), c.expr(node.right)
    if left[1].is_tensor or right[1].is_tensor:
        return _tensors(c, node, left, right)
    changes = {}
    if left[0] is not node.left:
        changes["left"] = fit(node, "left", left[0])
    if right[0] is not node.right:
        changes["right"] = fit(node, "right", right[0])
    return (node.with_changes(**changes) if changes else node), _numbers(c, node, left[1], right[1])


def _numbers(c: Converter, node: cst.BinaryOperation, a: Value, b: Value) -> Value:
    if a.kind in ("tuple", "shape") and b.kind in ("tuple", "shape"):
        if a.items is not None and b.items is not None:
            return Value("tuple", items=a.items + b.items)
        return Value("shape")
    if a.kind == "list" and b.kind == "list":
        return Value(
            "list",
            item=a.item if a.item == b.item else None,
            items=(*a.items, *b.items) if a.items and b.items else None,
        )
    if a.kind in NUMERIC and b.kind in NUMERIC:
        if isinstance(node.operator, cst.Divide) or "float" in (a.kind, b.kind):
            return Value("float")
        return Value("int") if a.kind == b.kind == "int" else Value("number")
    if "foreign" in (a.kind, b.kind):
        return Value("foreign")
    return c.fresh(Value())


def _tensors(c: Converter, node: cst.BinaryOperation, left: Code, right: Code) -> Code:
    name = f"operator.{_symbol(node.operator)}"
    by_rule = application.apply(c, node, name)
    if by_rule is not None:
        return by_rule
    if isinstance(node.operator, cst.MatrixMultiply):
        codes = [c.plain(*left), c.plain(*right)]
        ranks = {left[1].rank, right[1].rank}
        if c.target == "tensorflow" and 1 in ranks:
            return c.leave(node, "@", "TensorFlow's @ needs at least two axes on both sides")
        rank = None if None in ranks else max(r for r in ranks if r is not None)
        value = Value("tensor", dtype=promote(left[1].dtype, right[1].dtype), rank=rank)
        permutation = None
    else:
        codes, permutation = common(c, [left, right])
        codes = _same_dtype(c, node, codes, left[1], right[1])
        value = Value(
            "tensor",
            dtype=_dtype(node, left[1], right[1]),
            rank=broadcast_rank([left[1], right[1]]),
            permutation=permutation,
        )
    if (left[1].width is not None and left[1].width == right[1].width) or (
        left[1].is_tensor and right[1].kind in NUMERIC
    ):
        value = Value("tensor", dtype=value.dtype, rank=value.rank, permutation=permutation, width=left[1].width)
    value = c.fresh(value)
    if codes[0] is node.left and codes[1] is node.right:
        return node, value
    return node.with_changes(left=fit(node, "left", codes[0]), right=fit(node, "right", codes[1])), value


def _symbol(operator: cst.BaseBinaryOp) -> str:
    return {cst.MatrixMultiply: "@", cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/",
    cst.FloorDivide: "//",
            cst.Modulo: "%", cst.Power: "**", cst.BitAnd: "&", cst.BitOr: "|", cst.BitXor: "^"}.get(type(operator),
            "?")  # fmt: skip


def _dtype(node: cst.BinaryOperation, a: Value, b: Value) -> str | None:
    if isinstance(node.operator, cst.Divide):
        dtypes = [v.dtype for v in (a, b) if v.is_tensor]
        known = [d for d in dtypes if category(d) == "float"]
        return known[0] if known else ("float32" if all(category(d) in ("int", "bool") for d in dtypes) else None)
    if a.is_tensor and b.is_tensor:
        return promote(a.dtype, b.dtype)
    one, scalar = (a, b) if a.is_tensor else (b, a)
    if scalar.kind == "float":
        return "float32" if category(one.dtype) in ("int", "bool") else one.dtype or "float"
    return one.dtype if category(one.dtype) == "float" or scalar.kind in ("int", "bool") else None


def _wide_quotient(
    node: cst.BinaryOperation, codes: list[cst.BaseExpression], a: Value, b: Value
) -> list[cst.BaseExpression]:
    """TensorFlow divides integers into float64, PyTorch into float32."""
    integers = all(category(v.dtype) == "int" if v.is_tensor else v.kind == "int" for v in (a, b))
    if not isinstance(node.operator, cst.Divide) or not integers:
        return codes
    place = 0 if a.is_tensor else 1
    wide = call(cst.Attribute(atom(codes[place]), cst.Name("double")), [])
    return [wide, codes[1]] if place == 0 else [codes[0], wide]


def _same_dtype(
    c: Converter, node: cst.BinaryOperation, codes: list[cst.BaseExpression], a: Value, b: Value
) -> list[cst.BaseExpression]:
    """Make TensorFlow compute in the dtype that PyTorch would promote to, where the dtypes are known to differ."""
    if c.target != "tensorflow":
        return _wide_quotient(node, codes, a, b)
    categories = [category(v.dtype) if v.is_tensor else v.kind for v in (a, b)]
    result = list(codes)
    divides = isinstance(node.operator, cst.Divide)
    for place, other in ((0, 1), (1, 0)):
        value = (a, b)[place]
        if not value.is_tensor or categories[place] not in ("int", "bool"):
            continue
        if categories[other] == "float" or (divides and categories[other] in ("int", "bool", "number")):
            other_value = (a, b)[other]
            if other_value.is_tensor and categories[other] == "float":
                dtype: cst.BaseExpression = cst.Attribute(
                    fit(cst.Attribute(cst.Name("x"), cst.Name("dtype")), "value", codes[other]), cst.Name("dtype")
                )
                if not isinstance(codes[other], (cst.Name, cst.Attribute)):
                    dtype = cst.Attribute(c.name("tf"), cst.Name("float32"))
                    if other_value.dtype not in ("float32", "float"):
                        continue
            else:
                dtype = cst.Attribute(c.name("tf"), cst.Name("float32"))
            result[place] = call(cst.Attribute(c.name("tf"), cst.Name("cast")), [cst.Arg(codes[place]), cst.Arg(dtype)])
    return result


def unary(c: Converter, node: cst.UnaryOperation) -> Code:
    """``-a``, ``~a``, ``not a``."""
    code, value = c.expr(node.expression)
    if isinstance(node.operator, cst.Not):
        code, result = c.plain(code, value), Value("bool")
    elif value.is_tensor:
        result = c.fresh(value)
    else:
        literal = c.literal(node)
        result = Value(value.kind if value.kind in NUMERIC else "unknown", literal=literal, memory=value.memory)
    if code is node.expression:
        return node, result
    return node.with_changes(expression=fit(node, "expression", code)), result


def comparison(c: Converter, node: cst.Comparison) -> Code:
    """``a < b``, ``a is None``, ``a in b``."""
    operands = [c.expr(node.left), *(c.expr(part.comparator) for part in node.comparisons)]
    tensors = any(value.is_tensor for _, value in operands)
    identity = isinstance(node.comparisons[0].operator, (cst.Is, cst.IsNot, cst.In, cst.NotIn))
    if identity:
        codes, permutation = [code for code, _ in operands], None
    else:
        codes, permutation = common(c, operands)
    comparisons = [
        part if code is part.comparator else part.with_changes(comparator=fit(node, "right", code))
        for part, code in zip(node.comparisons, codes[1:], strict=True)
    ]
    changed = codes[0] is not node.left or any(a is not b for a, b in zip(comparisons, node.comparisons, strict=True))
    result = node.with_changes(left=fit(node, "left", codes[0]), comparisons=comparisons) if changed else node
    if tensors and not identity:
        rank = broadcast_rank([value for _, value in operands])
        return result, c.fresh(Value("tensor", dtype="bool", rank=rank, permutation=permutation))
    return result, Value("bool") if identity or not any(v.kind == "unknown" for _, v in operands) else UNKNOWN


def boolean(c: Converter, node: cst.BooleanOperation) -> Code:
    """``a and b``, ``a or b``; the second operand may never be computed."""
    left = c.code(node.left)
    saved, c.scope.prefix = c.scope.prefix, None
    try:
        right = c.code(node.right)
    finally:
        c.scope.prefix = saved
    a, b = c.expr(node.left)[1], c.expr(node.right)[1]
    value = a if a.kind == b.kind == "bool" else Value(memory=a.memory | b.memory)
    if left is node.left and right is node.right:
        return node, value
    return node.with_changes(left=fit(node, "left", left), right=fit(node, "right", right)), value
