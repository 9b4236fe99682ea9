"""Converting operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import (
    application,
    class_tests,
    dtype_texts,
    elements,
    initialisers,
    layer_classes,
    operator_dtypes,
    structure,
)
from diptych.conversion.layouts import broadcast_rank, common
from diptych.conversion.rewriting import fit
from diptych.inference.values import UNKNOWN, Value, join, join_all, promote, replace
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

NUMERIC = {"int", "float", "number", "bool"}


def binary(c: Converter, node: cst.BinaryOperation) -> Code:
    """``a + b`` and the like."""
    left, right = c.expr(node.left), c.expr(node.right)
    if left[1].is_tensor or right[1].is_tensor:
        return _tensors(c, node, left, right)
    formats = left[1].kind == "str" and isinstance(node.operator, cst.Modulo)
    if formats and any(dtype_texts.is_dtype(each) for each in (right[1], *(right[1].items or ()))):
        return c.leave(node, "%", dtype_texts.OTHERWISE)
    if {left[1].kind, right[1].kind} & {"list", "tuple"} and not _told_apart(node, left[1], right[1]):
        left, right = ((c.plain(code, value), value.plain()) for code, value in (left, right))
    changes = {}
    if left[0] is not node.left:
        changes["left"] = fit(node, "left", left[0])
    if right[0] is not node.right:
        changes["right"] = fit(node, "right", right[0])
    joined = structure.several(c, [left[1], right[1]]) if isinstance(node.operator, cst.Add) else None
    return (node.with_changes(**changes) if changes else node), joined or _numbers(c, node, left[1], right[1])


def _told_apart(node: cst.BinaryOperation, a: Value, b: Value) -> bool:
    """Whether each item of two sequences in a row is known, so that each may have its own order of axes."""
    return isinstance(node.operator, cst.Add) and a.kind == b.kind and a.items is not None and b.items is not None


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
            memory=a.memory | b.memory,
        )
    if isinstance(node.operator, cst.Multiply) and {a.kind, b.kind} in ({"list", "int"}, {"tuple", "int"}):
        repeated = b if a.kind == "int" else a
        item = join_all(repeated.items) if repeated.items else repeated.item
        return replace(repeated, literal=MISSING, items=None, item=item)
    if a.kind in NUMERIC and b.kind in NUMERIC:
        if isinstance(node.operator, cst.Divide) or "float" in (a.kind, b.kind):
            return Value("float")
        return Value("int") if a.kind == b.kind == "int" else Value("number")
    if "foreign" in (a.kind, b.kind):
        return Value("foreign")
    if isinstance(node.operator, cst.Add) and "list" in (a.kind, b.kind):
        return Value("list", memory=a.memory | b.memory)
    return c.fresh(Value())


def _tensors(c: Converter, node: cst.BinaryOperation, left: Code, right: Code) -> Code:
    symbol = _symbol(node.operator)
    by_rule = application.apply(c, node, f"operator.{symbol}")
    if by_rule is not None:
        return by_rule
    function = operator_dtypes.function_for(symbol, left[1], right[1]) if c.source == "torch" else None
    if symbol == "@" and c.source == "torch" and _may_be_vector(c, node, left[1].rank, right[1].rank):
        function = "torch.matmul"  # tf.matmul, which `@` is there, wants two axes on both sides
    if function is not None:
        called = c.source_call(function, [cst.Arg(node.left), cst.Arg(node.right)])
        c.journal.origins[id(called)] = node
        by_rule = application.apply(c, called, function)
        return by_rule or c.leave(node, symbol, f"no rule knows {symbol} of such operands")
    if isinstance(node.operator, cst.MatrixMultiply):
        codes, permutation = [c.plain(*left), c.plain(*right)], None
        ranks = {left[1].rank, right[1].rank}
        rank = None if None in ranks else max(r for r in ranks if r is not None)
        value = Value("tensor", dtype=promote(left[1].dtype, right[1].dtype), rank=rank)
    else:
        codes, permutation = common(c, [left, right])
        divides = isinstance(node.operator, cst.Divide)
        if divides:
            operator_dtypes.assume_floating(c, node, left[1], right[1])
        if c.target == "tensorflow":
            codes = operator_dtypes.alike(c, codes, left[1], right[1], divides=divides)
        elif divides:
            codes = operator_dtypes.wide_quotient(codes, left[1], right[1])
        value = Value(
            "tensor",
            dtype=operator_dtypes.result_dtype(divides, left[1], right[1]),
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


def _may_be_vector(c: Converter, node: cst.BinaryOperation, left: int | None, right: int | None) -> bool:
    """Whether an operand has one axis, or is a parameter whose axes are not known."""
    unknown = (left is None and elements.variable(c, node.left)) or (right is None and elements.variable(c, node.right))
    return 1 in (left, right) or unknown


def _symbol(operator: cst.BaseBinaryOp) -> str:
    return {cst.MatrixMultiply: "@", cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/",
    cst.FloorDivide: "//",
            cst.Modulo: "%", cst.Power: "**", cst.BitAnd: "&", cst.BitOr: "|", cst.BitXor: "^",
            cst.LeftShift: "<<", cst.RightShift: ">>"}.get(type(operator),
            "?")  # fmt: skip


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
    there = initialisers.there(c, node)
    if there is not None:
        return there
    operands = [c.expr(node.left), *(c.expr(part.comparator) for part in node.comparisons)]
    if layer_classes.asked([value for _, value in operands]):
        return c.leave(node, "==", layer_classes.ASKED)
    if class_tests.compares_names(c, node, [value for _, value in operands]):
        return c.leave(node, "__name__", class_tests.NAMED)
    dtypes = dtype_texts.compared(c, node)
    if dtypes is not None:
        return dtypes
    tensors = any(value.is_tensor for _, value in operands)
    identity = isinstance(node.comparisons[0].operator, (cst.Is, cst.IsNot, cst.In, cst.NotIn))
    if identity:
        codes, permutation = [code for code, _ in operands], None
    else:
        codes, permutation = common(c, operands)
        if tensors:
            codes = operator_dtypes.compared(c, node, codes, [value for _, value in operands])
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
    narrowed = initialisers.narrowed(c, node.left) if isinstance(node.operator, cst.And) else {}
    names, c.scope.names = c.scope.names, {**c.scope.names, **narrowed}
    try:
        right = c.code(node.right)
    finally:
        c.scope.prefix, c.scope.names = saved, names
    a, b = c.expr(node.left)[1], c.expr(node.right)[1]
    value = a if a.kind == b.kind == "bool" else Value(memory=a.memory | b.memory)
    if isinstance(node.operator, cst.Or) and b.kind == layer_classes.KIND:
        value = join(a, b)
    if left is node.left and right is node.right:
        return node, value
    return node.with_changes(left=fit(node, "left", left), right=fit(node, "right", right)), value
