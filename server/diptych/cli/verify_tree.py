"""``diptych verify FOLDER``: every function and model of many files, a few at a time; can be resumed."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from diptych import __version__
from diptych.cli.files import python_files
from diptych.cli.messages import say

if TYPE_CHECKING:
    from diptych.verification import Options, Pair, Verdict

IMPORTS = re.compile(r"^\s*(?:import|from)\s+(torch|tensorflow|keras)\b", re.MULTILINE)
KEPT = Path(".diptych") / "verdicts.jsonl"


@dataclass
class FileReport:
    """One file: its verdicts as JSON, what was not run and why, and ``error`` where it could not be read or parsed."""

    file: str
    entries: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True)
class Claim:
    """One entry of one file. ``key`` tells whether a kept verdict is of the same texts and settings."""

    report: FileReport
    pair: Any
    entry: str
    options: Options
    key: str


Prepare = Callable[[Path], tuple[Any, list[str], list[dict[str, Any]], list[dict[str, str]]]]
"""Reads a file: the pair, the entries to run, verdicts that need no run, and what is left out with the reason. Raises
``ValueError`` for a file that cannot be read or parsed.
"""


def source_files(folder: Path) -> list[Path]:
    """The Python files below a folder that import a framework, without hidden folders and environments."""
    return [path for path in python_files(folder) if IMPORTS.search(path.read_text(encoding="utf-8", errors="replace"))]


def claims_of(
    files: Iterable[Path], folder: Path, prepare: Prepare, options: Callable[[Path], Options]
) -> tuple[list[FileReport], list[Claim]]:
    """What is to be run of these files."""
    reports, claims = [], []
    for path in files:
        report = FileReport(path.relative_to(folder).as_posix())
        reports.append(report)
        try:
            pair, entries, decided, report.skipped = prepare(path)
        except ValueError as error:
            report.error = str(error)
            continue
        report.entries += decided
        chosen = options(path)
        claims += [Claim(report, pair, entry, chosen, _key(pair, entry, chosen)) for entry in entries]
    return reports, claims


def _key(pair: Pair, entry: str, options: Options) -> str:
    settings = {name: value for name, value in vars(options).items() if name not in ("timeout", "memory")}
    parts = [__version__, pair.source, pair.twin, pair.framework, pair.to, entry, repr(settings)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Kept:
    """The verdicts of a run that was interrupted, in a file to which each is added as it comes. What could not be
    verified is tried again.
    """

    def __init__(self, folder: Path, resume: bool) -> None:
        self.path = folder / KEPT
        self.verdicts: dict[str, dict[str, Any]] = {}
        if resume and self.path.is_file():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                    if row["verdict"]["verdict"] != "not verified":
                        self.verdicts[row["key"]] = row["verdict"]
                except (ValueError, KeyError, TypeError):
                    continue  # the last line of a run that was killed
        self.stream: TextIO | None = None
        try:
            self.path.parent.mkdir(exist_ok=True)
            self.stream = self.path.open("a" if resume else "w", encoding="utf-8")
            self.stream.write("\n" if resume else "")
        except OSError as error:
            say(f"{self.path} cannot be written ({error.strerror}): this run cannot be resumed", color="yellow")

    def add(self, key: str, verdict: dict[str, Any]) -> None:
        """Keep one."""
        if self.stream is not None:
            self.stream.write(json.dumps({"key": key, "verdict": verdict}) + "\n")
            self.stream.flush()

    def close(self) -> None:
        """Close the file."""
        if self.stream is not None:
            self.stream.close()


def run(claims: list[Claim], kept: Kept, jobs: int, progress: Callable[[int, int, str], None] | None) -> bool:
    """Run the claims, ``jobs`` at a time; whether all were run. After an interruption those that run are stopped, and
    what is known stays in ``kept``.
    """
    from diptych import verification

    def one(claim: Claim) -> Verdict:
        [found] = verification.verify(claim.pair, [claim.entry], claim.options, None, stopped.is_set)
        return found

    rows: dict[int, dict[str, Any]] = {}
    waiting: dict[Future[Verdict], int] = {}
    with _interruptible() as stopped, ThreadPoolExecutor(jobs) as pool:
        for number, claim in enumerate(claims):
            if claim.key in kept.verdicts:
                rows[number] = kept.verdicts[claim.key]
            else:
                waiting[pool.submit(one, claim)] = number
        while waiting and not stopped.is_set():
            if progress is not None:
                progress(len(rows), len(claims), claims[min(waiting.values())].entry)
            done, _ = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                number = waiting.pop(future)
                rows[number] = future.result().to_json()
                if rows[number]["reason"] != "cancelled":
                    kept.add(claims[number].key, rows[number])
        for future in waiting:
            future.cancel()
    for number in sorted(rows):
        claims[number].report.entries.append(rows[number])
    return not waiting


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets: an exception would be lost where Python ignores those, as while it collects
    garbage. The second raises, as usual.
    """
    stopped = threading.Event()

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        stopped.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def outcomes(reports: list[FileReport]) -> dict[str, int]:
    """How often each verdict was given."""
    counts: dict[str, int] = {}
    for report in reports:
        for entry in report.entries:
            counts[entry["verdict"]] = counts.get(entry["verdict"], 0) + 1
    return counts


def as_json(reports: list[FileReport], finished: bool) -> dict[str, Any]:
    """All that is known, as plain values."""
    files = [{name: value for name, value in vars(report).items() if value is not None} for report in reports]
    return {"files": files, "verdicts": outcomes(reports), "finished": finished}


def show(reports: list[FileReport], colors: dict[str, str]) -> None:
    """The table, then what needs a word."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    table = Table(
        "File", "Entry", "Verdict", "Largest difference", "Source", "Twin", "Seconds", box=None, pad_edge=False
    )
    for report in reports:
        for entry in report.entries:
            largest = entry["largest"]
            difference = f"{largest['absolute']:.1e} in {largest['where']}" if _number(largest) else ""
            times = entry["times"]
            table.add_row(
                Text(report.file),
                Text(entry["entry"]),
                Text(entry["verdict"], style=colors[entry["verdict"]]),
                Text(difference),
                Text(milliseconds(times.get("source"))),
                Text(milliseconds(times.get("twin, tf.function", times.get("twin")))),
                Text(f"{entry['seconds']:.1f}"),
            )
    console.print(table)
    for report in reports:
        if report.error is not None:
            console.print(Text(f"{report.file}: {report.error}", style="red"))
        for entry in report.entries:
            if entry["reason"]:
                console.print(Text(f"{report.file}::{entry['entry']}: {entry['reason']}"))
        if report.skipped:
            names = ", ".join(item["entry"] for item in report.skipped)
            say(f"{report.file}: not run, since their inputs are not known: {names}")
    counts = outcomes(reports)
    console.print(Text(", ".join(f"{number} {verdict}" for verdict, number in counts.items()) or "Nothing to run."))


def _number(largest: dict[str, Any] | None) -> bool:
    return largest is not None and isinstance(largest["absolute"], float) and largest["absolute"] > 0


def milliseconds(seconds: float | None) -> str:
    """A time per call."""
    return "" if seconds is None else f"{seconds * 1000:.2f} ms"
