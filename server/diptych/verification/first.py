"""Finds the first line on which two sides part: runs both once more with notes on every line, and compares in order.
Where all lines are asked for, tells of every pair what it held.

A pair that parts counts only if something that reads it parts as well: the two frameworks may well hold one thing in
two ways in between (a mask that is true where the other is false), and come together again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from diptych.conversion.result import Conversion, Entry
from diptych.text.lines import split_lines
from diptych.verification import held
from diptych.verification.causes import likely_causes, lines_of_statement, made_at
from diptych.verification.children import Limits, Stopped
from diptych.verification.claims import Options, Pair
from diptych.verification.divergence import Divergence, Kind, Place
from diptych.verification.held import Seen
from diptych.verification.inputs import Plan
from diptych.verification.judge import largest
from diptych.verification.line_by_line import LinePair, line_pairs
from diptych.verification.pairing import pair_sites, passes
from diptych.verification.runs import KEYS, Job
from diptych.verification.standby import Unavailable
from diptych.verification.tracing import MOVED, TraceRuns

CHUNK = 2000
ENOUGH = 400
"""Pairs looked at after the first that parts, to see whether what reads it parts as well."""
MISFIT = re.compile(r"the weights do not fit: ([\w.]+)")


@dataclass(frozen=True)
class Clue:
    """What a verdict knows: the run in which the sides were seen to differ, and in what (``where``, as in
    :class:`Difference`); else the line of the twin and the ``reason``, where it raised. ``initial`` are weights that
    were given.
    """

    job: Job | None
    plan: Plan
    prefer_permuted: bool
    where: str
    reason: str
    twin_line: int | None
    initial: Sequence[dict[str, Any]] = ()


@dataclass
class Pass:
    """One pass of a pair of sites: the numbers of its events by run, and what became of comparing them. ``holds``:
    a tensor or a number was there, at least on one side.
    """

    source_site: int
    twin_site: int
    occurrence: int
    numbers: dict[str, int]
    order: float
    seen: Seen | None = None
    count: tuple[int, int] | None = None
    holds: bool = False

    @property
    def outcome(self) -> str:
        """``differs``, ``agrees`` or ``unknown``."""
        return "differs" if self.count is not None else held.outcome(self.seen)


@dataclass(frozen=True)
class Examined:
    """What the lines told: the first place where the sides part, and what each line assigned, where that was asked."""

    divergence: Divergence | None = None
    lines: tuple[LinePair, ...] | None = None


def examine(
    pair: Conversion | Pair, entry: Entry, options: Options, limits: Limits, clue: Clue, *, parted: bool, every: bool
) -> Examined:
    """Look for the first place where sides that have ``parted`` do so, for what ``every`` line assigned, or for both.
    Executes user code, in other processes; what stops it leaves what was seen by then.
    """
    if clue.job is None:
        found = Search(pair, entry, clue, None).raising(clue.twin_line, clue.reason) if parted else None
        return Examined(_with_causes(pair, found))
    runs = TraceRuns(pair, entry, options, limits)
    runs.plan, runs.prefer_permuted, runs.initial = clue.plan, clue.prefer_permuted, clue.initial
    search, found = Search(pair, entry, clue, runs), None
    try:
        with runs:
            ready = search.look(every)
            found = search.find(ready) if parted else None
    except (Stopped, Unavailable, OSError):
        pass  # the verdict stands; where it comes from could not be seen
    return Examined(_with_causes(pair, found), line_pairs(search) if every else None)


def _with_causes(pair: Conversion | Pair, found: Divergence | None) -> Divergence | None:
    if found is None:
        return None
    source, twin = (_lines(text, place) for text, place in ((pair.source, found.source), (pair.twin, found.twin)))
    return replace(found, causes=likely_causes(pair, source, twin))


def _lines(text: str, place: Place | None) -> list[int]:
    """The lines of the statement at a place (of a layer in a list: its own), and of the one that made its layer."""
    lines: list[int] = []
    for line in (place.line, place.made) if place else ():
        first, last = lines_of_statement(text, line) if line is not None else (0, -1)
        lines += range(line if line is not None and line > first else first, last + 1)
    return lines


class Search:
    """One search, and the state of it."""

    def __init__(self, pair: Conversion | Pair, entry: Entry, clue: Clue, runs: TraceRuns | None) -> None:
        self.pair, self.entry, self.clue, self.runs = pair, entry, clue, runs
        self.texts = {"source": split_lines(pair.source), "twin": split_lines(pair.twin)}
        self.lines = pair.lines
        self.held = {(h.line, h.name): h.permutations for h in pair.held}
        own = [argument.axes.permutation for argument in clue.plan.call] + [axes.permutation for axes in entry.outputs]
        usual = held.CHANNELS_LAST if pair.to == "tensorflow" else held.CHANNELS_FIRST
        self.candidates = list(dict.fromkeys([*(p for p in own if p), *usual]))
        self.traces: dict[str, dict[str, Any]] = {}
        self.passes: list[Pass] = []
        self.building = False  # whether the twin raised while a layer was being built, with weights of its own

    def look(self, every: bool) -> bool:
        """Compare line by line, ``every`` line or until enough is known; whether the sides could be brought to run."""
        assert self.runs is not None and self.clue.job is not None
        if self.runs.prepare(self.clue.job) is not None:
            return False
        self.traces = self.runs.trace(self.clue.job)
        self.sites = self.runs.sites
        last = self.traces["twin32"]["events"][-1:]
        self.building = self.traces["twin32"]["error"] is not None and bool(last and last[0][2])
        self._pair_passes()
        self._compare_all(every)
        return True

    def find(self, ready: bool) -> Divergence | None:
        """After :meth:`look`: the first forward value, then gradients or states where the verdict was about these, then
        where it raised.
        """
        if not ready:
            return self.raising(self.clue.twin_line, self.clue.reason)
        found = self._first()
        if found is not None:
            return self._told("value" if found.count is None else "loop", found)
        if self.clue.where.startswith("the gradient of"):
            return self._gradients()
        if self.clue.where.endswith("after the call"):
            return self._states()
        error = self.traces["twin32"]["error"]
        if error is not None:
            mapped = {there for _, there in self.lines}
            passed = [line for line in self.traces["twin32"]["error_lines"] if not mapped or line in mapped]
            return self.raising(passed[-1] if passed else self.clue.twin_line, error)
        return None

    # --- Pairs --------------------------------------------------------------------------------------------------------

    def _pair_passes(self) -> None:
        pairs = pair_sites(self.sites["source"], self.sites["twin"], self.lines, getattr(self.pair, "renamed", {}))
        by_run = {key: passes(trace["events"], building=False) for key, trace in self.traces.items()}
        if self.building:
            for key in ("twin32", "twin64"):
                found = passes(self.traces[key]["events"], building=True)
                by_run[key] = {site: by_run[key].get(site, []) + found.get(site, []) for site in {*by_run[key], *found}}
        for ours, theirs in pairs.items():
            site = {"source": ours, "twin": theirs}
            numbers = {key: by_run[key].get(site[key[:-2]], []) for key in KEYS}
            both = min(len(numbers["source32"]), len(numbers["twin32"]))
            for turn in range(both):
                here = {key: found[turn] for key, found in numbers.items() if turn < len(found)}
                self.passes.append(Pass(ours, theirs, turn + 1, here, here["source32"]))
            counts = len(numbers["source32"]), len(numbers["twin32"])
            if self.sites["source"][ours]["kind"] in ("loop", "test") and counts[0] != counts[1] and both:
                last = {key: found[-1] for key, found in numbers.items() if found}
                if self.traces["twin32"]["error"] is None:
                    self.passes.append(Pass(ours, theirs, both + 1, last, last["source32"] + 0.5, count=counts))
        self.passes.sort(key=lambda one: one.order)

    def _compare_all(self, every: bool) -> None:
        """Compare pair by pair, as many at a time as fit, ``every`` one or until one parts and enough is known of what
        follows.
        """
        waiting = [one for one in self.passes if one.count is None and all(key in one.numbers for key in KEYS)]
        parted: int | None = None
        position = 0
        while position < len(waiting) and (every or parted is None or position < parted + ENOUGH):
            chunk = waiting[position : position + (CHUNK if every or parted is None else ENOUGH)]
            answers = self._ask(chunk)
            room = self._room(chunk, answers)
            for one in chunk[:room]:
                one.seen = self._compare(one, answers)
                if one.outcome == "differs" and parted is None:
                    parted = position
            position += max(room, 1)

    def _ask(self, chunk: Sequence[Pass], *, gradients: bool = False) -> dict[str, dict[str, Any]]:
        assert self.runs is not None and self.clue.job is not None
        wanted = {key: [one.numbers[key] for one in chunk] for key in KEYS}
        return self.runs.trace(self.clue.job, wanted, gradients=gradients, moved=True)

    @staticmethod
    def _room(chunk: Sequence[Pass], answers: dict[str, dict[str, Any]]) -> int:
        """How many of the chunk every run could keep."""
        for place, one in enumerate(chunk):
            for key, answer in answers.items():
                number = one.numbers["source32" if key == MOVED else key]
                if answer["full"] is not None and number >= answer["full"]:
                    return place
        return len(chunk)

    def _run(self) -> tuple[str, str]:
        assert self.clue.job is not None
        return self.clue.job.sample.name, self.clue.job.mode

    def _known(self, one: Pass) -> tuple[Any, ...] | None:
        site = self.sites["source"][one.source_site]
        if site["kind"] not in ("assign", "return"):
            return None
        return self.held.get((site["statement"], site["label"]))

    def _early(self, one: Pass) -> bool:
        return one.numbers["source32"] < self.traces["source32"]["before"]

    def _while_building(self, one: Pass) -> bool:
        return bool(self.traces["twin32"]["events"][one.numbers["twin32"]][2])

    def _compare(self, one: Pass, answers: dict[str, dict[str, Any]]) -> Seen | None:
        values = {
            key: answer["values"].get(str(one.numbers["source32" if key == MOVED else key]))
            for key, answer in answers.items()
        }
        one.holds = not self._early(one) and any(held.tensors(value) for value in values.values())
        name = self.sites["source"][one.source_site]["label"]
        return held.compare_values(
            name, values, self._known(one), self.candidates, self._run(), early=self._early(one),
            inside=self.sites["source"][one.source_site]["kind"] not in ("assign", "return"),
            shapes_only=self._while_building(one),
        )  # fmt: skip

    # --- Which one counts ---------------------------------------------------------------------------------------------

    def _first(self) -> Pass | None:
        parted = [one for one in self.passes if one.outcome == "differs"]
        sure = [one for one in parted if self._goes_on(one)]
        return next(iter(sure), None) or next((one for one in parted if self._goes_on(one) is None), None)

    def _goes_on(self, one: Pass) -> bool | None:
        """Whether what reads a value parts as well; ``None`` where nobody can tell and it was made before the run."""
        if one.count is not None:
            return True
        outcomes = {reader.outcome for reader in self._readers(one)} - {"unknown"}
        if outcomes:
            return "differs" in outcomes
        return None if self._early(one) else True

    def _readers(self, one: Pass) -> Iterator[Pass]:
        """The passes of the statements that read what this one assigned, as far as their text tells."""
        site = self.sites["source"][one.source_site]
        kind, label, function = site["kind"], site["label"], site["function"]
        inner = function
        if label.startswith("self."):
            function = function.rpartition(".")[0]
        for other in self.passes:
            if other.order <= one.order:
                continue
            there = self.sites["source"][other.source_site]
            if kind in ("call", "element", "argument"):
                if there["statement"] == site["statement"] and there["kind"] in ("assign", "return"):
                    yield other
                    return
                continue
            if kind not in ("assign", "loop", "parameter", "default"):
                return
            if function and not (there["function"] + ".").startswith(function + "."):
                continue
            again = there["label"] == label and there["kind"] in ("assign", "loop", "parameter")
            if label in there["reads"] or any(name.startswith(label + ".") for name in there["reads"]):
                yield other
            if again and there["function"] == inner and other.source_site != one.source_site:
                return
            if other.source_site == one.source_site and kind != "default":
                return

    # --- Gradients and states -----------------------------------------------------------------------------------------

    def _gradients(self) -> Divergence | None:
        """Values agree and gradients do not: the culprit reads the last value whose gradient parts."""
        waiting = [one for one in self.passes if one.count is None and all(key in one.numbers for key in KEYS)]
        waiting = [one for one in waiting if not self._early(one)][:CHUNK]
        answers = self._ask(waiting, gradients=True)
        found: list[tuple[Pass, Seen]] = []
        known = {key: answer["gradients"] for key, answer in answers.items()}
        scale = max((largest(array) for array in known["source64"].values() if array is not None), default=0.0)
        inputs = self.clue.job.sample.arrays.values() if self.clue.job else ()
        terms = max((largest(np.asarray(array)) for array in inputs), default=0.0)
        for one in waiting:
            for leaf in range(8):
                names = {key: f"{one.numbers['source32' if key == MOVED else key]}.{leaf}" for key in answers}
                for side, other in (("source32", "twin32"), ("twin32", "source32")):
                    if known[side].get(names[side]) is not None and names[other] not in known[other]:
                        return self._cut_off(one, other[:-2])
                arrays = _filled({key: known[key].get(name) for key, name in names.items()})
                if not arrays:
                    continue
                permutations = self._known(one)
                orders = permutations[leaf if len(permutations) > 1 else 0 :][:1] if permutations else ()
                name = f"the gradient of {self.sites['source'][one.source_site]['label']}"
                orders = orders or held.orders_of(arrays, self.candidates, inside=True)
                dtypes = "float32", "float32"
                seen = held.compare_arrays(name, arrays, dtypes, orders, self._run(), scale, terms)
                if seen.finding.status == "differs":
                    found.append((one, seen))
        if not found:
            return None
        last, seen = found[-1]
        readers = list(self._readers(last))
        told = self._told("gradient", replace(readers[0] if readers else last, seen=seen))
        lines = sorted({self.sites["source"][one.source_site]["line"] for one in readers})
        if len(lines) < 2:
            return told
        return replace(told, text=f"{told.text}; lines {', '.join(map(str, lines))} read it")

    def _cut_off(self, one: Pass, side: str) -> Divergence:
        """A value that depends on inputs or weights on one side only."""
        told = self._told("gradient", one)
        text = f"no gradient flows through {told.name} in the {side}, on the other side it does"
        return replace(told, text=text, absolute=0.0, relative=0.0, index=())

    def _states(self) -> Divergence | None:
        """Values agree and the weights or statistics after them do not: the first line after which one parts."""
        assert self.runs is not None and self.clue.job is not None
        traces = self.runs.trace(self.clue.job, states=True, moved=True)
        changes = {key: _changes(trace["states"]) for key, trace in traces.items()}
        first: tuple[int, Seen] | None = None
        for name, ours in changes["source32"].items():
            found = {key: changes[key].get(name, []) for key in KEYS}
            for turn in range(min(len(one) for one in found.values())):
                number, _ = ours[turn]
                arrays: dict[str, Any] = {key: found[key][turn][1] for key in KEYS}
                moved = changes[MOVED].get(name, [])
                arrays["moved32"] = moved[turn][1] if turn < len(moved) else None
                label = f"{name[1]} afterwards"
                seen = held.compare_arrays(label, arrays, ("float32", "float32"), [None], self._run())
                if seen.finding.status == "differs":
                    if first is None or number < first[0]:
                        first = number, seen
                    break
        culprit = self._passing(*first) if first else None
        return self._told("state", culprit) if culprit else None

    def _passing(self, number: int, seen: Seen) -> Pass | None:
        """The first pass of a pair of sites by the end of which a change was there."""
        found = next((one for one in self.passes if one.order >= number and one.count is None), None)
        return replace(found, seen=seen) if found else None

    # --- Telling ------------------------------------------------------------------------------------------------------

    def raising(self, line: int | None, reason: str) -> Divergence | None:
        """The twin raised: at a line of its own, or where a layer is made whose weights do not fit."""
        misfit = MISFIT.search(reason)
        if misfit:
            path = misfit.group(1).split(".")[:-1]
            theirs = made_at(self.pair.twin, self.entry.name, path)
            ours = made_at(self.pair.source, self.entry.name, path)
            if theirs is not None:
                ours = ours or self._stands_for(theirs) or self._stands_for(self._called_at(theirs, path[0]))
                return self._raised(ours, theirs, misfit.group(1), f"the weights of {'.'.join(path)} do not fit")
        if line is None:
            return None
        here = max((ours for ours, theirs in self.lines if theirs <= line), default=None)
        exact = next((ours for ours, theirs in self.lines if theirs == line), here)
        return self._raised(exact, line, "", f"the twin raises on line {line}")

    def _stands_for(self, line: int | None) -> int | None:
        return next((ours for ours, theirs in self.lines if theirs == line), None)

    def _called_at(self, line: int, attribute: str) -> int | None:
        """The first line of the twin below one that calls a layer."""
        texts = enumerate(self.texts["twin"][line:], line + 1)
        return next((number for number, text in texts if f"self.{attribute}(" in text), None)

    def _raised(self, ours: int | None, theirs: int, name: str, text: str) -> Divergence:
        source = self._place("source", ours) if ours else None
        sample, mode = self._run() if self.clue.job else ("", "")
        return Divergence("raises", name, source, self._place("twin", theirs), text, sample=sample, mode=mode)

    def _told(self, kind: Kind, one: Pass) -> Divergence:
        site = self.sites["source"][one.source_site]
        agreed = sum(other.outcome == "agrees" for other in self.passes if other.order < one.order)
        sample, mode = self._run()
        source, twin = self.places(one)
        if one.seen is None:
            assert one.count is not None
            text = f"the source passes here {one.count[0]} times, the twin {one.count[1]} times"
            return Divergence(kind, site["label"], source, twin, text, one.occurrence, agreed, sample=sample, mode=mode)
        found = one.seen.finding.difference
        source = replace(source, made=self._made("source", one))
        twin = replace(twin, made=self._made("twin", one))
        text = one.seen.finding.reason + (f", at its pass {one.occurrence}" if one.occurrence > 1 else "")
        return Divergence(
            kind, site["label"], source, twin, text, one.occurrence, agreed, found.absolute, found.relative,
            found.index, sample, mode,
        )  # fmt: skip

    def places(self, one: Pass) -> tuple[Place, Place]:
        """Both sides of a pass, with what was compared there."""
        source, twin = (self._place(side, self._line(side, one)) for side in ("source", "twin"))
        if one.seen is None:
            return source, twin
        found, (ours, theirs) = one.seen.finding.difference, one.seen.numbers
        own = {"shape": found.source_shape, "dtype": found.source_dtype, "numbers": ours, "value": one.seen.values[0]}
        other = {"shape": found.twin_shape, "dtype": found.twin_dtype, "numbers": theirs, "value": one.seen.values[1]}
        own["counts"], other["counts"] = one.seen.counts
        return replace(source, **own, span=one.seen.span), replace(twin, **other, span=one.seen.span)

    def _line(self, side: str, one: Pass) -> int:
        """Where a pass is shown: an argument that parts, where it was passed."""
        key = f"{side}32"
        site = self.sites[side][one.source_site if side == "source" else one.twin_site]
        caller = self.traces[key]["events"][one.numbers[key]][1] if key in one.numbers else 0
        return caller or site["line"]

    def _place(self, side: str, line: int) -> Place:
        text = self.texts[side][line - 1].strip() if 0 < line <= len(self.texts[side]) else ""
        return Place(line, text)

    def _made(self, side: str, one: Pass) -> int | None:
        """The line that made the layer of the class that the statement calls, where it calls just one."""
        site = self.sites[side][one.source_site if side == "source" else one.twin_site]
        owner = site["function"].rpartition(".")[0]
        first, last = lines_of_statement(self.pair.source if side == "source" else self.pair.twin, site["line"])
        called = re.findall(r"\bself\.(\w+)\(", "\n".join(self.texts[side][first - 1 : last]))
        if not owner or len(set(called)) != 1:
            return None
        return made_at(self.pair.source if side == "source" else self.pair.twin, owner.rpartition(".")[2], called[:1])


def _filled(arrays: dict[str, Any]) -> dict[str, Any]:
    """Gradients: one that nothing of the result depends on is zero. None where that is so on both sides."""
    known = next((array for array in arrays.values() if array is not None), None)
    if known is None:
        return {}
    return {key: np.zeros_like(known) if array is None else array for key, array in arrays.items()}


def _changes(states: Sequence[dict[str, Any]]) -> dict[tuple[int, str], list[tuple[int, Any]]]:
    """Every value that each weight took, with the number of the event after which it was seen."""
    found: dict[tuple[int, str], list[tuple[int, Any]]] = defaultdict(list)
    for state in states:
        for name, array in state["changed"].items():
            plain = ".".join(part.rstrip("_") or part for part in name.split("."))
            found[state["model"], plain].append((state["event"], array))
    return found
