"""The first place where two sides part, as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from diptych.verification.verdict import plain

Kind = Literal["value", "gradient", "state", "loop", "raises"]


@dataclass(frozen=True)
class Place:
    """One side of it: a ``line`` (from 1) with its ``text``; ``made`` is the line that made the layer which is called
    there. ``value`` is the one at the largest difference, ``numbers`` the first few of all; both are in the source's
    axes. ``counts`` says how many of all lie in each of equal parts of ``span``, the range of both sides.
    """

    line: int
    text: str = ""
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    value: float | None = None
    numbers: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    span: tuple[float, float] | None = None
    made: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Divergence:
    """The first pair of values that parts. ``name`` is what was assigned (``return``, ``self.h``), ``occurrence`` how
    often the line had run by then (from 1), ``agreed`` how many pairs before it agree, ``index`` the place of the
    largest difference, ``sample`` and ``mode`` the run. ``kind``: a value, the gradient that flows into it, a weight or
    running statistic, how often a loop runs, or the line on which the twin raises.
    """

    kind: Kind
    name: str
    source: Place | None
    twin: Place | None
    text: str
    occurrence: int = 1
    agreed: int = 0
    absolute: float = 0.0
    relative: float = 0.0
    index: tuple[int, ...] = ()
    sample: str = ""
    mode: str = ""
    causes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        sides = {"source": self.source, "twin": self.twin}
        values = {name: plain(value) for name, value in vars(self).items() if name not in sides}
        return values | {side: place.to_json() if place else None for side, place in sides.items()}

    def lines(self) -> list[str]:
        """What to show, line by line."""
        found = [self.text]
        for side, place in (("source", self.source), ("twin", self.twin)):
            if place is None:
                continue
            what = [f"{place.dtype}{list(place.shape)}"] if place.shape is not None else []
            if place.numbers:
                dots = ", ..." if place.shape and _size(place.shape) > len(place.numbers) else ""
                what.append(", ".join(f"{number:.6g}" for number in place.numbers) + dots)
            found.append(
                f"  {side + ':':7} line {place.line}: {place.text}" + "".join(f"  # {item}" for item in what[:1])
            )
            found += [f"          {item}" for item in what[1:]]
            if place.made is not None:
                found.append(f"          made on line {place.made}")
        return found + [f"  likely: {cause}" for cause in self.causes]


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
