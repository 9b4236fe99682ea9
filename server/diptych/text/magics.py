"""Cells of notebooks as Python alone: ``%magics``, ``!shell`` and ``help?`` blanked, all else where it was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diptych.text.lines import split_lines

# Cell magics whose cell is Python; the cell of any other is another language or shown, not run.
PYTHON_CELLS = {"time", "timeit", "capture", "prun", "memit", "snakeviz", "pyinstrument"}
_COMMAND = re.compile(r"\s*(?:[%!?]|[\w.\[\], ]+?=\s*[%!](?=[\w!]))|[^#'\"=]*[\w\])]\?{1,2}\s*$")
_QUOTE = re.compile(r"'''|\"\"\"|'|\"")
_REST = {quote: re.compile(rf"(?:\\.|(?!{quote}).)*(?P<end>{quote})?", re.DOTALL) for quote in ("'''", '"""', "'", '"')}


def blanked(cell: str) -> tuple[str, frozenset[int]]:
    """The cell with as many characters on each line, and the lines (from 1) that were blanked.

    A blanked command becomes ``pass`` (or a shorter statement that does nothing), so that a block that it stands in
    keeps a body.
    """
    lines = split_lines(cell)
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split()[:1] and first[2:].split()[0] not in PYTHON_CELLS:
        return "".join(_nothing(line) for line in lines), frozenset(range(1, len(lines) + 1))
    starts = set(_statement_starts(lines))
    found: set[int] = set()
    goes_on = False
    for number, line in enumerate(lines, 1):
        if goes_on or (number in starts and _COMMAND.match(line)):
            lines[number - 1] = _nothing(line) if goes_on else _idle(line)
            goes_on = line.rstrip("\r\n").endswith("\\")
            found.add(number)
    return "".join(lines), frozenset(found)


def _statement_starts(lines: list[str]) -> Iterator[int]:
    """Lines that begin neither in a string nor in brackets nor after a backslash."""
    quote, depth, continued = "", 0, False
    for number, line in enumerate(lines, 1):
        if not quote and depth <= 0 and not continued:
            yield number
            if _COMMAND.match(line):
                continue
        place = 0
        while place < len(line):
            if quote:
                rest = _REST[quote].match(line, place)
                assert rest is not None
                place = rest.end()
                if rest["end"]:
                    quote = ""
                elif len(quote) == 1 and not line.rstrip("\r\n").endswith("\\"):
                    quote = ""  # an unfinished string ends with its line
                continue
            if line[place] == "#":
                break
            opened = _QUOTE.match(line, place)
            if opened:
                quote = opened[0]
                place = opened.end()
                continue
            depth += (line[place] in "([{") - (line[place] in ")]}")
            place += 1
        continued = not quote and line.rstrip("\r\n").endswith("\\")


def _nothing(line: str) -> str:
    return re.sub(r"[^\r\n]", " ", line)


def _idle(line: str) -> str:
    """A line whose command is replaced by a statement that does nothing, indented as it was."""
    body = line.rstrip("\r\n")
    indent = body[: len(body) - len(body.lstrip())]
    room = len(body) - len(indent)
    if not indent:
        return _nothing(line)
    statement = next((word for word in ("pass", "...", "0") if len(word) <= room), "")
    return indent + statement + " " * (room - len(statement)) + line[len(body) :]
