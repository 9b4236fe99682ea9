"""A file cut into pieces, one for each statement at the top.

An edit changes one piece, so whoever remembers what it found in each need not look at the others again.
"""

from __future__ import annotations

from collections.abc import Sequence

from diptych.text.members import cut_again
from diptych.text.tokens import CONTINUES, FIRST, TOKEN, begins, line_starts


def split(text: str, known: Sequence[str] = ()) -> list[str]:
    """The text cut where a statement at the top begins; joined, the pieces are the text.

    What stands between two statements belongs to the first piece. ``known`` are pieces of an earlier version, in order:
    what has not changed is not read again. Texts whose lines do not end in one and the same way are one piece.

    Several look at each version of a text, so the last cuts are remembered.
    """
    global _recent
    for before, pieces in _recent:
        if before == text:
            return list(pieces)
    pieces = _split(text, known)
    _recent = ((text, tuple(pieces)), *_recent[:3])
    return pieces


_recent: tuple[tuple[str, tuple[str, ...]], ...] = ()


def _split(text: str, known: Sequence[str]) -> list[str]:
    if "\f" in text or ("\r" in text and not text.count("\r") == text.count("\r\n") == text.count("\n")):
        return [text]
    if not text or text[0] == "\ufeff":
        return [text]
    pieces: list[str] = []
    place = 0
    end = len(text)
    before = 0
    for piece in known[:-1]:  # what stands before the change; the last piece was cut by the end of its text
        after = place + len(piece)
        if after >= end or not text.startswith(piece, place) or not begins(text, after):
            break
        pieces.append(piece)
        place, before = after, before + 1
    rest = known[before:]
    while place < end:
        first = rest[0] if rest and len(pieces) == before else None
        piece = cut_again(text, place, first, last=len(rest) == 1) if first is not None else None
        piece = piece or _cut(text, place)
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
    if left == 0 and count < len(rest) and text.endswith("".join(rest[count:])) and begins(text, place):
        return rest[count:]
    return None


def _cut(text: str, start: int) -> str:
    """The first piece from a place on, which is the start of the text or of a statement."""
    first = FIRST.search(text, start)
    decorated = first is not None and text[first.start()] == "@"
    for place in line_starts(TOKEN, text, first.start() if first else len(text)):
        if decorated:
            decorated = text[place] == "@"
        elif not CONTINUES.match(text, place):
            return text[start:place]
    return text[start:]
