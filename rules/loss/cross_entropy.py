"""Cross-entropies of classes."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def cross_entropy(logits, target, ignore_index=-100):
    """Mean cross-entropy of classes on axis 1 (the last for a single sample), without targets equal to ``ignore_index``."""
    logits, counted = keras.ops.moveaxis(logits, min(1, len(logits.shape) - 1), -1), tf.not_equal(target, ignore_index)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.where(counted, target, 0), logits)
    return tf.reduce_sum(tf.where(counted, losses, 0.0)) / tf.reduce_sum(tf.cast(counted, losses.dtype))


@helper
def cross_entropies(logits, target, ignore_index=-100):
    """Cross-entropy of each target, classes on axis 1 (the last for a single sample); 0 where it is ``ignore_index``."""
    logits, counted = keras.ops.moveaxis(logits, min(1, len(logits.shape) - 1), -1), tf.not_equal(target, ignore_index)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.where(counted, target, 0), logits)
    return tf.where(counted, losses, 0.0)


@helper
def weighted_cross_entropy(logits, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Cross-entropy of classes on axis 1 with a weight for each class and smoothed targets, as PyTorch defines it."""
    if len(logits.shape) > 2:
        logits = keras.ops.moveaxis(logits, 1, -1)
    weight = tf.ones(tf.shape(logits)[-1:], logits.dtype) if weight is None else weight
    counted = tf.not_equal(target, ignore_index)
    share = tf.where(counted, tf.gather(weight, tf.where(counted, target, 0)), 0.0)
    losses = share * tf.nn.sparse_softmax_cross_entropy_with_logits(tf.where(counted, target, 0), logits)
    if label_smoothing:
        others = -tf.reduce_mean(weight * tf.nn.log_softmax(logits), axis=-1)
        losses = (1 - label_smoothing) * losses + label_smoothing * tf.where(counted, others, 0.0)
    if reduction == "none":
        return losses
    return tf.reduce_sum(losses) / (tf.reduce_sum(share) if reduction == "mean" else 1.0)


@helper
def nll_loss(log_probs, target, ignore_index=-100, reduction="mean"):
    """Minus the log-probabilities of the targets, classes on axis 1; targets equal to ``ignore_index`` do not count."""
    if len(log_probs.shape) > 2:
        log_probs = keras.ops.moveaxis(log_probs, 1, -1)
    counted = tf.not_equal(target, ignore_index)
    picked = tf.gather(log_probs, tf.where(counted, target, 0), batch_dims=len(target.shape))
    losses = tf.where(counted, -picked, 0.0)
    if reduction == "none":
        return losses
    total = tf.reduce_sum(losses)
    return total / tf.reduce_sum(tf.cast(counted, losses.dtype)) if reduction == "mean" else total


class CrossEntropyLoss(LayerEquivalence):
    """Softmax cross-entropy of class numbers. Keras takes the targets first, and skips no target unless told to."""

    ranks = "classes"

    call_order = (1, 0)

    def in_torch(weight: Tensor = Absent, ignore: Int = -100, reduction: Str = "mean", smoothing: Float = 0.0):
        return nn.CrossEntropyLoss(weight=weight, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing)

    def in_tensorflow(weight=Absent, ignore=-100, reduction="mean", smoothing=0.0):
        if given(weight) or smoothing != 0:
            return lambda target, logits: weighted_cross_entropy(
                logits, target, weight=weight, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing
            )
        if reduction == "mean":
            return spellings(
                keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=ignore),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            )
        if reduction == "sum":
            return spellings(
                keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=ignore, reduction="sum"),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum"),
            )
        if reduction == "none":
            return spellings(
                keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=ignore, reduction="none"),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none"),
            )
        return refuse("the reduction must be known")

    samples = (
        cases(ignore=[-100, 2], reduction=["mean", "sum", "none"], call=(floats(6, 5), ints(6, high=5)))
        + cases(smoothing=0.1, ignore=2, reduction=["mean", "sum", "none"], call=(floats(6, 5), ints(6, high=5)))
        + cases(weight=drawn(5), smoothing=[0.0, 0.1], call=(floats(6, 5), ints(6, high=5)))
    )


class CrossEntropyLossOfAnyRank(LayerEquivalence):
    """Softmax cross-entropy of class numbers with the classes on axis 1, as for the pixels of images."""

    one_way = "torch"
    inputs = 2

    def in_torch(weight: Tensor = Absent, ignore: Int = -100, reduction: Str = "mean", smoothing: Float = 0.0):
        return nn.CrossEntropyLoss(weight=weight, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing)

    def in_tensorflow(weight=Absent, ignore=-100, reduction="mean", smoothing=0.0):
        if not given(weight) and smoothing == 0 and reduction == "mean":
            return lambda logits, target: cross_entropy(logits, target, ignore_index=ignore)
        return lambda logits, target: weighted_cross_entropy(
            logits, target, weight=weight, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing
        )

    samples = cases(
        ignore=[-100, 2], reduction=["mean", "none"], call=(floats(2, 5, 3, 4), ints(2, 3, 4, high=5))
    ) + cases(weight=drawn(5), smoothing=[0.0, 0.1], call=(floats(2, 5, 3, 4), ints(2, 3, 4, high=5)))


