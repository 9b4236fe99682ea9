"""``make sweep``: every file of the standard library, of PyTorch and of TensorFlow through the checks, their fixes and
conversion. Nothing may raise, no check may fail, and whatever comes out must parse.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.util
import os
import random
import sys
import sysconfig
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from diptych import checks
from diptych.checks.fixing import fix
from diptych.cli.files import FileError, python_files, read_source
from diptych.conversion import ParseError, convert
from diptych.conversion.result import Conversion
from diptych.text.parsing import syntax_error
from diptych.text.positions import LineIndex

PARTS = ("stdlib", "torch", "tensorflow", "keras")
LONG = 60.0
"""Seconds of computing for one file, after which it is named as slow."""


@dataclass(frozen=True)
class Swept:
    """One file: what went wrong with it, and how long it took."""

    path: Path
    problems: tuple[str, ...]
    seconds: float
    lines: int


def files(part: str) -> list[Path]:
    """The Python files of an installed package, or of the standard library. Raises ``LookupError`` where it is not."""
    if part == "stdlib":
        return list(python_files(Path(sysconfig.get_path("stdlib")), {"site-packages", "dist-packages"}))
    spec = importlib.util.find_spec(part)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"{part} is not installed here")
    return [path for folder in spec.submodule_search_locations for path in python_files(Path(folder), set())]


def sweep(path: Path) -> Swept:
    """Look at one file."""
    start = time.process_time()
    try:
        text = read_source(str(path)).text
    except FileError:
        return Swept(path, (), 0.0, 0)  # not text in the encoding that it claims: said so, and nothing is lost
    problems = tuple(found(text))
    seconds = time.process_time() - start
    if seconds > LONG:
        problems += (f"took {seconds:.0f} s of computing",)
    return Swept(path, problems, seconds, text.count("\n") + 1)


def found(text: str) -> Iterator[str]:
    """What goes wrong with a text, a paragraph for each."""
    for step in (checked, converted):
        try:
            yield from step(text)
        except ParseError as error:
            if syntax_error(text.removeprefix("\ufeff")) is None:
                yield f"{step.__name__}: refused as no Python, line {error.line}: {error.message}"
        except Exception:
            yield f"{step.__name__} raised\n{traceback.format_exc()}"


def checked(text: str) -> Iterator[str]:
    """Checks that failed, findings outside of the text, fixes whose result does not parse."""
    report = checks.inspect(text)
    for failure in report.failures:
        yield f"the check {failure.code} failed: {failure.reason}"
    lines = LineIndex(text)
    for finding in report.findings:
        start, end = (finding.line, finding.column), (finding.end_line, finding.end_column)
        if not start < end or not _inside(lines, *start) or not _inside(lines, *end):
            yield f"{finding.code} has no place in the text: {start} to {end}"
    if any(finding.fix is not None for finding in report.findings):
        fixed = fix(text, unsafe=True)
        if (error := syntax_error(fixed.text.removeprefix("\ufeff"))) is not None:
            yield f"fixed, the text does not parse: line {error.lineno}: {error.msg}"


def converted(text: str) -> Iterator[str]:
    """Twins that do not parse or are not what they say, remarks outside of the text."""
    conversion = convert(text)
    yield from _wrong(conversion, text)
    if conversion.twin != text:  # it was converted one way: the other one may find something, too
        yield from _wrong(convert(text, to=conversion.framework), text)


def _wrong(conversion: Conversion, text: str) -> Iterator[str]:
    if conversion.source != text:
        yield "the source is not kept as it was"
    error = syntax_error(conversion.twin.removeprefix("\ufeff"))
    if error is not None and syntax_error(text.removeprefix("\ufeff")) is None:
        yield f"the twin in {conversion.to} does not parse: line {error.lineno}: {error.msg}"
    if not checks.mentions_framework(text) and conversion.twin != text:
        yield "there was nothing to convert, and the text is another one"
    lines = LineIndex(text)
    for item in conversion.leftovers:
        if not _inside(lines, item.line, item.column) or not _inside(lines, item.end_line, item.end_column):
            yield f"a leftover has no place in the text: {item}"


def _inside(lines: LineIndex, line: int, column: int) -> bool:
    return 1 <= line <= len(lines) and 0 <= column <= len(lines.line(line))


def sweep_all(paths: list[Path], jobs: int, done: Callable[[Swept], None]) -> None:
    """Look at files in processes of their own, so that one that ends its process is named."""
    left = iter(paths)
    while True:
        with ProcessPoolExecutor(jobs, initializer=faulthandler.enable) as pool:
            under_way: dict[Future[Swept], Path] = {}
            try:
                for path in left:
                    under_way[pool.submit(sweep, path)] = path
                    while len(under_way) >= jobs:
                        _collect(under_way, done)
                while under_way:
                    _collect(under_way, done)
                return
            except BrokenProcessPool:
                for path in under_way.values():
                    done(Swept(path, ("the process ended (this file, or one that was read beside it)",), 0.0, 0))


def _collect(under_way: dict[Future[Swept], Path], done: Callable[[Swept], None]) -> None:
    finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in finished:
        result = future.result()
        del under_way[future]
        done(result)


def main() -> int:
    """Sweep; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.sweep", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}, or files; left out: all of them")
    parser.add_argument("--sample", type=int, metavar="N", help="of each part N files drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="for the draw")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    failed = 0
    for part in options.parts or PARTS:
        paths = files(part) if part in PARTS else [Path(part)]
        if options.sample and len(paths) > options.sample:
            paths = sorted(random.Random(options.seed).sample(paths, options.sample))
        results: list[Swept] = []

        def done(swept: Swept, results: list[Swept] = results, part: str = part, paths: list[Path] = paths) -> None:
            results.append(swept)
            if sys.stderr.isatty():
                print(f"\r\x1b[K{part} {len(results)}/{len(paths)} {swept.path.name}", end="", file=sys.stderr)
            for problem in swept.problems:
                print(f"{swept.path}: {problem}", flush=True)

        sweep_all(paths, options.jobs, done)
        bad = sum(bool(swept.problems) for swept in results)
        failed += bad
        slowest = max(results, key=lambda swept: swept.seconds)
        print(
            f"{part}: {len(results)} files, {sum(swept.lines for swept in results):,} lines, {bad} with problems;"
            f" the slowest took {slowest.seconds:.1f} s ({slowest.path.name}, {slowest.lines:,} lines)",
            flush=True,
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
