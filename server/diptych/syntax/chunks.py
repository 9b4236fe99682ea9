"""A file as chunks, one for each statement at the top, that are parsed by themselves.

An edit changes one chunk, so whoever remembers what it found in each need not look at the others again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from diptych.syntax.source import ParseError, refuse_depth
from diptych.syntax.walk import walk

_TOKEN = re.compile(
    r"""
    \#[^\n\r]*
    | \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\"
    | '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''
    | "(?:[^"\\\n]|\\.)*"
    | '(?:[^'\\\n]|\\.)*'
    | \\\r?\n
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<line>\n(?=[^\s\#]))
    """,
    re.VERBOSE | re.DOTALL,
)
_GOES_ON = re.compile(r"(?:else|elif|except|finally)\b")
_FIRST = re.compile(r"^(?=[^\s#])", re.MULTILINE)
_DEFAULT_INDENT = " " * 4


def split(text: str, known: Sequence[str] = ()) -> list[str]:
    """The text cut where a statement at the top begins; joined, the pieces are the text.

    What stands between two statements belongs to the first piece. ``known`` are pieces of an earlier version, in order:
    what has not changed is not read again. Texts whose lines do not end in one and the same way are one piece.
    """
    if "\f" in text or text.count("\r") not in (0, text.count("\r\n")) or text.count("\r") not in (0, text.count("\n")):
        return [text]
    if not text or text[0] == "\ufeff":
        return [text]
    pieces: list[str] = []
    place = 0
    end = len(text)
    before = 0
    for piece in known:  # what stands before the change
        after = place + len(piece)
        if after >= end or not text.startswith(piece, place) or not _begins(text, after):
            break
        pieces.append(piece)
        place, before = after, before + 1
    rest = known[before:]
    while place < end:
        piece = next(_cut(text, place))
        pieces.append(piece)
        place += len(piece)
        if rest and end - place <= sum(map(len, rest)):
            same = _same_end(text, place, rest)
            if same is not None:
                return [*pieces, *same]
    return pieces


def _same_end(text: str, place: int, rest: Sequence[str]) -> Sequence[str] | None:
    """The last of the known pieces, if they are what the text ends with from ``place`` on."""
    left = len(text) - place
    count = len(rest)
    while count and left > 0:
        count -= 1
        left -= len(rest[count])
    if left == 0 and count < len(rest) and text.endswith("".join(rest[count:])) and _begins(text, place):
        return rest[count:]
    return None


def _begins(text: str, place: int) -> bool:
    """Whether a new statement begins at the start of a line that no bracket, string or backslash holds."""
    return not text[place].isspace() and text[place] != "#" and not _GOES_ON.match(text, place)


def _cut(text: str, start: int) -> Iterator[str]:
    """The first piece from a place on, which is the start of the text or of a statement."""
    first = _FIRST.search(text, start)
    decorated = first is not None and text[first.start()] == "@"
    depth = 0
    for token in _TOKEN.finditer(text, first.start() if first else len(text)):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "line" and depth == 0:
            if decorated:
                decorated = text[token.end()] == "@"
            elif not _GOES_ON.match(text, token.end()):
                yield text[start : token.end()]
                return
    yield text[start:]


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
