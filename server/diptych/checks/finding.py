"""What a check says about a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diptych.text.edits import Edit

Severity = Literal["error", "warning", "information"]
Safety = Literal["safe", "unsafe"]
Tag = Literal["deprecated", "unnecessary"]


@dataclass(frozen=True)
class Fix:
    """Edits that belong together. ``safe`` says that what the code computes stays the same."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Finding:
    """A mistake at a place; lines count from 1, columns from 0, in code points. ``name`` is the check's."""

    code: str
    name: str
    severity: Severity
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    url: str
    tags: tuple[Tag, ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True)
class Failure:
    """A check that raised; the others' findings are not affected. ``reason`` is one line."""

    code: str
    reason: str


@dataclass(frozen=True)
class Report:
    """Everything that the checks say about one text; findings stand in the order of the text."""

    findings: tuple[Finding, ...] = ()
    failures: tuple[Failure, ...] = ()
