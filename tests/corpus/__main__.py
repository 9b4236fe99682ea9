"""``make corpus``: convert and verify every class of the development corpus, write docs/corpus.md, fail where one is
wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from diptych.verification import shutdown

from . import report, roundtrip
from .measure import LAYOUTS, Known, Measured, measure
from .models import MISSING, SITE, Model, installed, models, versions
from .vendored import MANY

KEPT = SITE.with_name("outcomes.jsonl")
DOCUMENT = Path(__file__).parents[2] / "docs" / "corpus.md"


def main() -> int:
    """Run the classes named on the command line, or all; only a run of all writes the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names of classes; left out: all")
    parser.add_argument("--jobs", type=int, default=2, help="classes at a time")
    parser.add_argument("--timeout", type=float, default=240, help="seconds that one class may take")
    parser.add_argument("--resume", action="store_true", help="keep what the last run found of the same texts")
    parser.add_argument("--there-and-back", action="store_true", help="verify torch -> TensorFlow -> torch instead")
    chosen = parser.parse_args()
    if not installed():
        print(MISSING, file=sys.stderr)
        return 2
    found = [each for each in models() if not chosen.names or any(name in each.name for name in chosen.names)]
    measured = roundtrip.measure if chosen.there_and_back else measure
    layouts = LAYOUTS[:1] if chosen.there_and_back else LAYOUTS
    known = Known(KEPT.with_name("there_and_back.jsonl") if chosen.there_and_back else KEPT, models(), chosen.resume)

    def both(model: Model) -> list[Measured]:
        rows = []
        for layout in layouts:
            started = time.monotonic()
            rows.append(measured(model, layout, chosen.timeout, known))
            took = f"{layout}, {time.monotonic() - started:.0f} s"
            print(f"{rows[-1].outcome:10} {model.name} ({took}) {rows[-1].reason}".rstrip(), flush=True)
        return rows

    try:
        with ThreadPoolExecutor(chosen.jobs) as pool:
            rows = [row for group in pool.map(both, found) for row in group]
    finally:
        shutdown()
    print("\n".join(["", *report.summary(rows)]))
    if not chosen.names and not chosen.there_and_back:
        DOCUMENT.write_text(report.document(rows, versions(), MANY), encoding="utf-8")
    return int(any(row.outcome == "wrong" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
