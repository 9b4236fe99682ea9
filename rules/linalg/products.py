"""Products of vectors and matrices of which TensorFlow has no function of its own, powers, distances, covariance."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def cdist(x, y, p=2.0):
    """The norm of order p of the difference of every row of x and every row of y, with gradient 0 where it is 0."""
    difference = tf.abs(tf.expand_dims(x, -2) - tf.expand_dims(y, -3))
    if p in (0, math.inf):
        return tf.reduce_max(difference, -1) if p else tf.reduce_sum(tf.cast(difference != 0, x.dtype), -1)
    total = tf.reduce_sum(difference**p, -1)
    return tf.where(total > 0, tf.where(total > 0, total, 1) ** (1 / p), 0)


@helper
def multi_dot(tensors):
    """The product of several matrices, of which the first and the last may be vectors."""
    product = tensors[0]
    for tensor in tensors[1:]:
        product = keras.ops.matmul(product, tensor)
    return product


@helper
def matrix_power(x, n):
    """The n-th power of square matrices, of their inverse below 0."""
    x = tf.linalg.inv(x) if n < 0 else x
    power = tf.linalg.set_diag(tf.zeros_like(x), tf.ones_like(x[..., 0]))
    for _ in range(abs(n)):
        power = tf.matmul(power, x)
    return power


@helper
def kron(x, y):
    """The Kronecker product."""
    rank = max(x.shape.rank, y.shape.rank)
    a, b = (tf.concat([tf.ones(rank - t.shape.rank, tf.int32), tf.shape(t)], 0) for t in (x, y))
    x = tf.reshape(x, tf.reshape(tf.stack([a, tf.ones_like(a)], 1), (-1,)))
    return tf.reshape(x * tf.reshape(y, tf.reshape(tf.stack([tf.ones_like(b), b], 1), (-1,))), a * b)


@helper
def corrcoef(x):
    """The correlation of the rows of x."""
    x = tf.reshape(x, (-1, tf.shape(x)[-1])) if x.shape.rank else tf.reshape(x, (1, 1))
    x -= tf.reduce_mean(x, axis=-1, keepdims=True)
    size = tf.sqrt(tf.reduce_sum(tf.square(x), axis=-1, keepdims=True))
    return tf.squeeze(tf.clip_by_value(tf.matmul(x, x, transpose_b=True) / size / tf.transpose(size), -1, 1))


@helper
def cov(x, correction=1, fweights=None, aweights=None):
    """The covariance of the rows of x, each column counted `fweights` times and weighted with `aweights`."""
    x = x if x.dtype.is_floating else tf.cast(x, tf.float32)
    x = tf.reshape(x, (-1, tf.shape(x)[-1])) if x.shape.rank else tf.reshape(x, (1, 1))
    counts = tf.ones_like(x[0]) if fweights is None else tf.cast(fweights, x.dtype)
    weights = counts if aweights is None else counts * tf.cast(aweights, x.dtype)
    total, squares = (
        tf.reduce_sum(weights),
        tf.reduce_sum(weights * (1 if aweights is None else tf.cast(aweights, x.dtype))),
    )
    x -= tf.reduce_sum(x * weights, -1, keepdims=True) / total
    divisor = total - correction * (1 if aweights is None else squares / total)
    return tf.squeeze(tf.matmul(x * weights, x, transpose_b=True) / tf.maximum(divisor, 0))


class AddMatrixVectorProduct(Equivalence):
    """The product of a matrix and a vector added to x, each with a factor."""

    one_way = "torch"

    def in_torch(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        return spellings(torch.addmv(x, a, b, beta=beta, alpha=alpha), x.addmv(a, b, beta=beta, alpha=alpha))

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        if known_integer(x):
            return int(beta) * x + int(alpha) * tf.linalg.matvec(a, b)
        if beta == 1 and alpha == 1:
            return x + tf.linalg.matvec(a, b)
        if beta == 0:
            return alpha * tf.linalg.matvec(a, b)
        return general(beta * x + alpha * tf.linalg.matvec(a, b))

    def rank(x, a, b, beta, alpha):
        return 1

    samples = (
        cases(x=floats(2), a=floats(2, 3), b=floats(3))
        + cases(x=floats(2), a=floats(2, 3), b=floats(3), beta=[0, 0.5], alpha=2)
        + cases(x=ints(2), a=ints(2, 3), b=ints(3), beta=2)
    )


class AddBatchedProduct(Equivalence):
    """A batched matrix product added to x, each with a factor."""

    one_way = "torch"

    def in_torch(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        return spellings(torch.baddbmm(x, a, b, beta=beta, alpha=alpha), x.baddbmm(a, b, beta=beta, alpha=alpha))

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        if known_integer(x):
            return int(beta) * x + int(alpha) * tf.matmul(a, b)
        if beta == 1 and alpha == 1:
            return x + tf.matmul(a, b)
        if beta == 0:
            return alpha * tf.matmul(a, b)
        return general(beta * x + alpha * tf.matmul(a, b))

    def rank(x, a, b, beta, alpha):
        return 3

    samples = (
        cases(x=floats(2, 2, 4), a=floats(2, 2, 3), b=floats(2, 3, 4))
        + cases(x=floats(2, 2, 4), a=floats(2, 2, 3), b=floats(2, 3, 4), beta=[0, 0.5], alpha=2)
        + cases(x=ints(2, 2, 4), a=ints(2, 2, 3), b=ints(2, 3, 4), beta=2)
    )


class AddSumOfProducts(Equivalence):
    """The sum of a batch of matrix products added to x, each with a factor."""

    one_way = "torch"

    def in_torch(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        return spellings(torch.addbmm(x, a, b, beta=beta, alpha=alpha), x.addbmm(a, b, beta=beta, alpha=alpha))

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        if known_integer(x):
            return int(beta) * x + int(alpha) * tf.reduce_sum(tf.matmul(a, b), axis=0)
        if beta == 1 and alpha == 1:
            return x + tf.reduce_sum(tf.matmul(a, b), axis=0)
        if beta == 0:
            return alpha * tf.reduce_sum(tf.matmul(a, b), axis=0)
        return general(beta * x + alpha * tf.reduce_sum(tf.matmul(a, b), axis=0))

    def rank(x, a, b, beta, alpha):
        return 2

    samples = (
        cases(x=floats(2, 4), a=floats(2, 2, 3), b=floats(2, 3, 4))
        + cases(x=floats(2, 4), a=floats(2, 2, 3), b=floats(2, 3, 4), beta=[0, 0.5], alpha=2)
        + cases(x=ints(2, 4), a=ints(2, 2, 3), b=ints(2, 3, 4), beta=2)
    )


class AddOuterProduct(Equivalence):
    """The outer product of two vectors added to x, each with a factor."""

    one_way = "torch"

    def in_torch(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        return spellings(torch.addr(x, a, b, beta=beta, alpha=alpha), x.addr(a, b, beta=beta, alpha=alpha))

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        if known_bool(x) and beta == 1 and alpha == 1:
            return tf.logical_or(x, tf.logical_and(tf.expand_dims(a, 1), b))
        if known_bool(x):
            return tf.logical_or(x & bool(beta), tf.expand_dims(a, 1) & b & bool(alpha))
        if known_integer(x):
            return int(beta) * x + int(alpha) * tf.expand_dims(a, 1) * b
        if beta == 1 and alpha == 1:
            return x + tf.expand_dims(a, 1) * b
        if beta == 0:
            return alpha * (tf.expand_dims(a, 1) * b)
        return general(beta * x + alpha * (tf.expand_dims(a, 1) * b))

    def rank(x, a, b, beta, alpha):
        return 2

    samples = (
        cases(x=floats(2, 3), a=floats(2), b=floats(3))
        + cases(x=floats(2, 3), a=floats(2), b=floats(3), beta=[0, 0.5], alpha=2)
        + cases(x=ints(2, 3), a=ints(2), b=ints(3), beta=2)
        + cases(x=bools(2, 3), a=bools(2), b=bools(3), beta=[Absent, 0])
    )


class ConjugateDotProduct(Equivalence):
    """The dot product of two vectors, the first conjugated."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.vdot(x, y), x.vdot(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.reduce_sum(tf.math.conj(x) * y), keras.ops.vdot(x, y))

    def rank(x, y):
        return 0

    samples = cases(x=floats(3), y=floats(3))


