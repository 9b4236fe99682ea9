"""A parsed text with all that checks ask of it."""

from __future__ import annotations

import bisect
from functools import cached_property

import libcst as cst

from diptych.checks.mentions import Abridged
from diptych.syntax.names import Names
from diptych.syntax.source import Positions, parse
from diptych.text.edits import Edit
from diptych.text.positions import LineIndex


class Source:
    """One text, its tree, names and places. Raises ``diptych.syntax.source.ParseError`` if it is not Python.

    The tree is that of the ``abridged`` text, if that is given.
    """

    def __init__(self, text: str, abridged: Abridged | None = None) -> None:
        self.text = text
        self._read = text if abridged is None else abridged.text
        self.module = parse(self._read.removeprefix("\ufeff"))
        left_out = (abridged.read, abridged.bound) if abridged is not None else ((), ())
        self.names = Names(self.module, *left_out)

    @cached_property
    def lines(self) -> LineIndex:
        """Where the lines of the text are."""
        return LineIndex(self.text)

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.module, expressions=True)

    @cached_property
    def _dropped(self) -> list[int]:
        """Offsets in the tree's code before which the text has a character that the tree lacks.

        libcst drops form feeds at the start of a line, a byte order mark and a last lone carriage return.
        """
        code, dropped = self._positions.code, []
        if code == self._read:
            return dropped
        at = 0
        for character in self._read:
            if at < len(code) and code[at] == character:
                at += 1
            elif character in "\x0c\ufeff\r":
                dropped.append(at)
            else:
                raise ValueError("the text cannot be read back exactly")
        return dropped

    def _offset(self, offset: int) -> int:
        return offset + bisect.bisect_right(self._dropped, offset)

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end of a node in the text, in code points; parentheses around it are outside."""
        start, end = self._positions.offsets(node)
        return self._offset(start), self._offset(end - 1) + 1 if end > start else self._offset(start)

    def edit(self, start: int, end: int, text: str) -> Edit:
        """The edit that puts ``text`` in place of what stands between two offsets."""
        return Edit(*self.lines.place(start), *self.lines.place(end), text)

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node with the parentheses around it."""
        return self.module.code_for_node(node)
