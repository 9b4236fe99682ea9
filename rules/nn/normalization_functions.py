"""Normalisation with given weights, of tensors of any rank."""

import tensorflow as tf
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def scaled(x, weight=None, bias=None):
    """Multiply each channel (axis 1) by its weight and add its bias."""
    shape = [-1] + [1] * (x.shape.rank - 2)
    x = x if weight is None else x * tf.reshape(weight, shape)
    return x if bias is None else x + tf.reshape(bias, shape)


@helper
def normalized(x, axes, eps):
    """Bring x to mean 0 and variance 1 over these axes."""
    mean, variance = tf.nn.moments(x, axes, keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + eps)


@helper
def group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    """Normalise each group of channels of each sample."""
    shape = tf.shape(x)
    grouped = tf.reshape(x, tf.stack([shape[0], groups, tf.reduce_prod(shape[1:]) // groups]))
    return scaled(tf.reshape(normalized(grouped, [-1], eps), shape), weight, bias)


@helper
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    """Normalise each channel of each sample."""
    return scaled(normalized(x, list(range(2, x.shape.rank)), eps), weight, bias)


@helper
def batch_norm(x, mean=None, variance=None, weight=None, bias=None, eps=1e-5):
    """Normalise each channel by given statistics, or by those of the batch."""
    if mean is None:
        return scaled(normalized(x, [a for a in range(x.shape.rank) if a != 1], eps), weight, bias)
    return scaled(scaled(scaled(x, bias=-mean), tf.math.rsqrt(variance + eps)), weight, bias)


@helper
def rms_norm(x, shape, weight=None, eps=None):
    """Divide by the root of the mean square over the last axes, of this shape."""
    eps = tf.experimental.numpy.finfo(x.dtype.as_numpy_dtype).eps if eps is None else eps
    square = tf.reduce_mean(x * x, axis=list(range(-len(shape), 0)), keepdims=True)
    y = x * tf.math.rsqrt(square + eps)
    return y if weight is None else y * weight


@helper
def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    """Divide by a power of the mean square over `size` neighbouring channels (axis 1)."""
    channels = tf.shape(x)[1]
    pads = [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * (x.shape.rank - 2)
    square = tf.pad(x * x, pads)
    total = sum(square[:, i : i + channels] for i in range(size))
    if not x.dtype.is_floating:  # PyTorch cuts the mean of integers
        x, total = tf.cast(x, tf.float32), tf.cast(total // size * size, tf.float32)
    return x / (total / size * alpha + k) ** beta


class GroupNormFunction(Equivalence):
    """Normalisation over groups of channels with given weights."""

    one_way = "torch"

    def in_torch(x: Tensor, groups: Int, weight: Tensor = Absent, bias: Tensor = Absent, eps: Float = 1e-5):
        return F.group_norm(x, groups, weight=weight, bias=bias, eps=eps)

    def in_tensorflow(x: Tensor, groups: Int, weight: Tensor = Absent, bias: Tensor = Absent, eps: Float = 1e-5):
        return group_norm(x, groups, weight=weight, bias=bias, eps=eps)

    def rank(x, groups, weight, bias, eps):
        return rank(x)

    samples = cases(
        x=[floats(2, 4, 5, 3), floats(2, 4, 5)], groups=2, weight=floats(4), bias=[Absent, floats(4)]
    ) + cases(x=[floats(2, 4, 5), floats(2, 4)], groups=1, eps=0.5)


class InstanceNormByChannel(Equivalence):
    """Normalisation of each channel of each sample, of any rank. With running statistics, PyTorch changes them."""

    one_way = "torch"
    gradient = False  # PyTorch does not differentiate running statistics

    def in_torch(
        x: Tensor, mean: Tensor = Absent, variance: Tensor = Absent, weight: Tensor = Absent, bias: Tensor = Absent,
        live: Flag = True, momentum: Float = 0.1, eps: Float = 1e-5,
    ):  # fmt: skip
        return F.instance_norm(
            x, running_mean=mean, running_var=variance, weight=weight, bias=bias, use_input_stats=live,
            momentum=momentum, eps=eps,
        )  # fmt: skip

    def in_tensorflow(
        x: Tensor, mean: Tensor = Absent, variance: Tensor = Absent, weight: Tensor = Absent, bias: Tensor = Absent,
        live: Flag = True, momentum: Float = 0.1, eps: Float = 1e-5,
    ):  # fmt: skip
        if given(mean) and live is False:
            return batch_norm(x, mean, variance, weight=weight, bias=bias, eps=eps)
        if given(mean):
            return refuse("PyTorch changes the running statistics in place here")
        if rank(x) == 4 and not given(weight) and not given(bias):
            return refuse("TensorFlow normalises by itself here")
        return general(instance_norm(x, weight=weight, bias=bias, eps=eps))

    def rank(x, mean, variance, weight, bias, live, momentum, eps):
        return rank(x)

    samples = cases(
        x=[floats(2, 4, 5, 3), floats(2, 4, 5), unranked(2, 4, 5)], weight=[Absent, floats(4)], bias=[Absent, floats(4)]
    ) + cases(x=floats(2, 4, 5), mean=floats(4), variance=drawn(4), live=False, eps=0.1)


class BatchNormFunction(Equivalence):
    """Normalisation of each channel by given statistics; while training by the batch's, and PyTorch changes those given."""

    one_way = "torch"
    gradient = False  # PyTorch does not differentiate running statistics

    def in_torch(
        x: Tensor, mean: Tensor = Absent, variance: Tensor = Absent, weight: Tensor = Absent, bias: Tensor = Absent,
        training: Flag = False, momentum: Float = 0.1, eps: Float = 1e-5,
    ):  # fmt: skip
        if given(mean):
            return F.batch_norm(
                x, mean, variance, weight=weight, bias=bias, training=training, momentum=momentum, eps=eps
            )
        return F.batch_norm(x, None, None, weight=weight, bias=bias, training=training, momentum=momentum, eps=eps)

    def in_tensorflow(
        x: Tensor, mean: Tensor = Absent, variance: Tensor = Absent, weight: Tensor = Absent, bias: Tensor = Absent,
        training: Flag = False, momentum: Float = 0.1, eps: Float = 1e-5,
    ):  # fmt: skip
        if given(mean) and training is not False:
            return refuse("PyTorch changes the running statistics in place here")
        if given(mean):
            return batch_norm(x, mean, variance, weight=weight, bias=bias, eps=eps)
        if training:
            return batch_norm(x, weight=weight, bias=bias, eps=eps)
        return refuse("without statistics PyTorch normalises while training only")

    def rank(x, mean, variance, weight, bias, training, momentum, eps):
        return rank(x)

    samples = cases(
        x=[floats(2, 4, 5, 3), floats(2, 4)], mean=floats(4), variance=drawn(4), weight=[Absent, floats(4)],
        bias=[Absent, floats(4)],
    ) + cases(x=floats(2, 4, 5), training=True, eps=[1e-5, 0.1], weight=[Absent, floats(4)])  # fmt: skip


class RmsNormFunction(Equivalence):
    """Division by the root of the mean square over the last axes; the default eps is that of the dtype."""

    one_way = "torch"

    def in_torch(x: Tensor, shape: Shape, weight: Tensor = Absent, eps: Float = Absent):
        return F.rms_norm(x, shape, weight=weight, eps=eps)

    def in_tensorflow(x: Tensor, shape: Shape, weight: Tensor = Absent, eps: Float = Absent):
        return rms_norm(x, shape, weight=weight, eps=eps)

    def rank(x, shape, weight, eps):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), shape=(4,), weight=[Absent, floats(4)], eps=[Absent, 0.1]) + cases(
        x=floats(2, 3, 4), shape=(3, 4), weight=floats(3, 4)
    )


class LocalResponseNormFunction(Equivalence):
    """Division by a power of the mean square over neighbouring channels; TensorFlow's window is odd, and sums."""

    one_way = "torch"
    dtype = "float"

    def in_torch(x: Tensor, size: Int, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1.0):
        return F.local_response_norm(x, size, alpha=alpha, beta=beta, k=k)

    def in_tensorflow(x: Tensor, size: Int, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1.0):
        if known(length(x, 0) == 0):
            return tf.identity(x)
        return local_response_norm(x, size, alpha=alpha, beta=beta, k=k)

    def rank(x, size, alpha, beta, k):
        return rank(x)

    samples = cases(
        x=[floats(2, 6, 3), floats(2, 6, 3, 4), floats(0, 6, 3)], size=[2, 3], alpha=[1e-4, 0.5], k=[1.0, 2.0]
    )
