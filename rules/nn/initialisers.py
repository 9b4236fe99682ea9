"""Initialisers: PyTorch fills a tensor that is there, Keras makes a new one or is given to the layer before it is built."""

import math

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
def initialize(layer, name, initializer):
    """Draw a weight of a layer anew: now, or when the layer is built."""
    setattr(layer, f"{name}_initializer", initializer)
    if layer.built:
        weight = getattr(layer, name)
        weight.assign(initializer(weight.shape, weight.dtype))


@helper
def scaled_(x, scale, mode, distribution):
    """Fill x with random numbers of a width that goes by its sizes, as Keras' VarianceScaling does."""
    *window, n_in, n_out = x.shape if x.ndim > 1 else [x.numel()] * 2
    n_in, n_out = n_in * math.prod(window), n_out * math.prod(window)
    scale /= max(1.0, {"fan_in": n_in, "fan_out": n_out}.get(mode, (n_in + n_out) / 2))
    if distribution == "uniform":
        return nn.init.uniform_(x, -math.sqrt(3 * scale), math.sqrt(3 * scale))
    if distribution == "untruncated_normal":
        return nn.init.normal_(x, std=math.sqrt(scale))
    std = math.sqrt(scale) / 0.87962566103423978  # what cutting at two deviations leaves of the width
    return nn.init.trunc_normal_(x, std=std, a=-2 * std, b=2 * std)


class NormalInit(Equivalence):
    """Draws from a normal distribution. The default deviations are 1 in PyTorch and 0.05 in Keras."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, mean: Float = 0.0, std: Float = 1.0):
        return nn.init.normal_(x, mean=mean, std=std)

    def in_tensorflow(x: Tensor, mean: Float = 0.0, std: Float = 0.05):
        return keras.initializers.RandomNormal(mean=mean, stddev=std)(x.shape, x.dtype)

    def rank(x, mean, std):
        return rank(x)

    samples = cases(x=floats(3, 4), mean=[Absent, 1.0], std=[Absent, 0.02])


class UniformInit(Equivalence):
    """Draws evenly between two bounds: 0 and 1 by default in PyTorch, -0.05 and 0.05 in Keras."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, a: Float = 0.0, b: Float = 1.0):
        return nn.init.uniform_(x, a=a, b=b)

    def in_tensorflow(x: Tensor, a: Float = -0.05, b: Float = 0.05):
        return keras.initializers.RandomUniform(minval=a, maxval=b)(x.shape, x.dtype)

    def rank(x, a, b):
        return rank(x)

    samples = cases(x=floats(3, 4), a=[Absent, -1.0], b=[Absent, 2.0])


class ConstantInit(Equivalence):
    """Fills with one value."""

    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, value: Number):
        return nn.init.constant_(x, value)

    def in_tensorflow(x: Tensor, value: Number):
        return keras.initializers.Constant(value)(x.shape, x.dtype)

    def rank(x, value):
        return rank(x)

    samples = cases(x=floats(3, 4), value=[0, 0.5])


class ZerosInit(Equivalence):
    """Fills with zeros."""

    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor):
        return nn.init.zeros_(x)

    def in_tensorflow(x: Tensor):
        return keras.initializers.Zeros()(x.shape, x.dtype)

    def rank(x):
        return rank(x)

    samples = cases(x=floats(3, 4))


class OnesInit(Equivalence):
    """Fills with ones."""

    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor):
        return nn.init.ones_(x)

    def in_tensorflow(x: Tensor):
        return keras.initializers.Ones()(x.shape, x.dtype)

    def rank(x):
        return rank(x)

    samples = cases(x=floats(3, 4))


class EyeInit(Equivalence):
    """Fills a matrix with ones on its diagonal and zeros beside it."""

    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor):
        return nn.init.eye_(x)

    def in_tensorflow(x: Tensor):
        return keras.initializers.Identity()(x.shape, x.dtype)

    def rank(x):
        return 2

    samples = cases(x=[floats(3, 3), floats(3, 4)])


