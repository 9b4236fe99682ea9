"""What each line assigned on both sides, in the order in which the source ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from diptych.verification.divergence import Place
from diptych.verification.verdict import plain

if TYPE_CHECKING:
    from diptych.verification.first import Pass, Search

ASSIGNS = ("parameter", "assign", "loop", "return")
Status = Literal["identical", "rounding", "undecided", "differs", "not compared"]
WORST_FIRST: tuple[Status, ...] = ("differs", "undecided", "rounding", "identical", "not compared")


@dataclass(frozen=True)
class LinePair:
    """One value that a line of the source and its partner in the twin assigned, ``passes`` times. ``name`` is what was
    assigned (``return``, ``self.h``). Shapes, dtypes and numbers are those of the pass ``worst`` (from 1), in which the
    sides are furthest apart; ``absolute`` is that largest difference, NaN where shapes or dtypes differ.
    """

    name: str
    source: Place
    twin: Place
    status: Status
    passes: int
    worst: int
    absolute: float | None
    relative: float | None

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        sides = {"source": self.source.to_json(), "twin": self.twin.to_json()}
        return {**{name: plain(value) for name, value in vars(self).items()}, **sides}


def line_pairs(search: Search) -> tuple[LinePair, ...]:
    """One row for each pair of places that held a tensor or a number, in the order of their first passes."""
    found: dict[tuple[int, int], list[Pass]] = {}
    for one in search.passes:
        if search.sites["source"][one.source_site]["kind"] in ASSIGNS and (one.holds or one.count is not None):
            found.setdefault((one.source_site, one.twin_site), []).append(one)
    return tuple(_row(search, passes) for passes in found.values())


def _row(search: Search, passes: Sequence[Pass]) -> LinePair:
    worst = min(passes, key=_rank)
    name = search.sites["source"][worst.source_site]["label"]
    difference = worst.seen.finding.difference if worst.seen else None
    return LinePair(
        name,
        *search.places(worst),
        _status(worst),
        sum(one.count is None for one in passes),
        worst.occurrence,
        difference.absolute if difference else None,
        difference.relative if difference else None,
    )


def _status(one: Pass) -> Status:
    if one.count is not None:
        return "differs"
    return one.seen.finding.status if one.seen else "not compared"


def _rank(one: Pass) -> tuple[int, float]:
    relative = one.seen.finding.difference.relative if one.seen else 0.0
    return WORST_FIRST.index(_status(one)), -relative if relative == relative else float("-inf")


def shown(pairs: Iterable[LinePair]) -> list[tuple[str, str, str, str, Status]]:
    """Columns for a table: the source's line, the twin's, shape and dtype, the largest difference, and the status."""
    rows = []
    for pair in pairs:
        lines = [f"{place.line}: {place.text}" for place in (pair.source, pair.twin)]
        shapes = list(dict.fromkeys(_shape(place) for place in (pair.source, pair.twin) if place.shape is not None))
        rows.append((lines[0], lines[1], " / ".join(shapes), _difference(pair), pair.status))
    return rows


def _shape(place: Place) -> str:
    return "number" if place.dtype == "python" else f"{place.dtype}{list(place.shape or ())}"


def _difference(pair: LinePair) -> str:
    if pair.status == "not compared":
        return "not compared"
    if pair.absolute is None:
        return "runs another number of times"
    text = "0" if pair.absolute == 0 else "differs" if pair.absolute != pair.absolute else f"{pair.absolute:.1e}"
    return text + (f" (pass {pair.worst} of {pair.passes})" if pair.passes > 1 and pair.absolute else "")
