"""Batch normalisation with PyTorch's options: a plain average over all batches, or no running statistics."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class TorchBatchNorm(keras.layers.Layer):
    """PyTorch's batch normalisation; without ``momentum`` it averages all batches, without ``track`` it keeps none."""

    def __init__(self, axis=-1, eps=1e-5, momentum=0.1, affine=True, track=True, bias=True):
        super().__init__()
        self.axis, self.eps, self.momentum, self.track = axis, eps, momentum, track
        self.affine, self.shifts = affine, affine and bias

    def build(self, shape):
        options = {"shape": (shape[self.axis],), "trainable": self.affine}
        self._scale = self.add_weight(initializer="ones", **options)
        self._shift = self.add_weight(initializer="zeros", **{**options, "trainable": self.shifts})
        if self.affine:
            self.weight = self._scale
        if self.shifts:
            self.bias = self._shift
        if self.track:
            options["trainable"] = False
            self.running_mean = self.add_weight(initializer="zeros", **options)
            self.running_var = self.add_weight(initializer="ones", **options)
            self._batches = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x, training=None):
        axes = [axis for axis in range(len(x.shape)) if axis != self.axis % len(x.shape)]
        shape = [-1 if axis not in axes else 1 for axis in range(len(x.shape))]
        if training or not self.track:
            mean, variance = tf.nn.moments(x, axes)
        else:
            mean, variance = self.running_mean.value, self.running_var.value
        if training and self.track:
            self._batches.assign_add(1)
            rate = 1 / self._batches.value if self.momentum is None else self.momentum
            size = tf.cast(tf.size(x) // tf.size(mean), x.dtype)
            self.running_mean.assign_add(rate * (mean - self.running_mean))
            self.running_var.assign_add(rate * (variance * size / (size - 1) - self.running_var))
        parts = (tf.reshape(part, shape) for part in (mean, variance, self._shift.value, self._scale.value))
        return tf.nn.batch_normalization(x, *parts, self.eps)


class BatchNorm1dOfAnyKind(LayerEquivalence):
    """Batch normalisation that keeps a plain average over all batches, or no running statistics at all."""

    reads_back = False  # whether axis 1 is that of the channels depends on the input
    one_way = "torch"
    torch_only = ("channels",)
    weights = {
        "weight": at("weight"), "bias": at("bias"), "running_mean": at("running_mean"), "running_var": at("running_var"),
    }  # fmt: skip

    def in_torch(
        channels: Int,
        eps: Float = 1e-5,
        momentum: Any = 0.1,
        affine: Flag = True,
        track: Flag = True,
        bias: Flag = True,
    ):
        return nn.BatchNorm1d(channels, eps=eps, momentum=momentum, affine=affine, track_running_stats=track, bias=bias)

    def in_tensorflow(
        channels, eps: Float = 1e-5, momentum: Any = 0.1, affine: Flag = True, track: Flag = True, bias: Flag = True
    ):
        if track and momentum is not None and (bias or not affine):
            return refuse("Keras has this as a layer of its own")
        return TorchBatchNorm(1, eps=eps, momentum=momentum, affine=affine, track=track, bias=bias)

    samples = (
        cases(channels=4, momentum=None, affine=[True, False], call=[floats(6, 4), floats(3, 4, 5)])
        + cases(channels=4, eps=[1e-5, 1e-3], track=False, affine=[True, False], call=[floats(6, 4), floats(3, 4, 5)])
        + cases(channels=4, bias=False, call=[floats(6, 4), floats(3, 4, 5)])
    )


class BatchNorm2dOfAnyKind(LayerEquivalence):
    """Batch normalisation that keeps a plain average over all batches, or no running statistics at all."""

    one_way = "torch"
    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("weight"), "bias": at("bias"), "running_mean": at("running_mean"), "running_var": at("running_var"),
    }  # fmt: skip
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        channels: Int,
        eps: Float = 1e-5,
        momentum: Any = 0.1,
        affine: Flag = True,
        track: Flag = True,
        bias: Flag = True,
    ):
        return nn.BatchNorm2d(channels, eps=eps, momentum=momentum, affine=affine, track_running_stats=track, bias=bias)

    def in_tensorflow(
        channels, eps: Float = 1e-5, momentum: Any = 0.1, affine: Flag = True, track: Flag = True, bias: Flag = True
    ):
        if track and momentum is not None and (bias or not affine):
            return refuse("Keras has this as a layer of its own")
        return TorchBatchNorm(eps=eps, momentum=momentum, affine=affine, track=track, bias=bias)

    samples = (
        cases(channels=4, momentum=None, affine=[True, False], call=floats(3, 4, 5, 6))
        + cases(channels=4, eps=[1e-5, 1e-3], track=False, affine=[True, False], call=floats(3, 4, 5, 6))
        + cases(channels=4, bias=False, call=floats(3, 4, 5, 6))
    )


class BatchNorm3dOfAnyKind(LayerEquivalence):
    """Batch normalisation that keeps a plain average over all batches, or no running statistics at all."""

    one_way = "torch"
    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("weight"), "bias": at("bias"), "running_mean": at("running_mean"), "running_var": at("running_var"),
    }  # fmt: skip
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(
        channels: Int,
        eps: Float = 1e-5,
        momentum: Any = 0.1,
        affine: Flag = True,
        track: Flag = True,
        bias: Flag = True,
    ):
        return nn.BatchNorm3d(channels, eps=eps, momentum=momentum, affine=affine, track_running_stats=track, bias=bias)

    def in_tensorflow(
        channels, eps: Float = 1e-5, momentum: Any = 0.1, affine: Flag = True, track: Flag = True, bias: Flag = True
    ):
        if track and momentum is not None and (bias or not affine):
            return refuse("Keras has this as a layer of its own")
        return TorchBatchNorm(eps=eps, momentum=momentum, affine=affine, track=track, bias=bias)

    samples = (
        cases(channels=4, momentum=None, affine=[True, False], call=floats(3, 4, 2, 3, 4))
        + cases(channels=4, eps=[1e-5, 1e-3], track=False, affine=[True, False], call=floats(3, 4, 2, 3, 4))
        + cases(channels=4, bias=False, call=floats(3, 4, 2, 3, 4))
    )
