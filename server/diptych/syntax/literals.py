"""Literals in the tree: reading their values and writing values as nodes."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

import libcst as cst

from diptych.text.missing import MISSING

_CONSTANTS = {"True": True, "False": False, "None": None}
_WRITTEN = {cst.Integer, cst.Float, cst.SimpleString, cst.Imaginary}
_COMPOSED = {cst.UnaryOperation, cst.Tuple, cst.List}
_literal = lru_cache(4096)(ast.literal_eval)


def value_of(node: Any) -> Any:
    """The Python value of a literal expression (numbers, strings, tuples and lists of them), else ``MISSING``."""
    kind = type(node)
    if kind is cst.Name:
        return _CONSTANTS.get(node.value, MISSING)
    if kind in _WRITTEN:
        return _literal(node.value)
    if kind not in _COMPOSED:
        return MISSING
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, (cst.Minus, cst.Plus)):
        inner = value_of(node.expression)
        if isinstance(inner, (int, float)) and not isinstance(inner, bool):
            return -inner if isinstance(node.operator, cst.Minus) else inner
    if isinstance(node, (cst.Tuple, cst.List)):
        items = []
        for element in node.elements:
            if isinstance(element, cst.StarredElement):
                return MISSING
            item = value_of(element.value)
            if item is MISSING:
                return MISSING
            items.append(item)
        return tuple(items) if isinstance(node, cst.Tuple) else items
    return MISSING


def node_of(value: Any) -> cst.BaseExpression:
    """An expression for a Python value."""
    if isinstance(value, bool) or value is None:
        return cst.Name(repr(value))
    if isinstance(value, float) and value != value:
        return cst.parse_expression('float("nan")')
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return cst.parse_expression(f'float("{"-" if value < 0 else ""}inf")')
    if isinstance(value, (int, float)):
        if value < 0:
            return cst.UnaryOperation(cst.Minus(), node_of(-value))
        text = repr(value).replace("e-0", "e-").replace("e+", "e")
        return cst.Integer(text) if isinstance(value, int) else cst.Float(text)
    if isinstance(value, str):
        return (
            cst.SimpleString('"' + value + '"')
            if '"' not in value and "\\" not in value and value.isprintable()
            else cst.SimpleString(repr(value))
        )
    if isinstance(value, (tuple, list)):
        elements = [cst.Element(node_of(item)) for item in value]
        if isinstance(value, list):
            return cst.List(elements)
        if len(elements) == 1:
            elements = [elements[0].with_changes(comma=cst.Comma())]
        return cst.Tuple(elements)
    return cst.parse_expression(repr(value))
