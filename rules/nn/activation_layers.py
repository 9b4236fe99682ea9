"""Layers of activation functions."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


class ReluLayer(LayerEquivalence, Elementwise):
    """The layer of max(x, 0)."""

    def in_torch():
        return nn.ReLU()

    def in_tensorflow():
        return spellings(
            keras.layers.ReLU(),
            keras.layers.Activation("relu"),
            keras.layers.Activation(tf.nn.relu),
            keras.layers.Activation(keras.activations.relu),
        )

    samples = cases(call=floats(2, 3))


class Relu6Layer(LayerEquivalence, Elementwise):
    """The layer of min(max(x, 0), 6)."""

    def in_torch():
        return nn.ReLU6()

    def in_tensorflow():
        return spellings(
            keras.layers.ReLU(max_value=6),
            keras.layers.Activation("relu6"),
            keras.layers.Activation(tf.nn.relu6),
            keras.layers.Activation(keras.activations.relu6),
        )

    samples = cases(call=floats(2, 3))


class LeakyReluLayer(LayerEquivalence, Elementwise):
    """x above zero, a small multiple of it below. The default slopes differ: 0.01 in PyTorch, 0.3 in Keras."""

    def in_torch(slope: Float = 0.01):
        return nn.LeakyReLU(negative_slope=slope)

    def in_tensorflow(slope: Float = 0.3):
        return keras.layers.LeakyReLU(negative_slope=slope)

    samples = cases(slope=[0.01, 0.2, 0.3], call=floats(2, 3))


class LeakyReluActivation(LayerEquivalence, Elementwise):
    """Keras' activation "leaky_relu", of slope 0.2."""

    def in_torch():
        return nn.LeakyReLU(negative_slope=0.2)

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("leaky_relu"),
            keras.layers.Activation(tf.nn.leaky_relu),
            keras.layers.Activation(keras.activations.leaky_relu),
        )

    one_way = "tensorflow"
    samples = cases(call=floats(2, 3))


class EluLayer(LayerEquivalence, Elementwise):
    """The layer of ELU."""

    def in_torch(alpha: Float = 1.0):
        return nn.ELU(alpha=alpha)

    def in_tensorflow(alpha: Float = 1.0):
        if alpha == 1:
            return spellings(keras.layers.ELU(), keras.layers.Activation("elu"), keras.layers.Activation(tf.nn.elu))
        return general(keras.layers.ELU(alpha=alpha))

    samples = cases(alpha=[1.0, 0.5], call=floats(2, 3))


class SeluLayer(LayerEquivalence, Elementwise):
    """The layer of SELU."""

    def in_torch():
        return nn.SELU()

    def in_tensorflow():
        return spellings(keras.layers.Activation("selu"), keras.layers.Activation(tf.nn.selu))

    samples = cases(call=floats(2, 3))


class CeluLayer(LayerEquivalence, Elementwise):
    """The layer of CELU with its usual alpha of 1."""

    def in_torch():
        return nn.CELU()

    def in_tensorflow():
        return spellings(keras.layers.Activation("celu"), keras.layers.Activation(keras.activations.celu))

    samples = cases(call=floats(2, 3))


class SiluLayer(LayerEquivalence, Elementwise):
    """The layer of x * sigmoid(x), also called swish."""

    def in_torch():
        return nn.SiLU()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("silu"),
            keras.layers.Activation("swish"),
            keras.layers.Activation(tf.nn.silu),
            keras.layers.Activation(tf.nn.swish),
            keras.layers.Activation(keras.activations.silu),
            keras.layers.Activation(keras.activations.swish),
        )

    samples = cases(call=floats(2, 3))


class GeluLayer(LayerEquivalence, Elementwise):
    """The layer of the exact GELU."""

    def in_torch():
        return nn.GELU()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("gelu"),
            keras.layers.Activation(tf.nn.gelu),
            keras.layers.Activation(keras.activations.gelu),
        )

    samples = cases(call=floats(2, 3))


class GeluTanhLayer(LayerEquivalence, Elementwise):
    """The layer of GELU by its tanh approximation, for which Keras has no name."""

    def in_torch():
        return nn.GELU(approximate="tanh")

    def in_tensorflow():
        return keras.layers.Activation(lambda x: tf.nn.gelu(x, approximate=True))

    one_way = "torch"
    samples = cases(call=floats(2, 3))


class MishLayer(LayerEquivalence, Elementwise):
    """The layer of x * tanh(softplus(x))."""

    def in_torch():
        return nn.Mish()

    def in_tensorflow():
        return spellings(keras.layers.Activation("mish"), keras.layers.Activation(keras.activations.mish))

    samples = cases(call=floats(2, 3))


class SigmoidLayer(LayerEquivalence, Elementwise):
    """The layer of 1 / (1 + exp(-x))."""

    def in_torch():
        return nn.Sigmoid()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("sigmoid"),
            keras.layers.Activation(tf.nn.sigmoid),
            keras.layers.Activation(tf.sigmoid),
            keras.layers.Activation(keras.activations.sigmoid),
        )

    samples = cases(call=floats(2, 3))


