"""Losses between numbers: squares, absolute values, probabilities."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


class MseLoss(Equivalence):
    """The mean (or sum) of the squared differences of all elements."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, y: Tensor, reduction: Str = "mean"):
        return F.mse_loss(x, y, reduction=reduction)

    def in_tensorflow(x: Tensor, y: Tensor, reduction: Str = "mean"):
        if reduction == "mean":
            return tf.reduce_mean(tf.square(x - y))
        if reduction == "sum":
            return tf.reduce_sum(tf.square(x - y))
        if reduction == "none":
            return tf.square(x - y)
        return refuse("the reduction must be known")

    def rank(x, y, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(2, 3), y=floats(2, 3), reduction=["mean", "sum", "none"])


class MSELoss(LayerEquivalence):
    """The object of the mean squared difference. Keras takes the targets first, and its "sum" adds up means."""

    unbatched = 0
    ranks = "same"
    call_order = (1, 0)

    def in_torch(reduction: Str = "mean"):
        return nn.MSELoss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        if reduction == "mean":
            return keras.losses.MeanSquaredError()
        if reduction == "sum":
            return lambda target, x: tf.reduce_sum(tf.square(x - target))
        if reduction == "none":
            return lambda target, x: tf.square(x - target)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], call=(floats(2, 3), floats(2, 3)))


class MeanSquaredError(LayerEquivalence):
    """Keras' squared difference with its own reductions: means over the last axis, added up or given one by one."""

    one_way = "tensorflow"
    ranks = "same"
    call_order = (1, 0)

    def in_torch(reduction: Str):
        if reduction == "sum":
            return lambda x, target: (x - target).square().mean(-1).sum()
        if reduction == "none":
            return lambda x, target: (x - target).square().mean(-1)
        return refuse("PyTorch has no such reduction")

    def in_tensorflow(reduction: Str):
        return keras.losses.MeanSquaredError(reduction=reduction)

    samples = cases(reduction=["sum", "none"], call=(floats(2, 3), floats(2, 3)))


class MeanSquaredErrorFunction(Equivalence):
    """Keras' mean of the squared differences over the last axis only."""

    one_way = "tensorflow"
    dtype = "x"

    def in_torch(target: Tensor, x: Tensor):
        return (x - target).square().mean(-1)

    def in_tensorflow(target: Tensor, x: Tensor):
        return keras.losses.mean_squared_error(target, x)

    def rank(target, x):
        return rank(x) - 1

    samples = cases(target=floats(2, 3), x=floats(2, 3))


class L1LossFunction(Equivalence):
    """The mean (or sum) of the absolute differences of all elements."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, y: Tensor, reduction: Str = "mean"):
        return F.l1_loss(x, y, reduction=reduction)

    def in_tensorflow(x: Tensor, y: Tensor, reduction: Str = "mean"):
        if reduction == "mean":
            return tf.reduce_mean(tf.abs(x - y))
        if reduction == "sum":
            return tf.reduce_sum(tf.abs(x - y))
        if reduction == "none":
            return tf.abs(x - y)
        return refuse("the reduction must be known")

    def rank(x, y, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(2, 3), y=floats(2, 3), reduction=["mean", "sum", "none"])


class L1Loss(LayerEquivalence):
    """The object of the mean absolute difference. Keras takes the targets first, and its "sum" adds up means."""

    unbatched = 0
    ranks = "same"
    call_order = (1, 0)

    def in_torch(reduction: Str = "mean"):
        return nn.L1Loss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        if reduction == "mean":
            return keras.losses.MeanAbsoluteError()
        if reduction == "sum":
            return lambda target, x: tf.reduce_sum(tf.abs(x - target))
        if reduction == "none":
            return lambda target, x: tf.abs(x - target)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], call=(floats(2, 3), floats(2, 3)))


class MeanAbsoluteErrorFunction(Equivalence):
    """Keras' mean of the absolute differences over the last axis only."""

    one_way = "tensorflow"
    dtype = "x"

    def in_torch(target: Tensor, x: Tensor):
        return (x - target).abs().mean(-1)

    def in_tensorflow(target: Tensor, x: Tensor):
        return keras.losses.mean_absolute_error(target, x)

    def rank(target, x):
        return rank(x) - 1

    samples = cases(target=floats(2, 3), x=floats(2, 3))


@helper
def huber(x, y, delta=1.0):
    """Half the squared difference where it is below ``delta``, a line beyond."""
    distance = tf.abs(x - y)
    return tf.where(distance < delta, 0.5 * tf.square(distance), delta * (distance - 0.5 * delta))


