"""``diptych convert FOLDER -o OUT``: the twin of a package, each file fitting the others."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from diptych.cli.files import FileError, SourceFile, python_files, read_source, write
from diptych.cli.messages import plural, say

if TYPE_CHECKING:
    from diptych.conversion.packages import Surroundings
    from diptych.conversion.result import Conversion, Framework, Layout

FEW = 8  # files that are converted sooner than other processes have started


@dataclass(frozen=True)
class Job:
    """One file of the package and how it is to be converted."""

    source: SourceFile
    to: Framework | None
    layout: Layout
    around: Surroundings


def converted(job: Job) -> Conversion | str:
    """The conversion of one file; the located message where it does not parse."""
    from diptych.conversion import ParseError, convert

    try:
        return convert(job.source.text, to=job.to, layout=job.layout, surroundings=job.around)
    except ParseError as error:
        return f"{job.source.label}:{error.line}:{error.column + 1}: {error.message}"


def convert_tree(folder: Path, output: Path, to: Framework | None, layout: Layout, report: str | None) -> int:
    """Convert every Python file below ``folder`` into ``output``; the exit code. Raises ``FileError``.

    Files that use no framework, or that do not parse, are copied as they are.
    """
    from diptych.cli.convert import report_of, tell
    from diptych.conversion.packages import surroundings

    if output.resolve() == folder.resolve() or folder.resolve() in output.resolve().parents:
        raise FileError(f"{output}: lies in the folder that is converted; name another")
    files = [PurePosixPath(path.relative_to(folder)) for path in python_files(folder)]
    if not files:
        raise FileError(f"{folder}: there are no Python files in it")
    sources = {path: read_source(str(folder / path)) for path in files}
    around = surroundings({path: source.text for path, source in sources.items()}, folder.resolve().name)
    jobs = [Job(sources[path], to, layout, around[path]) for path in files]
    reports: dict[str, Any] = {}
    complete = unparsed = changed = 0
    for path, job, result in zip(files, jobs, _all(jobs), strict=True):
        place = output / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(result, str):
            say(result, color="red")
            unparsed += 1
        text = job.source.text if isinstance(result, str) else result.twin
        write(str(place), job.source.encode(text))
        if isinstance(result, str):
            reports[str(path)] = {"error": result}
            continue
        reports[str(path)] = report_of(result)
        if result.twin != result.source or result.leftovers:
            changed += 1
            complete += result.complete
            tell(job.source.label, result)
    if report is not None:
        write(report, (json.dumps({"files": reports}, indent=2, ensure_ascii=False) + "\n").encode())
    summary = f"{plural(len(files), 'file')} written to {output}: {changed} converted, {complete} of them whole"
    if unparsed:
        summary += f"; {plural(unparsed, 'file')} not parsed and copied as they are"
    say(summary, color="green" if complete == changed and not unparsed else "red", bold=True)
    return 2 if unparsed else 0 if complete == changed else 1


def _all(jobs: list[Job]) -> list[Conversion | str]:
    workers = min(os.cpu_count() or 1, len(jobs) // FEW)
    if workers < 2:
        return [converted(job) for job in jobs]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(converted, jobs, chunksize=4))
