"""Changes to a text, by places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diptych.text.positions import LineIndex


@dataclass(frozen=True, order=True)
class Edit:
    """Put ``text`` in place of what stands between two places; lines count from 1, columns from 0, in code points."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


def overlap(first: Edit, second: Edit) -> bool:
    """Whether the result of two edits depends on their order; two equal edits count as one."""
    if first == second:
        return False
    start, end = (first.line, first.column), (first.end_line, first.end_column)
    other_start, other_end = (second.line, second.column), (second.end_line, second.end_column)
    return start == other_start or (start < other_end and other_start < end)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits; outside them every character stays. Raises ``ValueError`` on overlap."""
    index = LineIndex(text)
    parts: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(set(edits)):
        if previous is not None and overlap(previous, edit):
            raise ValueError(f"edits overlap on line {edit.line}")
        start, end = index.offset(edit.line, edit.column), index.offset(edit.end_line, edit.end_column)
        parts += [text[position:start], edit.text]
        position, previous = end, edit
    return "".join([*parts, text[position:]])
