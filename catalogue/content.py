"""What the page shows, read from the index of rules, the reasons and the results of the conformance tests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from diptych.catalog import samples
from diptych.catalog.card import differences_of, side_text
from diptych.catalog.index import Index, load
from diptych.catalog.reasons import Reason
from diptych.catalog.rendering import render, short_name
from diptych.catalog.rule import SIDES, Rule
from diptych.catalog.template import walk

PACKAGES = {"PyTorch": ("torch",), "TensorFlow": ("tensorflow", "tensorflow-cpu"), "Keras": ("keras",)}
PARTS = {
    "ops": "PyTorch's operator database",
    "modules": "PyTorch's module database",
    "layers": "Keras layers",
    "roundtrip": "There and back again",
}


@dataclass(frozen=True)
class Refusal:
    """A branch of a rule that has no equivalent: on which side, under which condition, and why."""

    side: str
    where: str
    why: str


@dataclass(frozen=True)
class Entry:
    """One rule. ``names`` are the calls that it knows, ``ways`` "both" or the only side that is converted."""

    rule: Rule
    names: tuple[str, ...]
    codes: dict[str, str]
    ways: str
    samples: int
    differences: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    helpers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """What one part of the conformance tests found: how many subjects ended how, and why some were refused."""

    title: str
    endings: dict[str, int]
    refused: tuple[tuple[str, str], ...]


@dataclass
class Content:
    """Everything on the page."""

    rules: list[Entry] = field(default_factory=list)
    reasons: list[tuple[str, Reason]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def families(self) -> dict[str, list[Entry]]:
        """The rules by family, in order of their files."""
        found: dict[str, list[Entry]] = {}
        for entry in self.rules:
            found.setdefault(entry.rule.family, []).append(entry)
        return found

    def reason_families(self) -> dict[tuple[str, str], list[Reason]]:
        """The reasons by side and family."""
        found: dict[tuple[str, str], list[Reason]] = {}
        for side, reason in self.reasons:
            found.setdefault((side, reason.family), []).append(reason)
        return found


def collect(conformance: Path) -> Content:
    """Read everything; the results of the conformance tests as far as they are there."""
    index = load()
    names = _names(index)
    return Content(
        [_entry(index, rule, tuple(names[number])) for number, rule in enumerate(index.rules)],
        [(side, reason) for side in SIDES for reason in index.reasons[side].all if _stands(index, side, reason)],
        [outcome for part, title in PARTS.items() if (outcome := _outcome(conformance / f"{part}.json", title))],
        {title: found for title, packages in PACKAGES.items() if (found := _version(packages))},
    )


def _names(index: Index) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {number: [] for number in range(len(index.rules))}
    for keys in index.entries.values():
        for key, entries in keys.items():
            for number, _, _ in entries:
                if not key.startswith(("helper.", "operator.")) and key not in names[number]:
                    names[number].append(key)
    return names


def _entry(index: Index, rule: Rule, names: tuple[str, ...]) -> Entry:
    return Entry(
        rule, names, {side: side_text(rule.side(side)) for side in SIDES}, rule.attributes.get("one_way") or "both",
        samples.count(rule), tuple(differences_of(rule)), tuple(_refusals(rule)), tuple(_helpers(index, rule)),
    )  # fmt: skip


def _refusals(rule: Rule) -> Iterator[Refusal]:
    for side in SIDES:
        for branch in rule.side(side).branches:
            if branch.why is not None:
                where = " and ".join(render(condition) for condition in branch.conditions)
                yield Refusal(side, where, branch.why)


def _helpers(index: Index, rule: Rule) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for side in SIDES:
        for branch in rule.side(side).branches:
            for spelling in branch.spellings:
                for part in [t for _, t in spelling[1]] if spelling[0] == "parts" else [spelling]:
                    for node in walk(part):
                        if node[0] == "helper" and node[1] not in seen:
                            seen.add(node[1])
                            yield node[1], index.helpers[node[1]]


def _stands(index: Index, side: str, reason: Reason) -> bool:
    """Whether no rule has come for all of the reason's names."""
    return any(name.endswith("*") or index.reason(side, name) is not None for name in reason.names)


def _outcome(path: Path, title: str) -> Outcome | None:
    if not path.exists():
        return None
    rows: Any = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(rows.get("results"), list):
        rows = {row["name"]: row for row in rows["results"]}
    endings = Counter(str(row.get("outcome") or row.get("ending")) for row in rows.values())
    refused = [
        (name, "; ".join([*(row.get("reasons") or {}), *(row.get("not written") or {})][:2]))
        for name, row in rows.items()
        if (row.get("outcome") or row.get("ending")) != "same"
    ]
    return Outcome(title, dict(endings.most_common()), tuple(refused))


def _version(packages: tuple[str, ...]) -> str | None:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def shown(name: str) -> str:
    """A name as people write it."""
    return short_name(name)
