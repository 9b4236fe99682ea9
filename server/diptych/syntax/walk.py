"""Walking trees without rebuilding them, which libcst's own visitors do at a high price."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import cache
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


class _Readers(dict[type, Callable[[Any], Sequence[Any]] | None]):
    """What reads, for a type of nodes, the fields that may hold nodes, the last one first; ``None`` for other types.

    Made once for each type, since looking at fields and asking ``isinstance`` of libcst's abstract classes cost time.
    """

    def __missing__(self, kind: type) -> Callable[[Any], Sequence[Any]] | None:
        reader = self[kind] = _reader(kind) if issubclass(kind, cst.CSTNode) else None
        return reader


def _reader(kind: type) -> Callable[[Any], Sequence[Any]]:
    names = [
        field.name
        for field in reversed(dataclasses.fields(kind))
        if field.name not in _LAYOUT and not field.name.startswith("whitespace") and (kind, field.name) not in _NOT_READ
    ]
    if not names or kind in _TEXT:
        return _nothing
    if len(names) == 1:
        read_one = attrgetter(names[0])
        return lambda node: (read_one(node),)
    return attrgetter(*names)


def _nothing(node: Any) -> Sequence[Any]:
    return ()


_readers = _Readers()


def children(node: cst.CSTNode) -> list[Any]:
    """The nodes directly inside a node, in the order of the text; no whitespace, and no names that are not looked
    up.
    """
    found: list[Any] = []
    read = _readers[type(node)]
    for value in read(node)[::-1] if read is not None else ():
        if isinstance(value, (list, tuple)):
            found += value
        elif _readers[type(value)] is not None:
            found.append(value)
    return found


def is_node(value: object) -> bool:
    """Whether a value is a node: remembered by type, since ``isinstance`` is slow for libcst's abstract classes."""
    return _readers[type(value)] is not None


def walk(node: cst.CSTNode, *, not_into: tuple[type, ...] = ()) -> Iterator[Any]:
    """A node and everything inside it, outermost first. ``not_into`` are yielded but not entered."""
    readers, stack = _readers, [node]
    left_out = _subclasses(not_into) if not_into else ()
    while stack:
        current: Any = stack.pop()
        kind = type(current)
        if kind is tuple or kind is list:
            stack += current[::-1]
            continue
        read = readers[kind]
        if read is None:
            continue
        yield current
        if read is not _nothing and (kind not in left_out or current is node):
            stack += read(current)


@cache
def _subclasses(kinds: tuple[type, ...]) -> frozenset[type]:
    """Types of nodes that are one of some: ``isinstance`` of libcst's abstract classes is slow."""
    every = (each for each in vars(cst).values() if isinstance(each, type) and issubclass(each, cst.CSTNode))
    return frozenset(each for each in (*every, Opaque) if issubclass(each, kinds))


def names_read(node: cst.CSTNode) -> list[str]:
    """Every name that a piece of code looks up, with repeats; names that are only assigned are left out."""
    readers, stack = _readers, [node]
    found: list[str] = []
    while stack:
        current: Any = stack.pop()
        kind = type(current)
        if kind is cst.Name:
            found.append(current.value)
        elif kind is tuple or kind is list:
            stack += current[::-1]
        elif kind is cst.AssignTarget:
            stack += _looked_up_in(current.target)[::-1]
        elif (read := readers[kind]) is not None and read is not _nothing:
            stack += read(current)
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


def methods_of(node: cst.ClassDef) -> tuple[cst.FunctionDef, ...]:
    """The methods of a class, in order."""
    return tuple(item for item in node.body.body if isinstance(item, cst.FunctionDef))


def is_left(body: Any) -> bool:
    """Whether the last statement of a block leaves it: what follows the block is not reached from its end."""
    last = body.body[-1] if body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, (cst.Return, cst.Raise, cst.Continue, cst.Break))
