"""Keras' losses that PyTorch has not, or computes otherwise. Keras takes the target first, and averages over the last axis."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class MeanOf(nn.Module):
    """The mean of a loss over the batch, called on target and prediction as Keras' losses are."""

    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def forward(self, target, prediction):
        return self.loss(target, prediction).mean()


@helper
def hinge(target, prediction):
    """The mean of what is missing to a margin of 1; targets of 0 and 1 count as -1 and 1."""
    signs = torch.where(((target == 0) | (target == 1)).all(), 2 * target - 1, target)
    return (1 - signs * prediction).clamp(min=0).mean(-1)


class HingeFunction(Equivalence):
    """The mean of what is missing to a margin of 1; targets of 0 and 1 count as -1 and 1."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return hinge(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.hinge(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=floats(4, 3), prediction=floats(4, 3))


class HingeLoss(LayerEquivalence):
    """The mean of what is missing to a margin of 1; targets of 0 and 1 count as -1 and 1."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(hinge)

    def in_tensorflow():
        return keras.losses.Hinge()

    samples = cases(call=(floats(4, 3), floats(4, 3)))


@helper
def squared_hinge(target, prediction):
    """The mean of the square of what is missing to a margin of 1; targets of 0 and 1 count as -1 and 1."""
    signs = torch.where(((target == 0) | (target == 1)).all(), 2 * target - 1, target)
    return (1 - signs * prediction).clamp(min=0).square().mean(-1)


class SquaredHingeFunction(Equivalence):
    """The mean of the square of what is missing to a margin of 1; targets of 0 and 1 count as -1 and 1."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return squared_hinge(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.squared_hinge(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=floats(4, 3), prediction=floats(4, 3))


class SquaredHingeLoss(LayerEquivalence):
    """The mean of the square of what is missing to a margin of 1; targets of 0 and 1 count as -1 and 1."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(squared_hinge)

    def in_tensorflow():
        return keras.losses.SquaredHinge()

    samples = cases(call=(floats(4, 3), floats(4, 3)))


@helper
def categorical_hinge(target, prediction):
    """What the score of the right class lacks to be 1 above the best of the others."""
    wrong = ((1 - target) * prediction).amax(-1)
    return (wrong - (target * prediction).sum(-1) + 1).clamp(min=0)


class CategoricalHingeFunction(Equivalence):
    """What the score of the right class lacks to be 1 above the best of the others."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return categorical_hinge(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.categorical_hinge(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=drawn(4, 3), prediction=drawn(4, 3))


class CategoricalHingeLoss(LayerEquivalence):
    """What the score of the right class lacks to be 1 above the best of the others."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(categorical_hinge)

    def in_tensorflow():
        return keras.losses.CategoricalHinge()

    samples = cases(call=(drawn(4, 3), drawn(4, 3)))


@helper
def kl_divergence(target, prediction):
    """The divergence of a distribution from another, both cut off at 1e-7."""
    target, prediction = target.clamp(1e-7, 1), prediction.clamp(1e-7, 1)
    return (target * (target / prediction).log()).sum(-1)


class KlDivergenceFunction(Equivalence):
    """The divergence of a distribution from another, both cut off at 1e-7."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return kl_divergence(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.kl_divergence(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=drawn(4, 3), prediction=drawn(4, 3))


class KlDivergenceLoss(LayerEquivalence):
    """The divergence of a distribution from another, both cut off at 1e-7."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(kl_divergence)

    def in_tensorflow():
        return keras.losses.KLDivergence()

    samples = cases(call=(drawn(4, 3), drawn(4, 3)))


@helper
def log_cosh(target, prediction):
    """The mean of the logarithm of the hyperbolic cosine of the error."""
    error = prediction - target
    return (error + F.softplus(-2 * error) - 0.6931471805599453).mean(-1)


class LogCoshFunction(Equivalence):
    """The mean of the logarithm of the hyperbolic cosine of the error."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return log_cosh(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.log_cosh(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=floats(4, 3), prediction=floats(4, 3))


class LogCoshLoss(LayerEquivalence):
    """The mean of the logarithm of the hyperbolic cosine of the error."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(log_cosh)

    def in_tensorflow():
        return keras.losses.LogCosh()

    samples = cases(call=(floats(4, 3), floats(4, 3)))


@helper
def poisson(target, prediction):
    """The mean of prediction - target * log(prediction)."""
    return (prediction - target * (prediction + 1e-7).log()).mean(-1)


class PoissonFunction(Equivalence):
    """The mean of prediction - target * log(prediction)."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return poisson(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.poisson(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=drawn(4, 3), prediction=drawn(4, 3))


class PoissonLoss(LayerEquivalence):
    """The mean of prediction - target * log(prediction)."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(poisson)

    def in_tensorflow():
        return keras.losses.Poisson()

    samples = cases(call=(drawn(4, 3), drawn(4, 3)))


@helper
def mean_absolute_percentage_error(target, prediction):
    """The mean of the errors in hundredths of the target."""
    return 100 * ((target - prediction) / target.abs().clamp(min=1e-7)).abs().mean(-1)


