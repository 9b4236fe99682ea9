"""Keras' normalisations over other axes than PyTorch's, or with a scale and no offset, an offset and no scale."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def materialize(parameter, value):
    """Give a lazy parameter its shape and its first values."""
    if nn.parameter.is_lazy(parameter):
        parameter.materialize(value.shape)
        with torch.no_grad():
            parameter.copy_(value)


@helper
class KerasBatchNorm(nn.modules.lazy.LazyModuleMixin, nn.Module):
    """Batch normalisation along one axis that keeps the biased variance of the batches, as Keras does."""

    def __init__(self, axis=1, momentum=0.01, eps=1e-3, weight=True, bias=True):
        super().__init__()
        self.axis, self.momentum, self.eps = axis, momentum, eps
        self.register_parameter("weight", nn.UninitializedParameter() if weight else None)
        self.register_parameter("bias", nn.UninitializedParameter() if bias else None)
        self.register_buffer("running_mean", nn.parameter.UninitializedBuffer())
        self.register_buffer("running_var", nn.parameter.UninitializedBuffer())

    def initialize_parameters(self, x):
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            kept = getattr(self, name)
            if nn.parameter.is_lazy(kept):
                kept.materialize((x.shape[self.axis],))
                kept.data.fill_(value)

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            axes = [axis for axis in range(x.ndim) if axis != self.axis % x.ndim]
            mean, var = x.mean(axes), x.var(axes, correction=0)
            self.running_mean = torch.lerp(self.running_mean, mean.detach(), self.momentum)
            self.running_var = torch.lerp(self.running_var, var.detach(), self.momentum)
        x = (x.movedim(self.axis, -1) - mean) * (var + self.eps).rsqrt()
        x = x if self.weight is None else x * self.weight
        x = x if self.bias is None else x + self.bias
        return x.movedim(-1, self.axis)


class BatchNormalizationAlongAxis(LayerEquivalence):
    """Keras' batch normalisation along another axis than the last, or with only one of scale and offset."""

    one_way = "tensorflow"
    dtype = "call"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip

    def in_torch(axis: Axis = -1, eps: Float = 1e-3, momentum: Float = 0.01, scale: Flag = True, center: Flag = True):
        return KerasBatchNorm(axis=axis, momentum=momentum, eps=eps, weight=scale, bias=center)

    def in_tensorflow(
        axis: Axis = -1, eps: Float = 1e-3, momentum: Float = 0.01, scale: Flag = True, center: Flag = True
    ):
        return keras.layers.BatchNormalization(
            axis=axis, momentum=1 - momentum, epsilon=eps, scale=scale, center=center
        )

    samples = cases(axis=1, momentum=[0.01, 0.2], call=[floats(4, 3), floats(4, 3, 5), floats(4, 3, 5, 6)]) + cases(
        axis=[1, -1], scale=[True, False], center=[True, False], eps=1e-5, call=floats(4, 3, 5, 6)
    )


class BatchNormalizationOfVolumes(LayerEquivalence):
    """Keras' batch normalisation of volumes."""

    one_way = "tensorflow"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(eps: Float = 1e-3, momentum: Float = 0.01, scale: Flag = True, center: Flag = True):
        return KerasBatchNorm(momentum=momentum, eps=eps, weight=scale, bias=center)

    def in_tensorflow(eps: Float = 1e-3, momentum: Float = 0.01, scale: Flag = True, center: Flag = True):
        return keras.layers.BatchNormalization(momentum=1 - momentum, epsilon=eps, scale=scale, center=center)

    samples = cases(scale=[True, False], center=[True, False], call=floats(2, 3, 4, 5, 6))


@helper
class KerasLayerNorm(nn.modules.lazy.LazyModuleMixin, nn.Module):
    """Normalisation over some axes, with a learnt scale or offset for each of their elements."""

    def __init__(self, axis=-1, eps=1e-3, weight=True, bias=True):
        super().__init__()
        self.axes, self.eps = axis if isinstance(axis, (tuple, list)) else [axis], eps
        self.register_parameter("weight", nn.UninitializedParameter() if weight else None)
        self.register_parameter("bias", nn.UninitializedParameter() if bias else None)

    def initialize_parameters(self, x):
        for kept, value in ((self.weight, 1.0), (self.bias, 0.0)):
            if nn.parameter.is_lazy(kept):
                kept.materialize([x.shape[axis] for axis in self.axes])
                nn.init.constant_(kept, value)

    def forward(self, x):
        axes = [axis % x.ndim for axis in self.axes]
        shape = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]
        x = (x - x.mean(axes, keepdim=True)) * (x.var(axes, correction=0, keepdim=True) + self.eps).rsqrt()
        x = x if self.weight is None else x * self.weight.view(shape)
        return x if self.bias is None else x + self.bias.view(shape)


class LayerNormalizationOverAxes(LayerEquivalence):
    """Keras' layer normalisation over other axes than the last, or with an offset and no scale."""

    one_way = "tensorflow"
    dtype = "call"
    weights = {"weight": at("gamma"), "bias": at("beta")}

    def in_torch(axis: Axes = -1, eps: Float = 1e-3, scale: Flag = True, center: Flag = True):
        return KerasLayerNorm(axis=axis, eps=eps, weight=scale, bias=center)

    def in_tensorflow(axis: Axes = -1, eps: Float = 1e-3, scale: Flag = True, center: Flag = True):
        return keras.layers.LayerNormalization(axis=axis, epsilon=eps, scale=scale, center=center)

    samples = cases(axis=[1, (1, 2), (2, 3)], eps=[1e-3, 1e-5], call=floats(2, 3, 4, 5)) + cases(
        axis=[-1, 1], scale=[True, False], center=[True, False], call=floats(2, 3, 4)
    )


