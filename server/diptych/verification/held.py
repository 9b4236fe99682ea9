"""Compares one value that both sides hold: by the verdict's own tolerance, in the order of axes that it is known to
have, or that its shape demands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diptych.conversion.result import Axes
from diptych.verification.compare import like_number, to_source
from diptych.verification.judge import Finding, Item, apart, judge, largest

Permutation = tuple[int, ...]
CHANNELS_LAST = tuple((0, *range(2, rank), 1) for rank in (3, 4, 5))
CHANNELS_FIRST = tuple((0, rank - 1, *range(1, rank - 1)) for rank in (3, 4, 5))
RANDOM = 1e-3
"""What differs that much between two precisions of one side, before anything ran, was drawn at random."""
NUMBERS = 4
"""How many numbers of a value are shown."""
BINS = 16
"""How many columns a histogram of its values has."""


@dataclass(frozen=True)
class Seen:
    """What a comparison of one pair found; ``numbers`` and ``values`` (at the largest difference) are source's and
    twin's, and so are the histograms ``counts`` over the range ``span`` of both, which are empty where a few numbers
    say as much.
    """

    finding: Finding
    numbers: tuple[tuple[float, ...], tuple[float, ...]]
    values: tuple[float | None, float | None]
    counts: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    span: tuple[float, float] | None = None


Answers = Mapping[str, Any]


def tensors(value: Answers | None) -> list[dict[str, Any]]:
    """The tensors and numbers in a recorded value."""
    return [leaf for leaf in value["leaves"] if leaf["kind"] == "array"] if value else []


def compare_values(
    name: str,
    values: Mapping[str, Answers | None],
    permutations: Sequence[Permutation | None] | None,
    candidates: Sequence[Permutation],
    run: tuple[str, str],
    *,
    inside: bool = False,
    early: bool = False,
    shapes_only: bool = False,
) -> Seen | None:
    """Compare a value as the four runs (and ``moved32``) recorded it; ``None`` where it cannot be compared.

    ``permutations`` are the known ones of its tensors, ``None`` where nothing is known: then ``candidates`` are tried
    if the shapes demand it, or the value stands ``inside`` of a line and is not assigned. ``run`` names sample and
    mode. ``early``: it was made before the run, perhaps at random. ``shapes_only``: the twin had other weights then.
    """
    found = {key: tensors(value) for key, value in values.items()}
    count = len(found["source32"])
    four = ("source32", "source64", "twin32", "twin64")
    if not count or any(len(found[key]) != count for key in four):
        return None
    worst: Seen | None = None
    for index in range(count):
        known = None if not permutations else permutations[index if len(permutations) > 1 else 0 :][:1]
        arrays = {key: found[key][index]["value"] for key in four}
        moved = found.get("moved32") or []
        arrays["moved32"] = moved[index]["value"] if len(moved) == count else None
        dtypes = found["source32"][index]["dtype"], found["twin32"][index]["dtype"]
        if early and (_random(arrays["source32"], arrays["source64"]) or _random(arrays["twin32"], arrays["twin64"])):
            continue
        if shapes_only and arrays["source32"].dtype.kind in "fc":
            arrays = {key: None if array is None else np.zeros_like(array) for key, array in arrays.items()}
        label = name if count == 1 else f"{name} ({index + 1} of {count})"
        orders = list(known) if known else orders_of(arrays, candidates, inside=inside)
        seen = compare_arrays(label, arrays, dtypes, orders, run)
        if worst is None or (seen.finding.status == "differs" and worst.finding.status != "differs"):
            worst = seen
    return worst


def orders_of(
    arrays: Mapping[str, Any], candidates: Sequence[Permutation], *, inside: bool
) -> Sequence[Permutation | None]:
    """The orders of axes in which a twin's tensor may be held, where nothing is known of it."""
    source, twin = arrays["source32"], arrays["twin32"]
    fitting = [order for order in candidates if _turned(twin, order).shape == source.shape]
    if source.shape != twin.shape:
        return [*fitting, None]
    return [None, *fitting] if inside else [None]


def compare_arrays(
    name: str,
    arrays: Mapping[str, Any],
    dtypes: tuple[str, str],
    orders: Sequence[Permutation | None],
    run: tuple[str, str],
    scale: float = 0.0,
    terms: float = 0.0,
) -> Seen:
    """Compare one tensor in every order of axes that it may have; the first that agrees counts, else the first."""
    source = arrays["source32"]
    seen = None
    for order in orders:
        twin32, twin64 = _turned(arrays["twin32"], order), _turned(arrays["twin64"], order)
        twin32 = like_number({"value": source, "dtype": dtypes[0]}, {"dtype": dtypes[1]}, twin32)
        item = Item(
            name, source, twin32, arrays["source64"], twin64, arrays.get("moved32"), scale, *dtypes, terms=terms
        )
        finding = judge(item, *run)
        if seen is None or finding.status != "differs":
            counts, span = histograms(source, twin32)
            seen = Seen(finding, (_first(source), _first(twin32)), _at(finding, source, twin32), counts, span)
        if finding.status != "differs":
            break
    assert seen is not None
    return seen


def _turned(array: np.ndarray, permutation: Permutation | None) -> np.ndarray:
    return to_source(array, Axes(tuple(permutation) if permutation else None))


def _random(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype.kind in "fc" and apart(first, second)[0] > RANDOM * max(largest(second), 1e-30)


def _first(array: np.ndarray) -> tuple[float, ...]:
    if array.dtype.kind == "c":
        array = np.abs(array)
    return tuple(float(value) for value in array.reshape(-1)[:NUMBERS])


def histograms(
    source: np.ndarray, twin: np.ndarray
) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], tuple[float, float] | None]:
    """How many of the finite values of two arrays lie in each of ``BINS`` equal parts of the range of both, and that
    range; complex numbers by their size. Empty for fewer values than parts, or where all are the same.
    """
    sides = [np.abs(array) if array.dtype.kind == "c" else array for array in (source, twin)]
    finite = [array[np.isfinite(array)].astype(np.float64) for array in sides]
    if min(array.size for array in finite) < BINS:
        return ((), ()), None
    low, high = float(min(array.min() for array in finite)), float(max(array.max() for array in finite))
    if not np.isfinite(high - low) or (high - low) / BINS < np.spacing(max(abs(low), abs(high))):
        return ((), ()), None
    ours, theirs = (tuple(np.histogram(array, BINS, (low, high))[0].tolist()) for array in finite)
    return (ours, theirs), (low, high)


def _at(finding: Finding, source: np.ndarray, twin: np.ndarray) -> tuple[float | None, float | None]:
    index = finding.difference.index

    def value(array: np.ndarray) -> float | None:
        inside = len(index) == array.ndim and all(place < size for place, size in zip(index, array.shape, strict=True))
        return float(np.abs(array[index]) if array.dtype.kind == "c" else array[index]) if inside else None

    return value(source), value(twin)


def outcome(seen: Seen | None) -> str:
    """``differs``, ``agrees`` (also where it cannot be told from rounding) or ``unknown``."""
    if seen is None:
        return "unknown"
    return "differs" if seen.finding.status == "differs" else "agrees"
