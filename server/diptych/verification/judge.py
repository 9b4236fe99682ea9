"""Rounding or bug: the comparison of four runs, source and twin in float32 and in float64.

Calibration, on the labelled pairs in ``tests/calibration`` (``docs/calibration.md`` has the figures). The error
|source32 - source64| and the response of source32 to a move of its inputs and weights by one unit in the last place say
how much float32 rounding this very computation makes. A right twin makes about as much, by other roads: up to 28 times
(a chaotic map), where E[x^2] - E[x]^2 on shifted data makes 800 times as much and the mildest bug 71 times. ``FLOOR``
is the least error granted, in units of float32 at the size of the data, since a run may be exact by luck; ``TERMS``
that of a sum, at the size of what is summed.

In float64 rounding shrinks by 130 and more, bugs do not: source64 and twin64 may differ by the float32 noise divided by
``SHRINK`` (stacks of TensorFlow operations that hold a float32 constant inside shrink by 40 to 160 only), or by
``FLOOR64`` of the size of the data: half a float32 unit, as one constant rounded to float32 leaves it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from diptych.verification.verdict import Difference

ROUNDING_FACTOR = 45.0
FLOOR = 4.0
TERMS = 16.0
SHRINK = 32.0
EPS32 = float(np.finfo(np.float32).eps)
FLOOR64 = EPS32 / 2
NUDGE64 = 1e-11
UNCONFIRMED = 8.0
"""Differences below this many float32 units are rounding-sized: without a true float64 run nobody can tell."""

Status = Literal["identical", "rounding", "differs", "undecided"]


@dataclass(frozen=True)
class Item:
    """One pair of tensors in the source's axes, in every run. ``moved32`` is source32 with everything moved by one unit
    in the last place; ``scale`` the size of the data it stands among (all gradients, say); ``terms`` the size of what
    was summed to make it, where large terms may cancel (a gradient sums inputs times derivatives); dtypes are those of
    the float32 runs.
    """

    where: str
    source32: np.ndarray
    twin32: np.ndarray
    source64: np.ndarray
    twin64: np.ndarray
    moved32: np.ndarray | None = None
    scale: float = 0.0
    source_dtype: str = ""
    twin_dtype: str = ""
    terms: float = 0.0


@dataclass(frozen=True)
class Figures:
    """What an item of floats is judged by. ``absolute`` and ``apart64`` are the largest differences between source and
    twin in float32 and in float64, ``noise`` the float32 rounding of the source, ``accuracy`` that of the twin,
    ``scale`` and ``terms`` the sizes of the data and of what was summed.
    """

    absolute: float
    apart64: float
    noise: float
    accuracy: float
    scale: float
    terms: float = 0.0

    def apart_in_float64(self, shrink: float = SHRINK) -> bool:
        """Whether float64 still shows a difference that rounding does not leave there."""
        return self.apart64 > max(self.noise / shrink, FLOOR64 * self.scale)

    def less_accurate(self, factor: float = ROUNDING_FACTOR) -> bool:
        """Whether the twin rounds more than ``factor`` times as badly as the source."""
        return self.accuracy > max(factor * self.granted, TERMS * EPS32 * self.terms)

    @property
    def granted(self) -> float:
        """The rounding that any implementation may make."""
        return max(self.noise, FLOOR * EPS32 * self.scale)

    @property
    def rounding_sized(self) -> bool:
        """Whether the difference is so small that, without a true float64 run, it may be rounding."""
        return self.apart64 <= UNCONFIRMED * EPS32 * self.scale and self.absolute <= ROUNDING_FACTOR * self.granted


@dataclass(frozen=True)
class Finding:
    """What :func:`judge` says of an item; ``figures`` where its floats were compared."""

    status: Status
    difference: Difference
    reason: str = ""
    figures: Figures | None = None


def kind_of(dtype: np.dtype) -> str:
    """``bool``, ``integer``, ``float`` or ``complex``."""
    return {"b": "bool", "i": "integer", "u": "integer", "f": "float", "c": "complex"}.get(dtype.kind, dtype.kind)


def judge(item: Item, sample: str, mode: str) -> Finding:
    """Compare shape, kind of dtype, the places of NaN and infinity, then values."""
    source, twin = item.source32, item.twin32

    def difference(absolute: float = 0.0, index: tuple[int, ...] = ()) -> Difference:
        size = max(largest(item.source64), item.scale)
        relative = absolute / size if size > 0 else (0.0 if absolute == 0 else float("inf"))
        shapes = tuple(source.shape), tuple(twin.shape)
        return Difference(
            item.where, absolute, relative, index, sample, mode, *shapes, item.source_dtype, item.twin_dtype
        )

    if source.shape != twin.shape:
        text = f"{item.where} has shape {list(source.shape)} in the source and {list(twin.shape)} in the twin"
        return Finding("differs", difference(float("nan")), text)
    if kind_of(source.dtype) != kind_of(twin.dtype):
        text = f"{item.where} is {item.source_dtype} in the source and {item.twin_dtype} in the twin"
        return Finding("differs", difference(float("nan")), text)
    if source.dtype.kind in "biu":
        return _discrete(item, difference)
    for first, second in ((source, twin), (item.source64, item.twin64)):
        if first.shape == second.shape and (places := _patterns_apart(first, second)) is not None:
            text = f"{item.where} is {first[places]} in the source and {second[places]} in the twin at {list(places)}"
            return Finding("differs", difference(float("nan"), places), text)
    absolute, index = apart(source, twin)
    found = difference(absolute, index)
    error = apart(source, item.source64)[0]
    response = apart(source, item.moved32)[0] if item.moved32 is not None else 0.0
    figures = Figures(
        absolute,
        apart(item.source64, item.twin64)[0],
        max(error, response),
        apart(twin, item.twin64)[0],
        max(largest(item.source64), item.scale),
        item.terms,
    )
    status, reason = _rounding_or_bug(item.where, figures)
    return Finding(status, found, reason, figures)


def _rounding_or_bug(where: str, figures: Figures) -> tuple[Status, str]:
    if figures.apart_in_float64():
        numbers = (
            f"{where} is off by {figures.absolute:.2g} in float32 and {figures.apart64:.2g} in float64 "
            f"(values up to {figures.scale:.2g})"
        )
        if figures.rounding_sized:
            return "undecided", f"{numbers}: as little as rounding, but the float64 run does not confirm it"
        return "differs", numbers
    if figures.absolute == 0:
        return "identical", ""
    if figures.less_accurate():
        errors = f"float32 is off by {figures.accuracy:.2g} in the twin and {figures.noise:.2g} in the source"
        return "differs", f"less accurate: {where} is right in float64, but {errors}"
    return "rounding", ""


def _discrete(item: Item, make: Callable[..., Difference]) -> Finding:
    wrong = item.source32 != item.twin32
    if not wrong.any():
        if item.source64.shape == item.twin64.shape and (item.source64 != item.twin64).any():
            return Finding("differs", make(1.0), f"{item.where} differs in float64 and not in float32")
        return Finding("identical", make())
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    absolute = float(np.max(np.abs(item.source32.astype(np.float64) - item.twin32.astype(np.float64))))
    found = make(absolute, index)
    same64 = item.source64.shape == item.twin64.shape and not (item.source64 != item.twin64).any()
    moves = (item.source32 != item.source64).any() or (
        item.moved32 is not None and (item.source32 != item.moved32).any()
    )
    if same64 and moves:
        return Finding("rounding", found)
    values = f"{item.source32[index]} in the source and {item.twin32[index]} in the twin at {list(index)}"
    text = f"{item.where} is {values} ({int(wrong.sum())} of {wrong.size} differ)"
    return Finding("differs", found, text)


def largest(array: np.ndarray) -> float:
    """The largest absolute finite value; 0 where there is none."""
    if not array.size:
        return 0.0
    values = np.abs(array if array.dtype.kind in "fc" else array.astype(np.float64))
    top = float(values.max())  # NaN, where there is one
    if math.isfinite(top):
        return top
    values = values[np.isfinite(values)]
    return float(values.max()) if values.size else 0.0


def apart(first: np.ndarray, second: np.ndarray) -> tuple[float, tuple[int, ...]]:
    """The largest absolute difference over places where both are finite, and its place; infinite where shapes
    differ.
    """
    if first.shape != second.shape:
        return float("inf"), ()
    if not first.size:
        return 0.0, ()
    wide = np.complex128 if first.dtype.kind == "c" else np.float64
    with np.errstate(all="ignore"):
        gap = np.abs(first.astype(wide) - second.astype(wide))
    place = int(gap.argmax())  # the first NaN, where there is one
    if not np.isfinite(gap.reshape(-1)[place]):
        gap = np.where(np.isfinite(first) & np.isfinite(second), gap, 0.0)
        place = int(gap.argmax())
    return float(gap.reshape(-1)[place]), tuple(int(i) for i in np.unravel_index(place, gap.shape))


def _patterns_apart(first: np.ndarray, second: np.ndarray) -> tuple[int, ...] | None:
    """A place where only one is NaN or infinite, or the infinities have different signs."""
    if np.isfinite(first).all() and np.isfinite(second).all():
        return None
    with np.errstate(all="ignore"):
        same = (np.isfinite(first) & np.isfinite(second)) | (np.isnan(first) & np.isnan(second)) | (first == second)
    if same.all():
        return None
    return tuple(int(i) for i in np.unravel_index(int(np.argmin(same)), same.shape))


def was_float64(base64: np.ndarray, nudged64: np.ndarray, base32: np.ndarray, moved32: np.ndarray) -> bool:
    """Whether a run answered to a move of 1e-11 as float64 does: neither not at all, nor in steps of float32."""
    if base64.dtype.kind not in "fc" or base64.shape != nudged64.shape or base64.shape != moved32.shape:
        return True
    scale = largest(base64)
    if scale == 0:
        return True
    moved = apart(base64, nudged64)[0]
    response = apart(base32, moved32)[0]
    expected = max(response, apart(base32, base64)[0], EPS32 * scale) * (NUDGE64 / EPS32)
    if response > 4 * EPS32 * scale and moved == 0:
        return False
    return not (moved > 1000 * expected and moved > EPS32 * scale / 64)
