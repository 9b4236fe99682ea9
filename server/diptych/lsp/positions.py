"""Positions between the protocol's terms and our own.

The protocol's lines count from 0 and its columns in UTF-16 units; ours count from 1, and in code points from 0.
"""

from __future__ import annotations

from lsprotocol.types import Position, Range

from diptych.text.positions import LineIndex, code_point_column, utf16_column


class Lines:
    """The lines of a text, for positions in both directions. Places outside the text are moved into it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.index = LineIndex(text)

    def place(self, position: Position) -> tuple[int, int]:
        """(line from 1, column in code points) of a position of the protocol."""
        if position.line >= len(self.index):
            return self.index.place(len(self.text))
        line = position.line + 1
        return line, code_point_column(self.index.line(line), position.character)

    def why_not(self, first: int, last: int) -> str | None:
        """Why these lines cannot be changed by one edit; in a document of its own they always can."""
        return None

    def offset(self, position: Position) -> int:
        """The index into the text."""
        return self.index.offset(*self.place(position))

    def position(self, line: int, column: int) -> Position:
        """The protocol's position of (line from 1, column in code points)."""
        line, column = self.index.place(self.index.offset(line, column))
        return Position(line - 1, utf16_column(self.index.line(line), column))

    def range(self, line: int, column: int, end_line: int, end_column: int) -> Range:
        """The protocol's range of two places, never backwards."""
        start, end = self.position(line, column), self.position(end_line, end_column)
        return Range(start, max(start, end, key=lambda position: (position.line, position.character)))
