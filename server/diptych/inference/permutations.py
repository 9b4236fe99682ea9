"""Axis arithmetic for tensors whose axes stand in another order in the twin."""

from __future__ import annotations

from collections.abc import Sequence

Permutation = tuple[int, ...]


def between(source: str, twin: str) -> Permutation:
    """The permutation between two layouts: ("NCHW", "NHWC") -> (0, 2, 3, 1)."""
    letters = sorted(source)
    if letters != sorted(twin):
        raise ValueError(f"{source} and {twin} name different axes")
    return tuple(source.index(letter) for letter in twin)


def inverse(permutation: Permutation) -> Permutation:
    """The permutation that undoes this one."""
    result = [0] * len(permutation)
    for position, axis in enumerate(permutation):
        result[axis] = position
    return tuple(result)


def compose(first: Permutation, then: Permutation) -> Permutation:
    """Transpose by ``first``, and the result by ``then``."""
    return tuple(first[axis] for axis in then)


def normal(permutation: Permutation | None) -> Permutation | None:
    """``None`` for the identity."""
    if permutation is None or permutation == tuple(range(len(permutation))):
        return None
    return permutation


def reduced(permutation: Permutation, axes: Sequence[int]) -> Permutation | None:
    """What is left of a permutation when source axes are reduced away."""
    gone = {axis % len(permutation) for axis in axes}
    kept = [axis for axis in permutation if axis not in gone]
    order = sorted(kept)
    return normal(tuple(order.index(axis) for axis in kept))
