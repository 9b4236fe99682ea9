"""Walking trees without rebuilding them, which libcst's own visitors do at a high price."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import libcst as cst

_LAYOUT = {
    "lpar", "rpar", "comma", "semicolon", "leading_lines", "lines_after_decorators", "lines_after_module_docstring",
    "header", "footer",
    "trailing_whitespace", "indent", "equal", "colon", "dot", "operator", "lbracket", "rbracket", "lbrace", "rbrace",
    "asynchronous",
    "separator", "first_colon", "second_colon", "star", "lines", "posonly_ind", "default_indent", "default_newline",
    "encoding",
    "first_line", "last_line", "whitespace", "newline", "prefix", "postfix", "relative",
}  # fmt: skip
_NOT_READ = {(cst.Attribute, "attr"), (cst.Arg, "keyword"), (cst.FunctionDef, "name"), (cst.ClassDef, "name")}
_fields: dict[type, tuple[str, ...]] = {}
_nodes: dict[type, bool] = {}


def _fields_of(kind: type) -> tuple[str, ...]:
    known = _fields.get(kind)
    if known is None:
        known = tuple(
            field.name
            for field in dataclasses.fields(kind)
            if field.name not in _LAYOUT
            and not field.name.startswith("whitespace")
            and (kind, field.name) not in _NOT_READ
        )
        _fields[kind] = known
    return known


def children(node: cst.CSTNode) -> list[Any]:
    """The nodes directly inside a node, in the order of the text; no whitespace, and no names that are not looked
    up.
    """
    found: list[Any] = []
    for name in _fields_of(type(node)):
        value = getattr(node, name)
        if is_node(value):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found.extend(item for item in value if is_node(item))
    return found


def is_node(value: object) -> bool:
    """Whether a value is a node: remembered by type, since ``isinstance`` is slow for libcst's abstract classes."""
    kind = type(value)
    known = _nodes.get(kind)
    if known is None:
        known = _nodes[kind] = issubclass(kind, cst.CSTNode)
    return known


def walk(node: cst.CSTNode, *, into: tuple[type, ...] | None = None, not_into: tuple[type, ...] = ()) -> Iterator[Any]:
    """A node and everything inside it, outermost first. ``not_into`` are yielded but not entered."""
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        yield current
        if (not_into and isinstance(current, not_into) and current is not node) or (
            into and not isinstance(current, into)
        ):
            continue
        inside = children(current)
        inside.reverse()
        stack.extend(inside)


def names_read(node: cst.CSTNode) -> list[str]:
    """Every name that a piece of code looks up, with repeats; names that are only assigned are left out."""
    found: list[str] = []
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            found.append(current.value)
        elif not (isinstance(current, cst.AssignTarget) and isinstance(current.target, cst.Name)):
            inside = children(current)
            inside.reverse()
            stack.extend(inside)
    return found


def statements_in(node: cst.CSTNode) -> Iterator[Any]:
    """All statements inside a node, at whatever depth, without looking into expressions."""
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.BaseStatement):
            yield current
        if isinstance(current, (cst.SimpleStatementLine, cst.BaseExpression)):
            continue
        inside = [child for child in children(current) if not isinstance(child, cst.BaseExpression)]
        inside.reverse()
        stack.extend(inside)