class VectorDotProduct(Equivalence):
    """The dot products of vectors along an axis."""

    promotes = "common"

    def in_torch(x: Tensor, y: Tensor, dim: Axis = -1):
        return torch.linalg.vecdot(x, y, dim=dim)

    def in_tensorflow(x: Tensor, y: Tensor, dim: Axis = -1):
        return tf.reduce_sum(tf.math.conj(x) * y, axis=dim)

    def rank(x, y, dim):
        return max(rank(x), rank(y)) - 1

    samples = cases(x=floats(2, 3), y=floats(2, 3), dim=[Absent, 0])


class InnerProduct(Equivalence):
    """The products of the vectors along the last axes."""

    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.inner(x, y), x.inner(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if rank(x) == 0 or rank(y) == 0:
            return x * y
        return general(tf.tensordot(x, y, [[-1], [-1]]))

    def rank(x, y):
        if rank(x) == 0 or rank(y) == 0:
            return rank(x) + rank(y)
        return rank(x) + rank(y) - 2

    samples = cases(x=floats(2, 3), y=[floats(3), floats(4, 3)]) + cases(x=[floats(), floats(3)], y=floats())


class KroneckerProduct(Equivalence):
    """The Kronecker product, which raw TensorFlow lacks."""

    promotes = "common"

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.kron(x, y), x.kron(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x) and known_bool(y):
            return tf.cast(kron(tf.cast(x, tf.int32), tf.cast(y, tf.int32)), tf.bool)
        return general(spellings(kron(x, y), keras.ops.kron(x, y)))

    def rank(x, y):
        return max(rank(x), rank(y))

    samples = cases(x=floats(2, 3), y=[floats(2, 2), floats(2)]) + cases(x=bools(2), y=bools(3))


class PairwiseDistances(Equivalence):
    """The distances of every row of x to every row of y, which raw TensorFlow lacks."""

    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, p: Number = 2.0):
        return torch.cdist(x, y, p=p)

    def in_tensorflow(x: Tensor, y: Tensor, p: Number = 2.0):
        return cdist(x, y, p)

    def rank(x, y, p):
        return max(rank(x), rank(y))

    samples = cases(x=floats(3, 4), y=floats(2, 4), p=[Absent, 1.0, 0.0]) + cases(
        x=floats(2, 3, 4), y=floats(2, 2, 4), p=3.0
    )


