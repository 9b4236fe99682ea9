"""Cross-entropies of yes-or-no probabilities."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def clipped_cross_entropy(target, probability, eps=1e-7):
    """Cross-entropy of each element by itself, of probabilities that are kept from 0 and 1 as Keras keeps them."""
    kept = probability.clamp(eps, 1 - eps)
    return -(target * torch.log(kept + eps) + (1 - target) * torch.log(1 - kept + eps))


@helper
def binary_cross_entropy(p, target):
    """Cross-entropy of each probability; logarithms stop at -100, as PyTorch's do."""
    yes, no = (
        tf.math.log(tf.where(q > 0, q, 1.0)) + tf.where(q > 0, 0.0, tf.cast(-100.0, q.dtype)) for q in (p, 1 - p)
    )
    return -target * tf.maximum(yes, -100.0) - (1 - target) * tf.maximum(no, -100.0)


class BinaryCrossEntropy(Equivalence):
    """Cross-entropy of probabilities. PyTorch stops the logarithm at -100, Keras keeps the probability off 0 and 1."""

    one_way = "torch"
    dtype = "p"

    def in_torch(p: Tensor, target: Tensor, reduction: Str = "mean"):
        return F.binary_cross_entropy(p, target, reduction=reduction)

    def in_tensorflow(p: Tensor, target: Tensor, reduction: Str = "mean"):
        if reduction == "mean":
            return tf.reduce_mean(binary_cross_entropy(p, target))
        if reduction == "sum":
            return tf.reduce_sum(binary_cross_entropy(p, target))
        if reduction == "none":
            return binary_cross_entropy(p, target)
        return refuse("the reduction must be known")

    def rank(p, target, reduction):
        if reduction == "none":
            return rank(p)
        return 0

    samples = cases(p=drawn(2, 3), target=drawn(2, 3), reduction=["mean", "sum", "none"])


class BCELoss(LayerEquivalence):
    """The object of the cross-entropy of probabilities. PyTorch stops the logarithm at -100."""

    one_way = "torch"
    call_order = (1, 0)

    def in_torch(reduction: Str = "mean"):
        return nn.BCELoss(reduction=reduction)

    def in_tensorflow(reduction: Str = "mean"):
        if reduction == "mean":
            return lambda target, p: tf.reduce_mean(binary_cross_entropy(p, target))
        if reduction == "sum":
            return lambda target, p: tf.reduce_sum(binary_cross_entropy(p, target))
        if reduction == "none":
            return lambda target, p: binary_cross_entropy(p, target)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], call=(drawn(2, 3), drawn(2, 3)))


class BCELossWeighted(LayerEquivalence):
    """The object of the cross-entropy of probabilities, with weights."""

    one_way = "torch"
    inputs = 2

    def in_torch(weight: Tensor, reduction: Str = "mean"):
        return nn.BCELoss(weight=weight, reduction=reduction)

    def in_tensorflow(weight: Tensor, reduction: Str = "mean"):
        if reduction == "mean":
            return lambda p, target: tf.reduce_mean(weight * binary_cross_entropy(p, target))
        if reduction == "sum":
            return lambda p, target: tf.reduce_sum(weight * binary_cross_entropy(p, target))
        if reduction == "none":
            return lambda p, target: weight * binary_cross_entropy(p, target)
        return refuse("the reduction must be known")

    samples = cases(weight=drawn(3), reduction=["mean", "sum", "none"], call=(drawn(2, 3), drawn(2, 3)))


class BinaryCrossentropyObject(LayerEquivalence):
    """Keras' cross-entropy of probabilities, which it keeps 1e-7 away from 0 and 1."""

    one_way = "tensorflow"
    call_order = (1, 0)

    def in_torch():
        return lambda p, target: F.binary_cross_entropy(p.clamp(1e-7, 1 - 1e-7), target)

    def in_tensorflow():
        return keras.losses.BinaryCrossentropy()

    samples = cases(call=(drawn(2, 3), drawn(2, 3)))


