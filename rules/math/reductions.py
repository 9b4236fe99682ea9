"""Reductions: sums, means, variance, norms, truth of all or any."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def variance(x, axis=None, correction=1, keepdims=False):
    """The variance, with `correction` subtracted from the number of elements that it divides by."""
    v = tf.math.reduce_variance(x, axis=axis, keepdims=keepdims)
    n = tf.cast(tf.size(x) // tf.size(v), x.dtype)
    return v * n / (n - correction)


class Sum(Reduction):
    """The sum of all elements. PyTorch sums booleans and narrow integers in int64."""

    def in_torch(x: Tensor):
        return spellings(torch.sum(x), x.sum())

    def in_tensorflow(x: Tensor):
        if is_bool(x):
            return tf.reduce_sum(tf.cast(x, tf.int64))
        return spellings(tf.reduce_sum(x), keras.ops.sum(x))

    samples = cases(x=[floats(2, 3, 4), ints(5)]) + cases(x=bools(2, 3))
    differs = cases(x=int32s(4), because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class SumAlong(Reduction):
    """The sum over one axis or several. PyTorch sums booleans and narrow integers in int64."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.sum(x, dim=dim, keepdim=keepdim), x.sum(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        if is_bool(x):
            return tf.reduce_sum(tf.cast(x, tf.int64), axis=dim, keepdims=keepdim)
        return spellings(tf.reduce_sum(x, axis=dim, keepdims=keepdim), keras.ops.sum(x, axis=dim, keepdims=keepdim))

    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2)], keepdim=[Absent, True]) + cases(x=bools(2, 3), dim=1)
    differs = cases(x=int32s(4, 2), dim=0, because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class Mean(Reduction):
    """The mean of all elements. PyTorch refuses integers; TensorFlow divides them as integers."""

    def in_torch(x: Tensor):
        return spellings(torch.mean(x), x.mean())

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_mean(x), keras.ops.mean(x))

    samples = cases(x=floats(2, 3, 4))
    differs = cases(x=ints(4), because="PyTorch refuses integers; TensorFlow divides them as integers")


