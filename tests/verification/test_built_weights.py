"""Layers of Keras that make their weights in ``build()`` agree with the lazy modules that stand for them."""

from __future__ import annotations

import pytest

from diptych.conversion import convert
from diptych.conversion.result import Layout
from diptych.verification import Options, verify

BUILT = """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


# diptych: inputs=float32[4,3]
class Linear(layers.Layer):
    def __init__(self, units=32, use_bias=True, **kwargs):
        super(Linear, self).__init__(**kwargs)
        self.units = units
        self.use_bias = use_bias

    def build(self, input_shape):
        input_dim = input_shape[-1]
        self.w = self.add_weight(name="w", shape=(input_dim, self.units), initializer="glorot_uniform", trainable=True)
        if self.use_bias:
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")
        else:
            self.b = None
        self.scale = tf.Variable(tf.ones([self.units]))
        super().build(input_shape)

    def call(self, inputs, training=None):
        x = tf.matmul(inputs, self.w)
        if self.use_bias:
            x = x + self.b
        if training:
            x = x * 2
        return x * self.scale


class Gate(layers.Layer):
    def build(self, shape):
        self.gamma = self.add_weight(shape=(int(shape[-1]),), initializer="ones")
        self.width = shape[-1]

    def call(self, x):
        return x * self.gamma / float(self.width)


class Made(layers.Layer):
    def build(self, input_shape):
        self.one = layers.Dense(4)
        self.two = layers.Dense(3)
        self.built = True

    def call(self, x):
        return self.two(self.one(x))


# diptych: x=float32[4,3]
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.linear = Linear(5)
        self.gate = Gate()
        self.made = Made()

    def call(self, x):
        return self.made(self.gate(self.linear(x)))


# diptych: x=float32[2,5,6,3]
class Images(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3)
        self.gate = Gate()

    def call(self, x):
        return self.gate(self.conv(x))


# diptych: x=float32[2,5,6,3]
class Conv(keras.layers.Layer):
    def build(self, input_shape):
        self.conv = layers.Conv2D(4, 3)
        self.kernel = self.add_weight(shape=(3, 3, input_shape[-1], 4))

    def call(self, x):
        return self.conv(x) + tf.nn.conv2d(x, self.kernel, 1, "VALID")


# diptych: inputs=float32[2,5,8]
class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim=8, num_heads=2, ff_dim=4, rate=0.1):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs, training=False):
        attn_output = self.att(inputs, inputs)
        attn_output = self.dropout1(attn_output, training=training)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.ffn(out1)
        ffn_output = self.dropout2(ffn_output, training=training)
        return self.layernorm2(out1 + ffn_output)


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = tf.shape(x)[-1]
        positions = tf.range(start=0, limit=maxlen, delta=1)
        positions = self.pos_emb(positions)
        x = self.token_emb(x)
        return x + positions


# diptych: x=int32[2,6] in 0..11
class Classifier(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding = TokenAndPositionEmbedding(6, 12, 8)
        self.block = TransformerBlock(8, 2, 6)
        self.pool = layers.GlobalAveragePooling1D()
        self.out = layers.Dense(2, activation="softmax")

    def call(self, x):
        return self.out(self.pool(self.block(self.embedding(x))))
"""


@pytest.mark.parametrize("layout", ["channels-last", "preserve"])
def test_weights_made_at_the_first_call_agree(layout: Layout) -> None:
    converted = convert(BUILT, to="torch", layout=layout)
    found = {each.entry: each for each in verify(converted, options=Options(device="cpu"))}
    assert not converted.leftovers
    for name in ("Linear", "Net", "Images", "Conv", "TransformerBlock", "Classifier"):
        assert found[name].agrees, found[name].summary
