"""Runs labelled pairs through verification and keeps the figures behind each verdict."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from diptych.verification import Options, Pair
from diptych.verification.children import Limits
from diptych.verification.entry_claim import Ended, EntryClaim
from diptych.verification.judge import EPS32, FLOOR64, Figures, Finding
from diptych.verification.verdict import Outcome
from diptych.verification.verify import decide_twice

from .pairs import Labelled


class Recording(EntryClaim):
    """A claim that goes on after the first difference, so that every item's figures are known. Its outcome is the
    same: the first difference decides.
    """

    figures: list[Figures]
    ended: Ended | None

    def run(self) -> tuple[Outcome, str | None]:
        """Decide the claim."""
        self.figures, self.ended = [], None
        outcome, reason = super().run()
        return (self.ended.outcome, self.ended.reason) if self.ended else (outcome, reason)

    def _count(self, finding: Finding, not_float64: str | None) -> None:
        if finding.figures is not None:
            self.figures.append(finding.figures)
        try:
            super()._count(finding, not_float64)
        except Ended as ended:
            self.ended = self.ended or ended


@dataclass(frozen=True)
class Measured:
    """One pair in one direction. ``figures`` of everything compared, until something else than a value decided."""

    pair: Labelled
    backwards: bool
    outcome: Outcome
    reason: str
    figures: tuple[Figures, ...] = field(repr=False, default=())

    @property
    def label(self) -> str:
        """``rounding`` or ``bugs``."""
        return self.pair.label(self.backwards)

    @property
    def wrong(self) -> bool:
        """A bug that was let through, or rounding that was called a difference."""
        agrees = self.outcome in ("identical", "equal within rounding")
        return agrees if self.label == "bugs" else self.outcome in ("differs", "not verified")

    @property
    def excess(self) -> float:
        """How many times worse than the source the twin rounds, at most: what ``ROUNDING_FACTOR`` is compared with."""
        ratios = [
            one.accuracy / one.granted for one in self.figures if one.granted and one.absolute and one.accuracy > 0
        ]
        return max(ratios, default=0.0)

    @property
    def shrinkage(self) -> float:
        """How many times smaller the difference is in float64 than float32 rounding, at least: what ``SHRINK`` is
        compared with. Infinite where float64 shows nothing.
        """
        ratios = [one.noise / one.apart64 for one in self.figures if one.apart64 > FLOOR64 * one.scale]
        return min(ratios, default=float("inf"))

    @property
    def relative64(self) -> float:
        """The largest difference in float64, in units of float32 at the size of the data."""
        return max((one.apart64 / (EPS32 * one.scale) for one in self.figures if one.scale), default=0.0)


def measure(pair: Labelled, backwards: bool) -> Measured:
    """Verify one pair in one direction."""
    options = Options(device="cpu")

    def claim(limits: Limits) -> Recording:
        one: Pair = pair.pair(backwards)
        return Recording(one, pair.entry, options, limits)

    found, outcome, reason = decide_twice(claim, Limits(options.timeout, options.memory, lambda: False))
    return Measured(pair, backwards, outcome, reason or "", tuple(found.figures))


def measure_all(
    pairs: Sequence[Labelled], both: bool = True, done: Callable[[Measured], None] = lambda one: None
) -> list[Measured]:
    """Verify all pairs, in both directions or each in one that its name chooses, all in the same workers."""
    jobs = [(pair, backwards) for pair in pairs for backwards in (False, True) if both or backwards == _chosen(pair)]
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2)) as pool:
        waiting = [pool.submit(measure, *job) for job in jobs]
        found = []
        for future in waiting:
            found.append(future.result())
            done(found[-1])
    return found


def _chosen(pair: Labelled) -> bool:
    return len(pair.name) % 2 == 1
