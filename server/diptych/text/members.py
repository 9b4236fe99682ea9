"""A long class cut into its head and the statements of its body, so that an edit of one method changes one part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from diptych.text.tokens import CONTINUES, FIRST, begins, code_tokens, line_starts

OPENING = "class _:\n"
_LONG = 4_000  # characters; of what is shorter the whole is read again as quickly
_CLASS = re.compile(r"class\b")
_INDENT = re.compile(r"[ \t]*")
_CODE = code_tokens(r"\n(?=[ \t]*[^\s\#])")


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


def members(piece: str) -> tuple[Part, ...] | None:
    """The head of a long class and the statements of its body; joined, they are the piece. ``None`` for what is none,
    or where a line is not told from the inside of a string or bracket.

    What stands between two statements belongs to the first of them, what stands before the first to the head.
    """
    if len(piece) <= _LONG or piece[0] == "\ufeff":
        return None
    if piece not in _recent:
        _remember(piece, _members(piece))
    return _recent[piece]


_recent: dict[str, tuple[Part, ...] | None] = {}


def _remember(piece: str, cut: tuple[Part, ...] | None) -> None:
    global _recent
    _recent = {**dict(list(_recent.items())[-7:]), piece: cut}


def _members(piece: str) -> tuple[Part, ...] | None:
    body = _body(piece)
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


def cut_again(text: str, start: int, before: str, *, last: bool) -> str | None:
    """The piece of a text from ``start`` on, where that is an edited version of the long class ``before``: read from
    the first statement of its body that has changed to where the old ones go on. ``members`` will know the parts.

    ``None`` where the head has changed, and for what was not cut lately. ``last``: whether nothing stood behind it.
    """
    known = _recent.get(before)
    if known is None:
        return None
    indent = known[0].after.removesuffix("pass\n")
    found: list[Part] = []
    place = start
    for part in known[:-1]:
        if not text.startswith(part.text, place) or not _goes_on(text, place + len(part.text), indent):
            break
        found.append(part)
        place += len(part.text)
    if not found:
        return None
    numbers = {part.text: number for number, part in enumerate(known)}
    decorated = text[place + len(indent)] == "@"
    end = len(text)
    for line in line_starts(_lines(indent), text, place):
        if not text[line].isspace():
            if CONTINUES.match(text, line):
                continue
            end = line
            break
        first = line + len(indent)
        if decorated:
            decorated = text[first] == "@"
        elif not CONTINUES.match(text, first):
            found.append(Part(text[place:line], before=OPENING))
            place, decorated = line, text[first] == "@"
            rest = known[numbers.get(found[-1].text, len(known)) + 1 :]
            if rest and (after := _end_of(rest, text, line, last=last)) is not None:
                found += rest
                place = end = after
                break
    if place < end:
        found.append(Part(text[place:end], before=OPENING))
    piece = text[start:end]
    if len(piece) > _LONG:
        _remember(piece, tuple(found))
    return piece


def _goes_on(text: str, place: int, indent: str) -> bool:
    """Whether a statement of a body begins at a place where one began before an edit."""
    first = place + len(indent)
    return text.startswith(indent, place) and first < len(text) and begins(text, first)


def _end_of(rest: Iterable[Part], text: str, place: int, *, last: bool) -> int | None:
    """Where the last of these parts ends, if they stand at a place and the piece ends with them."""
    same = "".join(part.text for part in rest)
    end = place + len(same)
    if not text.startswith(same, place):
        return None
    return end if end == len(text) or (not last and begins(text, end)) else None


def _body(piece: str) -> int | None:
    """Where the line begins that holds the first statement of the class that the piece is."""
    first = FIRST.search(piece)
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


@cache
def _lines(indent: str) -> re.Pattern[str]:
    """Where statements of a body and statements at the top begin."""
    return code_tokens(rf"\n(?=(?:{re.escape(indent)})?[^\s\#])")
