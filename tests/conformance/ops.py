"""PyTorch's operator database against the converter: ``python -m tests.conformance.ops [NAME...]``.

Every sample is written as code in each form that a user would write, with its types stated and without, converted, and
run on both sides. Without names all operators are run and compared with the baseline.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from . import table
from .case import BAD, GOOD, Case, Outcome
from .ops_kinds import COMPARISONS
from .ops_samples import Written, name_of, operators, written
from .running import Runner, shortened

BASELINE = Path(__file__).with_name("baseline.json")


def run(
    names: list[str], cap: int | None, progress: bool = False, runner: Runner | None = None
) -> tuple[dict[str, table.Subject], list[Outcome]]:
    """Run operators (all, if none are named) on at most ``cap`` samples for each dtype. Raises ``KeyError``."""
    chosen = operators(names)
    subjects: dict[str, table.Subject] = {}
    start = time.monotonic()

    def cases() -> Iterator[Case]:
        for number, op in enumerate(chosen):
            found: Written = written(op, cap)
            subject = subjects.setdefault(found.name, table.Subject(found.name, found.family))
            for reason, times in found.dropped.items():
                subject.dropped[reason] = subject.dropped.get(reason, 0) + times
            if progress and number % 20 == 0:
                print(f"{time.monotonic() - start:6.0f} s  {number} of {len(chosen)}  {name_of(op)}", file=sys.stderr)
            yield from found.cases

    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        both = runner or stack.enter_context(Runner(comparisons=COMPARISONS))
        for outcome in both.outcomes(cases()):
            subjects[outcome.case.subject].add(outcome)
            outcomes.append(outcome)
            if len(outcomes) % 1000 == 0:  # those who wait for the file see what there is
                table.write(subjects, "ops")
    return subjects, outcomes


def main() -> int:
    """Run from the command line; 1 if anything got worse."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="operators, as the database names them")
    parser.add_argument("--cap", type=int, help="at most so many samples of each operator and dtype")
    parser.add_argument("--keep", action="store_true", help="make the outcomes the baseline")
    parser.add_argument("--all-outcomes", action="store_true", help="print also what is the same or loud")
    chosen = parser.parse_args()
    subjects, outcomes = run(chosen.names, chosen.cap, progress=not chosen.names)
    path = table.write(subjects, "ops")
    if chosen.names:
        _print(outcomes, chosen.all_outcomes)
        for subject in subjects.values():
            print(f"{subject.name}: {subject.outcome}  typed {dict(subject.stated)}  untyped {dict(subject.unstated)}")
            for reason, times in subject.dropped.items():
                print(f"    not written ({times} samples): {reason}")
    table.show(subjects.values(), "PyTorch's operators, by operator and by sample")
    print(f"written to {path.relative_to(table.ROOT)}")
    if chosen.keep:
        table.keep(subjects.values(), BASELINE, "ops")
    worse = table.regressions(subjects.values(), BASELINE, "ops")
    for line in worse:
        print(line)
    return int(bool(worse))


def _print(outcomes: list[Outcome], everything: bool) -> None:
    """Each kind of outcome once for each form and detail."""
    seen: set[tuple[str, ...]] = set()
    for outcome in sorted(outcomes, key=lambda each: each.kind in BAD):
        case = outcome.case
        key = (case.subject, case.form, outcome.kind, outcome.detail[:60])
        quiet = outcome.kind in GOOD or (not case.typed and outcome.kind != "wrong")
        if (quiet and not everything) or key in seen:
            continue
        seen.add(key)
        print(f"-- {case.subject}, {case.form}, {case.dtype}, {case.label}: {outcome.kind}: {outcome.detail[:300]}")
        for assumption in outcome.assumed:
            print(f"   {assumption}")
        print(shortened(case.text) + (f"   ->\n{shortened(outcome.twin)}" if outcome.twin else ""))


if __name__ == "__main__":
    sys.exit(main())
