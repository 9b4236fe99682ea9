"""Where parentheses are needed when an expression is put inside another."""

from __future__ import annotations

from typing import Any, Literal

import libcst as cst

PARENS = {"lpar": [cst.LeftParen()], "rpar": [cst.RightParen()]}

_LOOSE = (cst.Lambda, cst.IfExp, cst.NamedExpr, cst.Yield, cst.Await)
_LEVELS: list[tuple[type, ...]] = [
    (cst.Or,), (cst.And,), (cst.Not,),
    (cst.Equal, cst.NotEqual, cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual, cst.Is,
    cst.IsNot, cst.In, cst.NotIn),
    (cst.BitOr,), (cst.BitXor,), (cst.BitAnd,), (cst.LeftShift, cst.RightShift), (cst.Add, cst.Subtract),
    (cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.MatrixMultiply), (cst.Plus, cst.Minus,
    cst.BitInvert), (cst.Power,),
]  # fmt: skip


def _level(operator: Any) -> int:
    for level, types in enumerate(_LEVELS):
        if isinstance(operator, types):
            return level
    return -1


def parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression in parentheses, unless it has them."""
    return node if node.lpar else node.with_changes(**PARENS)


def atom(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression before ``.name``, ``(...)`` or ``[...]``."""
    if isinstance(
        node,
        (
            cst.Name,
            cst.Attribute,
            cst.Call,
            cst.Subscript,
            cst.List,
            cst.Dict,
            cst.Set,
            cst.SimpleString,
            cst.ListComp,
            cst.FormattedString,
        ),
    ):
        return node
    if isinstance(node, (cst.Tuple, cst.GeneratorExp)) and node.lpar:
        return node
    return parenthesized(node)


def operand(node: cst.BaseExpression, operator: Any, side: Literal["left", "right"]) -> cst.BaseExpression:
    """An expression beside an operator; ``None`` as operator stands for the parts of a conditional expression."""
    if node.lpar:
        return node
    if isinstance(node, _LOOSE) or (isinstance(node, cst.Tuple) and not node.lpar):
        return parenthesized(node)
    if operator is None:
        return node
    if isinstance(node, cst.Comparison):
        inner = _level(cst.Equal())
    elif isinstance(node, (cst.BinaryOperation, cst.BooleanOperation, cst.UnaryOperation)):
        inner = _level(node.operator)
    else:
        return node
    outer = _level(operator)
    tight = inner > outer or (
        inner == outer
        and side == "left"
        and not isinstance(operator, cst.Power)
        and not isinstance(node, cst.Comparison)
    )
    return node if tight else parenthesized(node)


def argument(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression as an argument of a call."""
    if isinstance(node, (cst.NamedExpr, cst.Yield)) or (isinstance(node, cst.Tuple) and not node.lpar):
        return parenthesized(node)
    return node


def bare(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression without the parentheses that an argument does not need; those with a comment in them stay."""
    if (
        not isinstance(node, (cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation, cst.Comparison, cst.IfExp))
        or not node.lpar
    ):
        return node
    spaces = [*(paren.whitespace_after for paren in node.lpar), *(paren.whitespace_before for paren in node.rpar)]
    return (
        node.with_changes(lpar=(), rpar=())
        if all(isinstance(space, cst.SimpleWhitespace) for space in spaces)
        else node
    )
