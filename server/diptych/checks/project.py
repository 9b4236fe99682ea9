"""``[tool.diptych]`` in a project's pyproject.toml: which findings its files do not want.

    [tool.diptych]
    ignore = ["DPT105"]
    [tool.diptych.per-file-ignores]
    "tests/*" = ["DPT3", "DPT105"]

Codes may be beginnings of codes. Patterns are matched against the path from the folder of the pyproject.toml: ``*``
stands for anything, ``/`` included; a pattern that names a folder means all in it, one without ``/`` also any
file of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from diptych.checks.finding import Finding

FILE = "pyproject.toml"
IGNORE, PER_FILE = "ignore", "per-file-ignores"
_CODE = re.compile(r"[A-Z]+[0-9]*")


@dataclass(frozen=True)
class Project:
    """What a pyproject.toml says; ``problems`` are lines for the user, each naming the file."""

    folder: Path
    ignore: tuple[str, ...] = ()
    per_file: tuple[tuple[str, tuple[str, ...]], ...] = ()
    problems: tuple[str, ...] = ()

    def ignored(self, path: Path) -> tuple[str, ...]:
        """The codes, or beginnings of codes, that a file does not want."""
        try:
            name = path.relative_to(self.folder).as_posix()
        except ValueError:
            return self.ignore
        return self.ignore + tuple(
            code for pattern, codes in self.per_file if _matches(name, pattern) for code in codes
        )


def project_of(path: Path) -> Project | None:
    """What the nearest pyproject.toml with a ``[tool.diptych]`` above a file says; read again when it has changed."""
    for folder in path.absolute().parents:
        try:
            status = (folder / FILE).stat()
        except OSError:
            continue
        project = _read(folder, status.st_mtime_ns, status.st_size)
        if project is not None:
            return project
    return None


def wanted(findings: Iterable[Finding], path: Path | None) -> list[Finding]:
    """The findings without those that the project of a file does not want in it."""
    found = list(findings)
    project = project_of(path) if found and path is not None else None
    codes = project.ignored(path.absolute()) if project is not None and path is not None else ()
    return [finding for finding in found if not finding.code.startswith(codes)] if codes else found


@lru_cache(64)
def _read(folder: Path, changed: int, size: int) -> Project | None:
    import tomllib

    path = folder / FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return Project(folder, problems=(f"{path}: cannot be read: {error}",))
    table = values.get("tool", {}).get("diptych") if isinstance(values.get("tool"), dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        return Project(folder, problems=(f"{path}: tool.diptych is a table",))
    problems = [f"{path}: tool.diptych has no setting {name}" for name in table if name not in (IGNORE, PER_FILE)]
    ignore = _codes(path, IGNORE, table.get(IGNORE, []), problems)
    files = table.get(PER_FILE, {})
    if not isinstance(files, dict):
        problems.append(f"{path}: tool.diptych.{PER_FILE} is a table of patterns")
        files = {}
    per_file = tuple((pattern, _codes(path, f'{PER_FILE}."{pattern}"', files[pattern], problems)) for pattern in files)
    return Project(folder, ignore, per_file, tuple(problems))


def _codes(path: Path, name: str, value: Any, problems: list[str]) -> tuple[str, ...]:
    from diptych.checks.registry import all_checks

    if not isinstance(value, list) or not all(isinstance(code, str) and _CODE.fullmatch(code) for code in value):
        problems.append(f'{path}: tool.diptych.{name} is a list of codes, such as ["DPT105"]')
        return ()
    known = [check.code for check in all_checks()]
    for code in value:
        if not any(each.startswith(code) for each in known):
            problems.append(f"{path}: tool.diptych.{name}: no check has the code {code}")
    return tuple(value)


def _matches(name: str, pattern: str) -> bool:
    pattern = pattern.removeprefix("./").rstrip("/")
    own = "/" not in pattern and fnmatchcase(name.rpartition("/")[2], pattern)
    return own or fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")
