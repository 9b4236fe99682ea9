"""``diptych check``: mistakes within one framework, and their fixes."""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diptych.cli.files import (
    STANDARD_STREAM,
    FileError,
    SourceFile,
    decode,
    python_files,
    read_bytes,
    read_source,
    write,
    write_output,
)
from diptych.cli.messages import examples, fail, plural, say

if TYPE_CHECKING:
    from diptych.checks import Finding, Report


class Format(enum.StrEnum):
    """How findings are printed, as an option."""

    text = "text"
    json = "json"
    sarif = "sarif"


EXAMPLES = examples(
    "diptych check model.py",
    "diptych check src tests --fix",
    "diptych check . --format sarif > findings.sarif",
    codes="0 nothing found, 1 something found, 2 bad usage or a file that cannot be checked",
)

# Folders that hold no code of the user's own; hidden ones and virtual environments are left out too.
_SKIPPED = {"build", "dist", "node_modules", "__pycache__"}
_COLORS = {"error": "red", "warning": "yellow", "information": "blue"}


@dataclass
class Outcome:
    """What came of all files. ``errors`` are lines for the user, each naming its file."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    files: int = 0
    fixed: int = 0

    @property
    def all(self) -> list[Finding]:
        """The findings of all files."""
        return [finding for findings in self.findings.values() for finding in findings]


def check(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files and folders to check; - reads standard input.")
    ],
    fix: Annotated[bool, typer.Option("--fix", help="Apply the fixes that keep what the code computes.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="With --fix: apply those that need a second look, too.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print what was found.")] = Format.text,
) -> None:
    """Find mistakes in PyTorch, TensorFlow and Keras code: removed and deprecated functions and how to replace them.

    Nothing of the code is run. Lines with "# noqa" or "# noqa: DPT101" are left out, and so is what [tool.diptych] in
    pyproject.toml ignores, hidden folders, virtual environments, build, dist and node_modules.
    """
    if unsafe_fixes and not fix:
        fail("--unsafe-fixes says which fixes to apply: give --fix too")
    if fix and STANDARD_STREAM in paths:
        fail("--fix changes files, and standard input is none: name a file")
    outcome = Outcome()
    for name, named in _files(paths, outcome):
        _check_file(name, outcome, named=named, fix=fix, unsafe=unsafe_fixes)
        _ask_project(name, outcome)
    for message in outcome.errors:
        say(message, color="red")
    _PRINTERS[output](outcome)
    raise typer.Exit(2 if outcome.errors else 1 if outcome.all else 0)


def _files(paths: list[str], outcome: Outcome) -> Iterator[tuple[str, bool]]:
    """Every file once, and whether it was named rather than found in a folder."""
    seen: set[str] = set()
    for path in paths:
        if path != STANDARD_STREAM and not Path(path).exists():
            outcome.errors.append(f"{path}: there is no such file or folder")
            continue
        inside = path != STANDARD_STREAM and Path(path).is_dir()
        for name in _walk(path, outcome) if inside else [path]:
            key = os.path.realpath(name)
            if key not in seen:
                seen.add(key)
                yield name, not inside


def _walk(folder: str, outcome: Outcome) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        outcome.errors.append(f"{error.filename}: cannot be read: {error.strerror}")

    for path in python_files(Path(folder), _SKIPPED, unreadable):
        if not path.name.startswith("."):
            yield os.path.normpath(path)


def _check_file(name: str, outcome: Outcome, *, named: bool, fix: bool, unsafe: bool) -> None:
    from diptych.checks.project import wanted

    path = Path(name) if name != STANDARD_STREAM else None
    try:
        data = b"" if name == STANDARD_STREAM else read_bytes(name)
        if not named and not any(word in data for word in (b"torch", b"tensorflow", b"keras")):
            outcome.files += 1
            return
        source = read_source(name) if name == STANDARD_STREAM else decode(data, name)
        report = _report(source, outcome, named=named)
        if report is None:
            return
        findings = wanted(report.findings, path)
        if fix and any(finding.fix is not None for finding in findings):
            report = _mend(name, source, data, outcome, report, unsafe=unsafe)
            findings = wanted(report.findings, path)
    except FileError as problem:
        outcome.errors.append(str(problem))
        return
    outcome.files += 1
    outcome.errors += [f"{source.label}: the check {one.code} failed: {one.reason}" for one in report.failures]
    if findings:
        outcome.findings[source.label] = findings


def _ask_project(name: str, outcome: Outcome) -> None:
    """Tell what is wrong with the settings of a file's project, once."""
    from diptych.checks.project import project_of

    project = project_of(Path(name)) if name != STANDARD_STREAM else None
    for problem in project.problems if project is not None else ():
        if problem not in outcome.errors:
            outcome.errors.append(problem)