class GroupNormalizationOfSequences(LayerEquivalence):
    """Keras' normalisation of sequences over groups of channels, with scale and offset or neither."""

    one_way = "tensorflow"
    torch_only = ("channels",)
    width = "channels"
    weights = {"weight": at("gamma"), "bias": at("beta")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(groups: Int, channels: Int, eps: Float = 1e-3, affine: Flag = True):
        if groups == -1:
            return nn.InstanceNorm1d(channels, eps=eps, affine=affine)
        return nn.GroupNorm(groups, channels, eps=eps, affine=affine)

    def in_tensorflow(groups, channels, eps=1e-3, affine=True):
        return keras.layers.GroupNormalization(groups, epsilon=eps, center=affine, scale=affine)

    samples = cases(groups=[1, 2, -1], channels=4, eps=[1e-3, 1e-5], affine=[True, False], call=floats(2, 4, 7))


@helper
class KerasGroupNorm(nn.modules.lazy.LazyModuleMixin, nn.Module):
    """Normalisation over groups along one axis; -1 groups are one for each element of it."""

    def __init__(self, groups, axis=1, eps=1e-3, weight=True, bias=True):
        super().__init__()
        self.groups, self.axis, self.eps = groups, axis, eps
        self.register_parameter("weight", nn.UninitializedParameter() if weight else None)
        self.register_parameter("bias", nn.UninitializedParameter() if bias else None)

    def initialize_parameters(self, x):
        for kept, value in ((self.weight, 1.0), (self.bias, 0.0)):
            if nn.parameter.is_lazy(kept):
                kept.materialize((x.shape[self.axis],))
                nn.init.constant_(kept, value)

    def forward(self, x):
        x = x.movedim(self.axis, 1)
        x = F.group_norm(x, x.shape[1] if self.groups == -1 else self.groups, eps=self.eps).movedim(1, -1)
        x = x if self.weight is None else x * self.weight
        x = x if self.bias is None else x + self.bias
        return x.movedim(-1, self.axis)


class GroupNormalizationAlongAxis(LayerEquivalence):
    """Keras' group normalisation along another axis than the last, or with only one of scale and offset."""

    one_way = "tensorflow"
    dtype = "call"
    weights = {"weight": at("gamma"), "bias": at("beta")}

    def in_torch(groups: Int = 32, axis: Axis = -1, eps: Float = 1e-3, scale: Flag = True, center: Flag = True):
        return KerasGroupNorm(groups, axis=axis, eps=eps, weight=scale, bias=center)

    def in_tensorflow(groups: Int = 32, axis: Axis = -1, eps: Float = 1e-3, scale: Flag = True, center: Flag = True):
        return keras.layers.GroupNormalization(groups, axis=axis, epsilon=eps, scale=scale, center=center)

    samples = cases(groups=[2, -1], axis=[1, -1], scale=[True, False], center=[True, False], call=floats(2, 4, 5, 6))


@helper
class UnitNorm(nn.Module):
    """Division by the length over some axes."""

    def __init__(self, axis=-1):
        super().__init__()
        self.axis = axis

    def forward(self, x):
        return x * x.square().sum(self.axis, keepdim=True).clamp(min=1e-24).rsqrt()


class UnitNormalizationLayer(LayerEquivalence):
    """Keras' division by the Euclidean length over some axes."""

    one_way = "tensorflow"
    dtype = "call"

    def in_torch(axis: Axes = -1):
        return UnitNorm(axis=axis)

    def in_tensorflow(axis: Axes = -1):
        return keras.layers.UnitNormalization(axis=axis)

    samples = cases(axis=[Absent, 1, (1, 2)], call=floats(2, 3, 4))


@helper
class Standardize(nn.Module):
    """(x - mean) / standard deviation, or the way back."""

    def __init__(self, mean, variance, invert=False):
        super().__init__()
        self.mean, self.variance, self.invert = mean, variance, invert

    def forward(self, x):
        mean, variance = (
            torch.as_tensor(value, dtype=x.dtype, device=x.device) for value in (self.mean, self.variance)
        )
        deviation = variance.sqrt().clamp(min=1e-7)
        return mean + x * deviation if self.invert else (x - mean) / deviation


class NormalizationLayer(LayerEquivalence):
    """Standardised features. What Keras learns by adapt() must be given as numbers."""

    one_way = "tensorflow"

    def in_torch(mean: Any = Absent, variance: Any = Absent, axis: Any = -1, invert: Flag = False):
        if not given(mean) or not given(variance):
            return refuse("its statistics come from adapt(): compute mean and variance and give them to the layer")
        if axis is None or axis == -1:
            return Standardize(mean, variance, invert=invert)
        return refuse("statistics along another axis than the last")

    def in_tensorflow(mean: Any = Absent, variance: Any = Absent, axis: Any = -1, invert: Flag = False):
        return keras.layers.Normalization(axis=axis, mean=mean, variance=variance, invert=invert)

    samples = (
        cases(mean=0.5, variance=2.0, axis=[Absent, None], invert=[False, True], call=floats(2, 4))
        + cases(mean=(0.1, 0.2, 0.3), variance=(1.0, 2.0, 3.0), call=[floats(2, 3), floats(2, 4, 3)])
        + cases(call=floats(2, 3))
    )
