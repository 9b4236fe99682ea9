"""Applying fixes to a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from diptych.checks.engine import inspect
from diptych.checks.finding import Finding, Report
from diptych.text.edits import Edit, apply, overlap

# A fix may make room for another; more rounds than this would mean that two checks undo each other's work.
_ROUNDS = 10


@dataclass(frozen=True)
class Fixed:
    """A text after its fixes, how many were applied, and what the checks say about the result."""

    text: str
    applied: int
    report: Report


def fix(text: str, *, unsafe: bool = False, wanted: Callable[[Iterable[Finding]], list[Finding]] = list) -> Fixed:
    """Apply every safe fix, and the unsafe ones if asked; again until none is left, so a second time changes nothing.
    Only the findings that are ``wanted`` are mended.

    A round whose result would not parse is not taken. Raises ``diptych.syntax.source.ParseError`` if ``text`` itself
    is not Python.
    """
    from diptych.syntax.source import ParseError

    report, applied = inspect(text), 0
    for _ in range(_ROUNDS):
        count, edits = choose(wanted(report.findings), unsafe=unsafe)
        if not count:
            break
        changed = apply(text, edits)
        try:
            report = inspect(changed)
        except ParseError:
            break
        text, applied = changed, applied + count
    return Fixed(text, applied, report)


def choose(findings: Iterable[Finding], *, unsafe: bool = False) -> tuple[int, list[Edit]]:
    """The fixes that can be applied together, as their number and their edits; of two that overlap, the first."""
    count, chosen = 0, []
    for finding in findings:
        if finding.fix is None or (finding.fix.safety == "unsafe" and not unsafe):
            continue
        edits = finding.fix.edits
        if any(overlap(edit, other) for edit in edits for other in chosen):
            continue
        chosen += [edit for edit in edits if edit not in chosen]
        count += 1
    return count, chosen
