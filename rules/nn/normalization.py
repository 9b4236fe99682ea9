"""Normalisation layers and functions."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class UnbiasedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation that keeps the unbiased variance of the batches, as PyTorch does."""

    def call(self, x, training=None, mask=None):
        mean, variance = tf.identity(self.moving_mean), tf.identity(self.moving_variance)
        result = super().call(x, training=training, mask=mask)
        if training and self.trainable:
            n = tf.cast(tf.size(x) // tf.shape(x)[self.axis], variance.dtype)
            biased = self.moving_variance.value
            self.moving_mean.assign(tf.where(n > 0, self.moving_mean, mean))
            self.moving_variance.assign(
                tf.where(n > 0, biased + (biased - self.momentum * variance) / (n - 1), variance)
            )
        return result


@helper
class BiasedBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation that keeps the biased variance of the batches, as Keras does."""

    def forward(self, x):
        kept = (1 - self.momentum) * self.running_var
        result = super().forward(x)
        if self.training:
            self.running_var = self.running_var - (self.running_var - kept) * x.shape[1] / x.numel()
        return result


@helper
class BiasedBatchNorm1d(nn.BatchNorm1d):
    """Batch normalisation that keeps the biased variance of the batches, as Keras does."""

    def forward(self, x):
        kept = (1 - self.momentum) * self.running_var
        result = super().forward(x)
        if self.training:
            self.running_var = self.running_var - (self.running_var - kept) * x.shape[1] / x.numel()
        return result


class BatchNorm2d(LayerEquivalence):
    """Batch normalisation of images. PyTorch keeps the unbiased variance and counts its momentum from the other end."""

    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(channels: Int, eps: Float = 1e-5, momentum: Float = 0.1, affine: Flag = True):
        return nn.BatchNorm2d(channels, eps=eps, momentum=momentum, affine=affine)

    def in_tensorflow(channels, eps=1e-3, momentum=0.01, affine=True):
        if momentum is None:
            return refuse("Keras keeps no plain average over all batches")
        return UnbiasedBatchNormalization(momentum=1 - momentum, epsilon=eps, center=affine, scale=affine)

    one_way = "torch"
    samples = cases(channels=3, eps=[1e-5, 1e-3], momentum=[0.1, 0.3], affine=[True, False], call=floats(4, 3, 5, 6))


class BatchNorm3d(LayerEquivalence):
    """Batch normalisation of volumes. PyTorch keeps the unbiased variance and counts its momentum from the other end."""

    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(channels: Int, eps: Float = 1e-5, momentum: Float = 0.1, affine: Flag = True):
        return nn.BatchNorm3d(channels, eps=eps, momentum=momentum, affine=affine)

    def in_tensorflow(channels, eps=1e-3, momentum=0.01, affine=True):
        if momentum is None:
            return refuse("Keras keeps no plain average over all batches")
        return UnbiasedBatchNormalization(momentum=1 - momentum, epsilon=eps, center=affine, scale=affine)

    one_way = "torch"
    samples = cases(channels=3, affine=[True, False], call=floats(2, 3, 3, 4, 5))


class BatchNorm1d(LayerEquivalence):
    """Batch normalisation of vectors (batch, channels) or sequences (batch, channels, length): axis 1 in both."""

    reads_back = False  # whether axis 1 is that of the channels depends on the input
    torch_only = ("channels",)
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip

    def in_torch(channels: Int, eps: Float = 1e-5, momentum: Float = 0.1, affine: Flag = True):
        return nn.BatchNorm1d(channels, eps=eps, momentum=momentum, affine=affine)

    def in_tensorflow(channels, eps=1e-3, momentum=0.01, affine=True):
        if momentum is None:
            return refuse("Keras keeps no plain average over all batches")
        return UnbiasedBatchNormalization(axis=1, momentum=1 - momentum, epsilon=eps, center=affine, scale=affine)

    one_way = "torch"
    samples = cases(
        channels=3, eps=[1e-5, 1e-3], momentum=0.3, affine=[True, False], call=[floats(4, 3), floats(4, 3, 5)]
    )


class BatchNormalizationOfImages(LayerEquivalence):
    """Keras' batch normalisation of images: it keeps the biased variance, and 99 % of the old statistics at each step."""

    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(channels: Int, eps: Float = 1e-3, momentum: Float = 0.01, affine: Flag = True):
        return BiasedBatchNorm2d(channels, eps=eps, momentum=momentum, affine=affine)

    def in_tensorflow(channels, eps=1e-3, momentum=0.01, affine=True):
        return keras.layers.BatchNormalization(momentum=1 - momentum, epsilon=eps, center=affine, scale=affine)

    samples = cases(channels=3, eps=[1e-3, 1e-5], momentum=[0.01, 0.2], affine=[True, False], call=floats(4, 3, 5, 6))


class BatchNormalizationOfVectors(LayerEquivalence):
    """Keras' batch normalisation of vectors: it keeps the biased variance, and 99 % of the old statistics at each step."""

    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip
    layout = {"call": ("NC", "NC"), "result": ("NC", "NC")}

    def in_torch(channels: Int, eps: Float = 1e-3, momentum: Float = 0.01, affine: Flag = True):
        return BiasedBatchNorm1d(channels, eps=eps, momentum=momentum, affine=affine)

    def in_tensorflow(channels, eps=1e-3, momentum=0.01, affine=True):
        return keras.layers.BatchNormalization(momentum=1 - momentum, epsilon=eps, center=affine, scale=affine)

    samples = cases(channels=3, eps=[1e-3, 1e-5], momentum=[0.01, 0.2], affine=[True, False], call=floats(4, 3))


class BatchNormalizationOfSequences(LayerEquivalence):
    """Keras' batch normalisation of sequences: it keeps the biased variance, and 99 % of the old statistics at each step."""

    torch_only = ("channels",)
    width = "channels"
    weights = {
        "weight": at("gamma"), "bias": at("beta"), "running_mean": at("moving_mean"), "running_var": at("moving_variance"),
    }  # fmt: skip
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(channels: Int, eps: Float = 1e-3, momentum: Float = 0.01, affine: Flag = True):
        return BiasedBatchNorm1d(channels, eps=eps, momentum=momentum, affine=affine)

    def in_tensorflow(channels, eps=1e-3, momentum=0.01, affine=True):
        return keras.layers.BatchNormalization(momentum=1 - momentum, epsilon=eps, center=affine, scale=affine)

    samples = cases(channels=3, eps=[1e-3, 1e-5], momentum=[0.01, 0.2], affine=[True, False], call=floats(4, 3, 5))


class LayerNorm(LayerEquivalence):
    """Normalisation over the last axis or axes. The default epsilons differ: 1e-5 in PyTorch, 1e-3 in Keras."""

    reads = {"eps": "epsilon"}
    torch_only = ("shape",)
    weights = {"weight": at("gamma"), "bias": at("beta")}
    assumes = {"because": "its shape is one number: it normalises over the last axis alone", "shape": "unknown"}

    def in_torch(shape: Shape, eps: Float = 1e-5, affine: Flag = True, bias: Flag = True):
        return nn.LayerNorm(shape, eps=eps, elementwise_affine=affine, bias=bias)

    def in_tensorflow(shape, eps=1e-3, affine=True, bias=True):
        if isinstance(shape, (tuple, list)) and len(shape) > 1:
            return keras.layers.LayerNormalization(
                axis=last_axes(len(shape)), epsilon=eps, center=bool(affine and bias), scale=affine
            )
        return general(keras.layers.LayerNormalization(epsilon=eps, center=bool(affine and bias), scale=affine))

    one_way = "torch"
    samples = cases(
        shape=[4, (4,), (3, 4)], eps=[1e-5, 1e-3], affine=[True, False], bias=[True, False], call=floats(2, 3, 4)
    )


class LayerNormalization(LayerEquivalence):
    """Keras' normalisation over the last axis."""

    torch_only = ("width",)
    width = "width"
    weights = {"weight": at("gamma"), "bias": at("beta")}

    def in_torch(width: Int, eps: Float = 1e-3, affine: Flag = True, bias: Flag = True):
        if bias and not affine:
            return refuse("PyTorch's LayerNorm has no bias without a weight")
        return nn.LayerNorm(width, eps=eps, elementwise_affine=affine, bias=bias)

    def in_tensorflow(width, eps=1e-3, affine=True, bias=True):
        return keras.layers.LayerNormalization(epsilon=eps, center=bias, scale=affine)

    one_way = "tensorflow"
    samples = cases(width=4, eps=[Absent, 1e-5], affine=[True, False], bias=False, call=floats(2, 3, 4)) + cases(
        width=4, call=[floats(2, 4), floats(2, 3, 4)]
    )


class RMSNorm(LayerEquivalence):
    """Division by the root of the mean square over the last axis. PyTorch's default eps depends on the dtype."""

    torch_only = ("shape",)
    weights = {"weight": at("scale")}

    def in_torch(shape: Shape, eps: Float = Absent):
        return nn.RMSNorm(shape, eps=eps)

    def in_tensorflow(shape, eps=1e-6):
        if not given(eps) or eps is None:
            return refuse("the default eps is that of the dtype; give one")
        if isinstance(shape, (tuple, list)) and len(shape) > 1:
            return refuse("Keras normalises over one axis")
        return keras.layers.RMSNormalization(epsilon=eps)

    samples = cases(shape=[4, (4,)], eps=[1e-6, 1e-5], call=floats(2, 3, 4))


class GroupNorm(LayerEquivalence):
    """Normalisation of images over groups of channels. The default epsilons differ: 1e-5 in PyTorch, 1e-3 in Keras."""

    torch_only = ("channels",)
    width = "channels"
    weights = {"weight": at("gamma"), "bias": at("beta")}
    ranks = "any"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(groups: Int, channels: Int, eps: Float = 1e-5, affine: Flag = True):
        return nn.GroupNorm(groups, channels, eps=eps, affine=affine)

    def in_tensorflow(groups, channels, eps=1e-3, affine=True):
        return keras.layers.GroupNormalization(groups, epsilon=eps, center=affine, scale=affine)

    samples = cases(groups=[1, 2, 4], channels=4, eps=[1e-5, 1e-3], affine=[True, False], call=floats(2, 4, 5, 6))


class InstanceNorm2d(LayerEquivalence):
    """Normalisation of each channel of each image. Keras has it as one group per channel; PyTorch learns nothing by default."""

    torch_only = ("channels",)
    width = "channels"
    weights = {"weight": at("gamma"), "bias": at("beta")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(channels: Int, eps: Float = 1e-5, affine: Flag = False):
        return nn.InstanceNorm2d(channels, eps=eps, affine=affine)

    def in_tensorflow(channels, eps=1e-3, affine=True):
        return keras.layers.GroupNormalization(-1, epsilon=eps, center=affine, scale=affine)

    samples = cases(channels=4, eps=[1e-5, 1e-3], affine=[True, False], call=floats(2, 4, 5, 6))


class LocalResponseNorm(LayerEquivalence):
    """Division by a power of the sum over neighbouring channels. PyTorch counts the window and divides alpha by it."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1.0):
        return nn.LocalResponseNorm(size, alpha=alpha, beta=beta, k=k)

    def in_tensorflow(size, alpha=1e-4, beta=0.75, k=1.0):
        if size % 2 == 0:
            return refuse("TensorFlow's window has its channel in the middle")
        return keras.layers.Lambda(
            lambda x: tf.nn.local_response_normalization(
                x, depth_radius=size // 2, bias=k, alpha=alpha / size, beta=beta
            )
        )

    samples = cases(size=[3, 5], alpha=[1e-4, 0.1], k=[1.0, 2.0], call=floats(2, 6, 3, 4))


@helper
def native_layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    """Layer normalisation with the mean and the reciprocal deviation that it found."""
    mean, variance = tf.nn.moments(x, list(range(-len(shape), 0)), keepdims=True)
    scale = tf.math.rsqrt(variance + eps)
    y = (x - mean) * scale
    y = y if weight is None else y * weight
    return y if bias is None else y + bias, tf.stop_gradient(mean), tf.stop_gradient(scale)


@helper
def native_group_norm(x, weight, bias, n, channels, size, groups, eps):
    """Group normalisation with the mean and the reciprocal deviation that it found in each group."""
    flat = tf.reshape(x, (n, groups, channels // groups * size))
    mean, variance = tf.nn.moments(flat, [-1], keepdims=True)
    scale = tf.math.rsqrt(variance + eps)
    y = tf.reshape((flat - mean) * scale, (n, channels, size))
    y = y if weight is None else y * weight[:, None]
    y = y if bias is None else y + bias[:, None]
    return tf.reshape(y, tf.shape(x)), mean[..., 0], scale[..., 0]


@helper
def layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    """Normalise over the last axes, of this shape."""
    axes = list(range(-len(shape), 0))
    mean, variance = tf.nn.moments(x, axes, keepdims=True)
    y = (x - mean) * tf.math.rsqrt(variance + eps)  # tf.nn.batch_normalization cancels where the variance is small
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


class LayerNormFunction(Equivalence):
    """Normalisation over the last axes with given weights."""

    def in_torch(x: Tensor, shape: Shape, weight: Tensor = Absent, bias: Tensor = Absent, eps: Float = 1e-5):
        return F.layer_norm(x, shape, weight=weight, bias=bias, eps=eps)

    def in_tensorflow(x: Tensor, shape: Shape, weight: Tensor = Absent, bias: Tensor = Absent, eps: Float = 1e-5):
        return layer_norm(x, shape, weight=weight, bias=bias, eps=eps)

    def rank(x, shape, weight, bias, eps):
        return rank(x)

    samples = (
        cases(x=floats(2, 3, 4), shape=(4,), weight=[Absent, floats(4)], bias=[Absent, floats(4)], eps=[Absent, 1e-3])
        + cases(x=floats(2, 3, 4), shape=(3, 4), weight=floats(3, 4), bias=floats(3, 4))
    )  # fmt: skip


class InstanceNormFunction(Equivalence):
    """Normalisation of each channel of each image."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, eps: Float = 1e-5):
        return F.instance_norm(x, eps=eps)

    def in_tensorflow(x: Tensor, eps: Float = 1e-5):
        if rank(x) == 4:
            return tf.nn.batch_normalization(x, *tf.nn.moments(x, axes=(1, 2), keepdims=True), None, None, eps)
        return refuse("how many axes it has is not known")

    def rank(x, eps):
        return 4

    samples = cases(x=floats(2, 3, 4, 5), eps=[Absent, 1e-3])


class NativeLayerNorm(Equivalence):
    """Layer normalisation that gives the mean and the reciprocal deviation as well."""

    result = ("values", "mean", "scale")
    one_way = "torch"

    def in_torch(x: Tensor, shape: Any, weight: Any, bias: Any, eps: Number):
        return torch.native_layer_norm(x, shape, weight, bias, eps)

    def in_tensorflow(x: Tensor, shape: Any, weight: Any, bias: Any, eps: Number):
        return native_layer_norm(x, shape, weight, bias, eps)

    def rank(x, shape, weight, bias, eps):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), shape=(4,), weight=[floats(4), None], bias=[floats(4), None], eps=1e-5)


class NativeGroupNorm(Equivalence):
    """Group normalisation that gives the mean and the reciprocal deviation of each group as well."""

    result = "any"
    one_way = "torch"

    def in_torch(x: Tensor, weight: Any, bias: Any, n: Int, channels: Int, size: Int, groups: Int, eps: Number):
        return torch.native_group_norm(x, weight, bias, n, channels, size, groups, eps)

    def in_tensorflow(x: Tensor, weight: Any, bias: Any, n: Int, channels: Int, size: Int, groups: Int, eps: Number):
        return native_group_norm(x, weight, bias, n, channels, size, groups, eps)

    samples = cases(
        x=floats(2, 6, 3), weight=[floats(6), None], bias=floats(6), n=2, channels=6, size=3, groups=2, eps=1e-5
    )
