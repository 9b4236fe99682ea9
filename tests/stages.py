"""Run every test in stages, cheap ones first, and sum up: ``make test``.

A stage that fails does not stop the others, so that one run tells everything. Each folder of ``tests/`` that no
stage names belongs to the first Python stage, so that none is forgotten.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SLOW = ("protocol", "rules", "verification", "testing", "calibration", "conformance", "training", "sweep", "acceptance")


def stages() -> dict[str, list[str]]:
    """Each stage's command, in order."""
    folders = sorted(path.parent.relative_to(ROOT) for path in (ROOT / "tests").glob("*/__init__.py"))
    folders += sorted({path.parent.relative_to(ROOT) for path in (ROOT / "tests").glob("*/test_*.py")} - set(folders))
    pytest = [sys.executable, "-m", "pytest"]
    found = {"check": ["make", "--no-print-directory", "check"]}
    # The others start processes for both frameworks themselves, or measure what else runs on the machine.
    found["quick"] = [
        *pytest,
        "-n",
        "auto",
        "--dist",
        "loadfile",
        *(str(folder) for folder in folders if folder.name not in SLOW),
    ]
    for name in SLOW:
        if ROOT.joinpath("tests", name) in {ROOT / folder for folder in folders}:
            found[name] = [*pytest, f"tests/{name}"]
    found["editor"] = ["make", "--no-print-directory", "test-editor"]
    return found


def main() -> int:
    """Run the stages; 1 if any failed."""
    everything = stages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without", action="append", default=[], choices=list(everything), help="leave a stage out")
    parser.add_argument("--only", action="append", default=[], choices=list(everything), help="run this stage")
    chosen = parser.parse_args()
    wanted = [name for name in everything if name not in chosen.without and name in (chosen.only or everything)]
    results: list[tuple[str, int, float]] = []
    for name in wanted:
        print(f"\n== {name}: {' '.join(everything[name])}", flush=True)
        start = time.monotonic()
        code = subprocess.run(everything[name], cwd=ROOT, check=False).returncode
        results.append((name, code, time.monotonic() - start))
    print("\n== summary")
    for name, code, seconds in results:
        print(f"{name:14}{'passed' if code == 0 else f'FAILED (exit {code})':20}{seconds:7.0f} s")
    left_out = [name for name in everything if name not in wanted]
    if left_out:
        print(f"left out: {', '.join(left_out)}")
    return int(any(code for _, code, _ in results))


if __name__ == "__main__":
    sys.exit(main())
