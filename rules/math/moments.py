"""Variance or standard deviation with the mean."""

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


class VarianceAndMean(Reduction):
    """Variance and mean, in this order; `tf.nn.moments` gives the mean first and divides by n."""

    result = ("variance", "mean")

    def in_torch(x: Tensor, dim: Axes = Absent, unbiased: Flag = True, keepdim: Flag = False):
        return torch.var_mean(x, dim=dim, unbiased=unbiased, keepdim=keepdim)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, unbiased: Flag = True, keepdim: Flag = False):
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


class VarianceAndMeanOfAll(Reduction):
    """Variance and mean of all elements, with nothing said but what the variance is divided by."""

    result = ("variance", "mean")

    def in_torch(x: Tensor, unbiased: Flag):
        return torch.var_mean(x, unbiased)

    def in_tensorflow(x: Tensor, unbiased: Flag):
        if unbiased:
            return parts(variance=variance(x), mean=tf.reduce_mean(x))
        return parts(variance=tf.math.reduce_variance(x), mean=tf.reduce_mean(x))

    one_way = "torch"
    samples = cases(x=floats(2, 3), unbiased=[True, False])


class VarianceAndMeanCorrected(Reduction):
    """Variance and mean, with `correction`, the number that PyTorch subtracts from n."""

    result = ("variance", "mean")

    def in_torch(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        return torch.var_mean(x, dim=dim, correction=correction, keepdim=keepdim)

    def in_tensorflow(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        return parts(
            variance=variance(x, axis=dim, correction=correction, keepdims=keepdim),
            mean=tf.reduce_mean(x, axis=dim, keepdims=keepdim),
        )

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], correction=[0, 1.5], keepdim=[Absent, True])


class DeviationAndMean(Reduction):
    """Standard deviation and mean, in this order."""

    result = ("deviation", "mean")

    def in_torch(x: Tensor, dim: Axes = Absent, unbiased: Flag = True, keepdim: Flag = False):
        return torch.std_mean(x, dim=dim, unbiased=unbiased, keepdim=keepdim)

    def in_tensorflow(x: Tensor, dim: Axes = Absent, unbiased: Flag = True, keepdim: Flag = False):
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


class DeviationAndMeanOfAll(Reduction):
    """Standard deviation and mean of all elements, with nothing said but what the variance is divided by."""

    result = ("deviation", "mean")

    def in_torch(x: Tensor, unbiased: Flag):
        return torch.std_mean(x, unbiased)

    def in_tensorflow(x: Tensor, unbiased: Flag):
        if unbiased:
            return parts(deviation=tf.sqrt(variance(x)), mean=tf.reduce_mean(x))
        return parts(deviation=tf.math.reduce_std(x), mean=tf.reduce_mean(x))

    one_way = "torch"
    samples = cases(x=floats(2, 3), unbiased=[True, False])


class DeviationAndMeanCorrected(Reduction):
    """Standard deviation and mean, with `correction`, the number that PyTorch subtracts from n."""

    result = ("deviation", "mean")

    def in_torch(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        return torch.std_mean(x, dim=dim, correction=correction, keepdim=keepdim)

    def in_tensorflow(x: Tensor, correction: Number, dim: Axes = Absent, keepdim: Flag = False):
        return parts(
            deviation=tf.sqrt(variance(x, axis=dim, correction=correction, keepdims=keepdim)),
            mean=tf.reduce_mean(x, axis=dim, keepdims=keepdim),
        )

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[-1, (0, 2)], correction=[0, 1.5], keepdim=[Absent, True])


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
