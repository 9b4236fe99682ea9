"""One step of a recurrent layer, as PyTorch takes it: states given and returned as they are, one sample or several."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class RecurrentCell(keras.layers.Layer):
    """One step of a recurrent layer with PyTorch's weights; ``gates`` blocks stand in them."""

    def __init__(self, width, units, bias=True, gates=1):
        super().__init__()
        self.units = units
        self.weight_ih = self.add_weight(shape=(gates * units, width), name="weight_ih")
        self.weight_hh = self.add_weight(shape=(gates * units, units), name="weight_hh")
        if bias:
            self.bias_ih = self.add_weight(shape=(gates * units,), initializer="zeros", name="bias_ih")
            self.bias_hh = self.add_weight(shape=(gates * units,), initializer="zeros", name="bias_hh")
        self.use_bias = bias

    def products(self, x, h):
        given, kept = (tf.linalg.matvec(w, v) for w, v in ((self.weight_ih, x), (self.weight_hh, h)))
        return (given + self.bias_ih, kept + self.bias_hh) if self.use_bias else (given, kept)

    def start(self, x):
        return tf.zeros(tf.concat([tf.shape(x)[:-1], [self.units]], 0), x.dtype)


@helper
class RNNCell(RecurrentCell):
    """One step of a plain recurrent layer."""

    def __init__(self, width, units, bias=True, activation="tanh"):
        super().__init__(width, units, bias)
        self.activation = keras.activations.get(activation)

    def call(self, input, hx=None):
        return self.activation(sum(self.products(input, self.start(input) if hx is None else hx)))


@helper
class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit."""

    def __init__(self, width, units, bias=True):
        super().__init__(width, units, bias, 3)

    def call(self, input, hx=None):
        h = self.start(input) if hx is None else hx
        (r, z, n), (hr, hz, hn) = (tf.split(product, 3, axis=-1) for product in self.products(input, h))
        z = tf.sigmoid(z + hz)
        return (1 - z) * tf.tanh(n + tf.sigmoid(r + hr) * hn) + z * h


@helper
class LSTMCell(RecurrentCell):
    """One step of a long short-term memory."""

    def __init__(self, width, units, bias=True):
        super().__init__(width, units, bias, 4)

    def call(self, input, hx=None):
        h, c = (self.start(input), self.start(input)) if hx is None else hx
        i, f, g, o = tf.split(sum(self.products(input, h)), 4, axis=-1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(c), c


class RNNCellLayer(LayerEquivalence):
    """One step of a plain recurrent layer, on one sample or several."""

    one_way = "torch"
    inputs = "any"
    width = "units"
    weights = {
        "weight_ih": at("weight_ih"), "weight_hh": at("weight_hh"), "bias_ih": at("bias_ih"), "bias_hh": at("bias_hh"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True, activation: Str = "tanh"):
        return nn.RNNCell(c_in, units, bias=bias, nonlinearity=activation)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True, activation: Str = "tanh"):
        return RNNCell(c_in, units, bias=bias, activation=activation)

    samples = cases(
        c_in=4, units=3, bias=[True, False], activation=["tanh", "relu"],
        call=[floats(2, 4), (floats(2, 4), floats(2, 3)), (floats(4), floats(3))],
    )  # fmt: skip


class GRUCellLayer(LayerEquivalence):
    """One step of a gated recurrent unit, on one sample or several."""

    one_way = "torch"
    inputs = "any"
    width = "units"
    weights = {
        "weight_ih": at("weight_ih"), "weight_hh": at("weight_hh"), "bias_ih": at("bias_ih"), "bias_hh": at("bias_hh"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return nn.GRUCell(c_in, units, bias=bias)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True):
        return GRUCell(c_in, units, bias=bias)

    samples = cases(
        c_in=4, units=3, bias=[True, False], call=[floats(2, 4), (floats(2, 4), floats(2, 3)), (floats(4), floats(3))]
    )


class LSTMCellLayer(LayerEquivalence):
    """One step of a long short-term memory, on one sample or several."""

    one_way = "torch"
    inputs = "any"
    also = ("tensor",)
    width = "units"
    weights = {
        "weight_ih": at("weight_ih"), "weight_hh": at("weight_hh"), "bias_ih": at("bias_ih"), "bias_hh": at("bias_hh"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return nn.LSTMCell(c_in, units, bias=bias)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True):
        return LSTMCell(c_in, units, bias=bias)

    samples = cases(c_in=4, units=3, bias=[True, False], call=[floats(2, 4), floats(4)])
