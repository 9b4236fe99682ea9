"""Whether two versions of a text hold the same code, so that only comments and empty space differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from diptych.text.tokens import TOKEN

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


def lines_before(
    before: Sequence[str], after: Sequence[str], first: int, last: int, above: Callable[[int], int] | None = None
) -> tuple[int, int] | None:
    """Where two lines with code, counted from 1, stood in an earlier version of a text; both are cut into pieces.

    ``None`` if the code of the two versions is not the same. Lines keep their columns. ``above`` tells how many lines
    stand above a piece of the later text, where that is known.
    """
    if len(before) != len(after):
        return None
    found = [first, last]
    shift = 0
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is new or old == new:
            continue
        if (moved := _moved(old, new)) is None:
            return None
        start = above(number) if above is not None else sum(piece.count("\n") for piece in after[:number])
        height = new.count("\n")
        taller = old.count("\n") - height
        for place, line in enumerate((first, last)):
            if line > start + height and number + 1 < len(after):
                found[place] = line + shift + taller
            elif line > start:
                found[place] = start + shift + moved[line - start] if line - start in moved else 0
        shift += taller
    return (found[0], found[1]) if all(found) else None


@lru_cache(maxsize=128)
def same_but_for_empty_space(old: str, new: str) -> bool:
    """Whether two texts have the same lines, comments among them, but for spaces at their ends and empty ones."""
    return without_empty_space(old) == without_empty_space(new)


def without_empty_space(text: str) -> list[str]:
    """The lines of a text, comments among them, without spaces at their ends and without empty ones."""
    return [kept for line in text.split("\n") if (kept := line.rstrip(" \t\r"))]


@lru_cache(maxsize=128)
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