class MeanAbsolutePercentageErrorFunction(Equivalence):
    """The mean of the errors in hundredths of the target."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return mean_absolute_percentage_error(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.mean_absolute_percentage_error(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=drawn(4, 3), prediction=drawn(4, 3))


class MeanAbsolutePercentageErrorLoss(LayerEquivalence):
    """The mean of the errors in hundredths of the target."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(mean_absolute_percentage_error)

    def in_tensorflow():
        return keras.losses.MeanAbsolutePercentageError()

    samples = cases(call=(drawn(4, 3), drawn(4, 3)))


@helper
def mean_squared_logarithmic_error(target, prediction):
    """The mean of the squared errors of the logarithms."""
    first, second = prediction.clamp(min=1e-7) + 1, target.clamp(min=1e-7) + 1
    return (first.log() - second.log()).square().mean(-1)


class MeanSquaredLogarithmicErrorFunction(Equivalence):
    """The mean of the squared errors of the logarithms."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return mean_squared_logarithmic_error(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.mean_squared_logarithmic_error(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=drawn(4, 3), prediction=drawn(4, 3))


class MeanSquaredLogarithmicErrorLoss(LayerEquivalence):
    """The mean of the squared errors of the logarithms."""

    one_way = "tensorflow"
    inputs = 2

    def in_torch():
        return MeanOf(mean_squared_logarithmic_error)

    def in_tensorflow():
        return keras.losses.MeanSquaredLogarithmicError()

    samples = cases(call=(drawn(4, 3), drawn(4, 3)))


class CosineSimilarityFunctionOfKeras(Equivalence):
    """The cosine of the angle between two vectors, negated, so that it falls as they agree."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor, axis: Axis = -1):
        return -F.cosine_similarity(target, prediction, dim=axis, eps=1e-12)

    def in_tensorflow(target: Tensor, prediction: Tensor, axis: Axis = -1):
        return keras.losses.cosine_similarity(target, prediction, axis=axis)

    def rank(target, prediction, axis):
        return rank(prediction) - 1

    samples = cases(target=floats(4, 3), prediction=floats(4, 3), axis=[Absent, 0])


class HuberFunctionOfKeras(Equivalence):
    """The mean over the last axis of half the squared error, or of its absolute value where it is above delta."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor, delta: Float = 1.0):
        return F.huber_loss(prediction, target, reduction="none", delta=delta).mean(-1)

    def in_tensorflow(target: Tensor, prediction: Tensor, delta: Float = 1.0):
        return keras.losses.huber(target, prediction, delta=delta)

    def rank(target, prediction, delta):
        return rank(prediction) - 1

    samples = cases(target=floats(4, 3), prediction=floats(4, 3), delta=[Absent, 0.5])


@helper
def dice(target, prediction, axis=None):
    """One less twice the overlap of two masks over the sum of both."""
    axes = tuple(range(target.ndim)) if axis is None else axis
    overlap = (target * prediction).sum(axes)
    return 1 - (2 * overlap + 1e-7 - 1e-7) / (target.sum(axes) + prediction.sum(axes) + 1e-7)


class DiceFunction(Equivalence):
    """One less twice the overlap of two masks over the sum of both."""

    one_way = "tensorflow"
    dtype = "prediction"

    def in_torch(target: Tensor, prediction: Tensor):
        return dice(target, prediction)

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.losses.dice(target, prediction)

    def rank(target, prediction):
        return 0

    samples = cases(target=drawn(4, 3), prediction=drawn(4, 3))


class CategoricalAccuracyFunction(Equivalence):
    """1.0 where the largest score is that of the right class, for each sample; the target is one-hot."""

    one_way = "tensorflow"
    gradient = False
    dtype = "float32"

    def in_torch(target: Tensor, prediction: Tensor):
        return (target.argmax(-1) == prediction.argmax(-1)).float()

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.metrics.categorical_accuracy(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=drawn(5, 3), prediction=drawn(5, 3))


class SparseCategoricalAccuracyFunction(Equivalence):
    """1.0 where the largest score is that of the right class, for each sample."""

    one_way = "tensorflow"
    gradient = False
    dtype = "float32"

    def in_torch(target: Tensor, prediction: Tensor):
        return (target == prediction.argmax(-1)).float()

    def in_tensorflow(target: Tensor, prediction: Tensor):
        return keras.metrics.sparse_categorical_accuracy(target, prediction)

    def rank(target, prediction):
        return rank(prediction) - 1

    samples = cases(target=ints(5, high=3), prediction=drawn(5, 3))


class BinaryAccuracyFunction(Equivalence):
    """1.0 where a prediction is on the right side of a threshold, else 0.0."""

    one_way = "tensorflow"
    gradient = False
    dtype = "float32"

    def in_torch(target: Tensor, prediction: Tensor, threshold: Float = 0.5):
        return (target == (prediction > threshold).to(target.dtype)).float()

    def in_tensorflow(target: Tensor, prediction: Tensor, threshold: Float = 0.5):
        return keras.metrics.binary_accuracy(target, prediction, threshold=threshold)

    def rank(target, prediction, threshold):
        return rank(prediction)

    samples = cases(target=ints(5, 4, high=2), prediction=drawn(5, 4), threshold=[Absent, 0.3])
