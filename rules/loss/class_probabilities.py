"""Cross-entropies with a weight for each class, of class numbers or of probabilities of classes."""

import keras
import tensorflow as tf
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def soft_cross_entropy(logits, target, weight=None, reduction="mean", label_smoothing=0.0):
    """Cross-entropy of probabilities of classes on axis 1 (the last for a single sample)."""
    logits, target = (keras.ops.moveaxis(x, min(1, x.shape.rank - 1), -1) for x in (logits, target))
    target = target * (1 - label_smoothing) + label_smoothing / tf.cast(tf.shape(target)[-1], target.dtype)
    target = target if weight is None else target * weight
    losses = -tf.reduce_sum(target * tf.nn.log_softmax(logits), axis=-1)
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


@helper
def linear_cross_entropy(
    x, linear, target, bias=None, weight=None, reduction="mean", ignore_index=None, label_smoothing=0.0
):
    """Cross-entropy of the logits that a linear layer makes."""
    logits = tf.tensordot(x, linear, [[-1], [-1]])
    logits = logits if bias is None else logits + bias
    if target.shape.rank == logits.shape.rank:
        return soft_cross_entropy(logits, target, weight, reduction, label_smoothing)
    ignore_index = -100 if ignore_index is None else ignore_index
    return weighted_cross_entropy(logits, target, weight, ignore_index, reduction, label_smoothing)


@helper
def weighted_nll_loss(log_probs, target, weight, ignore_index=-100, reduction="mean"):
    """Minus the log-probabilities of the targets, classes on axis 1, each with the weight of its class."""
    log_probs = keras.ops.moveaxis(log_probs, min(1, log_probs.shape.rank - 1), -1)
    counted = tf.not_equal(target, ignore_index)
    target = tf.where(counted, target, 0)
    share = tf.where(counted, tf.gather(weight, target), 0.0)
    losses = -share * tf.gather(log_probs, target, batch_dims=target.shape.rank)
    if reduction == "none":
        return losses
    return tf.reduce_sum(losses) / (tf.reduce_sum(share) if reduction == "mean" else 1.0)


class SoftCrossEntropy(Equivalence):
    """Softmax cross-entropy of probabilities of classes, which stand on axis 1."""

    one_way = "torch"
    dtype = "logits"

    def in_torch(
        logits: Tensor, target: Tensor, weight: Tensor = Absent, reduction: Str = "mean", smoothing: Float = 0.0
    ):
        return F.cross_entropy(logits, target, weight=weight, reduction=reduction, label_smoothing=smoothing)

    def in_tensorflow(
        logits: Tensor, target: Tensor, weight: Tensor = Absent, reduction: Str = "mean", smoothing: Float = 0.0
    ):
        if known_floating(target):
            return soft_cross_entropy(logits, target, weight=weight, reduction=reduction, label_smoothing=smoothing)
        return refuse("the targets are class numbers")

    def rank(logits, target, weight, reduction, smoothing):
        if reduction == "none":
            return rank(logits) - 1
        return 0

    samples = cases(logits=floats(2, 5, 3), target=drawn(2, 5, 3), reduction=["mean", "sum", "none"]) + cases(
        logits=floats(6, 5), target=drawn(6, 5), weight=[Absent, drawn(5)], smoothing=[0.0, 0.1]
    )


class LinearCrossEntropy(Equivalence):
    """Softmax cross-entropy of the logits that a linear layer makes."""

    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor, linear: Tensor, target: Tensor, bias: Tensor = Absent, weight: Tensor = Absent,
        reduction: Str = "mean", ignore: Int = Absent, smoothing: Float = 0.0,
    ):  # fmt: skip
        return F.linear_cross_entropy(
            x, linear, target, linear_bias=bias, weight=weight, reduction=reduction, ignore_index=ignore,
            label_smoothing=smoothing,
        )  # fmt: skip

    def in_tensorflow(
        x: Tensor, linear: Tensor, target: Tensor, bias: Tensor = Absent, weight: Tensor = Absent,
        reduction: Str = "mean", ignore: Int = Absent, smoothing: Float = 0.0,
    ):  # fmt: skip
        return linear_cross_entropy(
            x, linear, target, bias=bias, weight=weight, reduction=reduction, ignore_index=ignore,
            label_smoothing=smoothing,
        )  # fmt: skip

    def rank(x, linear, target, bias, weight, reduction, ignore, smoothing):
        if reduction in ("mean", "sum"):
            return 0
        return rank(target)

    samples = cases(
        x=floats(6, 4), linear=floats(5, 4), target=ints(6, high=5), bias=[Absent, floats(5)], ignore=[Absent, 2],
        reduction=["mean", "sum"],
    ) + cases(x=floats(6, 4), linear=floats(5, 4), target=drawn(6, 5), smoothing=[0.0, 0.1])  # fmt: skip


class WeightedNllLoss(Equivalence):
    """Minus the log-probability of each target with a weight for each class, classes on axis 1."""

    one_way = "torch"
    gradient = False  # PyTorch does not differentiate weights
    dtype = "log_probs"

    def in_torch(log_probs: Tensor, target: Tensor, weight: Tensor, ignore: Int = -100, reduction: Str = "mean"):
        return F.nll_loss(log_probs, target, weight=weight, ignore_index=ignore, reduction=reduction)

    def in_tensorflow(log_probs: Tensor, target: Tensor, weight: Tensor, ignore: Int = -100, reduction: Str = "mean"):
        return weighted_nll_loss(log_probs, target, weight, ignore_index=ignore, reduction=reduction)

    def rank(log_probs, target, weight, ignore, reduction):
        if reduction == "none":
            return rank(target)
        return 0

    samples = cases(
        log_probs=floats(6, 5), target=ints(6, high=5), weight=drawn(5), ignore=[Absent, 2],
        reduction=["mean", "sum", "none"],
    ) + cases(log_probs=floats(2, 5, 3), target=ints(2, 3, high=5), weight=drawn(5))  # fmt: skip
