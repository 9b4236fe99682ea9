"""Random draws: recorded once on the source side, replayed in every other run by order of occurrence and kind."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np


class Draws:
    """The draws of one run. ``problem`` says why they could not be paired; ``difference`` what a pair disagreed on.

    Recorded values are framework-free: standard normals and uniforms in float32, masks as bool, integers as int64, in
    the source's axes. ``permutations`` are the ones by which the entry's tensors differ between the two sides.
    """

    def __init__(self, seed: int, recorded: list[dict[str, Any]] | None, permutations: Sequence[Sequence[int]]) -> None:
        self.random = np.random.default_rng(seed)
        self.recorded = recorded
        self.items: list[dict[str, Any]] = []
        self.position = 0
        self.permutations = [tuple(permutation) for permutation in permutations]
        self.problem: str | None = None
        self.difference: str | None = None
        self.ambiguous = False
        self.prefer_permuted = False

    def take(
        self,
        kind: str,
        shape: Sequence[int | None],
        make: Callable[[np.random.Generator, tuple], np.ndarray],
        detail: str = "",
    ) -> np.ndarray:
        """The next draw of ``kind``, in this side's axes; ``detail`` must be the same on both sides."""
        if self.recorded is None:
            concrete = tuple(int(size or 1) for size in shape)
            array = np.asarray(make(self.random, concrete))
            self.items.append({"kind": kind, "detail": detail, "array": array})
            return array
        index = self.position
        self.position += 1
        if index >= len(self.recorded):
            self._fail(f"the source made {len(self.recorded)} random draws, the twin more ({kind})")
        else:
            item = self.recorded[index]
            if item["kind"] != kind:
                self._fail(f"random draw {index + 1} is {item['kind']} in the source and {kind} in the twin")
            else:
                if item["detail"] != detail:
                    self.difference = self.difference or (
                        f"random draw {index + 1} ({kind}) is made with {item['detail']} in the source "
                        f"and {detail} in the twin"
                    )
                fitted = self._fit(item["array"], tuple(shape))
                if fitted is not None:
                    return fitted
                self._fail(
                    f"random draw {index + 1} ({kind}) has shape {list(item['array'].shape)} in the source "
                    f"and {list(shape)} in the twin"
                )
        return np.asarray(make(self.random, tuple(int(size or 1) for size in shape)))

    def unsupported(self, what: str) -> None:
        """Note a draw that cannot be replayed."""
        self._fail(f"{what} draws random numbers that cannot be replayed on the other side")

    def finish(self) -> None:
        """Note recorded draws that this run did not make."""
        if self.recorded is not None and self.position < len(self.recorded):
            self._fail(f"the source made {len(self.recorded)} random draws, the twin {self.position}")

    def _fail(self, reason: str) -> None:
        self.problem = self.problem or reason

    def _fit(self, array: np.ndarray, shape: tuple) -> np.ndarray | None:
        def fits(candidate: Sequence[int]) -> bool:
            return len(candidate) == len(shape) and all(b is None or a == b for a, b in zip(candidate, shape))

        moved = [p for p in self.permutations if len(p) == array.ndim and fits([array.shape[axis] for axis in p])]
        moved = [p for p in moved if p != tuple(range(array.ndim))]
        if fits(array.shape):
            self.ambiguous = self.ambiguous or bool(moved)
            if not (moved and self.prefer_permuted):
                return array
        if moved:
            return np.transpose(array, moved[0])
        if len(shape) == array.ndim and len(set(array.shape)) == array.ndim and array.ndim <= 6:
            for permutation in itertools.permutations(range(array.ndim)):
                if fits([array.shape[axis] for axis in permutation]):
                    return np.transpose(array, permutation)
        return None


class Session:
    """What the patched framework functions read during one run: the draws, and the states of the outermost models."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Be as at first."""
        self.draws: Draws | None = None
        self.paused = 0
        self.depth = 0
        self.models: list[Any] = []
        self.snapshots: list[dict[str, np.ndarray]] = []
        self.recording = False
        self.nudge = 0.0
        self.input_shapes: list[Any] = []
        self.problem: str | None = None

    def start(self, draws: Draws, nudge: float) -> None:
        """Begin a run. User code that draws from numpy or ``random`` sees the same numbers on both sides."""
        self.draws, self.paused, self.depth, self.models, self.input_shapes = draws, 0, 0, [], []
        self.recording, self.nudge, self.problem = draws.recorded is None, nudge, None
        np.random.seed(0)
        random.seed(0)

    @property
    def active(self) -> Draws | None:
        """The draws to use now, or ``None`` while weights are being initialised or nothing runs."""
        return None if self.paused else self.draws

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Let the framework draw by itself: these numbers are not part of the claim."""
        self.paused += 1
        try:
            yield
        finally:
            self.paused -= 1

    def nudged(self, state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The state moved by ``nudge`` times its size, at random and always the same way."""
        if not self.nudge:
            return state
        return {name: nudge(array, self.nudge, index) for index, (name, array) in enumerate(sorted(state.items()))}


def nudge(array: np.ndarray, amount: float, seed: int) -> np.ndarray:
    """Move a float array by up to ``amount`` times its largest value (1 where all are 0), in float64."""
    if array.dtype.kind != "f" or not array.size:
        return array
    finite = np.abs(array[np.isfinite(array)])
    scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    return array.astype(np.float64) + amount * scale * np.random.default_rng(seed).uniform(-1, 1, array.shape)


SESSION = Session()
