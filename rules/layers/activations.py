"""Keras' activations that PyTorch has no name for."""

import keras
import tensorflow as tf
import torch
from torch import nn

from diptych.catalog.language import *


@helper
class Lambda(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@helper
class KerasReLU(nn.Module):
    """x from ``threshold`` to ``max_value``, below it ``slope`` times what is missing."""

    def __init__(self, max_value=float("inf"), slope=0.0, threshold=0.0):
        super().__init__()
        self.max_value, self.slope, self.threshold = max_value, slope, threshold

    def forward(self, x):
        below = self.slope * (x - self.threshold)
        return torch.where(x >= self.threshold, x.clamp(max=self.max_value), below)


class ReLULayerOfKeras(LayerEquivalence, Elementwise):
    """Keras' rectifier with an upper bound, a slope below, or another threshold than zero."""

    one_way = "tensorflow"

    def in_torch(max_value: Float = Absent, slope: Float = 0.0, threshold: Float = 0.0):
        if threshold == 0 and not given(max_value) and slope == 0:
            return nn.ReLU()
        if threshold == 0 and not given(max_value):
            return nn.LeakyReLU(slope)
        return KerasReLU(max_value=max_value, slope=slope, threshold=threshold)

    def in_tensorflow(max_value: Float = Absent, slope: Float = 0.0, threshold: Float = 0.0):
        return keras.layers.ReLU(max_value=max_value, negative_slope=slope, threshold=threshold)

    samples = cases(slope=[Absent, 0.1], call=floats(4, 5)) + cases(
        max_value=[Absent, 1.5], slope=[Absent, 0.2], threshold=[0.5], call=floats(4, 5)
    )


@helper
class KerasPReLU(nn.modules.lazy.LazyModuleMixin, nn.Module):
    """x above zero, a learnt multiple of it below: a slope for each element, but one for all along shared axes."""

    def __init__(self, shared_axes=()):
        super().__init__()
        self.shared_axes = shared_axes or ()
        self.weight = nn.UninitializedParameter()

    def initialize_parameters(self, x):
        if self.has_uninitialized_params():
            self.weight.materialize([n for n in self.shape(x) if n > 1] or [1])
            nn.init.zeros_(self.weight)

    def shape(self, x):
        return [1 if axis in self.shared_axes else n for axis, n in enumerate(x.shape) if axis]

    def forward(self, x):
        return x.clamp(min=0) + self.weight.view(self.shape(x)) * x.clamp(max=0)


class PReLUOfKeras(LayerEquivalence):
    """x above zero, a learnt multiple of it below. Keras learns a slope for each element, PyTorch one for all."""

    one_way = "tensorflow"
    dtype = "call"
    weights = {"weight": at("alpha")}

    def in_torch(shared: Axes = Absent):
        return KerasPReLU(shared_axes=shared)

    def in_tensorflow(shared: Axes = Absent):
        return keras.layers.PReLU(shared_axes=shared)

    samples = cases(call=[floats(2, 5), floats(2, 5, 4)])


class PReLUWithInitialiser(LayerEquivalence):
    """Keras' learnt slopes with other first values than zeros."""

    one_way = "tensorflow"

    def in_torch(initial: Any):
        return refuse("slopes that start elsewhere than at zero: carry the weights over and leave the initialiser out")

    def in_tensorflow(initial: Any):
        return keras.layers.PReLU(alpha_initializer=initial)

    samples = cases(initial="ones", call=floats(2, 5))


class ExponentialFunction(Elementwise):
    """e to the power of x, as Keras' activation."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.exp(x)

    def in_tensorflow(x: Tensor):
        return keras.activations.exponential(x)

    samples = cases(x=floats(3, 4))


class LinearFunctionOfKeras(View):
    """x itself, as Keras' activation."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return x.view_as(x)

    def in_tensorflow(x: Tensor):
        return keras.activations.linear(x)

    def rank(x):
        return rank(x)

    samples = cases(x=floats(3, 4))


class ExponentialLayer(LayerEquivalence, Elementwise):
    """e to the power of x, as a layer."""

    one_way = "tensorflow"

    def in_torch():
        return Lambda(torch.exp)

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("exponential"),
            keras.layers.Activation(keras.activations.exponential),
            keras.layers.Activation(tf.exp),
        )

    samples = cases(call=floats(2, 3))


class Squareplus(Elementwise):
    """A smooth rectifier: half of x plus the root of x squared and b."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, b: Number = 4):
        return (x + (x * x + b).sqrt()) / 2

    def in_tensorflow(x: Tensor, b: Number = 4):
        return spellings(keras.activations.squareplus(x, b=b), keras.ops.squareplus(x, b=b))

    samples = cases(x=floats(3, 4), b=[Absent, 2])


class SparsePlus(Elementwise):
    """0 below -1, x above 1, a parabola between them."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.where(x <= -1, 0.0 * x, torch.where(x < 1, (x + 1) ** 2 / 4, x))

    def in_tensorflow(x: Tensor):
        return spellings(keras.activations.sparse_plus(x), keras.ops.sparse_plus(x))

    samples = cases(x=floats(5, 4))


class SparseSigmoid(Elementwise):
    """0 below -1, 1 above 1, a line between them."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.clamp((x + 1) / 2, 0, 1)

    def in_tensorflow(x: Tensor):
        return spellings(keras.activations.sparse_sigmoid(x), keras.ops.sparse_sigmoid(x))

    samples = cases(x=floats(5, 4))


@helper
def sparsemax(x, axis=-1):
    """Like softmax, but with zeros; with more than one number above them, Keras' result sums to less than 1."""
    ordered = x.sort(dim=axis, descending=True).values
    places = torch.arange(1, x.shape[axis] + 1, dtype=x.dtype, device=x.device)
    places = places.view([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
    sums = ordered.cumsum(axis)
    inside = ordered - (sums - 1) / places > 0
    n = inside.sum(axis, keepdim=True)
    return (x - (torch.where(inside, sums, 0.0).sum(axis, keepdim=True) - 1) / n).clamp(min=0)


class Sparsemax(Equivalence):
    """Like softmax along an axis, but with zeros, as Keras computes it."""

    one_way = "tensorflow"
    axes = ("axis",)

    def in_torch(x: Tensor, axis: Axis = -1):
        return sparsemax(x, axis=axis)

    def in_tensorflow(x: Tensor, axis: Axis = -1):
        return spellings(keras.activations.sparsemax(x, axis=axis), keras.ops.sparsemax(x, axis=axis))

    samples = cases(x=floats(3, 4), axis=[Absent, 0])
