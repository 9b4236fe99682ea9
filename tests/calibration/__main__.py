"""``make calibration``: verify every labelled pair in both directions, write docs/calibration.md, fail where a verdict
is wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

from diptych.verification import Options, doctor, shutdown

from . import report
from .measure import Measured, measure_all
from .pairs import read

DOCUMENT = Path(__file__).parents[2] / "docs" / "calibration.md"


def main() -> int:
    """Run the pairs named on the command line, or all; only a run of all writes the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("names", nargs="*", help="names or groups of pairs; left out: all")
    names = parser.parse_args().names
    pairs = [pair for pair in read() if not names or pair.name in names or pair.group in names]
    if not pairs:
        print(f"no pair or group is named {', '.join(names)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    total = 2 * len(pairs)
    count = 0

    def done(row: Measured) -> None:
        nonlocal count
        count += 1
        arrow = "<-" if row.backwards else "->"
        text = f"{count}/{total} {row.pair.group}: {row.pair.name} {arrow} {row.outcome}"
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        if names or row.wrong:
            print(f"{text}{'  WRONG' if row.wrong else ''}  {row.reason}".rstrip(), flush=True)

    try:
        rows = measure_all(pairs, done=done)
        versions = _versions()
    finally:
        shutdown()
    print(file=sys.stderr)
    lines = [*report.summary(rows), "", *report.thresholds(rows)]
    print("\n".join(lines))
    print(f"\n{len(rows)} claims in {time.monotonic() - started:.0f} s")
    if names:
        wrong = [row for row in rows if row.wrong]
        return int(bool(wrong))
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(report.document(rows, versions), encoding="utf-8")
    found = report.failures(rows)
    for text in found:
        print(f"FAILED: {text}")
    return int(bool(found))


def _versions() -> str:
    found: dict[str, str] = {}
    for health in doctor(Options(device="cpu")):
        found.update(health.versions)
    return ", ".join(f"{name} {re.sub('[+].*', '', version)}" for name, version in found.items() if name != "python")


if __name__ == "__main__":
    sys.exit(main())
