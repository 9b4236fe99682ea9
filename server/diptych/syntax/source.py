"""Parsing, and where nodes stand in the text."""

from __future__ import annotations

import ast
import bisect
import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, cast

import libcst as cst

from diptych.syntax.making import make_quick_to_make
from diptych.syntax.plain import make_plain
from diptych.syntax.recorder import Recorder, is_expression, make_quick
from diptych.text.lines import split_lines

make_plain()
make_quick()
make_quick_to_make()


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


_LINE_END = re.compile(r"\r\n|\r|\n")


class Positions:
    """Places of the nodes of one tree, by identity; the tree must stay alive.

    Those of expressions are found when they are first asked for, or at once where that is sure to come.
    """

    def __init__(self, module: cst.Module, *, expressions: bool = False) -> None:
        self._module = module
        self._whole = expressions
        self.code = self._record(expressions=expressions)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.code))]

    def _record(self, *, expressions: bool) -> str:
        state = Recorder(self._module, expressions=expressions)
        self._module._codegen(cast(Any, state))
        self._offsets = [0, *accumulate(map(len, state.tokens))]
        self._spans = state.spans
        return "".join(state.tokens)

    def _find(self, node: cst.CSTNode) -> tuple[int, int] | None:
        span = self._spans.get(id(node))
        if span is None and not self._whole and is_expression(type(node)):
            self._whole = True
            self._record(expressions=True)
            span = self._spans.get(id(node))
        return span

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def known(self, node: cst.CSTNode) -> bool:
        """Whether the node belongs to the tree."""
        return self._find(node) is not None

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end of a node, counted in code points of the file; ``KeyError`` if it is not part of the tree."""
        span = self._find(node)
        if span is None:
            raise KeyError(node)
        return self._offsets[span[0]], self._offsets[span[1]]

    def lines(self, node: cst.CSTNode) -> tuple[int, int] | None:
        """The first and the last line of a node, ``None`` if it is not part of the tree."""
        span = self._find(node)
        if span is None:
            return None
        starts, offsets = self._starts, self._offsets
        return bisect.bisect_right(starts, offsets[span[0]]), bisect.bisect_right(starts, offsets[span[1]])

    def span(self, node: cst.CSTNode) -> Span:
        """The place of a node; ``KeyError`` if it is not part of the tree."""
        start, end = self.offsets(node)
        return Span(*self._place(start), *self._place(end))


_ALONE = cst.Module([])
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}


def code_of(node: cst.CSTNode) -> str:
    """The code of a node by itself, as ``cst.Module([]).code_for_node`` gives it, but sooner."""
    if type(node) is cst.Name and not node.lpar:
        return node.value
    state = Recorder(_ALONE, expressions=False)
    node._codegen(cast(Any, state))
    return "".join(state.tokens)


def breaks(node: cst.BaseExpression) -> bool:
    """Whether a line ends in an expression outside of all brackets: it can only stand where some are around it."""
    state = Recorder(_ALONE, expressions=False)
    node._codegen(cast(Any, state))
    depth = 0
    for token in state.tokens:
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
        elif depth == 0 and token.isspace() and ("\n" in token or "\r" in token):
            return True
    return False
