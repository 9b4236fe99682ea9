"""Parsing, and where nodes stand in the text."""

from __future__ import annotations

import ast
import bisect
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from diptych.text.lines import split_lines


class ParseError(ValueError):
    """Text that is not Python; ``line`` counts from 1, ``column`` from 0."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def parse(text: str) -> cst.Module:
    """Parse a file. Raises ``ParseError`` with its place."""
    refuse_depth(text)
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _explained(text, error) from error
    except UnicodeEncodeError as error:
        before = split_lines(text[: error.start] + "?")
        raise ParseError("half of a surrogate pair is no character", len(before), len(before[-1]) - 1) from error
    except RecursionError as error:
        raise ParseError("the code is nested too deeply", 1, 0) from error


_BRACKET = re.compile(r"[(\[{]|[)\]}]")
_DEEP = 200  # as many brackets as Python itself reads within one another


def refuse_depth(text: str) -> None:
    """Raise ``ParseError`` for what Python refuses as too deep; far beyond it libcst's parser ends the process."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth = depth + 1 if bracket in "([{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    if deepest > _DEEP or text.count("lambda") > _DEEP:  # or strings are full of them
        try:
            own = _own_error(text)
        except (RecursionError, MemoryError) as error:
            raise ParseError("the code is nested too deeply", 1, 0) from error
        if own is not None:
            raise own


def _own_error(text: str) -> ParseError | None:
    """What Python itself says against a text; ``RecursionError`` or ``MemoryError`` where it gives up."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return ParseError(error.msg, error.lineno, max((error.offset or 1) - 1, 0)) if error.lineno else None
    except ValueError:
        return None
    return None


def _explained(text: str, error: cst.ParserSyntaxError) -> ParseError:
    """The error in Python's own words and place; in libcst's, which are worse, where this interpreter has none."""
    try:
        own = _own_error(text)
    except (RecursionError, MemoryError):
        own = None
    if own is not None:
        return own
    message = " ".join(error.message.split())
    if message.startswith("parser error: "):
        message = "this is not valid Python here"
    return ParseError(message, max(error.raw_line, 1), max(error.raw_column, 0))


@dataclass(frozen=True)
class Span:
    """Where a node stands; lines count from 1, columns from 0, in code points."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass
class _Recorder(CodegenState):
    """Generates code and notes the offsets of nodes, which is much cheaper than libcst's own positions."""

    offset: int = 0
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add_token(self, value: str) -> None:
        super().add_token(value)
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        before = len(self.tokens)
        super().add_indent_tokens()
        self.offset += sum(map(len, self.tokens[before:]))

    def pop_trailing_newline(self) -> None:
        before = sum(map(len, self.tokens))
        super().pop_trailing_newline()
        self.offset += sum(map(len, self.tokens)) - before

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: Any = None, end_node: Any = None
    ) -> Iterator[None]:
        start = self.offset
        yield
        end = self.offset
        if start_node is not None and id(start_node) in self.spans:
            start = self.spans[id(start_node)][0]
        if end_node is not None and id(end_node) in self.spans:
            end = self.spans[id(end_node)][1]
        self.spans[id(node)] = (start, end)


class Positions:
    """Places of the nodes of one tree, by identity; the tree must stay alive."""

    def __init__(self, module: cst.Module) -> None:
        state = _Recorder(default_indent=module.default_indent, default_newline=module.default_newline)
        module._codegen(state)
        self.code = "".join(state.tokens)
        self._spans = state.spans
        self._starts = [
            0,
            *(i + 1 for i, c in enumerate(self.code) if c == "\n" or (c == "\r" and self.code[i + 1 : i + 2] != "\n")),
        ]

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def known(self, node: cst.CSTNode) -> bool:
        """Whether the node belongs to the tree."""
        return id(node) in self._spans

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end of a node, counted in code points of the file."""
        return self._spans[id(node)]

    def span(self, node: cst.CSTNode) -> Span:
        """The place of a node; ``KeyError`` if it is not part of the tree."""
        start, end = self._spans[id(node)]
        return Span(*self._place(start), *self._place(end))
