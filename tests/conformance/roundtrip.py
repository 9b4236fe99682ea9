"""Every sample of a rule that reads both ways, converted to the other framework and back: the same results.

``python -m tests.conformance.roundtrip`` runs them; with names of rules (``Conv2d Sum``) only those, and shows the
three texts of the first sample that is not the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tests.conformance import scoring
from tests.conformance.case import Case, Kind, Outcome

from diptych.catalog.compiler import key_of
from diptych.catalog.index import Index, load
from diptych.catalog.rule import Branch, Rule, other
from diptych.conversion import Conversion, convert
from diptych.conversion.result import Axes, Entry, Parameter
from diptych.inference.permutations import compose, normal
from diptych.verification import samples, snippets
from diptych.verification.snippet_judge import difference
from diptych.verification.snippet_runs import Process, Task
from diptych.verification.snippets import Snippet
from diptych.worker.weights import fit_names

BATCH = 60


@dataclass
class Trip:
    """A sample that came back. ``middle`` is its text in the other framework, ``task`` pairs it with what came back."""

    case: Case
    middle: str
    task: Task
    back: dict[str, Any]


def two_way(index: Index, rule: Rule) -> Iterator[Snippet]:
    """The snippets of a rule's samples that both sides can be read from."""
    by_label = {sample.label: sample for sample in snippets.of_rule(rule) if not sample.differs}
    for snippet in snippets.snippets(index, rule):
        known = by_label.get(snippet.sample)
        if known is None or snippet.differs or snippet.one_way or snippet.refusal is not None or snippet.target is None:
            continue
        branch = rule.side(other(snippet.side)).branches[snippet.target]
        if branch.spellings and readable(rule, branch, known):
            yield snippet


def readable(rule: Rule, branch: Branch, sample: snippets.Sample) -> bool:
    """Whether what this branch writes can be read: not where it is made of operators. A rule for one direction is read
    back where it writes a helper, which nobody else does.
    """
    written = branch.spellings[0]
    key = key_of(written)
    if branch.emission_only or key is None:
        return False
    by_helper = key.startswith("helper.")
    if (rule.attributes.get("one_way") is not None and not by_helper) or (by_helper and not rule.reads_back):
        return False
    return snippets.readable(rule, branch, written, sample)


def rules(index: Index, names: Sequence[str] = ()) -> list[Rule]:
    """All rules, or those named. Raises ``KeyError`` for a name that no rule has."""
    return [index.rule(name) for name in names] if names else list(index.rules)


def prepared(rule: Rule, snippet: Snippet) -> Trip | Outcome:
    """Convert a snippet there and back."""
    case = Case(
        rule.name, snippet.side, "round trip", "", snippet.sample, snippet.entry, snippet.text, snippet.arrays, ""
    )

    def ended(kind: Kind, detail: str, twin: str = "") -> Outcome:
        return Outcome(case, kind, detail, twin)

    try:
        there = convert(snippet.text, to=other(snippet.side))  # type: ignore[arg-type]
        if not there.complete:
            return ended("invalid", _reasons(there), there.twin)
        back = convert(_importing(there.twin, other(snippet.side)), to=snippet.side)
    except Exception as error:
        return ended("crash", f"the conversion raises {type(error).__name__}: {error}")
    if not back.complete:
        return ended("refused", _reasons(back), _both(there.twin, back.twin))
    try:
        task = samples.paired(rule, snippet, there)
        entry = joined(_entry(there, snippet.entry), _entry(back, snippet.entry))
    except LookupError as error:
        return ended("crash", str(error), _both(there.twin, back.twin))
    job = {
        **task.jobs[snippet.side],
        "text": back.twin,
        "arrays": _turned(snippet.arrays, entry.parameters),
        "constructor": _turned(snippet.constructor, entry.constructor),
        "outputs": [out.permutation for out in entry.outputs],
    }
    task.conversion = replace(there, entries=(entry,))
    return Trip(replace(case, job={"middle": there.twin}), _both(there.twin, back.twin), task, job)


def _importing(text: str, side: str) -> str:
    """A text that imports its framework, as the file around a sample would: methods and operators alone do not."""
    needed = snippets.DEFAULT_IMPORTS[side]
    return text if re.search(r"^(import|from) (torch|tensorflow|keras)\b", text, re.MULTILINE) else f"{needed}\n{text}"


