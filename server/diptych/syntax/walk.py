"""Walking trees without rebuilding them, which libcst's own visitors do at a high price."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import libcst as cst

from diptych.syntax.opaque import Opaque

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
_TEXT = {cst.Name, cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.FormattedStringText, Opaque}
_nodes: dict[type, bool] = {}
_readers: dict[type, Callable[[Any], Sequence[Any]]] = {}


def _nothing(node: Any) -> Sequence[Any]:
    return ()


def _reader(kind: type) -> Callable[[Any], Sequence[Any]]:
    """What lists the nodes directly inside a node of one type; made once, since isinstance and fields cost time."""
    names = [
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in _LAYOUT and not field.name.startswith("whitespace") and (kind, field.name) not in _NOT_READ
    ]
    if not names or kind in _TEXT:
        return _nothing
    if len(names) == 1:
        read_one = attrgetter(names[0])

        def one(node: Any) -> Sequence[Any]:
            value = read_one(node)
            if is_node(value):
                return (value,)
            return value if isinstance(value, (list, tuple)) else ()

        return one
    read = attrgetter(*names)

    def several(node: Any) -> Sequence[Any]:
        found: list[Any] = []
        for value in read(node):
            known = _nodes.get(type(value))
            if known or (known is None and is_node(value)):
                found.append(value)
            elif isinstance(value, (list, tuple)):
                found += value
        return found

    return several


def children(node: cst.CSTNode) -> Sequence[Any]:
    """The nodes directly inside a node, in the order of the text; no whitespace, and no names that are not looked
    up.
    """
    return (_readers.get(type(node)) or _reader_of(type(node)))(node)


def _reader_of(kind: type) -> Callable[[Any], Sequence[Any]]:
    reader = _readers[kind] = _reader(kind)
    return reader


def is_node(value: object) -> bool:
    """Whether a value is a node: remembered by type, since ``isinstance`` is slow for libcst's abstract classes."""
    kind = type(value)
    known = _nodes.get(kind)
    if known is None:
        known = _nodes[kind] = issubclass(kind, cst.CSTNode)
    return known


def walk(node: cst.CSTNode, *, not_into: tuple[type, ...] = ()) -> Iterator[Any]:
    """A node and everything inside it, outermost first. ``not_into`` are yielded but not entered."""
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        yield current
        if not_into and current is not node and isinstance(current, not_into):
            continue
        reader = _readers.get(type(current)) or _reader_of(type(current))
        if reader is not _nothing:
            stack.extend(reversed(reader(current)))


def names_read(node: cst.CSTNode) -> list[str]:
    """Every name that a piece of code looks up, with repeats; names that are only assigned are left out."""
    found: list[str] = []
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind is cst.Name:
            found.append(current.value)
        elif kind is cst.AssignTarget:
            stack += _looked_up_in(current.target)[::-1]
        else:
            reader = _readers.get(kind) or _reader_of(kind)
            if reader is not _nothing:
                stack.extend(reversed(reader(current)))
    return found


def _looked_up_in(target: Any) -> list[Any]:
    """The parts of an assignment's target that look something up: not the names that it binds."""
    if type(target) is cst.Name:
        return []
    if type(target) in (cst.Tuple, cst.List):
        return [part for element in target.elements for part in _looked_up_in(element.value)]
    return [target]


def statements_in(node: cst.CSTNode) -> Iterator[Any]:
    """All statements inside a node, at whatever depth, without looking into expressions."""
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.BaseStatement):
            yield current
        if isinstance(current, (cst.SimpleStatementLine, cst.BaseExpression)):
            continue
        stack += [child for child in children(current)[::-1] if not isinstance(child, cst.BaseExpression)]


def is_left(body: Any) -> bool:
    """Whether the last statement of a block leaves it: what follows the block is not reached from its end."""
    last = body.body[-1] if body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, (cst.Return, cst.Raise, cst.Continue, cst.Break))
