"""``make planted``: plant one bug into the twin of each model, verify, and see whether the reported line is right."""

from __future__ import annotations

import argparse
import sys
import time

from diptych.verification import shutdown

from .trial import MODELS, Trial, names, trials


def main() -> int:
    """Print a table; 1 where a reported line is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", help=f"some of: {', '.join(names())}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=1, help="how many bugs for each model")
    parser.add_argument("--silent", action="store_true", help="only bugs on which the twin does not raise")
    chosen = parser.parse_args()
    started = time.monotonic()
    done: list[Trial] = []
    try:
        for name in chosen.models or names():
            for trial in trials(MODELS / f"{name}.py", chosen.seed, chosen.each, silent=chosen.silent):
                done.append(trial)
                print(trial.row(), flush=True)
    finally:
        shutdown()
    wrong = [trial for trial in done if not trial.right]
    print(f"\n{len(done) - len(wrong)} of {len(done)} reported at the right line, {time.monotonic() - started:.0f} s")
    for trial in wrong:
        print(f"\n{trial.explained()}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
