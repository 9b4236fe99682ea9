"""Why a name has no rule: ``rules/reasons/*.toml``, in which one line gives one reason to one name or several."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path


class ReasonError(Exception):
    """A file of reasons that cannot be used, with its path and what is wrong."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a file: ``names`` as they were written, among them prefixes that end in ``*``."""

    names: tuple[str, ...]
    text: str
    family: str


@dataclass
class Reasons:
    """The reasons of one framework. ``exact`` and ``prefixes`` lead from a name to the place in ``all``."""

    all: list[Reason] = field(default_factory=list)
    exact: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> Reason | None:
        """The reason of a qualified name, by itself or by its longest known prefix; ``None`` if there is none."""
        place = self.exact.get(name)
        if place is None:
            whole = f"{name}."
            beginnings = (whole[:end] for end in range(len(whole), 0, -1))
            place = next((self.prefixes[each] for each in beginnings if each in self.prefixes), None)
        return None if place is None else self.all[place]


def read(path: Path) -> Reasons:
    """Read one file; there need be none. Raises ``ReasonError`` where it is no TOML, a name stands twice or a reason
    is empty.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except tomllib.TOMLDecodeError as error:
        raise ReasonError(f"{path}: {error}") from error
    found = Reasons()
    for family, table in tables.items():
        if not isinstance(table, dict):
            raise ReasonError(f"{path}: {family!r} stands before the first [family]")
        for key, text in table.items():
            names = tuple(name.strip() for name in key.split(","))
            if not isinstance(text, str) or not text.strip():
                raise ReasonError(f"{path}: {key!r} needs a reason between quotation marks")
            for name in names:
                _add(found, name, path)
            found.all.append(Reason(names, text, family))
    return found


def _add(found: Reasons, name: str, path: Path) -> None:
    target, known = (found.prefixes, name[:-1]) if name.endswith("*") else (found.exact, name)
    if not known or "*" in known:
        raise ReasonError(f"{path}: {name!r} is not a name, nor the beginning of one with a * at its end")
    if known in target:
        raise ReasonError(f"{path}: {name!r} stands twice")
    target[known] = len(found.all)
