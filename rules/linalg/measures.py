"""Ranks, condition numbers, determinants, and inverses by singular values."""

import math

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def cond(x, p=None):
    """The condition number of matrices in a norm."""
    if p in (None, 2, -2):
        values = tf.linalg.svd(x, compute_uv=False)
        return values[..., -1] / values[..., 0] if p == -2 else values[..., 0] / values[..., -1]
    return matrix_size(x, p) * matrix_size(tf.linalg.inv(x), p)


@helper
def matrix_size(x, ord):
    """The norm of matrices by name, or by order 1, -1, inf or -inf."""
    if ord == "fro":
        return tf.norm(x, axis=(-2, -1))
    if ord == "nuc":
        return tf.reduce_sum(tf.linalg.svd(x, compute_uv=False), -1)
    sums = tf.reduce_sum(tf.abs(x), axis=-2 if abs(ord) == 1 else -1)
    return tf.reduce_max(sums, -1) if ord > 0 else tf.reduce_min(sums, -1)


@helper
def limit(x, largest, atol, rtol):
    """What singular values count for nothing: by default the largest times the rounding of the longer side."""
    if rtol is None:
        side = tf.cast(tf.reduce_max(tf.shape(x)[-2:]), x.dtype)
        rtol = 0.0 if atol is not None else side * tf.experimental.numpy.finfo(x.dtype.as_numpy_dtype).eps
    return tf.maximum(tf.cast(0 if atol is None else atol, x.dtype), tf.cast(rtol, x.dtype) * largest)


@helper
def matrix_rank(x, atol=None, rtol=None, hermitian=False):
    """The number of singular values above a limit."""
    values = tf.abs(tf.linalg.eigvalsh(x)) if hermitian else tf.linalg.svd(x, compute_uv=False)
    lowest = limit(x, tf.reduce_max(values, -1), atol, rtol)
    return tf.math.count_nonzero(values > lowest[..., None], axis=-1)


@helper
def from_triangle(x, upper=False):
    """The symmetric matrices of which one triangle is given; the gradient goes to both, as PyTorch's does."""
    x_t = tf.linalg.adjoint(x)
    given = tf.linalg.band_part(x, 0, -1) if upper else tf.linalg.band_part(x, -1, 0)
    whole = tf.linalg.set_diag(given + tf.linalg.adjoint(given), tf.linalg.diag_part(x))
    middle = (x + x_t) / 2
    return middle + tf.stop_gradient(whole - middle)


@helper
def pinv(x, atol=None, rtol=None, hermitian=False):
    """The Moore-Penrose inverse, singular values below a limit taken for zero."""

    @tf.custom_gradient
    def inverse(x):
        s, u, v = tf.linalg.svd(from_triangle(x) if hermitian else x)
        kept = s > limit(x, tf.reduce_max(s, -1), atol, rtol)[..., None]
        y = tf.matmul(v * tf.where(kept, 1 / tf.where(kept, s, 1), 0)[..., None, :], u, adjoint_b=True)

        def gradient(g):  # that of the singular vectors has a pole where two singular values are equal
            g, y_t = tf.linalg.adjoint(g), tf.linalg.adjoint(y)
            k = g @ y
            return k @ y_t - x @ y @ k @ y_t - tf.linalg.adjoint(y @ k) + y_t @ y @ (g - k @ x)

        return y, gradient

    return inverse(x)


@helper
def logdet(x):
    """The logarithm of the determinant, NaN where it is negative."""
    sign, logarithm = tf.linalg.slogdet(x)
    return tf.where(sign >= 0, logarithm, math.nan)


