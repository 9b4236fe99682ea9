"""``make soak``: verify again and again, with a fault in one of ten; fail on a leak or on another verdict."""

from __future__ import annotations

import argparse
import errno
import gc
import itertools
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


@dataclass
class Fault:
    """Something that goes wrong once, at the ``left``-th answer that it may strike at; ``struck`` tells whether it did.
    A claim that ends first, or that is over before it hears that it is cancelled, is not struck.
    """

    kind: str
    left: int
    until: float = float("inf")
    struck: bool = False

    def cancelled(self) -> bool:
        """Whether the user has cancelled."""
        self.struck = self.struck or time.monotonic() > self.until
        return self.kind == "cancelled" and self.struck

    @contextmanager
    def happening(self) -> Iterator[None]:
        """Inside, it is to happen."""
        answer, mkdir = children.Child._answer, Path.mkdir

        def answered(child: children.Child) -> dict[str, Any]:
            if "worker" in self.kind or self.kind.endswith(child.side):
                self.left -= 1
                if self.left == 0:
                    self._kill(child)
            return answer(child)

        def made(path: Path, *arguments: Any, **options: Any) -> None:
            self.left -= 1
            if self.left <= 0:
                self.struck = True
                raise OSError(errno.ENOSPC, "No space left on device")
            mkdir(path, *arguments, **options)

        if self.kind == "disk full":
            with patch.object(children.Path, "mkdir", made):
                yield
        else:
            with patch.object(children.Child, "_answer", answered):
                yield

    def _kill(self, child: children.Child) -> None:
        self.struck = True
        if "worker" not in self.kind:
            kill_group(child.pid)
            return
        framework = "torch" if "torch" in self.kind else "tensorflow"
        for one in list(standby._pool.values()):
            if one.framework == framework and one.process is not None:
                one.process.kill()


def fault(kind: str, chance: random.Random) -> Fault:
    """A fault of this kind at a random moment of a verification that starts now: a claim makes eight folders, gets more
    than a dozen answers from each side, and takes longer than it takes to cancel it.
    """
    moments = {"disk full": 8, "kill source": 12, "kill twin": 12}
    until = time.monotonic() + chance.uniform(0.0, 0.3) if kind == "cancelled" else float("inf")
    return Fault(kind, chance.randint(1, moments.get(kind, 24)), until)


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
    struck: Counter[str] = Counter()
    planned = itertools.cycle(FAULTS)
    first: State | None = None
    for turn in range(times):
        pair = pairs[turn % len(pairs)]
        if chance.random() < 0.1:
            kind = next(planned)
            planted = fault(kind, chance)
            with planted.happening():
                found = once(pair, planted.cancelled)
            outcomes[f"{kind}{'' if planted.struck else ' (came too late)'}: {found.verdict}"] += 1
            struck[kind] += planted.struck
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
    failures += [f"the fault '{kind}' never struck" for kind in struck if not struck[kind]]
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
