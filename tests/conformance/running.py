"""Converts code, runs both sides, and says how each pair ended: what every part of the conformance suite shares."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from diptych.catalog.rule import Rule, other
from diptych.conversion import Conversion, convert
from diptych.conversion.result import Framework
from diptych.verification.snippet_judge import difference
from diptych.verification.snippet_runs import Pipeline, Results, Task
from diptych.verification.snippets import Snippet

Ending = Literal["same", "assumed", "refused", "wrong", "crash", "unrun"]
ENDINGS: tuple[Ending, ...] = ("same", "assumed", "refused", "wrong", "crash", "unrun")
RESULTS = Path(__file__).parents[2] / "build" / "conformance"
LETTERS = ("x", "y", "z", "u", "v", "w")


@dataclass(frozen=True)
class Case:
    """A program to convert and to run on both sides.

    ``name`` is what is scored (a module, a layer, an API), ``sample`` tells its cases apart. ``arrays`` are the
    arguments of the entry (those that are no arrays are passed as they are), ``constructor`` those of a class.
    ``typed`` says that a comment states the types; ``random`` compares shapes and dtypes alone; ``weights`` is
    false for a class whose buffers are its arguments. A ``step`` is a training step (see ``worker/snippets.py``).
    """

    name: str
    sample: str
    side: Framework
    text: str
    arrays: tuple[Any, ...]
    constructor: tuple[Any, ...] = ()
    kind: Literal["function", "class", "step"] = "class"
    entry: str = "Model"
    modes: tuple[bool, ...] = (False, True)
    typed: bool = True
    random: bool = False
    gradients: bool = True
    weights: bool = True
    tolerance: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How a case ended.

    "same"; "assumed": differs, as an assumption stated aloud does not hold; "refused"; "wrong": differs silently;
    "crash": the conversion or the twin raises; "unrun": the source itself raises.
    """

    case: Case
    ending: Ending
    reason: str = ""
    twin: str = ""


@dataclass
class Score:
    """The outcomes of one name."""

    name: str
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, typed: bool | None = True) -> Counter[str]:
        """How often each ending occurred, among the cases with or without stated types, or all (``None``)."""
        return Counter(o.ending for o in self.outcomes if typed is None or o.case.typed == typed)

    def ending(self, typed: bool = True) -> str:
        """The ending of all its cases: "same", "wrong" or "crash" if any is, "partly" where some are refused."""
        count = self.count(typed)
        for bad in ("wrong", "crash"):
            if count[bad]:
                return bad
        if count["refused"] + count["assumed"]:
            return "partly" if count["same"] else "refused"
        return "same" if count["same"] else "unrun"

    def first(self, *endings: str, typed: bool | None = True) -> Outcome | None:
        """The first outcome of such an ending."""
        chosen = (o for o in self.outcomes if o.ending in endings and (typed is None or o.case.typed == typed))
        return next(chosen, None)


def run(cases: Iterable[Case], progress: bool = False) -> list[Outcome]:
    """Convert and run every case, each framework in a process of its own; in the order given."""
    cases = list(cases)
    found: dict[int, Outcome] = {}
    places: dict[int, int] = {}
    lock = threading.Lock()

    def ended(place: int, outcome: Outcome) -> None:
        with lock:
            found[place] = outcome
            if progress and (len(found) % 25 == 0 or len(found) == len(cases)):
                print(f"\r{len(found)} of {len(cases)}", end="", file=sys.stderr, flush=True)

    def ran(rows: list[tuple[Task, Results]]) -> None:
        for task, results in rows:
            place = places[id(task)]
            ended(place, _judged(cases[place], task, results))

    kept: list[Task] = []  # so that no id is given twice
    with Pipeline(ran) as pipeline:
        for place, case in enumerate(cases):
            task = _task(case)
            if isinstance(task, Outcome):
                ended(place, task)
                continue
            kept.append(task)
            places[id(task)] = place
            pipeline.put(task)
    if progress:
        print(file=sys.stderr)
    return [found[place] for place in range(len(cases))]


def _task(case: Case) -> Task | Outcome:
    try:
        conversion = convert(case.text, to=other(case.side))  # type: ignore[arg-type]
    except Exception as error:
        return Outcome(case, "crash", f"the conversion raises {type(error).__name__}: {error}")
    if not conversion.complete:
        leftovers = [leftover for leftover in conversion.leftovers if leftover.severity == "error"]
        reasons = dict.fromkeys(f"{leftover.api}: {leftover.reason}" for leftover in leftovers)
        return Outcome(case, "refused", "; ".join(reasons), conversion.twin)
    entry = next((entry for entry in conversion.entries if entry.name == case.entry), None)
    if entry is None and case.kind != "step":
        return Outcome(case, "crash", f"the conversion lists no entry {case.entry!r}", conversion.twin)
    return paired(case, conversion)


