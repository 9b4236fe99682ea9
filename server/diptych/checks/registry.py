"""Finding the checks: each file of ``rules/checks`` holds one."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import re
import sys
import threading
import types
from pathlib import Path

from diptych.catalog.index import rules_folder
from diptych.checks.check import Check, Described

_MODULES = "diptych_checks"
_LOADING = threading.Lock()


def checks_folder() -> Path:
    """Where the files of the checks are."""
    return rules_folder() / "checks"


def all_checks() -> tuple[Described, ...]:
    """One of each check, sorted by code. Raises ``ValueError`` where a file does not hold one or two have the same."""
    with _LOADING:  # two threads would load them twice
        return _all_checks()


@functools.cache
def _all_checks() -> tuple[Described, ...]:
    found: dict[str, Described] = {}
    for path in sorted(checks_folder().glob("[!_]*.py")):
        check = load(path)
        if check.code in found:
            raise ValueError(f"{path.name}: the code {check.code} is taken by {type(found[check.code]).__name__}")
        found[check.code] = check
    return tuple(found[code] for code in sorted(found))


def load(path: Path) -> Described:
    """The check that a file holds. Raises ``ValueError`` if it holds none or several."""
    name = f"{_MODULES}.{path.stem}"
    if _MODULES not in sys.modules:  # so that checks can import what they share: ``diptych_checks._losses``
        package = types.ModuleType(_MODULES)
        package.__path__ = [str(checks_folder())]
        sys.modules[_MODULES] = package
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path.name}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Described)
        and value.__module__ == name
        and not inspect.isabstract(value)
    ]
    if len(classes) != 1:
        raise ValueError(f"{path.name}: holds {len(classes)} checks; it must hold one")
    return classes[0]()


# Attributes may be divided by spaces, line ends and comments.
_ATTRIBUTE = re.compile(r"\.(?:\s|\\|#[^\n\r]*+)*+(\w+)")
_IMPORTED = re.compile(r"\bimport\b(?:\s*\(((?:[^)#]|#[^\n\r]*+)*)|((?:[^\n\r(;\\]|\\(?:\r\n?|\n))*))")
_WORD = re.compile(r"\w+")


def may_find(text: str) -> bool:
    """Whether one of the checks' names can be used in a text: its last part stands after a dot or in an import.

    Most files have none, and need not be parsed.
    """
    words: set[str] = set()
    for package, last_parts in _last_parts().items():
        if package in text:
            words |= last_parts
    if not words.isdisjoint(_ATTRIBUTE.findall(text)):
        return True
    imported = (word for clause in _IMPORTED.findall(text) for part in clause for word in _WORD.findall(part))
    return not words.isdisjoint(imported)


@functools.cache
def _last_parts() -> dict[str, set[str]]:
    """The last parts of the checks' names, by the word that a text must hold for one to be meant."""
    parts: dict[str, set[str]] = {}
    for check in all_checks():
        for name in check.names if isinstance(check, Check) else ():
            dotted = name.removesuffix(".*")
            package = "tensorflow" if dotted.startswith("tf.") else dotted.partition(".")[0]
            parts.setdefault(package, set()).add(dotted.rpartition(".")[2])
    return parts
