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
from diptych.cli.project_rules import index_for

if TYPE_CHECKING:
    from diptych.conversion.packages import Surroundings
    from diptych.conversion.result import Conversion, Framework, Layout

FEW = 8  # files that are converted sooner than other processes have started


@dataclass(frozen=True)
class Job:
    """One file of the package and how it is to be converted, perhaps with the rules of a project."""

    source: SourceFile
    to: Framework | None
    layout: Layout
    around: Surroundings
    rules: Path | None = None


def converted(job: Job) -> Conversion | str:
    """The conversion of one file; the located message where it does not parse."""
    from diptych.conversion import ParseError, convert

    try:
        index = index_for(job.rules)
        return convert(job.source.text, to=job.to, layout=job.layout, surroundings=job.around, index=index)
    except ParseError as error:
        return f"{job.source.label}:{error.line}:{error.column + 1}: {error.message}"


@dataclass(frozen=True)
class TreeFile:
    """One file of a package: its path from the folder, its text, and its conversion or why it does not parse."""

    path: PurePosixPath
    source: SourceFile
    result: Conversion | str

    @property
    def concerned(self) -> bool:
        """Whether there is anything of a framework in it."""
        return isinstance(self.result, str) or self.result.twin != self.result.source or bool(self.result.leftovers)


def convert_all(folder: Path, to: Framework | None, layout: Layout, rules: Path | None = None) -> list[TreeFile]:
    """Convert every Python file below ``folder``, each with what it takes from the others in view, perhaps with the
    rules of a project. Raises ``FileError``.
    """
    from diptych.conversion.packages import surroundings

    files = [PurePosixPath(path.relative_to(folder)) for path in python_files(folder)]
    if not files:
        raise FileError(f"{folder}: there are no Python files in it")
    sources = {path: read_source(str(folder / path)) for path in files}
    around = surroundings({path: source.text for path, source in sources.items()}, folder.resolve().name)
    results = _all([Job(sources[path], to, layout, around[path], rules) for path in files])
    return [TreeFile(path, sources[path], result) for path, result in zip(files, results, strict=True)]


def convert_tree(
    folder: Path, output: Path, to: Framework | None, layout: Layout, report: str | None, rules: Path | None = None
) -> int:
    """Convert every Python file below ``folder`` into ``output``; the exit code. Raises ``FileError``.

    Files that use no framework, or that do not parse, are copied as they are.
    """
    from diptych.cli.convert import report_of, tell

    if output.resolve() == folder.resolve() or folder.resolve() in output.resolve().parents:
        raise FileError(f"{output}: lies in the folder that is converted; name another")
    files = convert_all(folder, to, layout, rules)
    reports: dict[str, Any] = {}
    complete = unparsed = changed = 0
    for file in files:
        source, result = file.source, file.result
        place = output / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(result, str):
            say(result, color="red")
            unparsed += 1
        write(str(place), source.encode(source.text if isinstance(result, str) else result.twin))
        if isinstance(result, str):
            reports[str(file.path)] = {"error": result}
            continue
        reports[str(file.path)] = report_of(result)
        if file.concerned:
            changed += 1
            complete += result.complete
            tell(source.label, result)
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
