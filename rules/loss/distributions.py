"""Losses of distributions and of several labels, which TensorFlow does not have."""

import math

import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def reduce_losses(losses, reduction="mean"):
    """The mean of the losses, their sum, or the losses themselves."""
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


@helper
def gaussian_nll(x, target, variance, full=False, eps=1e-6):
    """Half the logarithm of the variance and the squared difference over it; no gradient where it is clamped."""
    if len(variance.shape) < len(x.shape) and tf.TensorShape(x.shape[:-1]).is_compatible_with(variance.shape):
        variance = variance[..., None]
    clamped = variance + tf.stop_gradient(tf.maximum(variance, eps) - variance)
    losses = 0.5 * (tf.math.log(clamped) + tf.square(x - target) / clamped)
    return losses + 0.5 * math.log(2 * math.pi) if full else losses


@helper
def poisson_nll(x, target, log_input=True, full=False, eps=1e-8):
    """The Poisson distribution's loss; ``full`` adds Stirling's approximation of the factorial."""
    losses = tf.exp(x) - target * x if log_input else x - target * tf.math.log(x + eps)
    stirling = target * tf.math.log(target) - target + 0.5 * tf.math.log(2 * math.pi * target)
    return losses + tf.where(target > 1, stirling, 0) if full else losses


class GaussianNLLFunction(Equivalence):
    """The negative logarithm of a normal distribution with given variances."""

    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor, target: Tensor, variance: Tensor, full: Flag = False, eps: Float = 1e-6, reduction: Str = "mean"
    ):
        return F.gaussian_nll_loss(x, target, variance, full=full, eps=eps, reduction=reduction)

    def in_tensorflow(
        x: Tensor, target: Tensor, variance: Tensor, full: Flag = False, eps: Float = 1e-6, reduction: Str = "mean"
    ):
        return reduce_losses(gaussian_nll(x, target, variance, full=full, eps=eps), reduction=reduction)

    def rank(x, target, variance, full, eps, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(
        x=floats(4, 3),
        target=floats(4, 3),
        variance=[drawn(4, 3), drawn(4, 1), drawn(4)],
        reduction=[Absent, "sum", "none"],
        full=[Absent, True],
    )


class GaussianNLLLoss(LayerEquivalence):
    """The negative logarithm of a normal distribution with given variances."""

    one_way = "torch"
    inputs = 3

    def in_torch(full: Flag = False, eps: Float = 1e-6, reduction: Str = "mean"):
        return nn.GaussianNLLLoss(full=full, eps=eps, reduction=reduction)

    def in_tensorflow(full: Flag = False, eps: Float = 1e-6, reduction: Str = "mean"):
        return lambda x, target, variance: reduce_losses(
            gaussian_nll(x, target, variance, full=full, eps=eps), reduction=reduction
        )

    samples = cases(
        reduction=[Absent, "sum", "none"],
        full=[Absent, True],
        call=[
            (floats(4, 3), floats(4, 3), drawn(4, 3)),
            (floats(4, 3), floats(4, 3), drawn(4, 1)),
            (floats(4, 3), floats(4, 3), drawn(4)),
        ],
    )


class PoissonNLLFunction(Equivalence):
    """The negative logarithm of a Poisson distribution."""

    one_way = "torch"
    promotes = "float"
    dtype = "x"

    def in_torch(
        x: Tensor,
        target: Tensor,
        log_input: Flag = True,
        full: Flag = False,
        eps: Float = 1e-8,
        reduction: Str = "mean",
    ):
        return F.poisson_nll_loss(x, target, log_input=log_input, full=full, eps=eps, reduction=reduction)

    def in_tensorflow(
        x: Tensor,
        target: Tensor,
        log_input: Flag = True,
        full: Flag = False,
        eps: Float = 1e-8,
        reduction: Str = "mean",
    ):
        return reduce_losses(poisson_nll(x, target, log_input=log_input, full=full, eps=eps), reduction=reduction)

    def rank(x, target, log_input, full, eps, reduction):
        if reduction == "none":
            return rank(x)
        return 0

    samples = cases(
        x=drawn(4, 3),
        target=drawn(4, 3),
        reduction=[Absent, "sum", "none"],
        log_input=[Absent, False],
        full=[Absent, True],
    )


class PoissonNLLLoss(LayerEquivalence):
    """The negative logarithm of a Poisson distribution."""

    one_way = "torch"
    inputs = 2

    def in_torch(log_input: Flag = True, full: Flag = False, eps: Float = 1e-8, reduction: Str = "mean"):
        return nn.PoissonNLLLoss(log_input=log_input, full=full, eps=eps, reduction=reduction)

    def in_tensorflow(log_input: Flag = True, full: Flag = False, eps: Float = 1e-8, reduction: Str = "mean"):
        return lambda x, target: reduce_losses(
            poisson_nll(x, target, log_input=log_input, full=full, eps=eps), reduction=reduction
        )

    samples = cases(
        reduction=[Absent, "sum", "none"],
        log_input=[Absent, False],
        full=[Absent, True],
        call=(drawn(4, 3), drawn(4, 3)),
    )


@helper
def multilabel_soft_margin(x, target, weight=None):
    """The mean over the classes of the binary cross-entropies of logits."""
    weight = 1.0 if weight is None else weight
    return tf.reduce_mean(weight * tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(target, x.dtype), x), axis=-1)


class MultiLabelSoftMarginFunction(Equivalence):
    """Binary cross-entropies of logits, averaged over the classes."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, target: Tensor, weight: Tensor = Absent, reduction: Str = "mean"):
        return F.multilabel_soft_margin_loss(x, target, weight=weight, reduction=reduction)

    def in_tensorflow(x: Tensor, target: Tensor, weight: Tensor = Absent, reduction: Str = "mean"):
        return reduce_losses(multilabel_soft_margin(x, target, weight=weight), reduction=reduction)

    def rank(x, target, weight, reduction):
        if reduction == "none":
            return rank(x) - 1
        return 0

    samples = cases(x=floats(4, 3), target=drawn(4, 3), weight=[Absent, drawn(3)], reduction=[Absent, "sum", "none"])


class MultiLabelSoftMarginLoss(LayerEquivalence):
    """Binary cross-entropies of logits, averaged over the classes."""

    one_way = "torch"
    inputs = 2

    def in_torch(weight: Tensor = Absent, reduction: Str = "mean"):
        return nn.MultiLabelSoftMarginLoss(weight=weight, reduction=reduction)

    def in_tensorflow(weight: Tensor = Absent, reduction: Str = "mean"):
        return lambda x, target: reduce_losses(multilabel_soft_margin(x, target, weight=weight), reduction=reduction)

    samples = cases(weight=[Absent, drawn(3)], reduction=[Absent, "sum", "none"], call=(floats(4, 3), drawn(4, 3)))
