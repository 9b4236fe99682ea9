"""Leftovers and findings of an earlier text, moved to where they stand after an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from diptych.text.lines import split_lines

if TYPE_CHECKING:
    from diptych.checks.finding import Finding
    from diptych.conversion.result import Leftover
    from diptych.lsp.code_lens import Place

Remark = TypeVar("Remark", "Leftover", "Finding", "Place")


def carried(before: str, after: str, remarks: Sequence[Remark]) -> list[Remark]:
    """Remarks on lines that did not change, at their new lines; those on changed lines are dropped."""
    if before == after or not remarks:
        return list(remarks)
    old, new = split_lines(before), split_lines(after)
    shared = min(len(old), len(new))
    head = next((place for place in range(shared) if old[place] != new[place]), shared)
    rest = shared - head
    tail = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    shift, first_below = len(new) - len(old), len(old) - tail + 1
    found: list[Remark] = []
    for remark in remarks:
        if remark.end_line <= head:
            found.append(remark)
        elif remark.line >= first_below:
            found.append(replace(remark, line=remark.line + shift, end_line=remark.end_line + shift))
    return found
