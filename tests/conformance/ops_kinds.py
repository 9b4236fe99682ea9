"""What is special about operators of the database: their family, why some are no user code, how results compare."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import Case
from .compare import outputs_unlike

UNWRITTEN = {
    "jiterator": "compiles CUDA source at run time",
    "torch.ops.": "an internal operator of ATen",
    "torch._scaled_mm": "private",
    "max_pool2d_with_indices_backward": "a backward kernel, which autograd calls",
    "native_dropout_backward": "a backward kernel, which autograd calls",
    "to_sparse": "the result is sparse",
    "sparse.": "takes or gives sparse tensors",
}
UNINITIALISED = {
    "empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided", "resize_",
    "resize_as_",
}  # fmt: skip
# Which of several equal values is chosen is left open; the results are compared through the values chosen.
TIES = {
    "sort", "argsort", "msort", "topk", "mode", "median", "nanmedian", "kthvalue", "max", "min", "argmax", "argmin",
    "cummax", "cummin", "nn.functional.max_pool1d", "nn.functional.max_pool2d", "nn.functional.max_pool3d",
    "nn.functional.adaptive_max_pool1d", "nn.functional.adaptive_max_pool2d", "nn.functional.adaptive_max_pool3d",
}  # fmt: skip
# Factors that are unique only up to signs, phases or a rotation: compared by what they multiply to.
FACTORS = {
    "svd",
    "linalg.svd",
    "linalg.eigh",
    "linalg.eig",
    "linalg.eigvals",
    "linalg.qr",
    "qr",
    "pca_lowrank",
    "svd_lowrank",
}
FAMILIES = {
    "ReductionOpInfo": "reduction",
    "UnaryUfuncInfo": "unary",
    "BinaryUfuncInfo": "binary",
    "ForeachFuncInfo": "foreach",
    "ShapeFuncInfo": "shape",
    "SpectralFuncInfo": "fft",
}
PREFIXES = {
    "nn.functional.": "nn.functional", "linalg.": "linalg", "fft.": "fft", "special.": "special",
    "masked.": "masked", "signal.": "signal", "sparse.": "sparse",
}  # fmt: skip


def family(op: Any) -> str:
    """A family for the table."""
    for prefix, title in PREFIXES.items():
        if op.name.startswith(prefix):
            return title
    return FAMILIES.get(type(op).__name__, "other")


def unwritten(op: Any) -> str | None:
    """Why an operator cannot stand in user code, ``None`` if it can."""
    for prefix, reason in UNWRITTEN.items():
        if op.name.startswith(prefix):
            return reason
    name = op.name.rpartition(".")[2]
    if name.startswith("_") and not name.startswith("__"):
        return "private"
    return None


def comparison(op: Any) -> str:
    """How results of the operator are compared."""
    if op.name in UNINITIALISED:
        return "shapes"
    if op.name in FACTORS:
        return op.name.rpartition(".")[2]
    return "ties" if op.name in TIES else "values"


def dim_of(op: Any, sample: Any) -> int | None:
    """The axis of a sample in whose values there may be ties."""
    if comparison(op) != "ties":
        return None
    if "dim" in sample.kwargs:
        return sample.kwargs["dim"]
    place = {"topk": 1, "kthvalue": 1}.get(op.name, 0)
    given = [value for value in sample.args[place : place + 1] if isinstance(value, int) and type(value) is int]
    if given:
        return given[0]
    return -1 if op.name in ("sort", "argsort", "topk", "kthvalue", "mode") else None


def ties(case: Case, left: list[Any], right: list[Any]) -> str | None:
    """Values as they are; indices by the values that they choose from the first argument."""
    x = case.arrays[0]
    for (a, dtype), (b, _) in zip(left, right, strict=True):
        if dtype != "int64" or (x.dtype == np.int64 and len(left) > 1 and (a is left[0][0])):
            found = outputs_unlike([(a, dtype)], [(b, dtype)], None, "values")
            if found:
                return found
            continue
        chosen = [_chosen(x, index, case.dim) for index in (a, b)]
        if chosen[0] is None or chosen[1] is None or not np.array_equal(chosen[0], chosen[1], equal_nan=True):
            return outputs_unlike([(a, dtype)], [(b, dtype)], None, "values")
    return None


def _chosen(x: np.ndarray, index: np.ndarray, dim: int | None) -> np.ndarray | None:
    x = x.astype(np.float64)
    if x.ndim == 0:
        return np.broadcast_to(x, index.shape) if not index.any() else None
    if index.size and (index.min() < -x.size or index.max() >= x.size):
        return None
    if dim is None:
        return x.reshape(-1)[index]
    if index.ndim == x.ndim - 1:
        index = np.expand_dims(index, dim)
    if index.ndim != x.ndim or (index.size and index.max() >= x.shape[dim]):
        return None
    return np.take_along_axis(x, index, dim)


def svd(case: Case, left: list[Any], right: list[Any]) -> str | None:
    """Singular values as they are; the factors multiplied."""

    def product(outputs: list[Any], last_is_v: bool) -> np.ndarray:
        u, s, v = (np.asarray(value) for value, _ in outputs)
        v = v if not last_is_v else np.conj(np.swapaxes(v, -1, -2))
        rank = s.shape[-1]
        return (u[..., :, :rank] * s[..., None, :]) @ v[..., :rank, :]

    if len(left) != 3:
        return outputs_unlike(left, right, None, "values")
    old = case.subject == "svd" or "lowrank" in case.subject
    found = outputs_unlike([left[1]], [right[1]], None, "values")
    if "compute_uv=False" in case.code:
        return found
    return found or _near(product(left, old), product(right, old)) or _orthonormal(right[0][0], right[2][0], old)


def _orthonormal(u: np.ndarray, v: np.ndarray, last_is_v: bool) -> str | None:
    for factor in (u, v if last_is_v else np.swapaxes(v, -1, -2)):
        if factor.size and _near(np.conj(np.swapaxes(factor, -1, -2)) @ factor, np.eye(factor.shape[-1])):
            return "a factor of the twin is not orthonormal"
    return None


def eigh(_: Case, left: list[Any], right: list[Any]) -> str | None:
    """Eigenvalues as they are; the matrix that they make with the vectors."""
    found = outputs_unlike(left[:1], right[:1], None, "values")

    def product(outputs: list[Any]) -> np.ndarray:
        w, v = outputs[0][0], outputs[1][0]
        return (v * w[..., None, :]) @ np.conj(np.swapaxes(v, -1, -2))

    return found or _near(product(left), product(right))


def eig(_: Case, left: list[Any], right: list[Any]) -> str | None:
    """Eigenvalues in any order; the matrix that they make with the vectors."""
    a, b = (np.sort_complex(np.round(outputs[0][0], 4)) for outputs in (left, right))
    if a.shape != b.shape or not np.allclose(a, b, atol=2e-4):
        return "other eigenvalues in the twin"

    def product(outputs: list[Any]) -> np.ndarray:
        w, v = outputs[0][0].astype(complex), outputs[1][0].astype(complex)
        return (v * w[..., None, :]) @ np.linalg.inv(v) if w.size else w

    return _near(product(left), product(right))


def eigvals(_: Case, left: list[Any], right: list[Any]) -> str | None:
    """Eigenvalues in any order."""
    a, b = (np.sort_complex(np.round(outputs[0][0], 4)) for outputs in (left, right))
    return None if a.shape == b.shape and np.allclose(a, b, atol=2e-4) else "other eigenvalues in the twin"


def qr(_: Case, left: list[Any], right: list[Any]) -> str | None:
    """The two factors multiplied, and R's absolute values."""
    (q, _), (r, _) = left
    (p, _), (s, _) = right
    found = _near(np.abs(r), np.abs(s))
    return found or (_near(q @ r, p @ s) if q.size and r.size else None)


def _near(a: np.ndarray, b: np.ndarray) -> str | None:
    return None if np.allclose(a, b, rtol=1e-4, atol=1e-4) else "the factors of the twin multiply to something else"


COMPARISONS = {
    "ties": ties, "svd": svd, "eigh": eigh, "eig": eig, "eigvals": eigvals, "qr": qr, "pca_lowrank": svd,
    "svd_lowrank": svd,
}  # fmt: skip
