"""The statements at the top of a file, parsed by themselves, and put together as the tree of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from diptych.syntax.source import ParseError, refuse_depth
from diptych.syntax.walk import walk
from diptych.text.members import Part, members

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
        if (parts := members(text)) is not None and (chunk := _long_class(text, parts, newline, last=last)) is not None:
            return chunk
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


def _long_class(text: str, parts: Sequence[Part], newline: str, *, last: bool) -> Chunk | None:
    """A long class, parsed statement by statement: the parser's memory grows with what it is given, and it lets no
    other thread run meanwhile. ``None`` where the parts are not what they should be by themselves.
    """
    stop = f"pass{newline}"
    head, *rest = parts
    indent = head.after[: -len("pass\n")]
    try:
        module = cst.parse_module(f"{head.text}{indent}{stop}")
        outer = _class_in(module, 1)
        (end,) = outer.body.body
        lead, statements = end.leading_lines, []
        inner, block = module, outer.body
        for part in rest:
            is_last = part is rest[-1]
            after = f"{indent}{stop}" if not is_last else "" if last else stop
            inner = cst.parse_module(f"class _:{newline}{part.text}{after}")
            block = _class_in(inner, 2 if is_last and not last else 1).body
            if (inner.default_indent, inner.default_newline, block.indent) != (
                module.default_indent, module.default_newline, outer.body.indent,
            ):  # fmt: skip
                return None
            first, *others = block.body if is_last else block.body[:-1]
            statements += [first.with_changes(leading_lines=lead) if lead else first, *others]
            lead = block.body[-1].leading_lines
    except (cst.ParserSyntaxError, ValueError):
        return None
    statement = outer.with_changes(body=outer.body.with_changes(body=statements, footer=block.footer))
    after = inner.footer if last else inner.body[1].leading_lines
    return Chunk(
        text, statement, module.header, after, module.default_indent, module.default_newline, inner.has_trailing_newline
    )


def _class_in(module: cst.Module, count: int) -> Any:
    """The class that a module of so many statements begins with. Raises ``ValueError`` if there is none."""
    first = module.body[0] if len(module.body) == count else None
    if not isinstance(first, cst.ClassDef) or not isinstance(first.body, cst.IndentedBlock):
        raise ValueError("no class")
    return first


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