class BinaryCrossentropyFunction(Equivalence):
    """Keras' mean over the last axis of the cross-entropy of probabilities, kept 1e-7 away from 0 and 1."""

    one_way = "tensorflow"
    dtype = "p"

    def in_torch(target: Tensor, p: Tensor):
        return F.binary_cross_entropy(p.clamp(1e-7, 1 - 1e-7), target, reduction="none").mean(-1)

    def in_tensorflow(target: Tensor, p: Tensor):
        return keras.losses.binary_crossentropy(target, p)

    def rank(target, p):
        return rank(p) - 1

    samples = cases(target=drawn(2, 3), p=drawn(2, 3))


class BCEWithLogitsLoss(LayerEquivalence):
    """The object of the cross-entropy of logits. Keras takes the targets first, and probabilities unless told otherwise."""

    call_order = (1, 0)

    def in_torch(positive: Tensor = Absent, reduction: Str = "mean"):
        return nn.BCEWithLogitsLoss(pos_weight=positive, reduction=reduction)

    def in_tensorflow(positive: Tensor = Absent, reduction: Str = "mean"):
        if given(positive) and reduction == "mean":
            return lambda target, x: tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(target, x, positive))
        if given(positive):
            return refuse("with pos_weight only the mean is converted")
        if reduction == "mean":
            return keras.losses.BinaryCrossentropy(from_logits=True)
        if reduction == "sum":
            return lambda target, x: tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(target, x))
        if reduction == "none":
            return lambda target, x: tf.nn.sigmoid_cross_entropy_with_logits(target, x)
        return refuse("the reduction must be known")

    samples = cases(reduction=["mean", "sum", "none"], call=(floats(2, 3), drawn(2, 3))) + cases(
        positive=drawn(3), call=(floats(2, 3), drawn(2, 3))
    )


class BinaryCrossEntropyWithLogits(Equivalence):
    """The mean or sum of the cross-entropy of logits."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, reduction: Str = "mean"):
        return F.binary_cross_entropy_with_logits(x, target, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, reduction: Str = "mean"):
        if reduction == "mean":
            return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target, x))
        if reduction == "sum":
            return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(target, x))
        if reduction == "none":
            return tf.nn.sigmoid_cross_entropy_with_logits(target, x)
        return refuse("the reduction must be known")

    def rank(x, target, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(2, 3), target=drawn(2, 3), reduction=["mean", "sum", "none"])


class WeightedBinaryCrossEntropy(Equivalence):
    """The cross-entropy of logits with a weight for the positive answers."""

    one_way = "torch"
    gradient = False
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, positive: Tensor, reduction: Str = "mean"):
        return F.binary_cross_entropy_with_logits(x, target, pos_weight=positive, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, positive: Tensor, reduction: Str = "mean"):
        if reduction == "mean":
            return tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(target, x, positive))
        if reduction == "sum":
            return tf.reduce_sum(tf.nn.weighted_cross_entropy_with_logits(target, x, positive))
        if reduction == "none":
            return tf.nn.weighted_cross_entropy_with_logits(target, x, positive)
        return refuse("the reduction must be known")

    def rank(x, target, positive, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(x=floats(2, 3), target=drawn(2, 3), reduction=["mean", "sum", "none"], positive=drawn(3))


class SigmoidCrossEntropy(Equivalence):
    """The cross-entropy of each logit."""

    one_way = "tensorflow"
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor):
        return F.binary_cross_entropy_with_logits(x, target, reduction="none")

    def in_tensorflow(x: Tensor, target: Tensor):
        return tf.nn.sigmoid_cross_entropy_with_logits(target, x)

    def rank(x, target):
        return rank(x)

    samples = cases(x=floats(2, 3), target=drawn(2, 3))


class BinaryCrossentropyLogitsFunction(Equivalence):
    """Keras' mean over the last axis of the cross-entropy of logits."""

    one_way = "tensorflow"
    dtype = "x"

    def in_torch(target: Tensor, x: Tensor):
        return F.binary_cross_entropy_with_logits(x, target, reduction="none").mean(-1)

    def in_tensorflow(target: Tensor, x: Tensor):
        return keras.losses.binary_crossentropy(target, x, from_logits=True)

    def rank(target, x):
        return rank(x) - 1

    samples = cases(target=drawn(2, 3), x=floats(2, 3))
