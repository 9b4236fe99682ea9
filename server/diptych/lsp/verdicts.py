"""The last verdict of each entry, for as long as its file is open: what lenses and hints show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diptych.verification import Verdict

SYMBOLS = {"identical": "✓", "equal within rounding": "✓", "differs": "✗", "undecided": "?", "not verified": "–"}


@dataclass(frozen=True)
class Known:
    """A verdict and the text that it is of. It is stale where the text is another one by now."""

    verdict: Verdict
    text: str

    def title(self, text: str) -> str:
        """One line: a mark, the outcome, and whether the text has changed since."""
        verdict = self.verdict
        shown = f"{SYMBOLS[verdict.verdict]} {verdict.verdict}"
        if verdict.agrees:
            count = verdict.evidence.samples
            shown += f" on {count} sample{'' if count == 1 else 's'}"
        return shown if self.text == text else f"{shown} (before the last change)"


@dataclass
class Verdicts:
    """Verdicts by document and entry."""

    found: dict[str, dict[str, Known]] = field(default_factory=dict)

    def remember(self, uri: str, text: str, verdicts: Sequence[Verdict]) -> None:
        """Keep what a run of a text came to; entries that it did not run keep what they had."""
        self.found.setdefault(uri, {}).update({verdict.entry: Known(verdict, text) for verdict in verdicts})

    def of(self, uri: str) -> Mapping[str, Known]:
        """By entry, what was found of a document."""
        return self.found.get(uri, {})

    def forget(self, uri: str) -> None:
        """Drop the verdicts of a document."""
        self.found.pop(uri, None)