class XavierUniform(Equivalence):
    """Glorot's even distribution. A gain is a scale of its square in Keras."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, gain: Float = 1.0):
        return nn.init.xavier_uniform_(x, gain=gain)

    def in_tensorflow(x: Tensor, gain: Float = 1.0):
        if gain == 1:
            return keras.initializers.GlorotUniform()(x.shape, x.dtype)
        return general(keras.initializers.VarianceScaling(gain**2, "fan_avg", "uniform")(x.shape, x.dtype))

    def rank(x, gain):
        return rank(x)

    samples = cases(x=floats(3, 4), gain=[Absent, 0.5])


class XavierNormal(Equivalence):
    """Glorot's normal distribution. Keras' GlorotNormal cuts it off at two deviations, PyTorch does not."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, gain: Float = 1.0):
        return nn.init.xavier_normal_(x, gain=gain)

    def in_tensorflow(x: Tensor, gain: Float = 1.0):
        return keras.initializers.VarianceScaling(gain**2, "fan_avg", "untruncated_normal")(x.shape, x.dtype)

    def rank(x, gain):
        return rank(x)

    samples = cases(x=floats(3, 4), gain=[Absent, 0.5])


class KaimingUniform(Equivalence):
    """He's even distribution, with the gain of the activation that follows."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, a: Float = 0, mode: Str = "fan_in", after: Str = "leaky_relu"):
        return nn.init.kaiming_uniform_(x, a=a, mode=mode, nonlinearity=after)

    def in_tensorflow(x: Tensor, a: Float = 0, mode: Str = "fan_in", after: Str = "leaky_relu"):
        if after == "relu":
            return keras.initializers.VarianceScaling(2.0, mode, "uniform")(x.shape, x.dtype)
        if after == "leaky_relu":
            if a == 0:
                return keras.initializers.VarianceScaling(2.0, mode, "uniform")(x.shape, x.dtype)
            return general(keras.initializers.VarianceScaling(2 / (1 + a**2), mode, "uniform")(x.shape, x.dtype))
        if after in ("linear", "sigmoid", "conv1d", "conv2d", "conv3d"):
            return keras.initializers.VarianceScaling(1.0, mode, "uniform")(x.shape, x.dtype)
        if after == "tanh":
            return keras.initializers.VarianceScaling(25 / 9, mode, "uniform")(x.shape, x.dtype)
        if after == "selu":
            return keras.initializers.VarianceScaling(9 / 16, mode, "uniform")(x.shape, x.dtype)
        return refuse("the gain of this activation is not known")

    def rank(x, a, mode, after):
        return rank(x)

    samples = cases(x=floats(3, 4), mode=[Absent, "fan_out"], after=["relu", "linear", "tanh", "selu"]) + cases(
        x=floats(3, 4), a=[Absent, 0.2, 5**0.5, variable(0.3)]
    )


class KaimingNormal(Equivalence):
    """He's normal distribution, with the gain of the activation that follows. Keras' HeNormal cuts it off at two deviations."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, a: Float = 0, mode: Str = "fan_in", after: Str = "leaky_relu"):
        return nn.init.kaiming_normal_(x, a=a, mode=mode, nonlinearity=after)

    def in_tensorflow(x: Tensor, a: Float = 0, mode: Str = "fan_in", after: Str = "leaky_relu"):
        if after == "relu":
            return keras.initializers.VarianceScaling(2.0, mode, "untruncated_normal")(x.shape, x.dtype)
        if after == "leaky_relu":
            if a == 0:
                return keras.initializers.VarianceScaling(2.0, mode, "untruncated_normal")(x.shape, x.dtype)
            return general(
                keras.initializers.VarianceScaling(2 / (1 + a**2), mode, "untruncated_normal")(x.shape, x.dtype)
            )
        if after in ("linear", "sigmoid", "conv1d", "conv2d", "conv3d"):
            return keras.initializers.VarianceScaling(1.0, mode, "untruncated_normal")(x.shape, x.dtype)
        if after == "tanh":
            return keras.initializers.VarianceScaling(25 / 9, mode, "untruncated_normal")(x.shape, x.dtype)
        if after == "selu":
            return keras.initializers.VarianceScaling(9 / 16, mode, "untruncated_normal")(x.shape, x.dtype)
        return refuse("the gain of this activation is not known")

    def rank(x, a, mode, after):
        return rank(x)

    samples = cases(x=floats(3, 4), mode=[Absent, "fan_out"], after=["relu", "linear", "tanh", "selu"]) + cases(
        x=floats(3, 4), a=[Absent, 0.2]
    )