class CrossEntropy(Equivalence):
    """Softmax cross-entropy of class numbers, classes on axis 1. TensorFlow wants them on the last and skips no target."""

    one_way = "torch"
    dtype = "logits"

    def in_torch(logits: Tensor, target: Tensor, ignore: Int = -100, reduction: Str = "mean", smoothing: Float = 0.0):
        return F.cross_entropy(logits, target, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing)

    def in_tensorflow(
        logits: Tensor, target: Tensor, ignore: Int = -100, reduction: Str = "mean", smoothing: Float = 0.0
    ):
        if known_floating(target):
            return refuse("the targets are probabilities")
        if smoothing == 0 and reduction == "mean":
            return cross_entropy(logits, target, ignore_index=ignore)
        if smoothing == 0 and reduction == "sum":
            return tf.reduce_sum(cross_entropies(logits, target, ignore_index=ignore))
        if smoothing == 0 and reduction == "none":
            return cross_entropies(logits, target, ignore_index=ignore)
        return general(
            weighted_cross_entropy(logits, target, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing)
        )

    def rank(logits, target, ignore, reduction, smoothing):
        if reduction == "none":
            return rank(target)
        return 0

    samples = (
        cases(logits=floats(6, 5), target=ints(6, high=5), ignore=[Absent, 2], reduction=["mean", "sum", "none"])
        + cases(logits=floats(2, 5, 3, 4), target=ints(2, 3, 4, high=5), reduction=["mean", "none"])
        + cases(
            logits=floats(6, 5), target=ints(6, high=5), ignore=[Absent, 2], smoothing=0.1, reduction=["mean", "sum"]
        )
    )


class WeightedCrossEntropy(Equivalence):
    """Softmax cross-entropy with a weight for each class, which TensorFlow does not have."""

    gradient = False
    dtype = "logits"

    def in_torch(
        logits: Tensor, target: Tensor, weight: Tensor, ignore: Int = -100, reduction: Str = "mean",
        smoothing: Float = 0.0,
    ):  # fmt: skip
        return F.cross_entropy(
            logits, target, weight=weight, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing
        )

    def in_tensorflow(
        logits: Tensor, target: Tensor, weight: Tensor, ignore: Int = -100, reduction: Str = "mean",
        smoothing: Float = 0.0,
    ):  # fmt: skip
        if known_floating(target):
            return refuse("the targets are probabilities")
        return weighted_cross_entropy(
            logits, target, weight=weight, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing
        )

    def rank(logits, target, weight, ignore, reduction, smoothing):
        if reduction == "none":
            return rank(target)
        return 0

    samples = cases(
        logits=floats(6, 5), target=ints(6, high=5), weight=drawn(5), ignore=[Absent, 2], smoothing=[0.0, 0.1],
        reduction=["mean", "sum", "none"],
    ) + cases(logits=floats(2, 5, 3), target=ints(2, 3, high=5), weight=drawn(5))  # fmt: skip


class NllLoss(Equivalence):
    """Minus the log-probability of each target, classes on axis 1, for which TensorFlow has no function."""

    dtype = "log_probs"

    def in_torch(log_probs: Tensor, target: Tensor, ignore: Int = -100, reduction: Str = "mean"):
        return F.nll_loss(log_probs, target, ignore_index=ignore, reduction=reduction)

    def in_tensorflow(log_probs: Tensor, target: Tensor, ignore: Int = -100, reduction: Str = "mean"):
        if ignore == -100 and reduction == "mean":
            return nll_loss(log_probs, target)
        if ignore == -100:
            return nll_loss(log_probs, target, reduction=reduction)
        return general(nll_loss(log_probs, target, ignore_index=ignore, reduction=reduction))

    def rank(log_probs, target, ignore, reduction):
        if reduction == "none":
            return rank(target)
        return 0

    samples = cases(
        log_probs=floats(6, 5), target=ints(6, high=5), ignore=[Absent, 2], reduction=["mean", "sum", "none"]
    ) + cases(log_probs=floats(2, 5, 3, 4), target=ints(2, 3, 4, high=5))


class NLLLoss(LayerEquivalence):
    """The object of minus the log-probability of each target, for which Keras has no class."""

    one_way = "torch"
    call_order = (1, 0)

    def in_torch(ignore: Int = -100, reduction: Str = "mean"):
        return nn.NLLLoss(ignore_index=ignore, reduction=reduction)

    def in_tensorflow(ignore: Int = -100, reduction: Str = "mean"):
        if ignore == -100 and reduction == "mean":
            return lambda target, log_probs: nll_loss(log_probs, target)
        return general(lambda target, log_probs: nll_loss(log_probs, target, ignore_index=ignore, reduction=reduction))

    samples = cases(ignore=[-100, 2], reduction=["mean", "sum", "none"], call=(floats(6, 5), ints(6, high=5)))


