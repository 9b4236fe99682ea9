"""Compares what a snippet and its twin gave."""

from __future__ import annotations

from typing import Any

import numpy as np

from diptych.catalog.rule import other
from diptych.verification.snippet_runs import Results, Task

TOLERANCES = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7)}


def difference(task: Task, results: Results) -> str | None:
    """What differs first between source and twin, ``None`` if nothing does."""
    source, twin = results[task.snippet.side], results[other(task.snippet.side)]
    if "error" in source:
        return f"the source raises {source['error']}"
    if "error" in twin:
        return f"the twin raises {twin['error']}"
    inputs = _input_axes(task)
    tolerance = float(task.rule.attributes.get("tolerance") or 0)
    for mode, (a, b) in enumerate(zip(source["runs"], twin["runs"], strict=True)):
        where = f" (run {mode + 1})" if len(source["runs"]) > 1 else ""
        found = _outputs_unlike(task, a["outputs"], b["outputs"], tolerance)
        if found:
            return f"{found}{where}"
        found = _gradients_unlike(a["gradients"], b["gradients"], inputs, tolerance)
        if found:
            return f"{found}{where}"
    if unlike := results["tensorflow"].get("unlike"):
        return f"the rule's weight map is wrong for {', '.join(unlike)}"
    return _states_unlike(source, twin, tolerance) or _traced_unlike(task, source, twin, tolerance)


def _traced_unlike(task: Task, source: dict[str, Any], twin: dict[str, Any], tolerance: float) -> str | None:
    """What differs where the twin ran under ``tf.function`` with an unknown length of the first axis."""
    traced = twin.get("traced")
    if traced is None:
        return None
    where = "under tf.function with an unknown batch size"
    if isinstance(traced, str):
        return f"{where} the twin raises {traced}"
    found = _outputs_unlike(task, source["runs"][0]["outputs"], traced, tolerance)
    return f"{where}: {found}" if found else None


def _outputs_unlike(task: Task, left: list[Any], right: list[Any], tolerance: float) -> str | None:
    outputs = task.jobs[other(task.snippet.side)]["outputs"]
    if len(left) != len(right):
        return f"{len(left)} results, {len(right)} in the twin"
    for number, (a, b) in enumerate(zip(left, right, strict=True)):
        alone = outputs[0] if len(outputs) == 1 else None
        permutation = outputs[number] if number < len(outputs) else alone
        found = _unlike(a, b, permutation, bool(task.rule.attributes.get("random")), tolerance)
        if found:
            return f"result {number + 1}: {found}"
    return None


def _input_axes(task: Task) -> list[Any]:
    if task.conversion is None:
        return []
    entry = next(entry for entry in task.conversion.entries if entry.name == task.snippet.entry)
    return [parameter.axes.permutation for parameter in entry.parameters]


def _unlike(left: Any, right: Any, permutation: Any, random: bool, tolerance: float) -> str | None:
    (a, dtype_a), (b, dtype_b) = left, right
    if dtype_a is None or dtype_b is None:
        plain_a = a.item() if isinstance(a, np.ndarray) and a.ndim == 0 else a
        plain_b = b.item() if isinstance(b, np.ndarray) and b.ndim == 0 else b
        return None if plain_a is plain_b or _equal(plain_a, plain_b) else f"{plain_a!r}, {plain_b!r} in the twin"
    if permutation is not None and len(permutation) == b.ndim:
        b = b.transpose(np.argsort(permutation))
    if a.shape != b.shape:
        return f"shape {list(a.shape)}, {list(b.shape)} in the twin"
    if dtype_a != dtype_b:
        return f"dtype {dtype_a}, {dtype_b} in the twin"
    return None if random else _apart(a, b, dtype_a, tolerance)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return bool(np.isclose(a, b, rtol=1e-6, equal_nan=True))
    return type(a) is type(b) and not isinstance(a, np.ndarray) and a == b


def _apart(a: np.ndarray, b: np.ndarray, dtype: str, tolerance: float) -> str | None:
    if a.dtype.kind not in "fc":
        wrong = int((a != b).sum())
        return f"{wrong} of {a.size} elements differ" if wrong else None
    rtol, atol = TOLERANCES.get(dtype, (1.3e-6, 1e-5))
    close = np.isclose(b, a, rtol=max(rtol, tolerance), atol=max(atol, tolerance), equal_nan=True)
    if close.all():
        return None
    place = tuple(int(index) for index in np.argwhere(~close)[0])
    values = f"{a[place]:.7g}, {b[place]:.7g} in the twin"
    return f"{int((~close).sum())} of {a.size} elements differ, at {list(place)}: {values}"


def _gradients_unlike(a: dict[str, Any], b: dict[str, Any], inputs: list[Any], tolerance: float) -> str | None:
    for name in [*a, *(name for name in b if name not in a)]:
        left, right = a.get(name), b.get(name)
        if name.isdigit():
            permutation = inputs[int(name)] if int(name) < len(inputs) else None
            if right is not None and permutation is not None:
                right = right.transpose(np.argsort(permutation))
            label = f"gradient of argument {int(name) + 1}"
        else:
            label = f"gradient of {name}"
        if left is None and right is None:
            continue
        left = np.zeros_like(right) if left is None else left
        right = np.zeros_like(left) if right is None else right
        if left.shape != right.shape:
            return f"{label}: shape {list(left.shape)}, {list(right.shape)} in the twin"
        found = _apart(left, right, str(left.dtype), _scaled(left, tolerance))
        if found:
            return f"{label}: {found}"
    return None


def _scaled(array: np.ndarray, tolerance: float) -> float:
    """A tolerance for sums of many terms: they round in proportion to the largest of them."""
    largest = float(np.nanmax(np.abs(array), initial=1.0))
    return max(tolerance, 1e-5, 5e-6 * largest if np.isfinite(largest) else 0.0)


def _states_unlike(source: dict[str, Any], twin: dict[str, Any], tolerance: float) -> str | None:
    a, b = source.get("after") or {}, twin.get("after") or {}
    for name in a:
        if name not in b and name not in (source.get("state") or {}):
            continue  # an argument that the source keeps as a buffer
        if name not in b:
            return f"{name} is missing after training"
        if a[name].shape != b[name].shape:
            return f"{name}: shape {list(a[name].shape)}, {list(b[name].shape)} in the twin"
        found = _apart(a[name], b[name], str(a[name].dtype), _scaled(a[name], tolerance))
        if found:
            return f"{name} after training: {found}"
    return None
