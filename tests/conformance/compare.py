"""Compares what a case and its twin gave: structure, shape, dtype, values, gradients.

Tolerances are those of ``torch.testing.assert_close``, widened only by how far the source itself, run in float32, is
from the source run in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .case import Case, Kind
from .converting import Converted

# As in torch.testing.assert_close: relative, absolute.
TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "complex64": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex128": (1e-7, 1e-7),
}
ROUNDED = 1e-5  # of the largest value: what float32 may be off where both sides agree in float64
ROUNDING = 2  # how many times the source's own rounding the twin may be off


def difference(
    case: Case,
    twin: Converted,
    left: dict[str, Any],
    right: dict[str, Any],
    wide: dict[str, Any] | None,
    comparisons: Mapping[str, Callable[[Case, list[Any], list[Any]], str | None]],
    scale: float = 0.0,
) -> tuple[str | None, Kind]:
    """What differs first, ``None`` if nothing does, and how alike they are then. With ``scale``, numbers may be off
    by so much of the largest of them besides.
    """
    kind: Kind = "same"
    wide_runs = (wide or {}).get("runs") or [None] * len(left["runs"])
    for mode, (a, b, w) in enumerate(zip(left["runs"], right["runs"], wide_runs, strict=True)):
        where = f" (run {mode + 1})" if len(left["runs"]) > 1 else ""
        twins = _straight(b["outputs"], twin.outputs)
        found = outputs_unlike(a["outputs"], twins, w and w["outputs"], case.compare, scale)
        if found and case.compare in comparisons and _alike(a["outputs"], twins):
            found, kind = comparisons[case.compare](case, a["outputs"], twins), "tie"
        found = found or gradients_unlike(a["gradients"], b["gradients"], twin.inputs, w and w["gradients"], scale)
        if found:
            return f"{found}{where}", "wrong"
    if unlike := right.get("unlike") or left.get("unlike"):
        return f"the weight map is wrong for {', '.join(unlike)}", "wrong"
    found = states_unlike(left.get("after") or {}, right.get("after") or {})
    return found, "wrong" if found else kind


def _straight(outputs: list[Any], axes: tuple[Any, ...]) -> list[Any]:
    """The twin's outputs in the source's order of axes."""
    straight: list[Any] = []
    for number, (value, dtype) in enumerate(outputs):
        permutation = axes[number] if number < len(axes) else axes[0] if len(axes) == 1 else None
        if permutation is not None and dtype is not None and len(permutation) == value.ndim:
            value = value.transpose(np.argsort(permutation))
        straight.append((value, dtype))
    return straight


def _alike(left: list[Any], right: list[Any]) -> bool:
    """Whether structure, shapes and dtypes are the same."""
    return outputs_unlike(left, right, None, "shapes") is None


def outputs_unlike(
    left: list[Any], right: list[Any], wide: list[Any] | None, how: str, scale: float = 0.0
) -> str | None:
    """What differs between two lists of outputs as the worker gives them."""
    if len(left) != len(right):
        return f"{len(left)} results, {len(right)} in the twin"
    for number, (a, b) in enumerate(zip(left, right, strict=True)):
        reference = wide[number] if wide and len(wide) == len(left) else None
        if found := _unlike(a, b, reference, how, scale):
            return f"result {number + 1}: {found}" if len(left) > 1 else found
    return None


def _unlike(left: Any, right: Any, wide: Any, how: str, scale: float) -> str | None:
    (a, dtype_a), (b, dtype_b) = left, right
    if dtype_a is None or dtype_b is None:
        plain_a = a.item() if isinstance(a, np.ndarray) and a.ndim == 0 else a
        plain_b = b.item() if isinstance(b, np.ndarray) and b.ndim == 0 else b
        if how == "shapes" and type(plain_a) is type(plain_b):
            return None
        return None if plain_a is plain_b or _equal(plain_a, plain_b) else f"{plain_a!r}, {plain_b!r} in the twin"
    if a.shape != b.shape:
        return f"shape {list(a.shape)}, {list(b.shape)} in the twin"
    if dtype_a != dtype_b:
        return f"dtype {dtype_a}, {dtype_b} in the twin"
    return None if how == "shapes" else apart(a, b, dtype_a, wide[0] if wide and wide[1] is not None else None, scale)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return type(a) is type(b) and bool(np.isclose(a, b, rtol=1e-6, equal_nan=True))
    return type(a) is type(b) and not isinstance(a, np.ndarray) and a == b


def apart(a: np.ndarray, b: np.ndarray, dtype: str, wide: np.ndarray | None, scale: float = 0.0) -> str | None:
    """Where two arrays differ by more than the tolerance."""
    if a.dtype.kind not in "fc":
        wrong = int((a != b).sum())
        return f"{wrong} of {a.size} elements differ" + _first(a, b, a != b) if wrong else None
    rtol, atol = TOLERANCES.get(dtype, TOLERANCES["float32"])
    if wide is not None and wide.shape == a.shape and a.size:
        with np.errstate(all="ignore"):
            error = np.abs(a.astype(wide.dtype) - wide)
        finite = error[np.isfinite(error)]
        atol += ROUNDING * float(finite.max(initial=0.0))
    if scale and a.size:
        finite = np.abs(a[np.isfinite(a)])
        atol += scale * float(finite.max(initial=0.0))
    close = np.isclose(b, a, rtol=rtol, atol=atol, equal_nan=True)
    return None if close.all() else f"{int((~close).sum())} of {a.size} elements differ" + _first(a, b, ~close)


def _first(a: np.ndarray, b: np.ndarray, unlike: np.ndarray) -> str:
    place = tuple(int(index) for index in np.argwhere(unlike)[0])
    return f", at {list(place)}: {a[place]:.7g}, {b[place]:.7g} in the twin"


def gradients_unlike(
    a: dict[str, Any],
    b: dict[str, Any],
    inputs: tuple[Any, ...],
    wide: dict[str, Any] | None,
    scale: float = 0.0,
) -> str | None:
    """What differs between gradients by the argument's place or the weight's name; none at all is zero."""
    for name in a:
        left, right = a[name], b.get(name)
        label = f"gradient of argument {int(name) + 1}" if name.isdigit() else f"gradient of {name}"
        if name.isdigit() and right is not None:
            permutation = inputs[int(name)] if int(name) < len(inputs) else None
            if permutation is not None and len(permutation) == right.ndim:
                right = right.transpose(np.argsort(permutation))
        if left is None and right is None:
            continue
        left = np.zeros_like(right) if left is None else left
        right = np.zeros_like(left) if right is None else right
        if left.shape != right.shape:
            return f"{label}: shape {list(left.shape)}, {list(right.shape)} in the twin"
        if found := apart(left, right, str(left.dtype), (wide or {}).get(name), scale):
            return f"{label}: {found}"
    return None


def states_unlike(a: dict[str, Any], b: dict[str, Any]) -> str | None:
    """What differs between weights after a step, by name."""
    a, b = _summed(a), _summed(b)
    for name in a:
        if name not in b:
            return f"{name} is missing after training"
        if a[name].shape != b[name].shape:
            return f"{name}: shape {list(a[name].shape)}, {list(b[name].shape)} in the twin"
        if found := apart(a[name], b[name], str(a[name].dtype), None):
            return f"{name} after training: {found}"
    return None


def _summed(state: dict[str, Any]) -> dict[str, Any]:
    """The weights with the two biases of a recurrent layer added: Keras keeps only their sum."""
    found = dict(state)
    for name in state:
        twin = name.replace("bias_ih", "bias_hh")
        if twin != name and twin in found:
            found[f"{name} + bias_hh"] = found.pop(name) + found.pop(twin)
    return found
