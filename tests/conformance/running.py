"""Runs cases: converts them in batches, runs both sides in one process each, and compares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from diptych.conversion.result import Framework
from diptych.verification.snippet_runs import Process

from . import compare
from .case import Case, Kind, Outcome
from .converting import IMPORTS, Converted, converted

BATCH = 60
Comparison = Callable[[Case, list[Any], list[Any]], str | None]


class Runner:
    """Both frameworks, warm. ``comparisons`` are those that cases name besides "values" and "shapes"."""

    def __init__(self, source: Framework = "torch", comparisons: Mapping[str, Comparison] | None = None) -> None:
        self.source: Framework = source
        self.target: Framework = "tensorflow" if source == "torch" else "torch"
        self.comparisons = comparisons or {}
        self.processes = {side: Process(side) for side in ("torch", "tensorflow")}

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: Any) -> None:
        for process in self.processes.values():
            process.close()

    def outcomes(self, cases: Iterable[Case]) -> Iterator[Outcome]:
        """What comes of each case, in order; while a batch runs, the next one is made and converted."""
        waiting: Future[list[Outcome]] | None = None
        with ThreadPoolExecutor(1) as background:
            for batch in _batches(cases):
                twins = converted(batch, self.target)
                if waiting is not None:
                    yield from waiting.result()
                waiting = background.submit(self.ran, batch, twins)
            if waiting is not None:
                yield from waiting.result()

    def ran(self, batch: Sequence[Case], twins: Sequence[Converted]) -> list[Outcome]:
        """What comes of cases and their twins, in order."""
        rows = [(case, twin) for case, twin in zip(batch, twins, strict=True) if not (twin.error or twin.crash)]
        pairs = self._both(rows)
        results = iter(zip(rows, pairs, strict=True))
        found: list[Outcome] = []
        doubtful: list[tuple[int, Case, Converted, dict[str, Any], dict[str, Any]]] = []
        for case, twin in zip(batch, twins, strict=True):
            if twin.crash:
                found.append(Outcome(case, "crash", twin.crash))
            elif twin.error:
                found.append(Outcome(case, "refused", twin.error, twin.twin, twin.assumed))
            else:
                _, (left, right) = next(results)
                outcome = self._judged(case, twin, left, right, None)
                if outcome.kind in ("wrong", "announced") and "error" not in left and "error" not in right:
                    doubtful.append((len(found), case, twin, left, right))
                found.append(outcome)
        if doubtful:
            self._second_look(doubtful, found)
        return found

    def _second_look(self, doubtful: Sequence[Any], found: list[Outcome]) -> None:
        """Judge by the rounding of the source itself what differs; then ask whether it is a kink."""
        jobs = [
            {**self._source_job(_wide(case), i), "state": left.get("state", {})}
            for i, (_, case, _, left, _) in enumerate(doubtful)
        ]
        wide = self._side(self.source, jobs)
        for (place, case, twin, left, right), wider in zip(doubtful, wide, strict=True):
            found[place] = self._judged(case, twin, left, right, wider)
            if found[place].kind != "wrong":
                continue
            if "float32" not in twin.twin and self._rounding(case, twin, left, right, wider):
                found[place] = Outcome(case, "rounding", found[place].detail, twin.twin, twin.assumed)
            elif found[place].detail.startswith("gradient") and self._kink(case, twin):
                found[place] = Outcome(case, "kink", found[place].detail, twin.twin, twin.assumed)

    def _rounding(
        self, case: Case, twin: Converted, left: dict[str, Any], right: dict[str, Any], wider: dict[str, Any]
    ) -> bool:
        """Whether both sides agree in float64, and are close to it in float32."""
        (wide_twin,) = self._side(self.target, [self._twin_job(_wide(case), twin, 0, {})])
        if "error" in wider or "error" in wide_twin or case.compare != "values":
            return False
        found, _ = compare.difference(case, twin, wider, wide_twin, None, {})
        return found is None and compare.difference(case, twin, left, right, None, {}, compare.ROUNDED)[0] is None

    def _kink(self, case: Case, twin: Converted) -> bool:
        """Whether gradients agree where the inputs are moved a little."""
        moved = [_moved(case, seed) for seed in range(3)]
        pairs = self._both([(each, twin) for each in moved])
        wide = self._side(self.source, [self._source_job(_wide(each), i) for i, each in enumerate(moved)])
        return all(
            self._judged(each, twin, left, right, wider).kind in ("same", "tie")
            for each, (left, right), wider in zip(moved, pairs, wide, strict=True)
        )

    def _both(self, rows: Sequence[tuple[Case, Converted]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """The results of both sides; a twin is run once for all cases that share it and their arrays."""
        if self.source == "tensorflow":
            return self._both_from_tensorflow(rows)
        left = self._side(self.source, [self._source_job(case, number) for number, (case, _) in enumerate(rows)])
        jobs: list[dict[str, Any]] = []
        places: dict[Any, int] = {}
        wanted: list[int] = []
        for (case, twin), result in zip(rows, left, strict=True):
            job = self._twin_job(case, twin, len(jobs), result.get("state", {}))
            key = (
                job["text"].replace(case.entry, "sample"),
                id(case) if case.sample is None else case.sample,
                case.job,
            )
            key = (*key[:2], repr(key[2]), repr(job["outputs"]), job["gradients"])
            if key not in places:
                places[key] = len(jobs)
                jobs.append(job)
            wanted.append(places[key])
        right = self._side(self.target, jobs)
        return [(result, right[place]) for result, place in zip(left, wanted, strict=True)]

    def _both_from_tensorflow(
        self, rows: Sequence[tuple[Case, Converted]]
    ) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """The same where PyTorch, which makes the weights, runs the twins."""
        right = self._side("torch", [self._twin_job(case, twin, place, {}) for place, (case, twin) in enumerate(rows)])
        jobs = [
            {**self._source_job(case, place), "state": right[place].get("state", {})}
            for place, (case, _) in enumerate(rows)
        ]
        return list(zip(self._side("tensorflow", jobs), right, strict=True))

    def _side(self, side: Framework, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return self.processes[side].run(jobs) if jobs else []

    def _source_job(self, case: Case, number: int) -> dict[str, Any]:
        return {
            "id": number, "text": f"{IMPORTS[self.source]}\n{case.text}", "kind": "function", "entry": case.entry,
            "arrays": list(case.arrays), "constructor": [], "outputs": [], "modes": [False],
            "gradients": case.gradients, "weights": False, "map": {}, "state": {}, **case.job,
        }  # fmt: skip

    def _twin_job(self, case: Case, twin: Converted, number: int, state: dict[str, Any]) -> dict[str, Any]:
        job = self._source_job(case, number)
        return {
            **job, "text": twin.twin, "entry": twin.entry, "arrays": _permuted(case.arrays, twin.inputs),
            "constructor": _permuted(job["constructor"], twin.constructor), "outputs": list(twin.outputs),
            "state": state,
        }  # fmt: skip

    def _judged(
        self, case: Case, twin: Converted, left: dict[str, Any], right: dict[str, Any], wide: dict[str, Any] | None
    ) -> Outcome:
        def outcome(kind: Kind, detail: str = "") -> Outcome:
            return Outcome(case, kind, detail, twin.twin, twin.assumed)

        if "error" in left:
            return outcome("invalid", f"the source raises {left['error']}")
        if "error" in right:
            announced = bool(twin.assumed)
            return outcome("announced" if announced else "raises", f"the twin raises {right['error']}")
        found, kind = compare.difference(case, twin, left, right, wide, self.comparisons)
        if found is None:
            return outcome(kind)
        return outcome("announced" if twin.assumed else "wrong", found)


def _batches(cases: Iterable[Case]) -> Iterator[list[Case]]:
    batch: list[Case] = []
    for case in cases:
        batch.append(case)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _permuted(arrays: Sequence[Any], axes: Sequence[Any]) -> list[Any]:
    """The arrays in the twin's axes; one that has not the number of axes that was assumed stays as it is."""
    permuted = []
    for place, array in enumerate(arrays):
        order = axes[place] if place < len(axes) else None
        fits = order is not None and isinstance(array, np.ndarray) and array.ndim == len(order)
        permuted.append(array.transpose(order) if fits else array)
    return permuted


def _changed(case: Case, arrays: Iterable[Any], **job: Any) -> Case:
    fields = {name: getattr(case, name) for name in case.__dataclass_fields__}
    return Case(**{**fields, "arrays": tuple(arrays), "sample": None, "job": {**case.job, **job}})


def _wide(case: Case) -> Case:
    constructor = {"constructor": [_widened(item) for item in case.job.get("constructor", [])]}
    return _changed(case, map(_widened, case.arrays), wide=True, **constructor)


def _widened(value: Any) -> Any:
    return value.astype("float64") if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


def _moved(case: Case, seed: int) -> Case:
    """The case with its floating arrays moved by about a thousandth."""
    rng = np.random.default_rng(seed)

    def moved(array: Any) -> Any:
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            return array
        return (array + 1e-3 * rng.uniform(0.5, 1.5, array.shape) * (1 + np.abs(array))).astype(array.dtype)

    return _changed(case, map(moved, case.arrays))


def shortened(code: str) -> str:
    """Code without the number in the entry's name."""
    return re.sub(r"\b(sample|Sample)_?\d+\b", r"\1", code)
