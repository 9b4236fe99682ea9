"""Putting one expression in another's place, with the parentheses that it needs there."""

from __future__ import annotations

import libcst as cst

from diptych.syntax.precedence import argument, atom, operand


def fit(parent: cst.CSTNode, name: str, child: cst.BaseExpression) -> cst.BaseExpression:
    """``child`` as the part ``name`` of ``parent``."""
    if isinstance(parent, (cst.Attribute, cst.Subscript)) and name == "value":
        return atom(child)
    if isinstance(parent, cst.Call) and name == "func":
        return atom(child)
    if isinstance(parent, (cst.BinaryOperation, cst.BooleanOperation)):
        return operand(child, parent.operator, "left" if name == "left" else "right")
    if isinstance(parent, cst.UnaryOperation):
        return operand(child, parent.operator, "right")
    if isinstance(parent, cst.Comparison):
        return operand(child, cst.Equal(), "right")
    if isinstance(parent, cst.IfExp):
        return operand(child, None, "left")
    if isinstance(
        parent, (cst.Arg, cst.Element, cst.DictElement, cst.Index, cst.CompFor, cst.CompIf, cst.StarredElement)
    ):
        return argument(child)
    return child
