"""``make soak``: verify again and again, with a fault in one of ten; fail on a leak or on another verdict."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import random
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from diptych.verification import Options, Verdict, children, shutdown, standby, verify
from diptych.verification.processes import kill_group, memory_of

from .pairs import Labelled, read

NAMES = (
    "newton_square_root", "polynomial", "matrix_product", "softmax_axis", "sample_variance", "moving_average",
    "Perceptron", "stopped_gradient", "total", "leaky_slope",
)  # fmt: skip
FAULTS = ("kill source", "kill twin", "kill torch's worker", "kill TensorFlow's worker", "disk full", "cancelled")
PROCESSES = 3
"""A worker and the children that it forks ahead, one for each precision."""
GROWTH = 12 << 20
"""Bytes by which a process may have grown between the first tenth and the end."""


@dataclass(frozen=True)
class State:
    """What could leak: what Python and numpy hold here, open files and threads, worker processes and theirs, folders.
    This process's resident memory would not tell: the allocator keeps an arena for each of the threads that there were.
    """

    memory: int
    files: int
    threads: int
    processes: int
    workers_memory: int
    workers_files: int
    folders: int

    def __str__(self) -> str:
        here = f"{self.memory >> 20} MiB, {self.files} files, {self.threads} threads"
        workers = f"{self.processes} processes, {self.workers_memory >> 20} MiB, {self.workers_files} files"
        return f"here {here}; workers {workers}; {self.folders} folders"


def descendants() -> list[int]:
    """All living processes below this one."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state != "Z":
            parents.setdefault(int(parent), []).append(int(path.parent.name))
    found, waiting = [], [os.getpid()]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def files_of(pid: int | str) -> int:
    """How many files a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def state() -> State:
    """What there is now, once everything that ends has ended and every worker's spare children are there again."""
    gc.collect()
    deadline = time.monotonic() + 20
    while len(descendants()) != PROCESSES * len(standby._pool) and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = [one.process.pid for one in standby._pool.values() if one.process is not None]
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    return State(
        tracemalloc.get_traced_memory()[0],
        files_of("self"),
        threads,
        len(descendants()),
        sum(map(memory_of, workers)),
        sum(map(files_of, workers)),
        sum(1 for _ in Path(tempfile.gettempdir()).glob("diptych-*")),
    )


@contextmanager
def fault(kind: str, chance: random.Random) -> Iterator[Any]:
    """Something that goes wrong once, at a random moment of a verification; gives what says whether to cancel."""
    left = chance.randrange(1, 12)
    answer = children.Child._answer

    def struck(self: children.Child) -> dict[str, Any]:
        nonlocal left
        left -= 1
        if left == 0:
            _strike(kind, self)
        return answer(self)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if kind == "disk full":
        with patch.object(children.Path, "mkdir", full):
            yield lambda: False
    elif kind == "cancelled":
        until = time.monotonic() + chance.uniform(0.0, 0.4)
        yield lambda: time.monotonic() > until
    else:
        with patch.object(children.Child, "_answer", struck):
            yield lambda: False


def _strike(kind: str, child: children.Child) -> None:
    if "worker" in kind:
        framework = "torch" if "torch" in kind else "tensorflow"
        for one in list(standby._pool.values()):
            if one.framework == framework and one.process is not None:
                one.process.kill()
    elif kind.endswith(child.side):
        kill_group(child.pid)


def once(pair: Labelled, cancelled: Any = lambda: False) -> Verdict:
    """Verify one pair."""
    [found] = verify(pair.pair(False), options=Options(device="cpu"), cancelled=cancelled)
    return found


def essence(found: Verdict) -> tuple[Any, ...]:
    """What must be the same every time."""
    return found.verdict, found.reason, str(found.evidence.largest), found.evidence.samples


def main() -> int:
    """Run; 1 where something leaked or a verdict changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration.soak", description=__doc__)
    parser.add_argument("--times", type=int, default=500, help="how many verifications (default: 500)")
    parser.add_argument("--seed", type=int, default=0, help="which faults come when")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        tempfile.tempdir = folder  # only this run's folders are counted
        return run(arguments.times, arguments.seed)


def run(times: int, seed: int) -> int:
    """Verify so many times."""
    tracemalloc.start()
    chance = random.Random(seed)
    pairs = [pair for pair in read() if pair.name in NAMES]
    started = time.monotonic()
    failures: list[str] = []
    outcomes: Counter[str] = Counter()
    known = {pair.name: essence(once(pair)) for pair in pairs}
    first: State | None = None
    for turn in range(times):
        pair = pairs[turn % len(pairs)]
        if chance.random() < 0.1:
            kind = chance.choice(FAULTS)
            with fault(kind, chance) as cancelled:
                found = once(pair, cancelled)
            outcomes[f"{kind}: {found.verdict}"] += 1
            if found.verdict != "not verified" and essence(found) != known[pair.name]:
                failures.append(f"{turn}: {pair.name} with the fault '{kind}': {found.summary}")
        else:
            found = once(pair)
            outcomes[f"no fault: {found.verdict}"] += 1
            if essence(found) != known[pair.name]:
                failures.append(f"{turn}: {pair.name}: {found.summary}, before {known[pair.name]}")
        if (turn + 1) % max(1, times // 10) == 0:
            once(pair)  # whatever the last fault took away is there again
            now = state()
            first = first or now
            print(f"after {turn + 1}: {now}", flush=True)
    for pair in pairs:
        once(pair)
    last = state()
    print(f"after {times}: {last}")
    assert first is not None
    failures += grown(first, last)
    shutdown()
    if left := descendants():
        failures.append(f"processes left at the end: {left}")
    for name, number in sorted(outcomes.items()):
        print(f"  {number:4} {name}")
    print(f"{times} verifications in {time.monotonic() - started:.0f} s, {len(failures)} failures")
    for text in failures:
        print(f"FAILED: {text}")
    return int(bool(failures))


def grown(first: State, last: State) -> list[str]:
    """What is more at the end than it was."""
    found = []
    for name in ("files", "threads", "processes", "workers_files", "folders"):
        if getattr(last, name) > getattr(first, name):
            found.append(f"{name}: {getattr(first, name)} at first, {getattr(last, name)} at the end")
    for name in ("memory", "workers_memory"):
        if getattr(last, name) > getattr(first, name) + GROWTH:
            found.append(f"{name}: {getattr(first, name) >> 20} MiB at first, {getattr(last, name) >> 20} at the end")
    return found


if __name__ == "__main__":
    sys.exit(main())
