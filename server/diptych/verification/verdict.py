"""What verification says of one entry, and with what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from diptych.verification.divergence import Divergence
    from diptych.verification.line_by_line import LinePair

Outcome = Literal["identical", "equal within rounding", "differs", "undecided", "not verified"]


@dataclass(frozen=True)
class Difference:
    """One compared pair: ``absolute`` and ``relative`` (to the largest source value) are the largest over its elements,
    ``index`` the place of it in the source's axes, ``sample`` and ``mode`` the run.
    """

    where: str
    absolute: float
    relative: float
    index: tuple[int, ...] = ()
    sample: str = ""
    mode: str = ""
    source_shape: tuple[int, ...] = ()
    twin_shape: tuple[int, ...] = ()
    source_dtype: str = ""
    twin_dtype: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values only; NaN and infinity as text."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Evidence:
    """How a verdict was reached. ``samples`` counts the inputs judged, ``modes`` names the ways they were run in;
    ``notes`` say what was not compared; ``dropped`` the inputs on which the source raises; ``kinks`` the gradients that
    the two frameworks define differently at that very point; ``output`` the end of what the code printed; ``times`` the
    median seconds per call of each side, where they were asked for.
    """

    largest: Difference | None = None
    samples: int = 0
    modes: tuple[str, ...] = ()
    kinks: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    seed: int = 0
    inputs: dict[str, str] = field(default_factory=dict)
    output: str = ""
    seconds: float = 0.0
    times: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        result: dict[str, Any] = {name: plain(value) for name, value in vars(self).items() if name != "largest"}
        result["largest"] = self.largest.to_json() if self.largest else None
        return result


@dataclass(frozen=True)
class Verdict:
    """The outcome for ``entry``; ``reason`` explains every outcome but agreement; ``twin_line`` is where the twin
    failed, ``divergence`` the first place where the sides part, ``lines`` what each line assigned, if that was asked.
    """

    entry: str
    verdict: Outcome
    reason: str | None = None
    evidence: Evidence = field(default_factory=Evidence)
    twin_line: int | None = None
    divergence: Divergence | None = None
    lines: tuple[LinePair, ...] | None = None

    @property
    def agrees(self) -> bool:
        """Whether both sides gave the same."""
        return self.verdict in ("identical", "equal within rounding")

    @property
    def summary(self) -> str:
        """One plain line."""
        if not self.agrees:
            return f"{self.verdict}: {self.reason}"
        evidence = self.evidence
        count = f"{evidence.samples} sample{'' if evidence.samples == 1 else 's'}"
        modes = f" ({', '.join(evidence.modes)})" if evidence.modes else ""
        largest = evidence.largest
        if self.verdict == "identical" or largest is None:
            text = f"identical: the same bits on {count}{modes}"
        else:
            difference = f"largest difference {largest.absolute:.1e} in {largest.where}"
            text = f"equal within rounding: {difference}, same on {count}{modes}"
        if evidence.dropped:
            text += (
                f"; left out, since the source raises: {', '.join(item.partition(':')[0] for item in evidence.dropped)}"
            )
        if evidence.kinks:
            text += f"; not judged at a kink: {', '.join(evidence.kinks)}"
        return text + "".join(f"; {note}" for note in evidence.notes)

    def to_json(self) -> dict[str, Any]:
        """``entry``, ``verdict``, ``summary``, ``reason``, ``twin_line``, ``lines`` and the evidence, side by side."""
        return {
            "entry": self.entry,
            "verdict": self.verdict,
            "summary": self.summary,
            "reason": self.reason,
            "twin_line": self.twin_line,
            "divergence": self.divergence.to_json() if self.divergence else None,
            "lines": None if self.lines is None else [pair.to_json() for pair in self.lines],
            **self.evidence.to_json(),
        }


def plain(value: Any) -> Any:
    """NaN and infinity as text, tuples as lists, keys as text."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value