class PairwiseDistancesBy(Equivalence):
    """The distances of every row of x to every row of y; how PyTorch computes them changes the rounding alone."""

    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, p: Number, compute_mode: Str):
        return torch.cdist(x, y, p, compute_mode)

    def in_tensorflow(x: Tensor, y: Tensor, p: Number, compute_mode: Str):
        return cdist(x, y, p)

    def rank(x, y, p, compute_mode):
        return max(rank(x), rank(y))

    samples = cases(x=floats(3, 4), y=floats(2, 4), p=2.0, compute_mode="donot_use_mm_for_euclid_dist")


class MultipleProduct(Equivalence):
    """The product of several matrices."""

    one_way = "torch"

    def in_torch(tensors: Tensors):
        return torch.linalg.multi_dot(tensors)

    def in_tensorflow(tensors: Tensors):
        return multi_dot(tensors)

    samples = cases(tensors=[(floats(2, 3), floats(3, 4), floats(4, 2)), (floats(3), floats(3, 4))])


class ChainProduct(Equivalence):
    """The product of matrices given one by one."""

    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, z: Tensor):
        return torch.chain_matmul(x, y, z)

    def in_tensorflow(x: Tensor, y: Tensor, z: Tensor):
        return tf.matmul(tf.matmul(x, y), z)

    def rank(x, y, z):
        return 2

    samples = cases(x=floats(2, 3), y=floats(3, 4), z=floats(4, 2))


class MatrixPower(Equivalence):
    """The n-th power of square matrices."""

    one_way = "torch"

    def in_torch(x: Tensor, n: Int):
        return spellings(torch.linalg.matrix_power(x, n), torch.matrix_power(x, n), x.matrix_power(n))

    def in_tensorflow(x: Tensor, n: Int):
        return matrix_power(x, n)

    def rank(x, n):
        return rank(x)

    samples = cases(x=floats(3, 3), n=[0, 3, -2])


class Covariance(Equivalence):
    """The covariance of the rows, which TensorFlow lacks."""

    one_way = "torch"

    def in_torch(x: Tensor, correction: Number = 1, fweights: Any = Absent, aweights: Any = Absent):
        return spellings(
            torch.cov(x, correction=correction, fweights=fweights, aweights=aweights),
            x.cov(correction=correction, fweights=fweights, aweights=aweights),
        )

    def in_tensorflow(x: Tensor, correction: Number = 1, fweights: Any = Absent, aweights: Any = Absent):
        return cov(x, correction, fweights=fweights, aweights=aweights)

    samples = cases(x=[floats(2, 4), floats(4)], correction=[Absent, 0]) + cases(
        x=floats(2, 4), fweights=ints(4, low=1, high=4), aweights=drawn(4)
    )


class Correlation(Equivalence):
    """The correlation of the rows, which raw TensorFlow lacks."""

    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor):
        return spellings(torch.corrcoef(x), x.corrcoef())

    def in_tensorflow(x: Tensor):
        return corrcoef(x)

    samples = cases(x=[floats(2, 4), floats(4)])
