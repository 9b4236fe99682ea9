"""A long class cut into its head and the statements of its body, so that an edit of one method changes one part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from diptych.text.pieces import CONTINUES, code_tokens, line_starts

OPENING = "class _:\n"
_LONG = 4_000  # characters; of what is shorter the whole is read again as quickly
_CLASS = re.compile(r"class\b")
_INDENT = re.compile(r"[ \t]*")
_CODE = code_tokens(r"\n(?=[ \t]*[^\s\#])")
_FIRST = re.compile(r"^(?=[^\s#])", re.MULTILINE)


class Part(NamedTuple):
    """A part of a text. With ``before`` and ``after`` around it, it can be parsed by itself: the statement at the top
    that it is, the head of a class with a body of one ``pass``, or statements of a body in a class of no other.
    """

    text: str
    before: str = ""
    after: str = ""

    @property
    def whole(self) -> str:
        """What is to be parsed."""
        return f"{self.before}{self.text}{self.after}"


def parts(pieces: Iterable[str]) -> list[Part]:
    """The parts of all pieces of a text, those of long classes for themselves."""
    return [part for piece in pieces for part in members(piece) or (Part(piece),)]


@lru_cache(maxsize=8)
def members(piece: str) -> tuple[Part, ...] | None:
    """The head of a long class and the statements of its body; joined, they are the piece. ``None`` for what is none,
    or where a line is not told from the inside of a string or bracket.

    What stands between two statements belongs to the first of them, what stands before the first to the head.
    """
    body = _body(piece) if len(piece) > _LONG and piece[0] != "\ufeff" else None
    if body is None:
        return None
    match = _INDENT.match(piece, body)
    indent = match[0] if match else ""
    if not indent:
        return None
    found = [Part(piece[:body], after=f"{indent}pass\n")]
    start = body
    decorated = piece[body + len(indent)] == "@"
    for line in line_starts(_statements(indent), piece, body):
        first = line + len(indent)
        if decorated:
            decorated = piece[first] == "@"
        elif not CONTINUES.match(piece, first):
            found.append(Part(piece[start:line], before=OPENING))
            start, decorated = line, piece[first] == "@"
    found.append(Part(piece[start:], before=OPENING))
    return tuple(found)


def _body(piece: str) -> int | None:
    """Where the line begins that holds the first statement of the class that the piece is."""
    first = _FIRST.search(piece)
    if first is None:
        return None
    in_class = _CLASS.match(piece, first.start()) is not None
    if not in_class and piece[first.start()] != "@":
        return None
    for line in line_starts(_CODE, piece, first.start()):
        if in_class:
            return line
        in_class = _CLASS.match(piece, line) is not None
        if not in_class and piece[line] != "@":
            return None
    return None


@cache
def _statements(indent: str) -> re.Pattern[str]:
    return code_tokens(rf"\n(?={re.escape(indent)}[^\s\#])")