class MeanAlong(Reduction):
    """The mean over one axis or several. PyTorch refuses integers; TensorFlow divides them as integers."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.mean(x, dim=dim, keepdim=keepdim), x.mean(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(tf.reduce_mean(x, axis=dim, keepdims=keepdim), keras.ops.mean(x, axis=dim, keepdims=keepdim))

    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2), (1, 2)], keepdim=[Absent, True])
    differs = cases(x=ints(4, 2), dim=0, because="PyTorch refuses integers; TensorFlow divides them as integers")


class Variance(Reduction):
    """The variance. PyTorch divides by n - 1 unless told otherwise, TensorFlow by n."""

    def in_torch(x: Tensor, dim: Axes = Absent, unbiased: Flag = True, keepdim: Flag = False):
        return spellings(
            torch.var(x, dim=dim, unbiased=unbiased, keepdim=keepdim),
            x.var(dim=dim, unbiased=unbiased, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent, unbiased: Flag = False, keepdim: Flag = False):
        if unbiased:
            return variance(x, axis=dim, keepdims=keepdim)
        return spellings(
            tf.math.reduce_variance(x, axis=dim, keepdims=keepdim), keras.ops.var(x, axis=dim, keepdims=keepdim)
        )

    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], unbiased=[Absent, False], keepdim=[Absent, True]) + cases(
        x=floats(2, 3), dim=None, unbiased=[Absent, False]
    )


class VarianceCorrected(Reduction):
    """The variance with `correction`, the number that PyTorch subtracts from n: 1 by default, 0 as in TensorFlow."""

    def in_torch(x: Tensor, dim: Axes, correction: Int, keepdim: Flag = False):
        return spellings(
            torch.var(x, dim=dim, correction=correction, keepdim=keepdim),
            x.var(dim=dim, correction=correction, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, dim: Axes, correction: Int, keepdim: Flag = False):
        if correction == 0:
            return tf.math.reduce_variance(x, axis=dim, keepdims=keepdim)
        return general(variance(x, axis=dim, correction=correction, keepdims=keepdim))

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], correction=[0, 1], keepdim=[Absent, True])


class StandardDeviation(Reduction):
    """The standard deviation. PyTorch divides by n - 1 unless told otherwise, TensorFlow by n."""

    def in_torch(x: Tensor, dim: Axes = Absent, unbiased: Flag = True, keepdim: Flag = False):
        return spellings(
            torch.std(x, dim=dim, unbiased=unbiased, keepdim=keepdim),
            x.std(dim=dim, unbiased=unbiased, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent, unbiased: Flag = False, keepdim: Flag = False):
        if unbiased:
            return tf.sqrt(variance(x, axis=dim, keepdims=keepdim))
        return spellings(
            tf.math.reduce_std(x, axis=dim, keepdims=keepdim), keras.ops.std(x, axis=dim, keepdims=keepdim)
        )

    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], unbiased=[Absent, False], keepdim=[Absent, True]) + cases(
        x=floats(2, 3), dim=None, unbiased=[Absent, False]
    )


class StandardDeviationCorrected(Reduction):
    """The standard deviation with `correction`, the number that PyTorch subtracts from n."""

    def in_torch(x: Tensor, dim: Axes, correction: Int, keepdim: Flag = False):
        return spellings(
            torch.std(x, dim=dim, correction=correction, keepdim=keepdim),
            x.std(dim=dim, correction=correction, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, dim: Axes, correction: Int, keepdim: Flag = False):
        if correction == 0:
            return tf.math.reduce_std(x, axis=dim, keepdims=keepdim)
        return general(tf.sqrt(variance(x, axis=dim, correction=correction, keepdims=keepdim)))

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], correction=[0, 1], keepdim=[Absent, True])


class VarianceAndMean(Reduction):
    """Variance and mean, in this order; `tf.nn.moments` gives the mean first and divides by n."""

    result = ("variance", "mean")

    def in_torch(x: Tensor, dim: Axes, unbiased: Flag = True, keepdim: Flag = False):
        return torch.var_mean(x, dim=dim, unbiased=unbiased, keepdim=keepdim)

    def in_tensorflow(x: Tensor, dim: Axes, unbiased: Flag = True, keepdim: Flag = False):
        if unbiased:
            return parts(
                variance=variance(x, axis=dim, keepdims=keepdim),
                mean=tf.reduce_mean(x, axis=dim, keepdims=keepdim),
            )
        return parts(
            variance=tf.math.reduce_variance(x, axis=dim, keepdims=keepdim),
            mean=tf.reduce_mean(x, axis=dim, keepdims=keepdim),
        )

    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], unbiased=[Absent, False], keepdim=[Absent, True])


class DeviationAndMean(Reduction):
    """Standard deviation and mean, in this order."""

    result = ("deviation", "mean")

    def in_torch(x: Tensor, dim: Axes, unbiased: Flag = True, keepdim: Flag = False):
        return torch.std_mean(x, dim=dim, unbiased=unbiased, keepdim=keepdim)

    def in_tensorflow(x: Tensor, dim: Axes, unbiased: Flag = True, keepdim: Flag = False):
        if unbiased:
            return parts(
                deviation=tf.sqrt(variance(x, axis=dim, keepdims=keepdim)),
                mean=tf.reduce_mean(x, axis=dim, keepdims=keepdim),
            )
        return parts(
            deviation=tf.math.reduce_std(x, axis=dim, keepdims=keepdim),
            mean=tf.reduce_mean(x, axis=dim, keepdims=keepdim),
        )

    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], unbiased=[Absent, False], keepdim=[Absent, True])


class Moments(Reduction):
    """Mean and variance, divided by n; PyTorch gives them in the other order and divides by n - 1."""

    result = ("mean", "variance")

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return parts(
            mean=torch.mean(x, dim=dim, keepdim=keepdim),
            variance=torch.var(x, dim=dim, unbiased=False, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(tf.nn.moments(x, axes=dim, keepdims=keepdim), keras.ops.moments(x, axes=dim, keepdims=keepdim))

    samples = cases(x=floats(2, 3, 4), dim=[(0,), (0, 2)], keepdim=[Absent, True])


class Product(Reduction):
    """The product of all elements."""

    def in_torch(x: Tensor):
        return spellings(torch.prod(x), x.prod())

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_prod(x), keras.ops.prod(x))

    samples = cases(x=[drawn(2, 3), ints(3, low=1)])
    differs = cases(x=int32s(4, low=1), because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class ProductAlong(Reduction):
    """The product over one axis; PyTorch takes one axis, not several."""

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.prod(x, dim=dim, keepdim=keepdim), x.prod(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(tf.reduce_prod(x, axis=dim, keepdims=keepdim), keras.ops.prod(x, axis=dim, keepdims=keepdim))

    samples = cases(x=drawn(2, 3, 4), dim=[0, -1], keepdim=[Absent, True])
    differs = cases(x=int32s(4, 2, low=1), dim=0, because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class AnyTrue(Reduction):
    """Whether any element is true. TensorFlow takes booleans only."""

    dtype = "bool"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.any(x, dim=dim, keepdim=keepdim), x.any(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if is_integer(x):
            return tf.reduce_any(tf.cast(x, tf.bool), axis=dim, keepdims=keepdim)
        return spellings(tf.reduce_any(x, axis=dim, keepdims=keepdim), keras.ops.any(x, axis=dim, keepdims=keepdim))

    samples = cases(x=[bools(2, 3, 4), ints(2, 3, 4, high=2)], dim=[0, -1, (0, 2)], keepdim=[Absent, True]) + cases(
        x=bools(2, 2)
    )


class AllTrue(Reduction):
    """Whether all elements are true. TensorFlow takes booleans only."""

    dtype = "bool"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.all(x, dim=dim, keepdim=keepdim), x.all(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if is_integer(x):
            return tf.reduce_all(tf.cast(x, tf.bool), axis=dim, keepdims=keepdim)
        return spellings(tf.reduce_all(x, axis=dim, keepdims=keepdim), keras.ops.all(x, axis=dim, keepdims=keepdim))

    samples = cases(x=[bools(2, 3, 4), ints(2, 3, 4, high=2)], dim=[0, -1, (0, 2)], keepdim=[Absent, True]) + cases(
        x=bools(2, 2)
    )


class CountNonzero(Reduction):
    """How many elements are not zero."""

    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, dim: Axes = Absent):
        return spellings(torch.count_nonzero(x, dim=dim), x.count_nonzero(dim=dim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return tf.math.count_nonzero(x, axis=dim)

    samples = cases(x=[ints(2, 3, 4, high=3)], dim=[Absent, 1, (0, 2)])


class LogSumExp(Reduction):
    """log(sum(exp(x))) without overflow, over one axis or several."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.logsumexp(x, dim=dim, keepdim=keepdim), x.logsumexp(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(
            tf.reduce_logsumexp(x, axis=dim, keepdims=keepdim), keras.ops.logsumexp(x, axis=dim, keepdims=keepdim)
        )

    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2)], keepdim=[Absent, True])


