"""Activations that are looked up by a name when the program runs agree with Keras' own."""

from __future__ import annotations

import pytest

from diptych.conversion import convert
from diptych.conversion.result import Layout
from diptych.verification import Options, verify

NAMES = [
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
    "soft_shrink", "softmax", "softplus", "softsign", "swish", "tanh", "tanh_shrink",
]  # fmt: skip
EACH = """
import keras


# diptych: x=float32[3,4]
def named_{name}(x, name="{name}"):
    return keras.activations.get(name)(x)
"""
LAYERS = """
import keras
import tensorflow as tf
from keras import layers


class Dense(layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))

    def call(self, x):
        x = tf.matmul(x, self.kernel)
        return x if self.activation is None else self.activation(x)


class Block(layers.Layer):
    def __init__(self, filters, activation="relu"):
        super().__init__()
        self.conv = layers.Conv2D(filters, 3, activation=activation)
        self.again = layers.Conv2D(filters, 1)
        self.activation = layers.Activation(activation)

    def call(self, x):
        return self.activation(self.again(self.conv(x)))


# diptych: x=float32[2,6,7,3]
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(4, name) for name in ("relu", "softmax", None, tf.nn.tanh)]
        self.shares = {"of channels": layers.Conv2D(4, 1, activation="softmax")}
        self.dense = Dense(3, "gelu")
        self.last = Dense(2)

    def call(self, x):
        for block in self.blocks:
            x = tf.pad(block(x), [[0, 0], [1, 1], [1, 1], [0, 0]])
        x = self.shares["of channels"](x)
        return self.last(self.dense(tf.reduce_mean(x, axis=(1, 2))))
"""


def test_every_name_means_the_same() -> None:
    converted = convert("".join(EACH.format(name=name) for name in NAMES), to="torch")
    found = verify(converted, options=Options(device="cpu"))
    assert len(found) == len(NAMES)
    assert all(each.agrees for each in found), [each.summary for each in found if not each.agrees]


@pytest.mark.parametrize("layout", ["channels-last", "preserve"])
def test_layers_with_such_activations_agree(layout: Layout) -> None:
    converted = convert(LAYERS, to="torch", layout=layout)
    assert not [each for each in converted.leftovers if each.severity == "error"]
    found = {each.entry: each for each in verify(converted, options=Options(device="cpu"))}
    assert found["Net"].agrees, found["Net"].summary
