"""``make training``: run every script on both sides and write docs/training.md, fail where one does not agree."""

from __future__ import annotations

import argparse
import sys

from diptych.verification import shutdown

from .programs_run import DOCUMENT, INTRODUCTION, PROGRAMS, trained


def main() -> int:
    """Run the scripts named on the command line, or all; only a run of all writes the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.training", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(path.stem for path in PROGRAMS)], help="left out: all")
    names = parser.parse_args().names
    found = []
    for path in PROGRAMS:
        if not names or path.stem in names:
            found.append(trained(path))
            print(found[-1].row, flush=True)
    shutdown()
    if not names:
        rows = "\n".join(one.row for one in found)
        same = sum(one.agrees for one in found)
        DOCUMENT.write_text(f"{INTRODUCTION}{rows}\n\n{same} of {len(found)} agree.\n")
        print(f"written to {DOCUMENT}")
    return int(not all(one.agrees for one in found))


if __name__ == "__main__":
    sys.exit(main())