class SparseSoftmaxCrossEntropy(Equivalence):
    """Softmax cross-entropy of each sample, classes on the last axis; PyTorch wants them on axis 1, and 64-bit targets."""

    one_way = "tensorflow"
    dtype = "logits"

    def in_torch(target: Tensor, logits: Tensor):
        if rank(logits) == 2:
            return F.cross_entropy(logits, target.long(), reduction="none")
        return general(F.cross_entropy(logits.movedim(-1, 1), target.long(), reduction="none"))

    def in_tensorflow(target: Tensor, logits: Tensor):
        return spellings(
            tf.nn.sparse_softmax_cross_entropy_with_logits(target, logits),
            keras.losses.sparse_categorical_crossentropy(target, logits, from_logits=True),
        )

    def rank(target, logits):
        return rank(target)

    samples = cases(target=[ints(6, high=5), int32s(6, high=5)], logits=floats(6, 5)) + cases(
        target=ints(2, 3, high=5), logits=floats(2, 3, 5)
    )


class SparseCategoricalCrossentropyOfProbabilities(Equivalence):
    """Cross-entropy of each sample from probabilities, which Keras keeps away from 0 and 1."""

    one_way = "tensorflow"
    dtype = "probs"

    def in_torch(target: Tensor, probs: Tensor):
        return F.cross_entropy(torch.log(probs.clamp(1e-7, 1 - 1e-7)).movedim(-1, 1), target.long(), reduction="none")

    def in_tensorflow(target: Tensor, probs: Tensor):
        return keras.losses.sparse_categorical_crossentropy(target, probs)

    def rank(target, probs):
        return rank(target)

    samples = cases(target=ints(6, high=5), probs=drawn(6, 5)) + cases(target=ints(2, 3, high=5), probs=drawn(2, 3, 5))


class SparseCategoricalCrossentropyObject(LayerEquivalence):
    """Keras' cross-entropy from probabilities (a model that ends in softmax); it takes the targets first."""

    one_way = "tensorflow"
    call_order = (1, 0)

    def in_torch(reduction: Str = "sum_over_batch_size"):
        if reduction == "sum_over_batch_size":
            return lambda probs, target: F.cross_entropy(torch.log(probs.clamp(1e-7, 1 - 1e-7)), target)
        if reduction == "sum":
            return lambda probs, target: F.cross_entropy(
                torch.log(probs.clamp(1e-7, 1 - 1e-7)), target, reduction="sum"
            )
        if reduction == "none":
            return lambda probs, target: F.cross_entropy(
                torch.log(probs.clamp(1e-7, 1 - 1e-7)), target, reduction="none"
            )
        return refuse("PyTorch has no such reduction")

    def in_tensorflow(reduction: Str = "sum_over_batch_size"):
        return keras.losses.SparseCategoricalCrossentropy(reduction=reduction)

    samples = cases(reduction=[Absent, "sum", "none"], call=(drawn(6, 5), ints(6, high=5)))


class CategoricalCrossentropyLogitsObject(LayerEquivalence):
    """Keras' cross-entropy of one-hot targets from logits. Its gradient takes for granted that the targets sum to 1."""

    gradient = False
    one_way = "tensorflow"
    call_order = (1, 0)

    def in_torch(reduction: Str = "sum_over_batch_size", smoothing: Float = 0.0):
        if reduction == "sum_over_batch_size":
            return nn.CrossEntropyLoss(label_smoothing=smoothing)
        if reduction in ("sum", "none"):
            return nn.CrossEntropyLoss(reduction=reduction, label_smoothing=smoothing)
        return refuse("PyTorch has no such reduction")

    def in_tensorflow(reduction: Str = "sum_over_batch_size", smoothing: Float = 0.0):
        return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=reduction)

    samples = cases(reduction=[Absent, "sum", "none"], smoothing=[0.0, 0.1], call=(floats(6, 5), drawn(6, 5)))


class CategoricalCrossentropyObject(LayerEquivalence):
    """Keras' cross-entropy of one-hot targets from probabilities, which it divides by their sum."""

    one_way = "tensorflow"
    call_order = (1, 0)

    def in_torch():
        return lambda probs, target: (
            -((target * torch.log((probs / probs.sum(-1, keepdim=True)).clamp(1e-7, 1 - 1e-7))).sum(-1).mean())
        )

    def in_tensorflow():
        return keras.losses.CategoricalCrossentropy()

    samples = cases(call=(drawn(6, 5), drawn(6, 5)))


class SoftmaxCrossEntropy(Equivalence):
    """Softmax cross-entropy with one-hot targets, classes last. Its gradient takes for granted that the targets sum to 1."""

    gradient = False
    one_way = "tensorflow"
    dtype = "logits"

    def in_torch(target: Tensor, logits: Tensor):
        return -(target * F.log_softmax(logits, dim=-1)).sum(-1)

    def in_tensorflow(target: Tensor, logits: Tensor):
        return spellings(
            tf.nn.softmax_cross_entropy_with_logits(target, logits),
            keras.losses.categorical_crossentropy(target, logits, from_logits=True),
        )

    def rank(target, logits):
        return rank(logits) - 1

    samples = cases(target=drawn(6, 5), logits=floats(6, 5))
