"""Variance and standard deviation."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def variance(x, axis=None, correction=1, keepdims=False):
    """The variance, with `correction` subtracted from the number of elements that it divides by."""
    v = tf.math.reduce_variance(x, axis=axis, keepdims=keepdims)
    n = tf.cast(tf.size(x) // tf.size(v), x.dtype)
    return v * n / tf.maximum(n - correction, 0)


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


class VarianceOfAll(Reduction):
    """The variance of all elements, with nothing said but what it divides by."""

    def in_torch(x: Tensor, unbiased: Flag):
        return spellings(torch.var(x, unbiased), x.var(unbiased), torch.var(x, unbiased=unbiased))

    def in_tensorflow(x: Tensor, unbiased: Flag):
        if unbiased:
            return variance(x)
        return tf.math.reduce_variance(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3), unbiased=[True, False])


class VarianceCorrected(Reduction):
    """The variance with `correction`, the number that PyTorch subtracts from n: 1 by default, 0 as in TensorFlow."""

    def in_torch(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.var(x, dim=dim, correction=correction, keepdim=keepdim),
            x.var(dim=dim, correction=correction, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        if correction == 0:
            return tf.math.reduce_variance(x, axis=dim, keepdims=keepdim)
        return general(variance(x, axis=dim, correction=correction, keepdims=keepdim))

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], correction=[0, 1.5], keepdim=[Absent, True])


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


class StandardDeviationOfAll(Reduction):
    """The standard deviation of all elements, with nothing said but what it divides by."""

    def in_torch(x: Tensor, unbiased: Flag):
        return spellings(torch.std(x, unbiased), x.std(unbiased), torch.std(x, unbiased=unbiased))

    def in_tensorflow(x: Tensor, unbiased: Flag):
        if unbiased:
            return tf.sqrt(variance(x))
        return tf.math.reduce_std(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3), unbiased=[True, False])


class StandardDeviationCorrected(Reduction):
    """The standard deviation with `correction`, the number that PyTorch subtracts from n: 1 by default, 0 as in TensorFlow."""

    def in_torch(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.std(x, dim=dim, correction=correction, keepdim=keepdim),
            x.std(dim=dim, correction=correction, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        if correction == 0:
            return tf.math.reduce_std(x, axis=dim, keepdims=keepdim)
        return general(tf.sqrt(variance(x, axis=dim, correction=correction, keepdims=keepdim)))

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], correction=[0, 1.5], keepdim=[Absent, True])