class TanhLayer(LayerEquivalence, Elementwise):
    """The layer of the hyperbolic tangent."""

    def in_torch():
        return nn.Tanh()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("tanh"),
            keras.layers.Activation(tf.nn.tanh),
            keras.layers.Activation(tf.tanh),
            keras.layers.Activation(keras.activations.tanh),
        )

    samples = cases(call=floats(2, 3))


class LogSigmoidLayer(LayerEquivalence, Elementwise):
    """The layer of log(sigmoid(x))."""

    def in_torch():
        return nn.LogSigmoid()

    def in_tensorflow():
        return spellings(keras.layers.Activation("log_sigmoid"), keras.layers.Activation(keras.activations.log_sigmoid))

    samples = cases(call=floats(2, 3))


class SoftplusLayer(LayerEquivalence, Elementwise):
    """The layer of log(1 + exp(x)). PyTorch returns x itself where beta * x is above 20, which float64 shows."""

    def in_torch(beta: Float = 1.0, threshold: Float = 20.0):
        return nn.Softplus(beta=beta, threshold=threshold)

    def in_tensorflow(beta: Float = 1.0, threshold: Float = 40.0):
        if beta == 1 and threshold == 40:
            return spellings(
                keras.layers.Activation("softplus"),
                keras.layers.Activation(tf.nn.softplus),
                keras.layers.Activation(keras.activations.softplus),
            )
        if beta == 1:
            return keras.layers.Activation(lambda x: tf.where(x > threshold, x, tf.nn.softplus(x)))
        return general(
            keras.layers.Activation(lambda x: tf.where(x * beta > threshold, x, tf.nn.softplus(x * beta) / beta))
        )

    samples = cases(beta=[1.0, 2.0], threshold=[20.0, 1.0, 40.0], call=floats(2, 3))


class SoftsignLayer(LayerEquivalence, Elementwise):
    """The layer of x / (1 + |x|)."""

    def in_torch():
        return nn.Softsign()

    def in_tensorflow():
        return spellings(keras.layers.Activation("softsign"), keras.layers.Activation(tf.nn.softsign))

    samples = cases(call=floats(2, 3))


class HardSigmoidLayer(LayerEquivalence, Elementwise):
    """The layer of relu6(x + 3) / 6."""

    def in_torch():
        return nn.Hardsigmoid()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("hard_sigmoid"), keras.layers.Activation(keras.activations.hard_sigmoid)
        )

    samples = cases(call=floats(2, 3))


class HardSwishLayer(LayerEquivalence, Elementwise):
    """The layer of x * relu6(x + 3) / 6."""

    def in_torch():
        return nn.Hardswish()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("hard_swish"),
            keras.layers.Activation("hard_silu"),
            keras.layers.Activation(keras.activations.hard_swish),
            keras.layers.Activation(keras.activations.hard_silu),
        )

    samples = cases(call=floats(2, 3))


class HardTanhLayer(LayerEquivalence, Elementwise):
    """The layer of x between two bounds, the bounds beyond. Keras has it for -1 and 1 only."""

    def in_torch(low: Float = -1.0, high: Float = 1.0):
        return nn.Hardtanh(min_val=low, max_val=high)

    def in_tensorflow(low: Float = -1.0, high: Float = 1.0):
        if low == -1 and high == 1:
            return spellings(keras.layers.Activation("hard_tanh"), keras.layers.Activation(keras.activations.hard_tanh))
        return general(keras.layers.Activation(lambda x: keras.ops.clip(x, low, high)))

    samples = cases(low=[-1.0, -0.5], high=[1.0, 0.5], call=floats(2, 3))


class SoftShrinkLayer(LayerEquivalence, Elementwise):
    """The layer of x moved towards zero by 0.5, zero within it."""

    def in_torch():
        return nn.Softshrink()

    def in_tensorflow():
        return spellings(keras.layers.Activation("soft_shrink"), keras.layers.Activation(keras.activations.soft_shrink))

    samples = cases(call=floats(2, 3))


class TanhShrinkLayer(LayerEquivalence, Elementwise):
    """The layer of x - tanh(x)."""

    def in_torch():
        return nn.Tanhshrink()

    def in_tensorflow():
        return spellings(keras.layers.Activation("tanh_shrink"), keras.layers.Activation(keras.activations.tanh_shrink))

    samples = cases(call=floats(2, 3))


class ThresholdLayer(LayerEquivalence, Elementwise):
    """The layer of x above a threshold, a fixed value at it and below. Keras' ``ReLU(threshold=...)`` is another function."""

    def in_torch(threshold: Float, value: Float):
        return nn.Threshold(threshold, value)

    def in_tensorflow(threshold: Float, value: Float):
        return keras.layers.Activation(lambda x: keras.activations.threshold(x, threshold, value))

    one_way = "torch"
    samples = cases(threshold=0.2, value=5.0, call=floats(2, 3))