class LogSumExpOfAll(Equivalence):
    """log(sum(exp(x))) of all elements, for which PyTorch wants an axis."""

    def in_torch(x: Tensor):
        return spellings(torch.logsumexp(x.flatten(), 0), x.flatten().logsumexp(0), torch.logsumexp(x.view(-1), 0))

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_logsumexp(x), keras.ops.logsumexp(x))

    def rank(x):
        return 0

    samples = cases(x=floats(2, 3))


class EuclideanNorm(Reduction):
    """The square root of the sum of squares, of all elements or along axes."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim), x.norm(dim=dim, keepdim=keepdim),
            torch.norm(x, dim=dim, keepdim=keepdim), x.norm(p=2, dim=dim, keepdim=keepdim),
            torch.norm(x, p=2, dim=dim, keepdim=keepdim), torch.linalg.norm(x, dim=dim, keepdim=keepdim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if keepdim:
            return spellings(tf.norm(x, axis=dim, keepdims=True), tf.linalg.norm(x, axis=dim, keepdims=True))
        return spellings(tf.norm(x, axis=dim), tf.linalg.norm(x, axis=dim), keras.ops.norm(x, axis=dim))

    samples = cases(x=floats(2, 3), dim=[-1, 0, (0, 1)], keepdim=[Absent, True]) + cases(x=floats(2, 3))


class VectorNorm(Reduction):
    """The p-norm of all elements or along one axis. In TensorFlow two axes would mean a matrix norm."""

    def in_torch(x: Tensor, p: Number, dim: Axis = Absent, keepdim: Flag = False):
        return spellings(
            torch.linalg.vector_norm(x, ord=p, dim=dim, keepdim=keepdim), x.norm(p=p, dim=dim, keepdim=keepdim),
            torch.norm(x, p=p, dim=dim, keepdim=keepdim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, p: Number, dim: Axis = Absent, keepdim: Flag = False):
        if keepdim:
            return spellings(
                tf.norm(x, ord=p, axis=dim, keepdims=True), tf.linalg.norm(x, ord=p, axis=dim, keepdims=True)
            )
        return spellings(tf.norm(x, ord=p, axis=dim), tf.linalg.norm(x, ord=p, axis=dim))

    samples = cases(x=floats(2, 3), p=[1, 2, 3], dim=[-1, 0], keepdim=[Absent, True]) + cases(x=floats(2, 3), p=1)


class MatrixNorm(Equivalence):
    """A norm of matrices. `tf.norm` without axes flattens: its 2-norm is not the spectral norm."""

    def in_torch(x: Tensor, ord: Any = "fro", keepdim: Flag = False):
        return torch.linalg.matrix_norm(x, ord=ord, keepdim=keepdim)

    def in_tensorflow(x: Tensor, ord: Any = "fro", keepdim: Flag = False):
        if keepdim:
            return tf.norm(x, ord=ord, axis=(-2, -1), keepdims=True)
        return spellings(tf.norm(x, ord=ord, axis=(-2, -1)), tf.linalg.norm(x, ord=ord, axis=(-2, -1)))

    samples = cases(x=floats(2, 3, 4), ord=[Absent, "fro", 1, 2], keepdim=[Absent, True])
