"""Scores of modules, layers and samples: what came of each, by name, printed and written as files of results."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.conversion.result import Framework

from . import table
from .case import BAD, GOOD, Case, Outcome
from .converting import IMPORTS
from .running import Runner, shortened

BASELINE = Path(__file__).with_name("baseline.json")
RESULTS = Path(__file__).parents[2] / "build" / "conformance"


@dataclass
class Score:
    """The outcomes of one name."""

    name: str
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, typed: bool | None = True) -> Counter[str]:
        """How often each kind of outcome occurred, among the cases with or without stated types, or all (``None``)."""
        return Counter(o.kind for o in self.outcomes if typed is None or o.case.typed == typed)

    @property
    def outcome(self) -> str:
        """The ending, as the baseline keeps it."""
        return self.ending

    @property
    def ending(self) -> str:
        """How the cases with stated types ended: "same", "wrong", "crash", "partly" (some refused) or "refused"."""
        count = self.count()
        if count["wrong"] or count["announced"]:
            return "wrong"
        if count["raises"] or count["crash"]:
            return "crash"
        same = sum(count[kind] for kind in GOOD)
        if count["refused"]:
            return "partly" if same else "refused"
        return "same" if same else "invalid"

    def first(self, *kinds: str) -> Outcome | None:
        """The first outcome of such a kind."""
        return next((outcome for outcome in self.outcomes if outcome.kind in kinds), None)


def run(cases: list[Case], source: Framework = "torch") -> list[Outcome]:
    """Convert and run the cases, showing how far it is."""
    with Runner(source) as runner:
        return list(counted(runner.outcomes(cases), len(cases)))


def counted(outcomes: Iterable[Outcome], number: int | None = None) -> Iterator[Outcome]:
    """The same outcomes, counted on standard error as they come."""
    for done, outcome in enumerate(outcomes, 1):
        yield outcome
        if done % 25 == 0 or done == number:
            print(f"\r{done}" + (f" of {number}" if number else ""), end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def scores(outcomes: Iterable[Outcome]) -> list[Score]:
    """The outcomes by name, in the order in which the names appear."""
    found: dict[str, Score] = {}
    for outcome in outcomes:
        name = outcome.case.subject
        found.setdefault(name, Score(name)).outcomes.append(outcome)
    return list(found.values())


def summary(found: list[Score], what: str) -> dict[str, int]:
    """The numbers that are asked for: of names, and of their cases."""
    endings = [score.ending for score in found]
    every = [outcome for score in found for outcome in score.outcomes]
    typed = [outcome for outcome in every if outcome.case.typed]
    untyped = [outcome for outcome in every if not outcome.case.typed]
    return {
        what: len(found),
        f"{what} the same on every sample": endings.count("same"),
        f"{what} the same on some, refused on others": endings.count("partly"),
        f"{what} refused": endings.count("refused"),
        f"{what} wrong": endings.count("wrong"),
        f"{what} whose conversion or twin raises": endings.count("crash"),
        f"{what} whose samples do not run": endings.count("invalid"),
        "samples": len(typed),
        "samples the same": sum(outcome.kind in GOOD for outcome in typed),
        "samples the same, types not stated": sum(outcome.kind in GOOD for outcome in untyped),
        "samples wrong": sum(outcome.kind == "wrong" for outcome in every)
        + sum(outcome.kind == "announced" for outcome in typed),
        "samples that crash": sum(outcome.kind in ("raises", "crash") for outcome in every),
    }


def report(name: str, found: list[Score], numbers: dict[str, int], chosen: bool) -> None:
    """Print what is not the same (with ``chosen`` its code as well) and the numbers; write them unless ``chosen``."""
    for score in found:
        for line in lines(score, chosen):
            print(line)
    for label, number in numbers.items():
        print(f"{label:56}{number}")
    if not chosen:
        print(f"written to {write(name, numbers, [described(score) for score in found])}")


def command(part: str, what: str, doc: str | None, find: Callable[[Sequence[str]], list[Score]]) -> int:
    """What the parts do from the command line: find scores, report; 1 if anything got worse than the baseline."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these, with the code of the first that is not the same")
    parser.add_argument("--keep", action="store_true", help="make the outcomes the baseline")
    options = parser.parse_args()
    found = find(options.names)
    report(part, found, summary(found, what), chosen=bool(options.names))
    return settled(part, found, keep=options.keep and not options.names)


def settled(part: str, found: Sequence[Any], *, keep: bool) -> int:
    """Keep the outcomes as the baseline, or print what got worse than it says; 1 if anything did."""
    if keep:
        table.keep(found, BASELINE, part)
    worse = table.regressions(found, BASELINE, part)
    for line in worse:
        print(line)
    return int(bool(worse))


def lines(score: Score, chosen: bool) -> Iterator[str]:
    """What to say about one name."""
    example = score.first(*BAD) or score.first("announced", "refused", "invalid")
    if example is None:
        return
    without = ", ".join(f"{number} {kind}" for kind, number in score.count(False).items())
    counts = ", ".join(f"{number} {kind}" for kind, number in score.count().items())
    yield f"{score.ending:8} {score.name}: {counts}" + (f"; types not stated: {without}" if without else "")
    yield f"         {example.case.label}: {example.detail}"
    if chosen:
        for text in (text_of(example.case), example.twin):
            yield "\n".join(f"         | {line}" for line in shortened(text).strip().split("\n"))


def text_of(case: Case) -> str:
    """The whole program of a case."""
    return f"{IMPORTS[str(case.family)]}\n\n{case.text}"


def described(score: Score) -> dict[str, Any]:
    """One name's results, as they stand in the file of results."""
    record: dict[str, Any] = {"name": score.name, "ending": score.ending}
    for label, typed in (("types stated", True), ("types not stated", False)):
        record[label] = dict(score.count(typed))
    record["reasons"] = dict(Counter(o.detail for o in score.outcomes if o.detail).most_common(8))
    for kind in ("wrong", "raises", "crash", "refused", "announced", "invalid"):
        example = score.first(kind)
        if example is not None:
            record[f"first {kind}"] = {
                "sample": example.case.label,
                "types stated": example.case.typed,
                "reason": example.detail,
                "source": shortened(text_of(example.case)),
                "twin": shortened(example.twin),
            }
    return record


def write(name: str, numbers: dict[str, Any], records: list[dict[str, Any]]) -> Path:
    """Write a file of results under ``build/conformance``."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"summary": numbers, "results": records}, indent=1))
    return path
