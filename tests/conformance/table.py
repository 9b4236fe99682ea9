"""What a run found, by subject: the table, the file for those who write rules, the baseline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .case import BAD, GOOD, Outcome
from .running import shortened

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "conformance"


@dataclass
class Subject:
    """What came of one operator, module or layer. ``stated`` and ``unstated`` count outcomes with and without types."""

    name: str
    family: str
    stated: Counter[str] = field(default_factory=Counter)
    unstated: Counter[str] = field(default_factory=Counter)
    forms: dict[str, Counter[str]] = field(default_factory=dict)
    first: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    dropped: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        case, kind = outcome.case, outcome.kind
        (self.stated if case.typed else self.unstated)[kind] += 1
        if case.typed:
            self.forms.setdefault(case.form, Counter())[kind] += 1
        if kind in GOOD:
            return
        key = kind if case.typed else f"{kind}, types not stated"
        if case.typed and kind == "refused":
            self.reasons[outcome.detail] += 1
        if key not in self.first:
            self.first[key] = {
                "form": case.form, "dtype": case.dtype, "sample": case.label, "detail": outcome.detail,
                "assumed": list(outcome.assumed), "code": shortened(case.text), "twin": shortened(outcome.twin),
            }  # fmt: skip

    @property
    def total(self) -> int:
        """How many samples with stated types were run or refused."""
        return sum(self.stated.values()) - self.stated["invalid"]

    @property
    def outcome(self) -> str:
        """ "same" where every sample with stated types is, "wrong" where anything is, else "refused"; "not written"
        where there was no sample.
        """
        return _outcome(self.stated)

    @property
    def outcome_unstated(self) -> str:
        """The same for the samples without stated types."""
        return _outcome(self.unstated)

    def row(self) -> dict[str, Any]:
        """For the file."""
        return {
            "family": self.family, "outcome": self.outcome, "outcome, types not stated": self.outcome_unstated,
            "stated": dict(self.stated), "unstated": dict(self.unstated),
            "forms": {form: dict(counts) for form, counts in self.forms.items()},
            "reasons": dict(self.reasons.most_common(12)), "not written": self.dropped, "first": self.first,
        }  # fmt: skip


def _outcome(counts: Counter[str]) -> str:
    if any(counts[kind] for kind in BAD):
        return "wrong"
    if sum(counts.values()) == counts["invalid"]:
        return "not written"
    return "same" if all(kind in (*GOOD, "invalid") for kind in counts) else "refused"


def write(subjects: Mapping[str, Subject], name: str) -> Path:
    """Write all rows to ``build/conformance/NAME.json``, replacing only those subjects that were run."""
    path = BUILD / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = json.loads(path.read_text()) if path.exists() else {}
    rows |= {subject.name: subject.row() for subject in subjects.values()}
    path.write_text(json.dumps(dict(sorted(rows.items())), indent=1, ensure_ascii=False) + "\n")
    return path


def show(subjects: Iterable[Subject], what: str) -> None:
    """Print the table by family."""
    from rich.console import Console
    from rich.table import Table

    subjects = list(subjects)
    table = Table(title=what)
    table.add_column("family")
    columns = ("same", "refused", "wrong", "not written")
    for column in columns:
        table.add_column(column, justify="right")
    for column in ("samples", "same", "tie, kink, rounding", "refused", "announced", "wrong"):
        table.add_column(column, justify="right", style="dim")
    for column in ("untyped: same", "raises", "wrong"):
        table.add_column(column, justify="right", style="dim")
    families = sorted({subject.family for subject in subjects})
    for family in [*families, ""]:
        some = [subject for subject in subjects if family in ("", subject.family)]
        counts = Counter(subject.outcome for subject in some)
        stated = sum((subject.stated for subject in some), Counter())
        unstated = sum((subject.unstated for subject in some), Counter())
        table.add_row(
            family or "all", *(str(counts[column]) for column in columns),
            str(sum(stated.values())), str(stated["same"]), str(stated["tie"] + stated["kink"] + stated["rounding"]),
            str(stated["refused"]), str(stated["announced"]), str(sum(stated[kind] for kind in BAD)),
            f"{sum(unstated[kind] for kind in GOOD)} of {sum(unstated.values())}",
            str(unstated["raises"] + unstated["crash"]), str(unstated["wrong"]),
            style="bold" if not family else None,
        )  # fmt: skip
    Console(width=150).print(table)


def regressions(subjects: Iterable[Subject], baseline: Path, part: str) -> list[str]:
    """What got worse than the baseline says; any wrong outcome is."""
    expected = json.loads(baseline.read_text()).get(part, {}) if baseline.exists() else {}
    found: list[str] = []
    for subject in subjects:
        if subject.outcome == "wrong":
            found.append(f"{subject.name}: wrong")
        elif expected.get(subject.name) == "same" and subject.outcome != "same":
            found.append(f"{subject.name}: {subject.outcome}, was same on every sample")
    return found


def keep(subjects: Iterable[Subject], baseline: Path, part: str) -> None:
    """Make these outcomes the baseline of their part; what was not run keeps its own."""
    every = json.loads(baseline.read_text()) if baseline.exists() else {}
    outcomes = every.get(part, {}) | {subject.name: subject.outcome for subject in subjects}
    every[part] = dict(sorted(outcomes.items()))
    baseline.write_text(json.dumps(dict(sorted(every.items())), indent=1) + "\n")
