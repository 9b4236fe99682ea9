"""Loss objects with weights, and those that work on any number of axes."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
def weighted_nll(log_probs, target, weight, ignore_index=-100, reduction="mean"):
    """Minus the log-probabilities of the targets, classes on axis 1, times a weight for each class."""
    if len(log_probs.shape) > 2:
        log_probs = keras.ops.moveaxis(log_probs, 1, -1)
    counted = tf.not_equal(target, ignore_index)
    target = tf.where(counted, target, 0)
    share = tf.gather(weight, target) * tf.cast(counted, weight.dtype)
    losses = -share * tf.gather(log_probs, target, batch_dims=len(target.shape))
    if reduction == "none":
        return losses
    return tf.reduce_sum(losses) / (tf.reduce_sum(share) if reduction == "mean" else 1.0)


class NLLLossWeighted(LayerEquivalence):
    """Minus the log-probability of each target with a weight for each class."""

    one_way = "torch"
    inputs = 2

    def in_torch(weight: Tensor, ignore: Int = -100, reduction: Str = "mean"):
        return nn.NLLLoss(weight=weight, ignore_index=ignore, reduction=reduction)

    def in_tensorflow(weight: Tensor, ignore: Int = -100, reduction: Str = "mean"):
        return lambda log_probs, target: weighted_nll(
            log_probs, target, weight, ignore_index=ignore, reduction=reduction
        )

    samples = cases(
        weight=drawn(5), ignore=[-100, 2], reduction=["mean", "sum", "none"],
        call=[(floats(6, 5), ints(6, high=5)), (floats(2, 5, 3), ints(2, 3, high=5))],
    )  # fmt: skip


@helper
def weighted_bce(x, target, weight=None, positive=None, reduction="mean"):
    """Cross-entropy of logits, with weights and weights of what is true."""
    losses = tf.nn.weighted_cross_entropy_with_logits(target, x, 1.0 if positive is None else positive)
    losses = losses if weight is None else losses * weight
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


class BCEWithLogitsLossWeighted(LayerEquivalence):
    """Cross-entropy of logits with weights."""

    one_way = "torch"
    inputs = 2

    def in_torch(weight: Tensor = Absent, positive: Tensor = Absent, reduction: Str = "mean"):
        return nn.BCEWithLogitsLoss(weight=weight, pos_weight=positive, reduction=reduction)

    def in_tensorflow(weight: Tensor = Absent, positive: Tensor = Absent, reduction: Str = "mean"):
        if not given(weight) and not given(positive):
            return refuse("Keras has this as a class of its own")
        return lambda x, target: weighted_bce(x, target, weight=weight, positive=positive, reduction=reduction)

    samples = cases(weight=drawn(3), positive=[Absent, drawn(3)], reduction=["mean", "sum", "none"],
                    call=(floats(2, 3), drawn(2, 3))) + cases(
        positive=drawn(3), reduction=["sum", "none"], call=(floats(2, 3), drawn(2, 3))
    )  # fmt: skip


@helper
def kl_div(x, target, log_target=False, reduction="mean"):
    """The target times (log(target) - x), x being log-probabilities."""
    losses = tf.exp(target) * (target - x) if log_target else tf.math.xlogy(target, target) - target * x
    if reduction == "batchmean":
        return tf.reduce_sum(losses) / tf.cast(tf.concat([tf.shape(x), [1]], 0)[0], x.dtype)
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


class KLDivLossOfAnyKind(LayerEquivalence):
    """The object of target * (log(target) - x), with targets that may be logarithms too."""

    one_way = "torch"
    inputs = 2

    def in_torch(reduction: Str = "mean", log_target: Flag = False):
        return nn.KLDivLoss(reduction=reduction, log_target=log_target)

    def in_tensorflow(reduction: Str = "mean", log_target: Flag = False):
        if not log_target and reduction in ("mean", "sum"):
            return refuse("it is written without a helper")
        return lambda x, target: kl_div(x, target, log_target=log_target, reduction=reduction)

    samples = cases(
        reduction=["mean", "sum", "batchmean", "none"], log_target=True, call=(floats(2, 3), drawn(2, 3))
    ) + cases(reduction=["batchmean", "none"], call=(floats(2, 3), drawn(2, 3)))


class MSELossOfAnyRank(LayerEquivalence):
    """The mean squared difference of numbers, or of tensors that are broadcast."""

    one_way = "torch"
    inputs = 2

    def in_torch(reduction: Str = "mean"):
        return nn.MSELoss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        if reduction == "mean":
            return lambda x, target: tf.reduce_mean(tf.square(x - target))
        if reduction == "sum":
            return lambda x, target: tf.reduce_sum(tf.square(x - target))
        if reduction == "none":
            return lambda x, target: tf.square(x - target)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], call=[(floats(), floats()), (floats(2, 3), floats(3))])


class L1LossOfAnyRank(LayerEquivalence):
    """The mean absolute difference of numbers, or of tensors that are broadcast."""

    one_way = "torch"
    inputs = 2

    def in_torch(reduction: Str = "mean"):
        return nn.L1Loss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        if reduction == "mean":
            return lambda x, target: tf.reduce_mean(tf.abs(x - target))
        if reduction == "sum":
            return lambda x, target: tf.reduce_sum(tf.abs(x - target))
        if reduction == "none":
            return lambda x, target: tf.abs(x - target)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], call=[(floats(), floats()), (floats(2, 3), floats(3))])


@helper
def smooth_l1(x, target, beta=1.0, reduction="mean"):
    """Half the squared difference over beta where that is below beta, a line beyond."""
    apart = tf.abs(x - target)
    losses = tf.where(apart < beta, 0.5 * tf.square(apart) / (beta or 1.0), apart - 0.5 * beta)
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


class SmoothL1LossOfAnyRank(LayerEquivalence):
    """The Huber loss divided by its threshold, of numbers, or of tensors that are broadcast."""

    one_way = "torch"
    inputs = 2

    def in_torch(reduction: Str = "mean", beta: Float = 1.0):
        return nn.SmoothL1Loss(reduction=reduction, beta=beta)

    def in_tensorflow(reduction: Str = "mean", beta: Float = 1.0):
        return lambda x, target: smooth_l1(x, target, beta=beta, reduction=reduction)

    samples = cases(
        reduction=["mean", "sum", "none"], beta=[1.0, 0], call=[(floats(), floats()), (floats(2, 3), floats(3))]
    )
