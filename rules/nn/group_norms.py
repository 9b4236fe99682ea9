"""Normalisation in groups, channels and windows on tensors of any number of axes, and with running statistics."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


class GroupNormOfAnyRank(LayerEquivalence):
    """Normalisation over groups of channels, which stand on axis 1."""

    one_way = "torch"
    torch_only = ("channels",)
    weights = {"weight": at("gamma"), "bias": at("beta")}

    def in_torch(groups: Int, channels: Int, eps: Float = 1e-5, affine: Flag = True, bias: Flag = True):
        return nn.GroupNorm(groups, channels, eps=eps, affine=affine, bias=bias)

    def in_tensorflow(groups, channels, eps=1e-3, affine=True, bias=True):
        return keras.layers.GroupNormalization(groups, axis=1, epsilon=eps, center=bool(affine and bias), scale=affine)

    samples = cases(groups=[1, 2], channels=4, bias=[True, False], call=floats(2, 4, 5)) + cases(
        groups=1, channels=4, call=floats(2, 4)
    )


@helper
class InstanceNorm(keras.layers.Layer):
    """Normalises each channel of each sample, channels last; with running statistics where it does not train."""

    def __init__(self, axes, eps=1e-5, momentum=0.1, affine=False, track=False, bias=True):
        super().__init__()
        self.input_spec = keras.InputSpec(ndim=axes + 2)
        self.eps, self.momentum, self.affine, self.track = eps, momentum, affine, track
        self.shifts = affine and bias

    def build(self, shape):
        if self.affine:
            self.weight = self.add_weight(shape=shape[-1:], initializer="ones", name="weight")
        if self.shifts:
            self.bias = self.add_weight(shape=shape[-1:], name="bias", initializer="zeros")
        if self.track:
            self.running_mean = self.add_weight(
                shape=shape[-1:], initializer="zeros", trainable=False, name="running_mean"
            )
            self.running_var = self.add_weight(
                shape=shape[-1:], initializer="ones", trainable=False, name="running_var"
            )

    def call(self, x, training=None):
        axes = list(range(1, len(x.shape) - 1))
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        if self.track and training:
            size = tf.cast(tf.reduce_prod(tf.shape(x)[1:-1]), x.dtype)
            unbiased = tf.reduce_mean(variance * size / (size - 1), axis=[0, *axes])
            self.running_mean.assign_add(self.momentum * (tf.reduce_mean(mean, axis=[0, *axes]) - self.running_mean))
            self.running_var.assign_add(self.momentum * (unbiased - self.running_var))
        elif self.track:
            mean, variance = self.running_mean.value, self.running_var.value
        scale, shift = self.weight.value if self.affine else None, self.bias.value if self.shifts else None
        return tf.nn.batch_normalization(x, mean, variance, shift, scale, self.eps)


class InstanceNorm1dWithStatistics(LayerEquivalence):
    """Normalisation of each channel of each sample of sequences."""

    one_way = "torch"
    unbatched = 2
    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("weight"), "bias": at("bias"), "running_mean": at("running_mean"), "running_var": at("running_var"),
    }  # fmt: skip
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(
        channels: Int,
        eps: Float = 1e-5,
        momentum: Float = 0.1,
        affine: Flag = False,
        track: Flag = False,
        bias: Flag = True,
    ):
        return nn.InstanceNorm1d(
            channels, eps=eps, momentum=momentum, affine=affine, track_running_stats=track, bias=bias
        )

    def in_tensorflow(
        channels, eps: Float = 1e-5, momentum: Float = 0.1, affine: Flag = False, track: Flag = False, bias: Flag = True
    ):
        return InstanceNorm(1, eps=eps, momentum=momentum, affine=affine, track=track, bias=bias)

    samples = cases(
        channels=4, eps=[1e-5, 1e-3], momentum=0.3, affine=[True, False], track=[True, False], call=floats(3, 4, 9)
    ) + cases(channels=4, affine=True, bias=False, call=floats(3, 4, 9))


class InstanceNorm2dWithStatistics(LayerEquivalence):
    """Normalisation of each channel of each sample of images."""

    one_way = "torch"
    unbatched = 3
    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("weight"), "bias": at("bias"), "running_mean": at("running_mean"), "running_var": at("running_var"),
    }  # fmt: skip
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        channels: Int,
        eps: Float = 1e-5,
        momentum: Float = 0.1,
        affine: Flag = False,
        track: Flag = False,
        bias: Flag = True,
    ):
        return nn.InstanceNorm2d(
            channels, eps=eps, momentum=momentum, affine=affine, track_running_stats=track, bias=bias
        )

    def in_tensorflow(
        channels, eps: Float = 1e-5, momentum: Float = 0.1, affine: Flag = False, track: Flag = False, bias: Flag = True
    ):
        return InstanceNorm(2, eps=eps, momentum=momentum, affine=affine, track=track, bias=bias)

    samples = cases(
        channels=4, eps=[1e-5, 1e-3], momentum=0.3, affine=[True, False], track=[True, False], call=floats(3, 4, 7, 8)
    ) + cases(channels=4, affine=True, bias=False, call=floats(3, 4, 7, 8))


class InstanceNorm3dWithStatistics(LayerEquivalence):
    """Normalisation of each channel of each sample of volumes."""

    one_way = "torch"
    unbatched = 4
    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("weight"), "bias": at("bias"), "running_mean": at("running_mean"), "running_var": at("running_var"),
    }  # fmt: skip
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(
        channels: Int,
        eps: Float = 1e-5,
        momentum: Float = 0.1,
        affine: Flag = False,
        track: Flag = False,
        bias: Flag = True,
    ):
        return nn.InstanceNorm3d(
            channels, eps=eps, momentum=momentum, affine=affine, track_running_stats=track, bias=bias
        )

    def in_tensorflow(
        channels, eps: Float = 1e-5, momentum: Float = 0.1, affine: Flag = False, track: Flag = False, bias: Flag = True
    ):
        return InstanceNorm(3, eps=eps, momentum=momentum, affine=affine, track=track, bias=bias)

    samples = cases(
        channels=4,
        eps=[1e-5, 1e-3],
        momentum=0.3,
        affine=[True, False],
        track=[True, False],
        call=floats(3, 4, 5, 6, 2),
    ) + cases(channels=4, affine=True, bias=False, call=floats(3, 4, 5, 6, 2))


@helper
class NeighbourNorm(keras.layers.Layer):
    """Divides by a power of the mean square over ``size`` neighbouring channels, which stand on axis 1."""

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, x):
        pads = [(0, 0), (self.size // 2, (self.size - 1) // 2)] + [(0, 0)] * (len(x.shape) - 2)
        squares = tf.pad(tf.square(x), pads)
        total = sum(tf.gather(squares, tf.range(tf.shape(x)[1]) + place, axis=1) for place in range(self.size))
        return x / (self.k + self.alpha / self.size * total) ** self.beta


class LocalResponseNormOfAnyRank(LayerEquivalence):
    """Division by a power of the mean over neighbouring channels, which stand on axis 1."""

    one_way = "torch"

    def in_torch(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1.0):
        return nn.LocalResponseNorm(size, alpha=alpha, beta=beta, k=k)

    def in_tensorflow(size, alpha=1e-4, beta=0.75, k=1.0):
        return NeighbourNorm(size, alpha=alpha, beta=beta, k=k)

    samples = cases(
        size=[2, 3], alpha=[1e-4, 0.1], k=[1.0, 2.0], call=[floats(2, 6, 3), floats(2, 6, 3, 4, 2)]
    ) + cases(size=2, alpha=0.1, call=floats(2, 6, 3, 4))


@helper
class TorchRMSNorm(keras.layers.Layer):
    """Divides by the root of the mean square over the last axes, of this shape; eps is by default that of the dtype."""

    def __init__(self, shape, eps=None, affine=True):
        super().__init__()
        self.shape, self.eps, self.affine = (shape,) if isinstance(shape, int) else tuple(shape), eps, affine

    def build(self, shape):
        if self.affine:
            self.weight = self.add_weight(shape=self.shape, initializer="ones", name="weight")

    def call(self, x):
        eps = tf.experimental.numpy.finfo(x.dtype.as_numpy_dtype).eps if self.eps is None else self.eps
        axes = list(range(-len(self.shape), 0))
        x = x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), axis=axes, keepdims=True) + eps)
        return x * self.weight if self.affine else x


class RMSNormOfAnyShape(LayerEquivalence):
    """Division by the root of the mean square over the last axes. PyTorch's default eps depends on the dtype."""

    one_way = "torch"
    ranks = "any"
    weights = {"weight": at("weight")}

    def in_torch(shape: Shape, eps: Float = Absent, affine: Flag = True):
        return nn.RMSNorm(shape, eps=eps, elementwise_affine=affine)

    def in_tensorflow(shape, eps=Absent, affine=True):
        if given(eps) and eps is not None and affine and (isinstance(shape, int) or len(shape) == 1):
            return refuse("Keras has this as a layer of its own")
        return general(TorchRMSNorm(shape, eps=eps, affine=affine))

    samples = cases(shape=[4, (4,), (3, 4)], eps=[Absent, 1e-5], affine=[True, False], call=floats(2, 3, 4))
