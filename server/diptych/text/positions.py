r"""Places in a text: offsets, lines and columns, and the UTF-16 columns of the language server protocol.

Lines count from 1 and end only at ``\n``, ``\r\n`` and ``\r``; columns count from 0, in code points unless said
otherwise.
"""

from __future__ import annotations

import bisect
import re
from itertools import accumulate, count
from operator import add

_LINE_END = re.compile(r"\r\n|\r|\n")


class LineIndex:
    """Where the lines of a text start and end. A text of n line ends has n + 1 lines, the last perhaps empty."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        self._ends = []
        if "\r" not in text:
            self._ends += map(add, accumulate(map(len, text.split("\n"))), count())
            self._starts += map((1).__add__, self._ends[:-1])
            return
        for end in _LINE_END.finditer(text):
            self._ends.append(end.start())
            self._starts.append(end.end())
        self._ends.append(len(text))

    def __len__(self) -> int:
        return len(self._starts)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset; one outside the text is moved to its start or end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; a place past the end of its line, or of the text, is moved to that end."""
        if line < 1:
            return 0
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + max(column, 0), self._ends[line - 1])

    def line(self, number: int) -> str:
        """A line without its line end. Raises ``IndexError`` if there is none of that number."""
        if number < 1:
            raise IndexError(number)
        return self.text[self._starts[number - 1] : self._ends[number - 1]]

    def newline(self, number: int) -> str:
        r"""What ends a line; for the last line, which nothing ends, what ends the first, or ``\n``."""
        if number == len(self._starts):
            number = 1
        if len(self._starts) == 1:
            return "\n"
        return self.text[self._ends[number - 1] : self._starts[number]]


def utf16_column(line: str, column: int) -> int:
    """The UTF-16 column of a column in code points; past the end of the line it is moved to that end."""
    return len(line[: max(column, 0)].encode("utf-16-le", "surrogatepass")) // 2


def code_point_column(line: str, units: int) -> int:
    """The column in code points of a UTF-16 column; one in the middle of a character is moved to its start."""
    if line.isascii():
        return min(max(units, 0), len(line))
    column = 0
    for character in line:
        units -= 2 if ord(character) > 0xFFFF else 1
        if units < 0:
            break
        column += 1
    return column