@helper
def truncated_normal(shape, dtype=None, mean=0.0, std=1.0, a=-2.0, b=2.0):
    """Draw from a normal distribution that is cut off at ``a`` and ``b``."""
    low, high = (0.5 * (1 + math.erf((bound - mean) / std / 2**0.5)) for bound in (a, b))
    drawn = tf.math.erfinv(tf.random.uniform(shape, 2 * low - 1, 2 * high - 1, dtype or "float32"))
    return tf.clip_by_value(mean + std * 2**0.5 * drawn, a, b)


class TruncNormalInit(Equivalence):
    """Draws from a normal distribution that is cut off: at a and b in PyTorch, at two deviations in Keras."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, mean: Float = 0.0, std: Float = 1.0, a: Float = -2.0, b: Float = 2.0):
        return nn.init.trunc_normal_(x, mean=mean, std=std, a=a, b=b)

    def in_tensorflow(x: Tensor, mean: Float = 0.0, std: Float = 1.0, a: Float = -2.0, b: Float = 2.0):
        if abs(a - mean) >= 9 * std and abs(b - mean) >= 9 * std:
            return keras.initializers.RandomNormal(mean=mean, stddev=std)(x.shape, x.dtype)
        if a == mean - 2 * std and b == mean + 2 * std:
            return keras.initializers.TruncatedNormal(mean=mean, stddev=std)(x.shape, x.dtype)
        return general(truncated_normal(x.shape, x.dtype, mean=mean, std=std, a=a, b=b))

    def rank(x, mean, std, a, b):
        return rank(x)

    samples = cases(x=floats(3, 4), std=[Absent, 0.02, 0.5, variable(0.02)]) + cases(
        x=floats(3, 4), mean=1.0, std=2.0, a=0.0, b=1.5
    )


class OrthogonalInit(Equivalence):
    """Draws a matrix with orthogonal rows or columns."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, gain: Float = 1.0):
        return nn.init.orthogonal_(x, gain=gain)

    def in_tensorflow(x: Tensor, gain: Float = 1.0):
        return keras.initializers.Orthogonal(gain=gain)(x.shape, x.dtype)

    def rank(x, gain):
        return rank(x)

    samples = cases(x=floats(3, 4), gain=[Absent, 0.5])


class SparseInit(Equivalence):
    """Sets a share of each column to zero."""

    random = True
    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor, sparsity: Float, std: Float = 0.01):
        return nn.init.sparse_(x, sparsity, std=std)

    def in_tensorflow(x: Tensor, sparsity: Float, std: Float = 0.01):
        return refuse("Keras has no sparse initialiser")

    samples = cases(x=floats(4, 4), sparsity=0.5)


class DiracInit(Equivalence):
    """Makes a convolution hand its channels on."""

    one_way = "torch"
    writes = "x"
    gradient = False

    def in_torch(x: Tensor):
        return nn.init.dirac_(x)

    def in_tensorflow(x: Tensor):
        return refuse("Keras has no initialiser that hands the channels on")

    samples = cases(x=floats(4, 4, 3))
