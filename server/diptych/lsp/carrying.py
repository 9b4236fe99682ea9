"""Leftovers of an earlier text, moved to where they stand after an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diptych.conversion.result import Leftover
from diptych.text.lines import split_lines


def carried(before: str, after: str, leftovers: Sequence[Leftover]) -> list[Leftover]:
    """Leftovers on lines that did not change, at their new lines; those on changed lines are dropped."""
    if before == after or not leftovers:
        return list(leftovers)
    old, new = split_lines(before), split_lines(after)
    shared = min(len(old), len(new))
    head = next((place for place in range(shared) if old[place] != new[place]), shared)
    rest = shared - head
    tail = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    shift, first_below = len(new) - len(old), len(old) - tail + 1
    found = []
    for leftover in leftovers:
        if leftover.end_line <= head:
            found.append(leftover)
        elif leftover.line >= first_below:
            found.append(replace(leftover, line=leftover.line + shift, end_line=leftover.end_line + shift))
    return found