class LinearActivation(LayerEquivalence, Elementwise):
    """Keras' activation that does nothing."""

    def in_torch():
        return nn.Identity()

    def in_tensorflow():
        return spellings(
            keras.layers.Activation("linear"),
            keras.layers.Activation(keras.activations.linear),
            keras.layers.Activation(None),
        )

    one_way = "tensorflow"
    samples = cases(call=floats(2, 3))


class SoftmaxLayer(LayerEquivalence):
    """The layer of softmax along one axis. Keras takes the last axis unless told otherwise."""

    unbatched = 0

    def in_torch(dim: Axis):
        return nn.Softmax(dim=dim)

    def in_tensorflow(dim: Axis = -1):
        if dim == -1:
            return spellings(
                keras.layers.Softmax(),
                keras.layers.Activation("softmax"),
                keras.layers.Activation(tf.nn.softmax),
                keras.layers.Activation(keras.activations.softmax),
            )
        return general(keras.layers.Softmax(axis=dim))

    samples = cases(dim=[-1, 1], call=floats(2, 3, 4))


class LogSoftmaxLayer(LayerEquivalence):
    """The layer of the logarithm of softmax along one axis, for which Keras has a name on the last axis only."""

    unbatched = 0

    def in_torch(dim: Axis):
        return nn.LogSoftmax(dim=dim)

    def in_tensorflow(dim: Axis = -1):
        if dim == -1:
            return spellings(
                keras.layers.Activation("log_softmax"),
                keras.layers.Activation(tf.nn.log_softmax),
                keras.layers.Activation(keras.activations.log_softmax),
            )
        return general(keras.layers.Activation(lambda x: tf.nn.log_softmax(x, axis=dim)))

    samples = cases(dim=[-1, 1], call=floats(2, 3, 4))


class GluLayer(LayerEquivalence):
    """The layer of the first half along one axis times the sigmoid of the second."""

    def in_torch(dim: Axis = -1):
        return nn.GLU(dim=dim)

    def in_tensorflow(dim: Axis = -1):
        if dim == -1:
            return spellings(keras.layers.Activation("glu"), keras.layers.Activation(keras.activations.glu))
        return general(keras.layers.Activation(lambda x: keras.activations.glu(x, axis=dim)))

    samples = cases(dim=[-1, 1], call=floats(2, 6, 4))


@helper
class PReLU(keras.layers.Layer):
    """x above zero, a learnt multiple of it below: one slope for all, or one for each channel on the last axis."""

    def __init__(self, slopes=1, slope=0.25):
        super().__init__()
        self.weight = self.add_weight(shape=(slopes,), initializer=keras.initializers.Constant(slope), name="weight")

    def call(self, x):
        return tf.where(x > 0, x, tf.squeeze(self.weight) * x)


class SharedPrelu(LayerEquivalence, Elementwise):
    """x above zero, a learnt multiple of it below, the same for every element; Keras learns one slope per element."""

    weights = {"weight": at("weight")}

    def in_torch(slope: Float = 0.25):
        return nn.PReLU(init=slope)

    def in_tensorflow(slope: Float = 0.25):
        return PReLU(slope=slope)

    samples = cases(slope=[0.25, 0.1], call=[floats(2, 3), floats(2, 3, 4, 4)])


class ChannelPrelu(LayerEquivalence):
    """x above zero, a learnt multiple of it below, one for each channel of an image."""

    weights = {"weight": at("weight")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(slopes: Int, slope: Float = 0.25):
        return nn.PReLU(slopes, init=slope)

    def in_tensorflow(slopes: Int, slope: Float = 0.25):
        return PReLU(slopes, slope=slope)

    samples = cases(slopes=3, slope=[0.25, 0.1], call=floats(2, 3, 4, 4))


@helper
class ChannelPReLU(keras.layers.Layer):
    """x above zero, a learnt multiple of it below, one for each channel on axis 1."""

    def __init__(self, slopes, slope=0.25):
        super().__init__()
        self.weight = self.add_weight(shape=(slopes,), initializer=keras.initializers.Constant(slope), name="weight")

    def call(self, x):
        return tf.where(x > 0, x, tf.reshape(self.weight, [-1] + [1] * (len(x.shape) - 2)) * x)


class ChannelPreluOfAnyRank(LayerEquivalence):
    """x above zero, a learnt multiple of it below, one for each channel on axis 1."""

    one_way = "torch"
    weights = {"weight": at("weight")}

    def in_torch(slopes: Int, slope: Float = 0.25):
        return nn.PReLU(slopes, init=slope)

    def in_tensorflow(slopes: Int, slope: Float = 0.25):
        return ChannelPReLU(slopes, slope=slope)

    samples = cases(slopes=3, slope=[0.25, 0.1], call=[floats(2, 3, 4), floats(2, 3)])
