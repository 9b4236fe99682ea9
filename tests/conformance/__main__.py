"""Every part of the conformance suite, one after the other: ``make conformance``.

Each part prints its table, writes its results under ``build/conformance`` and is compared with the baseline; one that
got worse fails the whole. ``--keep`` makes the outcomes the baseline, names of parts run only those.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

PARTS = {
    "ops": "PyTorch's database of operators",
    "modules": "PyTorch's database of modules",
    "layers": "every public layer of Keras",
    "roundtrip": "samples of rules there and back",
    "census": "names that people use",
}


def main() -> int:
    """Run the parts; 1 if any got worse."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--keep", action="store_true", help="make the outcomes the baseline")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    results: list[tuple[str, int, float]] = []
    for part in chosen.parts or PARTS:
        print(f"\n== {part}: {PARTS[part]}", flush=True)
        start = time.monotonic()
        command = [sys.executable, "-m", f"tests.conformance.{part}", *(["--keep"] if chosen.keep else [])]
        results.append((part, subprocess.run(command, check=False).returncode, time.monotonic() - start))
    print("\n== summary")
    for part, code, seconds in results:
        print(f"{part:12}{'as good as the baseline' if code == 0 else f'WORSE (exit {code})':26}{seconds:7.0f} s")
    return int(any(code for _, code, _ in results))


if __name__ == "__main__":
    sys.exit(main())