def joined(first: Entry, second: Entry) -> Entry:
    """An entry with the axes of both conversions, one after the other."""

    def parameters(ours: tuple[Parameter, ...], theirs: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        pairs = zip(ours, theirs, strict=False)
        return tuple(replace(a, axes=_after(a.axes, b.axes)) for a, b in pairs)

    single = len(first.outputs) == 1 or len(second.outputs) == 1
    outputs = zip(first.outputs, second.outputs, strict=not single)
    return replace(
        first,
        parameters=parameters(first.parameters, second.parameters),
        constructor=parameters(first.constructor, second.constructor),
        outputs=tuple(_after(a, b) for a, b in outputs),
    )


def _after(first: Axes, second: Axes) -> Axes:
    if first.permutation is None or second.permutation is None:
        return Axes(first.permutation or second.permutation)
    return Axes(normal(compose(first.permutation, second.permutation)))


def _entry(conversion: Conversion, name: str) -> Entry:
    for entry in conversion.entries:
        if entry.name == name:
            return entry
    if name == "step":
        return Entry(name, "function", 1)
    raise LookupError(f"the conversion lists no entry {name!r}")


def _turned(values: Sequence[Any], parameters: Sequence[Parameter]) -> list[Any]:
    orders = [parameter.axes.permutation for parameter in parameters]
    orders += [None] * (len(values) - len(orders))
    return [
        value if order is None or not isinstance(value, np.ndarray) else value.transpose(order)
        for value, order in zip(values, orders, strict=False)
    ]


def _reasons(conversion: Conversion) -> str:
    errors = [leftover for leftover in conversion.leftovers if leftover.severity == "error"]
    return "; ".join(dict.fromkeys(f"{leftover.api}: {leftover.reason}" for leftover in errors))


def _both(middle: str, back: str) -> str:
    return f"{middle}\n# --- and back\n{back}"


class Travellers:
    """Runs trips. What is written in TensorFlow gets its weights from its twin, as PyTorch makes them."""

    def __init__(self) -> None:
        self.processes = {side: Process(side) for side in ("torch", "tensorflow")}

    def close(self) -> None:
        """End both processes."""
        for process in self.processes.values():
            process.close()

    def run(self, trips: Sequence[Trip]) -> list[Outcome]:
        """What came of each."""
        jobs = [trip.task.jobs["torch"] for trip in trips]
        for number, job in enumerate(jobs):
            job["id"] = number
        first = self.processes["torch"].run(jobs) if jobs else []
        ours: dict[int, dict[str, Any]] = {}
        theirs: dict[int, dict[str, Any]] = {}
        for side in ("torch", "tensorflow"):
            chosen = [place for place, trip in enumerate(trips) if trip.task.snippet.side == side]
            pairs: list[dict[str, Any]] = []
            for place in chosen:
                state = first[place].get("state", {})
                source = {**trips[place].task.jobs[side], "state": state, "id": place}
                pairs += [*([] if side == "torch" else [source]), {**trips[place].back, "state": state, "id": place}]
            results = iter(self.processes[side].run(pairs) if pairs else [])
            for place in chosen:
                ours[place] = first[place] if side == "torch" else next(results)
                theirs[place] = next(results)
        return [_judged(trip, ours[place], theirs[place]) for place, trip in enumerate(trips)]


def _judged(trip: Trip, source: dict[str, Any], back: dict[str, Any]) -> Outcome:
    side = trip.task.snippet.side
    if "error" in source:
        return Outcome(trip.case, "invalid", f"the source raises {source['error']}", trip.middle)
    if "error" in back:
        return Outcome(trip.case, "raises", f"what came back raises {back['error']}", trip.middle)
    trip.task.jobs[other(side)] = trip.back
    found = difference(trip.task, {side: source, other(side): _renamed(source, back)})
    return Outcome(trip.case, "same" if found is None else "wrong", found or "", trip.middle)


def _renamed(source: dict[str, Any], back: dict[str, Any]) -> dict[str, Any]:
    """What came back, its weights under the names that the source has for them."""
    given, own = source.get("state") or {}, back.get("state") or {}
    if set(given) == set(own) or not given or not own:
        return back
    names = {id(value): name for name, value in given.items()}
    fitted = fit_names(given, {name: tuple(value.shape) for name, value in own.items()})
    called = {name: names[id(value)] for name, value in fitted.items()}

    def renamed(items: dict[str, Any]) -> dict[str, Any]:
        return {called.get(name, name): value for name, value in items.items()}

    runs = [{**one, "gradients": renamed(one["gradients"])} for one in back["runs"]]
    return {**back, "runs": runs, "after": renamed(back.get("after") or {})}


def outcomes(chosen: Sequence[Rule], index: Index, most: int | None = None) -> Iterator[Outcome]:
    """What comes of the rules' samples, of at most so many of each."""
    travellers = Travellers()
    try:
        waiting: list[Trip] = []
        for rule in chosen:
            for number, snippet in enumerate(two_way(index, rule)):
                if number == most:
                    break
                trip = prepared(rule, snippet)
                if isinstance(trip, Outcome):
                    yield trip
                    continue
                waiting.append(trip)
            if len(waiting) >= BATCH:
                yield from travellers.run(waiting)
                waiting = []
        yield from travellers.run(waiting)
    finally:
        travellers.close()


def found(names: Sequence[str]) -> list[scoring.Score]:
    """The scores of these (all, if none are named)."""
    index = load()
    return scoring.scores(scoring.counted(outcomes(rules(index, names), index)))


if __name__ == "__main__":
    sys.exit(scoring.command("roundtrip", "rules", __doc__, found))