class HuberLossFunction(Equivalence):
    """Half the squared difference where it is below delta, a line beyond."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, y: Tensor, reduction: Str = "mean", delta: Float = 1.0):
        return F.huber_loss(x, y, reduction=reduction, delta=delta)

    def in_tensorflow(x: Tensor, y: Tensor, reduction: Str = "mean", delta: Float = 1.0):
        if reduction == "mean":
            return tf.reduce_mean(huber(x, y, delta=delta))
        if reduction == "sum":
            return tf.reduce_sum(huber(x, y, delta=delta))
        if reduction == "none":
            return huber(x, y, delta=delta)
        return refuse("the reduction must be known")

    def rank(x, y, reduction, delta):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(2, 3), y=floats(2, 3), reduction=["mean", "sum", "none"], delta=[Absent, 0.5])


class SmoothL1LossFunction(Equivalence):
    """The Huber loss divided by its threshold beta."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, y: Tensor, reduction: Str = "mean", beta: Float = 1.0):
        return F.smooth_l1_loss(x, y, reduction=reduction, beta=beta)

    def in_tensorflow(x: Tensor, y: Tensor, reduction: Str = "mean", beta: Float = 1.0):
        if beta == 0 and reduction == "mean":
            return tf.reduce_mean(tf.abs(x - y))
        if beta == 0 and reduction == "sum":
            return tf.reduce_sum(tf.abs(x - y))
        if beta == 0:
            return tf.abs(x - y)
        if beta == 1 and reduction == "mean":
            return tf.reduce_mean(huber(x, y))
        if reduction == "mean":
            return tf.reduce_mean(huber(x, y, delta=beta)) / beta
        if reduction == "sum":
            return tf.reduce_sum(huber(x, y, delta=beta)) / beta
        if reduction == "none":
            return huber(x, y, delta=beta) / beta
        return refuse("the reduction must be known")

    def rank(x, y, reduction, beta):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(2, 3), y=floats(2, 3), reduction=["mean", "sum", "none"], beta=[Absent, 0.5, 0])


class HuberLoss(LayerEquivalence):
    """The object of the Huber loss. Keras takes the targets first."""

    unbatched = 0
    ranks = "same"
    call_order = (1, 0)

    def in_torch(reduction: Str = "mean", delta: Float = 1.0):
        return nn.HuberLoss(reduction=reduction, delta=delta)

    def in_tensorflow(reduction: Str = "mean", delta: Float = 1.0):
        if reduction == "mean":
            return keras.losses.Huber(delta=delta)
        if reduction == "sum":
            return lambda target, x: tf.reduce_sum(huber(x, target, delta=delta))
        if reduction == "none":
            return lambda target, x: huber(x, target, delta=delta)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], delta=[1.0, 0.5], call=(floats(2, 3), floats(2, 3)))


class SmoothL1Loss(LayerEquivalence):
    """The object of the Huber loss divided by its threshold beta."""

    unbatched = 0
    one_way = "torch"
    call_order = (1, 0)

    def in_torch(reduction: Str = "mean", beta: Float = 1.0):
        return nn.SmoothL1Loss(reduction=reduction, beta=beta)

    def in_tensorflow(reduction: Str = "mean", beta: Float = 1.0):
        if beta == 1 and reduction == "mean":
            return keras.losses.Huber()
        if beta == 0:
            return refuse("with beta=0 this is nn.L1Loss: write that")
        if reduction == "mean":
            return lambda target, x: tf.reduce_mean(huber(x, target, delta=beta)) / beta
        if reduction == "sum":
            return lambda target, x: tf.reduce_sum(huber(x, target, delta=beta)) / beta
        if reduction == "none":
            return lambda target, x: huber(x, target, delta=beta) / beta
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], beta=[1.0, 0.5], call=(floats(2, 3), floats(2, 3)))


class KlDiv(Equivalence):
    """target * (log(target) - x), x being log-probabilities. PyTorch's "mean" divides by the number of elements."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, reduction: Str = "mean", log_target: Flag = False):
        return F.kl_div(x, target, reduction=reduction, log_target=log_target)

    def in_tensorflow(x: Tensor, target: Tensor, reduction: Str = "mean", log_target: Flag = False):
        if log_target and reduction == "mean":
            return tf.reduce_mean(tf.exp(target) * (target - x))
        if log_target and reduction == "sum":
            return tf.reduce_sum(tf.exp(target) * (target - x))
        if log_target and reduction == "batchmean":
            return tf.reduce_mean(tf.reduce_sum(tf.exp(target) * (target - x), axis=tuple(range(1, rank(x)))))
        if log_target and reduction == "none":
            return tf.exp(target) * (target - x)
        if reduction == "mean":
            return tf.reduce_mean(tf.math.xlogy(target, target) - target * x)
        if reduction == "sum":
            return tf.reduce_sum(tf.math.xlogy(target, target) - target * x)
        if reduction == "batchmean":
            return tf.reduce_mean(
                tf.reduce_sum(tf.math.xlogy(target, target) - target * x, axis=tuple(range(1, rank(x))))
            )
        if reduction == "none":
            return tf.math.xlogy(target, target) - target * x
        return refuse("the reduction must be known")

    def rank(x, target, reduction, log_target):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(
        x=floats(2, 3), target=drawn(2, 3), reduction=["mean", "sum", "batchmean", "none"], log_target=[False, True]
    )


class KLDivLoss(LayerEquivalence):
    """The object of target * (log(target) - x), x being log-probabilities."""

    unbatched = 0
    one_way = "torch"
    call_order = (1, 0)

    def in_torch(reduction: Str = "mean"):
        return nn.KLDivLoss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        if reduction == "mean":
            return lambda target, x: tf.reduce_mean(tf.math.xlogy(target, target) - target * x)
        if reduction == "sum":
            return lambda target, x: tf.reduce_sum(tf.math.xlogy(target, target) - target * x)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum"], call=(floats(2, 3), drawn(2, 3)))
