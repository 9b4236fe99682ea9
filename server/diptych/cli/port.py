"""What a port of a folder has come to: what converted, what is left and why, and which verdicts there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diptych.cli.convert_tree import TreeFile
    from diptych.cli.verify_tree import FileReport

AGREEING = ("identical", "equal within rounding")


@dataclass(frozen=True)
class Place:
    """A place in a file that was left over, or converted on an assumption. ``line`` counts from 1; ``text`` is that
    line.
    """

    file: str
    line: int
    api: str
    reason: str
    text: str


@dataclass
class PortedFile:
    """One file: ``entries`` are the names of what can be run, ``verdicts`` those known of them as JSON, ``error`` is
    why it does not parse.
    """

    file: str
    lines: int
    entries: list[str] = field(default_factory=list)
    left: list[Place] = field(default_factory=list)
    assumed: list[Place] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str | None = None

    @property
    def state(self) -> str:
        """In one word: what stands between this file and a twin that agrees."""
        if self.error is not None:
            return "unreadable"
        if self.left:
            return "left over"
        found = {verdict["verdict"] for verdict in self.verdicts.values()}
        if "differs" in found:
            return "differs"
        if found and found <= set(AGREEING) and len(self.verdicts) == len(self.entries):
            return "agrees"
        return "converted"


@dataclass(frozen=True)
class Obstacle:
    """One reason for which places are left over. ``alone`` is the number of files in which nothing else is."""

    api: str
    reason: str
    places: tuple[Place, ...]
    files: int
    alone: int


@dataclass(frozen=True)
class Port:
    """The whole folder: the files that use a framework, and how many do not."""

    folder: str
    files: tuple[PortedFile, ...]
    others: int
    verified: bool

    @property
    def obstacles(self) -> list[Obstacle]:
        """What is in the way, first what stands in most files."""
        return obstacles(self.files)

    @property
    def states(self) -> Counter[str]:
        """How many files are in each state."""
        return Counter(file.state for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        files = [{**vars(file), "state": file.state, **_places(file)} for file in self.files]
        found = [
            {**vars(item), "places": [f"{place.file}:{place.line}" for place in item.places]} for item in self.obstacles
        ]
        return {
            "folder": self.folder,
            "states": dict(self.states),
            "without a framework": self.others,
            "obstacles": found,
            "files": files,
        }


def _places(file: PortedFile) -> dict[str, Any]:
    return {name: [vars(place) for place in getattr(file, name)] for name in ("left", "assumed")}


def port_of(folder: str, files: Sequence[TreeFile], reports: Iterable[FileReport] | None) -> Port:
    """Put conversions and verdicts together; ``reports`` is ``None`` where nothing was run."""
    known = {report.file: report for report in reports or ()}
    found = []
    for item in files:
        if not item.concerned:
            continue
        path = str(item.path)
        lines = item.source.text.split("\n")
        file = PortedFile(path, len(lines))
        found.append(file)
        if isinstance(item.result, str):
            file.error = item.result
            continue
        file.entries = [entry.name for entry in item.result.entries]
        file.notes = list(item.result.notes)
        for leftover in sorted(item.result.leftovers, key=lambda one: (one.line, one.column)):
            text = lines[leftover.line - 1].strip() if leftover.line <= len(lines) else ""
            place = Place(path, leftover.line, leftover.api, leftover.reason, text)
            (file.left if leftover.severity == "error" else file.assumed).append(place)
        if path in known:
            file.verdicts = {verdict["entry"]: verdict for verdict in known[path].entries}
    return Port(folder, tuple(found), len(files) - len(found), reports is not None)


def obstacles(files: Iterable[PortedFile]) -> list[Obstacle]:
    """The reasons for which places are left over, first those that stand in most files, then in most places."""
    places: dict[tuple[str, str], list[Place]] = {}
    reasons: dict[str, set[tuple[str, str]]] = {}
    for file in files:
        for place in file.left:
            key = (place.api, place.reason)
            places.setdefault(key, []).append(place)
            reasons.setdefault(file.file, set()).add(key)
    found = [
        Obstacle(
            *key,
            tuple(some),
            len({place.file for place in some}),
            sum(keys == {key} for keys in reasons.values()),
        )
        for key, some in places.items()
    ]
    return sorted(found, key=lambda item: (-item.files, -len(item.places), item.api))