class ConditionNumber(Equivalence):
    """The condition number of matrices, in the 2-norm unless told otherwise."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, p: Any = Absent):
        return torch.linalg.cond(x, p)

    def in_tensorflow(x: Tensor, p: Any = Absent):
        return cond(x, p)

    def rank(x, p):
        return rank(x) - 2

    samples = cases(x=[floats(3, 3), floats(2, 3, 3)], p=[Absent, "fro", -1])


class MatrixRank(Equivalence):
    """The number of singular values above a limit."""

    dtype = "int64"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.linalg.matrix_rank(x)

    def in_tensorflow(x: Tensor):
        return tf.cast(tf.linalg.matrix_rank(x), tf.int64)

    def rank(x):
        return rank(x) - 2

    samples = cases(x=floats(2, 3, 4))


class LogDeterminant(Equivalence):
    """The logarithm of the determinant, NaN where it is negative. `tf.linalg.logdet` takes positive definite matrices."""

    one_way = "torch"

    def in_torch(x: Tensor):
        return spellings(torch.logdet(x), x.logdet())

    def in_tensorflow(x: Tensor):
        return logdet(x)

    def rank(x):
        return rank(x) - 2

    samples = cases(x=floats(2, 3, 3))


class MatrixRankWithin(Equivalence):
    """The number of singular values above a limit of one's own."""

    dtype = "int64"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, atol: Any = Absent, rtol: Any = Absent, hermitian: Flag = False):
        return torch.linalg.matrix_rank(x, atol=atol, rtol=rtol, hermitian=hermitian)

    def in_tensorflow(x: Tensor, atol: Any = Absent, rtol: Any = Absent, hermitian: Flag = False):
        return matrix_rank(x, atol=atol, rtol=rtol, hermitian=hermitian)

    def rank(x, atol, rtol, hermitian):
        return rank(x) - 2

    samples = cases(x=floats(2, 3, 3), atol=0.5, rtol=[Absent, 0.1]) + cases(x=floats(2, 3, 3), hermitian=True)


class PseudoInverseWithin(Equivalence):
    """The Moore-Penrose inverse, with limits of one's own for small singular values."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, atol: Any = Absent, rtol: Any = Absent, hermitian: Flag = False):
        return torch.linalg.pinv(x, atol=atol, rtol=rtol, hermitian=hermitian)

    def in_tensorflow(x: Tensor, atol: Any = Absent, rtol: Any = Absent, hermitian: Flag = False):
        return pinv(x, atol=atol, rtol=rtol, hermitian=hermitian)

    def rank(x, atol, rtol, hermitian):
        return rank(x)

    samples = cases(x=floats(2, 3, 3), atol=0.5, rtol=[Absent, 0.1]) + cases(x=floats(2, 3, 3), hermitian=True)


@helper
def least_squares(a, b, driver="gelsy"):
    """The solution of least norm, squared residuals, rank and singular values, as far as PyTorch's driver gives them."""
    one = b.shape.rank == a.shape.rank - 1
    b = b[..., None] if one else b
    x = tf.matmul(pinv(a), b)
    s = tf.stop_gradient(tf.linalg.svd(a, compute_uv=False))
    ranks = tf.reduce_sum(tf.cast(s > limit(a, tf.reduce_max(s, -1), None, None)[..., None], tf.int64), -1)
    tall = driver != "gelsy" and a.shape[-2] > a.shape[-1]
    residuals = tf.reduce_sum((tf.matmul(a, x) - b) ** 2, -2) if tall else tf.zeros([0], a.dtype)
    ranks = tf.zeros([0], tf.int64) if driver == "gels" else ranks
    return x[..., 0] if one else x, residuals, ranks, s if driver in ("gelsd", "gelss") else tf.zeros([0], a.dtype)


class LeastSquaresWithRank(Equivalence):
    """The solution of least norm; TensorFlow's function gives that alone."""

    one_way = "torch"
    gradient = False
    result = ("solution", "residuals", "ranks", "singular_values")

    def in_torch(a: Tensor, b: Tensor, driver: Str = "gelsy"):
        return torch.linalg.lstsq(a, b, driver=driver)

    def in_tensorflow(a: Tensor, b: Tensor, driver: Str = "gelsy"):
        return least_squares(a, b, driver=driver)

    samples = cases(a=floats(4, 3), b=floats(4, 2), driver=["gelsy", "gelsd"]) + cases(
        a=floats(2, 3, 4), b=floats(2, 3, 2), driver=["gels", "gelss"]
    )