def _report(source: SourceFile, outcome: Outcome, *, named: bool) -> Report | None:
    from diptych import checks
    from diptych.syntax.source import ParseError

    try:
        if named and not checks.mentions_framework(source.text):
            checks.require_python(source.text)
        return checks.inspect(source.text)
    except ParseError as error:
        outcome.errors.append(f"{source.label}:{error.line}:{error.column + 1}: {error.message}")
        return None


def _mend(name: str, source: SourceFile, data: bytes, outcome: Outcome, report: Report, *, unsafe: bool) -> Report:
    """Write the file with its fixes, if there are any; what is left is the result."""
    from diptych import checks
    from diptych.checks.project import wanted

    if source.encode(source.text) != data:
        raise FileError(f"{name}: is not fixed, because {source.encoding} would not give the same bytes back")
    fixed = checks.fix(source.text, unsafe=unsafe, wanted=lambda findings: wanted(findings, Path(name)))
    if not fixed.applied:
        return report
    write(name, source.encode(fixed.text))
    outcome.fixed += fixed.applied
    return fixed.report


def _print_text(outcome: Outcome) -> None:
    for label, findings in outcome.findings.items():
        for finding in findings:
            place = typer.style(f"{label}:{finding.line}:{finding.column + 1}:", bold=True)
            code = typer.style(finding.code, fg=_COLORS[finding.severity], bold=True)
            mark = {None: "", "safe": " [fix]", "unsafe": " [unsafe fix]"}[finding.fix.safety if finding.fix else None]
            typer.echo(f"{place} {code} {finding.message}{typer.style(mark, fg='cyan')}", color=_color())
    typer.echo(typer.style(_summary(outcome), bold=True), color=_color())


def _color() -> bool | None:
    """Colour on a terminal only, and not there if the user's environment says no."""
    return False if os.environ.get("NO_COLOR") else None


def _summary(outcome: Outcome) -> str:
    findings = outcome.all
    parts = [f"fixed {plural(outcome.fixed, 'mistake')}"] if outcome.fixed else []
    if not findings:
        if not outcome.files and outcome.errors:
            return "Nothing was checked."
        parts.append(f"nothing {'left' if outcome.fixed else 'found'} in {plural(outcome.files, 'file')}")
        return _sentence(parts)
    count = plural(len(findings), "mistake")
    parts.append(f"{count} left" if outcome.fixed else f"found {count} in {plural(len(outcome.findings), 'file')}")
    safe = sum(finding.fix is not None and finding.fix.safety == "safe" for finding in findings)
    unsafe = sum(finding.fix is not None and finding.fix.safety == "unsafe" for finding in findings)
    if safe:
        parts.append(f"{safe} can be fixed with --fix")
    if unsafe:
        parts.append(f"{unsafe} {'more ' if safe else ''}with --fix --unsafe-fixes")
    return _sentence(parts)


def _sentence(parts: list[str]) -> str:
    text = ", ".join(parts) + "."
    return text[0].upper() + text[1:]


def _print_json(outcome: Outcome) -> None:
    findings = [{"file": label, **asdict(one)} for label, found in outcome.findings.items() for one in found]
    _print_values({"findings": findings, "errors": outcome.errors, "files": outcome.files, "fixed": outcome.fixed})


def _print_sarif(outcome: Outcome) -> None:
    from diptych.checks.sarif import sarif

    _print_values(sarif(outcome.findings, outcome.errors))


def _print_values(values: dict[str, Any]) -> None:
    write_output((json.dumps(values, indent=2) + "\n").encode())


_PRINTERS = {Format.text: _print_text, Format.json: _print_json, Format.sarif: _print_sarif}
