"""Functions of literals that rules may use: they are computed when code is converted, so they are part of Diptych,
not of a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def several(size: Any, n: int) -> tuple[int, ...]:
    """``size`` for each of ``n`` axes: 3 -> (3, 3)."""
    if isinstance(size, (tuple, list)):
        return tuple(size) * n if len(size) == 1 else tuple(size)
    return (size,) * n


def _as_tuples(*sizes: Any) -> list[tuple[int, ...]]:
    n = max(len(size) if isinstance(size, (tuple, list)) else 1 for size in sizes)
    return [several(size, n) for size in sizes]


def keeps_size(kernel: Any, padding: Any, dilation: Any = 1) -> bool:
    """Whether padding, at stride 1, gives an output as large as the input, the same on both ends."""
    if isinstance(padding, str):
        return padding == "same"
    return all(2 * p == d * (k - 1) for k, p, d in zip(*_as_tuples(kernel, padding, dilation), strict=True))


def same_everywhere(size: Any) -> bool:
    """Whether ``size`` is one number, or the same number for every axis."""
    return not isinstance(size, (tuple, list)) or len(set(size)) == 1


def compact(size: Sequence[int]) -> int | tuple[int, ...]:
    """One number where it is the same for every axis: (1, 1) -> 1."""
    return size[0] if len(set(size)) == 1 else tuple(size)


def half(size: int | Sequence[int]) -> tuple[int, ...]:
    """Half of each number, rounded down: 3 -> (1, 1)."""
    return tuple(n // 2 for n in several(size, 2))


def positive(size: Any) -> bool:
    """Whether every number in ``size`` is above zero."""
    return all(s > 0 for s in (size if isinstance(size, (tuple, list)) else (size,)))


def every(size: Any, value: int) -> bool:
    """Whether ``size`` is ``value``, or ``value`` for every axis."""
    return all(s == value for s in (size if isinstance(size, (tuple, list)) else (size,)))


def crop_pairs(padding: Any, output_padding: Any, n: int) -> tuple[tuple[int, int], ...]:
    """What a transposed convolution with this padding cuts off, as (before, after) for each of ``n`` axes."""
    return tuple((p, p - o) for p, o in zip(several(padding, n), several(output_padding, n), strict=True))


def same_crop(kernel: Any, stride: Any, n: int) -> tuple[tuple[int, int], ...]:
    """What Keras' transposed "same" convolution cuts off, as (before, after) for each axis; below 0 it adds."""
    surplus = [k - s for k, s in zip(several(kernel, n), several(stride, n), strict=True)]
    return tuple((max(cut, 0) // 2, cut - max(cut, 0) // 2) for cut in surplus)


def flat_pad(pairs: Any) -> tuple[int, ...]:
    """(before, after) pairs, first axis first, as ``F.pad``'s flat list, last axis first."""
    return tuple(side for pair in reversed(pairs) for side in several(pair, 2))


def size_pairs(padding: Any, n: int) -> tuple[tuple[int, int], ...]:
    """``padding`` as (before, after) for each of ``n`` axes: 1 -> ((1, 1), (1, 1))."""
    return tuple((p, p) for p in several(padding, n))


def pad_pairs(pad: Sequence[int], ndim: int) -> tuple[tuple[int, int], ...]:
    """Turn ``F.pad``'s flat list, last axis first, into (before, after) pairs for all ``ndim`` axes, first axis
    first.
    """
    if isinstance(pad, int) or len(pad) % 2 or len(pad) > 2 * ndim:
        raise ValueError("the padding must be pairs, at most one for each axis")
    given = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    return ((0, 0),) * (ndim - len(given)) + tuple(given)


def flat_pads(pairs: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Turn (before, after) pairs for all axes into ``F.pad``'s flat list, last axis first; untouched first axes go."""
    used = [tuple(pair) for pair in pairs]
    while len(used) > 1 and used[0] == (0, 0):
        del used[0]
    return tuple(size for pair in reversed(used) for size in pair)


def _leaves(data: Any) -> list[Any]:
    return [leaf for item in data for leaf in _leaves(item)] if isinstance(data, (tuple, list)) else [data]


def holds_floats(data: Any) -> bool:
    """Whether nested lists hold numbers with at least one float among them."""
    kinds = {type(leaf) for leaf in _leaves(data)}
    return float in kinds and kinds <= {int, float}


def holds_integers(data: Any) -> bool:
    """Whether nested lists hold integers alone."""
    return {type(leaf) for leaf in _leaves(data)} == {int}


def holds_bools(data: Any) -> bool:
    """Whether nested lists hold truth values alone."""
    return {type(leaf) for leaf in _leaves(data)} == {bool}


def sums_dots(equation: str) -> bool:
    """Whether an equation of ``einsum`` drops what ``...`` stands for from its result."""
    inputs, arrow, output = equation.partition("->")
    return bool(arrow) and "..." in inputs and "..." not in output


def last_axes(n: int) -> tuple[int, ...]:
    """Return the last ``n`` axes: 2 -> (-2, -1)."""
    return tuple(range(-n, 0))


def swapped_axes(ndim: int, a: int, b: int) -> tuple[int, ...]:
    """Return the axes 0..ndim-1 with ``a`` and ``b`` exchanged."""
    axes = list(range(ndim))
    axes[a], axes[b] = axes[b], axes[a]
    return tuple(axes)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        several, keeps_size, same_everywhere, positive, every, crop_pairs, same_crop, flat_pad, size_pairs,
        pad_pairs, flat_pads, holds_floats, holds_integers,
        holds_bools, last_axes, swapped_axes, compact, half, sums_dots,
    )
} | {
    "len": len, "abs": abs, "max": max, "min": min, "sum": sum, "tuple": tuple, "list": list, "range": range,
    "isinstance": isinstance,
    "int": int, "float": float, "bool": bool, "str": str, "sorted": sorted, "all": all, "any": any,
    "reversed": reversed,
    "enumerate": enumerate, "zip": zip, "round": round,
}  # fmt: skip
