"""Metrics that accumulate over batches, as Keras' do; PyTorch has none of its own."""

import torch

from diptych.catalog.language import *


@helper
class Mean:
    """The mean of all values so far. The first axis counts samples; sample weights weigh them."""

    def __init__(self, name="mean"):
        self.name = name
        self.reset_state()

    def __call__(self, *args, **options):
        self.update_state(*args, **options)
        return self.result()

    def reset_state(self):
        self.total = self.count = 0.0

    def update_state(self, values, sample_weight=None):
        values = torch.as_tensor(values).detach().double()
        weights = torch.ones(values.shape[:1]) if sample_weight is None else torch.as_tensor(sample_weight).detach()
        if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
            weights = weights.squeeze(-1)
        if values.ndim == weights.ndim + 1 and values.shape[-1] == 1:
            values = values.squeeze(-1)
        if values.ndim > weights.ndim:
            values = values.flatten(weights.ndim).mean(-1)
        weights = weights.to(values).expand(values.shape)
        values = values * weights
        if values.ndim > 1:
            values, weights = values.flatten(1).mean(1), weights.flatten(1).mean(1)
        self.total += values.sum().item()
        self.count += weights.sum().item()

    def result(self):
        return torch.tensor(self.total / self.count if self.count else 0.0)


@helper
class Sum(Mean):
    """The sum of all values so far."""

    def update_state(self, values, sample_weight=None):
        weights = 1.0 if sample_weight is None else torch.as_tensor(sample_weight).detach().double()
        self.total += (torch.as_tensor(values).detach().double() * weights).sum().item()

    def result(self):
        return torch.tensor(self.total)


@helper
def matched(target, prediction):
    """The target in the prediction's dtype and, but for an axis of length 1 at its end, in its shape."""
    target = torch.as_tensor(target).to(prediction)
    if target.ndim == prediction.ndim - 1 and prediction.shape[-1] == 1:
        return target.unsqueeze(-1)
    if target.ndim == prediction.ndim + 1 and target.shape[-1] == 1:
        return target.squeeze(-1)
    return target


@helper
class MeanMetric(Mean):
    """The mean of a function over all samples so far, of targets brought to the predictions' shape or ``as_given``."""

    def __init__(self, function, name, as_given=False):
        super().__init__(name)
        self.function, self.as_given = function, as_given

    def update_state(self, target, prediction, sample_weight=None):
        prediction = torch.as_tensor(prediction).detach()
        if not self.as_given:
            prediction = prediction if prediction.is_floating_point() else prediction.float()
            target = matched(target, prediction)
        super().update_state(self.function(torch.as_tensor(target), prediction), sample_weight)


@helper
class RootMeanSquaredError(Mean):
    """The root of the mean squared error over all samples so far."""

    def update_state(self, target, prediction, sample_weight=None):
        prediction = torch.as_tensor(prediction).detach().float()
        super().update_state((prediction - matched(target, prediction)).square(), sample_weight)

    def result(self):
        return super().result().sqrt()


@helper
def equal_values(target, prediction):
    """1 where the two are equal, else 0."""
    return (target == prediction).float()


@helper
def binary_accuracy(target, prediction, threshold=0.5):
    """1 where what is above the threshold is 1, else 0."""
    return (target == (prediction > threshold)).float()


@helper
def sparse_categorical_accuracy(target, prediction):
    """1 where the largest score is that of the class whose number the target is, else 0."""
    target = target.squeeze(-1) if target.ndim == prediction.ndim else target
    return (target == prediction.argmax(-1)).float()


@helper
def categorical_accuracy(target, prediction):
    """1 where the largest score is that of the class for which the target is largest, else 0."""
    return (target.argmax(-1) == prediction.argmax(-1)).float()


@helper
def accuracy(target, prediction):
    """One of three accuracies, by the shapes: of a single score, of numbers of classes, of one-hot classes."""
    if prediction.ndim > 1 and prediction.shape[-1] == 1:
        return binary_accuracy(target, prediction)
    if target.ndim < prediction.ndim or target.shape[-1] == 1:
        return sparse_categorical_accuracy(target, prediction)
    return categorical_accuracy(target, prediction)
