"""Whether two versions of a text hold the same code, so that only comments and empty space differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from diptych.text.pieces import TOKEN

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_MARK = "diptych"  # comments with this word say something of the code


@lru_cache(maxsize=128)
def lines_of_code(text: str) -> Sequence[tuple[int, str]] | None:
    """The lines of a piece that hold code, with their numbers from 1, without comments and without spaces at their
    ends; a string over several lines counts as one. ``None`` where it is not sure what is a comment.
    """
    lone_returns = text.count("\r") not in (0, text.count("\n"))
    if lone_returns or "\f" in text or "\0" in text or _CONTINUED.search(text):
        return None
    found: list[tuple[int, str]] = []
    number = 1
    for line in TOKEN.sub(_without_comment, text).split("\n"):
        if code := line.rstrip(" \t\r"):  # other space is no space to Python
            found.append((number, code))
        number += 1 + line.count("\0")
    return found


def _without_comment(token: re.Match[str]) -> str:
    text = token[0]
    if text[0] in "\"'":
        return text.replace("\n", "\0")
    # Strings may stand in the braces of a string: what then looks like a comment has the quote that ends it.
    is_comment = text[0] == "#" and _MARK not in text and '"' not in text and "'" not in text
    return "" if is_comment else text


def lines_before(before: Sequence[str], after: Sequence[str], first: int, last: int) -> tuple[int, int] | None:
    """Where two lines with code, counted from 1, stood in an earlier version of a text; both are cut into pieces.

    ``None`` if the code of the two versions is not the same. Lines keep their columns.
    """
    if len(before) != len(after):
        return None
    places = [0, 0]
    before_piece = after_piece = 0  # lines above the piece
    for old, new in zip(before, after, strict=True):
        if old == new:
            moved = None
        elif (moved := _moved(old, new)) is None:
            return None
        height = new.count("\n")
        for place, line in enumerate((first, last)):
            here = line - after_piece
            if 0 < here <= height + 1:
                places[place] = before_piece + (here if moved is None else moved.get(here, -before_piece))
        after_piece, before_piece = after_piece + height, before_piece + (height if old == new else old.count("\n"))
    return (places[0], places[1]) if all(places) else None


def _moved(old: str, new: str) -> dict[int, int] | None:
    """Where the lines with code of a piece stood before; ``None`` if it is not the same code."""
    then, now = lines_of_code(old), lines_of_code(new)
    if (
        then is None
        or now is None
        or ("\r" in old) != ("\r" in new)
        or [line[1] for line in then] != [line[1] for line in now]
    ):
        return None
    return {here: there for (here, _), (there, _) in zip(now, then, strict=True)}
