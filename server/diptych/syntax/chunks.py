"""The statements at the top of a file, parsed by themselves, and put together as the tree of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from diptych.syntax.source import ParseError, refuse_depth
from diptych.syntax.walk import walk

_DEFAULT_INDENT = " " * 4


@dataclass
class Chunk:
    """A statement at the top as it was parsed: the lines before it (``lead``) stand in the text of the one before.

    ``after`` are the lines that follow and belong to the next statement.
    """

    text: str
    statement: Any
    header: Sequence[cst.EmptyLine] = ()
    after: Sequence[cst.EmptyLine] = ()
    indent: str | None = None
    newline: str = "\n"
    ends_line: bool = True


class NotSeparateError(Exception):
    """A text whose statements cannot be parsed one by one."""


def parse_chunk(text: str, *, last: bool) -> Chunk:
    """Parse one piece of a text. Raises ``NotSeparateError`` where it is not one statement by itself."""
    newline = "\r\n" if "\r" in text else "\n"
    try:
        refuse_depth(text)
        module = cst.parse_module(text if last else f"{text}pass{newline}")
    except (cst.ParserSyntaxError, ParseError, RecursionError, UnicodeEncodeError) as error:
        raise NotSeparateError from error
    if len(module.body) != (1 if last else 2):
        raise NotSeparateError
    statement = module.body[0]
    indent = module.default_indent
    if indent == _DEFAULT_INDENT and not any(isinstance(node, cst.IndentedBlock) for node in walk(statement)):
        indent = None
    after = module.footer if last else module.body[1].leading_lines
    return Chunk(text, statement, module.header, after, indent, module.default_newline, module.has_trailing_newline)


def assembled(chunks: Sequence[Chunk], statements: Sequence[Any]) -> cst.Module:
    """The module of chunks, with ``statements`` in place of theirs; each gets the lines before it."""
    indents = {chunk.indent for chunk in chunks if chunk.indent is not None}
    if len(indents) > 1:
        raise NotSeparateError
    return cst.Module(
        statements,
        chunks[0].header,
        chunks[-1].after,
        default_indent=next(iter(indents), _DEFAULT_INDENT),
        default_newline=chunks[0].newline,
        has_trailing_newline=chunks[-1].ends_line,
    )