def paired(case: Case, conversion: Conversion) -> Task:
    """What to run: the source, and its twin on the same values in its own axes."""
    entry = next((entry for entry in conversion.entries if entry.name == case.entry), None)
    given = [parameter.axes.permutation for parameter in entry.parameters] if entry is not None else []
    made = [parameter.axes.permutation for parameter in entry.constructor] if entry is not None else []
    common = {
        "kind": case.kind, "entry": case.entry, "modes": list(case.modes), "state": {}, "gradients": case.gradients,
        "weights": case.weights, "map": {},
    }  # fmt: skip
    source = {
        **common,
        "text": case.text,
        "arrays": list(case.arrays),
        "constructor": list(case.constructor),
        "outputs": [],
    }
    twin = {
        **common,
        "text": conversion.twin,
        "arrays": _turned(case.arrays, given),
        "constructor": _turned(case.constructor, made),
        "outputs": [out.permutation for out in entry.outputs] if entry is not None else [],
    }
    rule = Rule(case.name, "", "", "", {}, {}, {"random": case.random, "tolerance": case.tolerance})
    snippet = Snippet(case.name, case.sample, case.side, 0, None, case.text, case.kind, case.entry, case.arrays)
    return Task(snippet, rule, conversion.twin, {case.side: source, other(case.side): twin}, conversion)


def _turned(values: Sequence[Any], axes: Sequence[Any]) -> list[Any]:
    """The values in the twin's axes; one of another number of axes than was assumed stays as it is."""
    turned = []
    for place, value in enumerate(values):
        order = axes[place] if place < len(axes) else None
        fits = order is not None and isinstance(value, np.ndarray) and value.ndim == len(order)
        turned.append(value.transpose(order) if fits else value)
    return turned


def _judged(case: Case, task: Task, results: Results) -> Outcome:
    source, twin = results[case.side], results[other(case.side)]
    if "error" in source:
        return Outcome(case, "unrun", f"the source raises {source['error']}", task.twin)
    found = f"the twin raises {twin['error']}" if "error" in twin else difference(task, results)
    if found is None:
        return Outcome(case, "same", "", task.twin)
    said = task.conversion.leftovers if task.conversion is not None else ()
    if said and not case.typed:
        return Outcome(case, "assumed", f"{said[0].reason} ({found})", task.twin)
    return Outcome(case, "crash" if "error" in twin else "wrong", found, task.twin)


# --- Results -------------------------------------------------------------------------------------------------------


def scores(outcomes: Iterable[Outcome]) -> list[Score]:
    """The outcomes by name, in the order in which the names appear."""
    found: dict[str, Score] = {}
    for outcome in outcomes:
        found.setdefault(outcome.case.name, Score(outcome.case.name)).outcomes.append(outcome)
    return list(found.values())


def described(score: Score) -> dict[str, Any]:
    """One name's results, as they stand in the file of results."""
    record: dict[str, Any] = {"name": score.name, "ending": score.ending()}
    for label, typed in (("typed", True), ("untyped", False)):
        count = score.count(typed)
        if count:
            record[label] = {ending: count[ending] for ending in ENDINGS if count[ending]}
    reasons = Counter(o.reason for o in score.outcomes if o.reason)
    record["reasons"] = dict(reasons.most_common(8))
    for ending in ("wrong", "crash", "refused", "assumed", "unrun"):
        example = score.first(ending, typed=None)
        if example is not None:
            record[f"first {ending}"] = {
                "sample": example.case.sample,
                "typed": example.case.typed,
                "reason": example.reason,
                "source": example.case.text,
                "twin": example.twin,
            }
    return record


def write(name: str, summary: dict[str, Any], records: list[dict[str, Any]]) -> Path:
    """Write a file of results under ``build/conformance``."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"summary": summary, "results": records}, indent=1))
    return path


def show(found: list[Score], chosen: bool, line: Callable[[Score], str] | None = None) -> None:
    """Print a line for each name that is not the same; with ``chosen`` the code of its first problem as well."""
    for score in found:
        if score.ending() == "same" and not (chosen or score.count(False)["wrong"]):
            continue
        counts = ", ".join(f"{number} {ending}" for ending, number in score.count().items())
        without = ", ".join(f"{number} {ending}" for ending, number in score.count(False).items())
        print(f"{score.ending():8} {score.name}: {counts}" + (f"; types not stated: {without}" if without else ""))
        example = score.first("wrong", "crash", typed=None) or score.first("refused", "assumed", "unrun")
        if example is not None:
            print(f"         {example.case.sample}: {example.reason}")
            if chosen:
                print(_indented(example.case.text), "\n         --- twin\n", _indented(example.twin), sep="")


def _indented(text: str) -> str:
    return "".join(f"         {line}\n" for line in text.strip().split("\n"))
