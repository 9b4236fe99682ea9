"""Recurrent layers whose states are used: given, returned, kept."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class Recurrent(keras.layers.Layer):
    """PyTorch's RNN, LSTM or GRU with its weights, layers, directions and states."""

    def __init__(
        self, kind, width, units, layers=1, bias=True, batch_first=False, dropout=0.0, both_ways=False, proj=0,
        activation="tanh",
    ):  # fmt: skip
        super().__init__()
        self.kind, self.sizes, self.layers_, self.batch_first, self.dropout = (
            kind,
            (units, proj),
            layers,
            batch_first,
            dropout,
        )
        self.ways, self.activation = ("", "_reverse")[: 1 + both_ways], keras.activations.get(activation)
        rows, out = {"LSTM": 4, "GRU": 3}.get(kind, 1) * units, proj or units
        for layer in range(layers):
            columns = width if layer == 0 else out * len(self.ways)
            shapes = {"weight_ih": (rows, columns), "weight_hh": (rows, out)}
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
            shapes |= {"weight_hr": (proj, units)} if proj else {}
            for way in self.ways:
                for name, shape in shapes.items():
                    setattr(self, f"{name}_l{layer}{way}", self.add_weight(shape=shape, name=f"{name}_l{layer}{way}"))

    def move(self, part, states, given):
        h = states[0]
        kept = tf.matmul(h, part("weight_hh"), transpose_b=True) + part("bias_hh")
        if self.kind == "RNN":
            return (self.activation(given + kept),)
        if self.kind == "GRU":
            (r, z, n), (hr, hz, hn) = tf.split(given, 3, axis=-1), tf.split(kept, 3, axis=-1)
            z = tf.sigmoid(z + hz)
            return ((1 - z) * tf.tanh(n + tf.sigmoid(r + hr) * hn) + z * h,)
        i, f, g, o = tf.split(given + kept, 4, axis=-1)
        c = tf.sigmoid(f) * states[1] + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return (tf.matmul(h, part("weight_hr"), transpose_b=True) if self.sizes[1] else h), c

    def call(self, input, hx=None, training=None):
        single = len(input.shape) == 2
        x = input[:, None] if single else tf.transpose(input, (1, 0, 2)) if self.batch_first else input
        pair, number = self.kind == "LSTM", self.layers_ * len(self.ways)
        if hx is None:
            sizes = (self.sizes[1] or self.sizes[0], self.sizes[0])[: 1 + pair]
            hx = tuple(tf.zeros((number, tf.shape(x)[1], size), x.dtype) for size in sizes)
        else:
            hx = tuple(s[:, None] if single else s for s in (hx if pair else (hx,)))
        last = []
        for place in range(number):
            layer, way = divmod(place, len(self.ways))

            def part(name, end=f"_l{layer}{self.ways[way]}"):
                return getattr(self, name + end, 0.0)

            given = tf.matmul(x, part("weight_ih"), transpose_b=True) + part("bias_ih")
            run = tf.scan(lambda s, g: self.move(part, s, g), given, tuple(s[place] for s in hx), reverse=way == 1)
            last.append([s[0 if way else -1] for s in run])
            done = tf.concat([done, run[0]], -1) if way else run[0]
            if way == len(self.ways) - 1:
                x = tf.nn.dropout(done, self.dropout) if training and self.dropout and place < number - 1 else done
        states = tuple(tf.stack(s) for s in zip(*last, strict=True))
        out = x[:, 0] if single else tf.transpose(x, (1, 0, 2)) if self.batch_first else x
        states = tuple(s[:, 0] for s in states) if single else states
        return out, states if pair else states[0]


class LSTMWithStates(LayerEquivalence):
    """A long short-term memory whose states are used."""

    one_way = "torch"
    context = ("states",)
    inputs = "any"
    also = ("pair",)
    train = False
    width = "units"
    weights = {
        "weight_ih_l0": at("weight_ih_l0"), "weight_hh_l0": at("weight_hh_l0"), "bias_ih_l0": at("bias_ih_l0"),
        "bias_hh_l0": at("bias_hh_l0"),
    }  # fmt: skip

    def in_torch(
        c_in: Int, units: Int, layers: Int = 1, bias: Flag = True, batch_first: Flag = False, dropout: Float = 0.0,
        both_ways: Flag = False, proj: Int = 0, states: Flag = True,
    ):  # fmt: skip
        if states:
            return nn.LSTM(
                c_in, units, num_layers=layers, bias=bias, batch_first=batch_first, dropout=dropout,
                bidirectional=both_ways, proj_size=proj,
            )  # fmt: skip
        return refuse("its states are not used")

    def in_tensorflow(
        c_in: Int, units: Int, layers: Int = 1, bias: Flag = True, batch_first: Flag = False, dropout: Float = 0.0,
        both_ways: Flag = False, proj: Int = 0, states: Flag = True,
    ):  # fmt: skip
        return Recurrent(
            "LSTM", c_in, units, layers=layers, bias=bias, batch_first=batch_first, dropout=dropout,
            both_ways=both_ways, proj=proj,
        )  # fmt: skip

    samples = cases(c_in=4, units=3, layers=[1, 2], both_ways=[False, True], proj=[0, 2], call=floats(5, 2, 4)) + cases(
        c_in=4, units=3, batch_first=True, bias=[False, True], call=[floats(2, 5, 4), floats(5, 4)]
    )


class GRUWithStates(LayerEquivalence):
    """A gated recurrent unit whose states are used."""

    one_way = "torch"
    context = ("states",)
    inputs = "any"
    also = ("tensor",)
    train = False
    width = "units"
    weights = {
        "weight_ih_l0": at("weight_ih_l0"), "weight_hh_l0": at("weight_hh_l0"), "bias_ih_l0": at("bias_ih_l0"),
        "bias_hh_l0": at("bias_hh_l0"),
    }  # fmt: skip

    def in_torch(
        c_in: Int, units: Int, layers: Int = 1, bias: Flag = True, batch_first: Flag = False, dropout: Float = 0.0,
        both_ways: Flag = False, states: Flag = True,
    ):  # fmt: skip
        if states:
            return nn.GRU(
                c_in, units, num_layers=layers, bias=bias, batch_first=batch_first, dropout=dropout,
                bidirectional=both_ways,
            )  # fmt: skip
        return refuse("its states are not used")

    def in_tensorflow(
        c_in: Int, units: Int, layers: Int = 1, bias: Flag = True, batch_first: Flag = False, dropout: Float = 0.0,
        both_ways: Flag = False, states: Flag = True,
    ):  # fmt: skip
        return Recurrent(
            "GRU", c_in, units, layers=layers, bias=bias, batch_first=batch_first, dropout=dropout,
            both_ways=both_ways,
        )  # fmt: skip

    samples = cases(c_in=4, units=3, layers=[1, 2], both_ways=[False, True], call=floats(5, 2, 4)) + cases(
        c_in=4, units=3, batch_first=True, bias=[False, True], call=[floats(2, 5, 4), floats(5, 4)]
    )


class RNNWithStates(LayerEquivalence):
    """A plain recurrent layer whose states are used."""

    one_way = "torch"
    context = ("states",)
    inputs = "any"
    also = ("tensor",)
    train = False
    width = "units"
    weights = {
        "weight_ih_l0": at("weight_ih_l0"), "weight_hh_l0": at("weight_hh_l0"), "bias_ih_l0": at("bias_ih_l0"),
        "bias_hh_l0": at("bias_hh_l0"),
    }  # fmt: skip

    def in_torch(
        c_in: Int, units: Int, layers: Int = 1, bias: Flag = True, batch_first: Flag = False, dropout: Float = 0.0,
        both_ways: Flag = False, activation: Str = "tanh", states: Flag = True,
    ):  # fmt: skip
        if states:
            return nn.RNN(
                c_in, units, num_layers=layers, bias=bias, batch_first=batch_first, dropout=dropout,
                bidirectional=both_ways, nonlinearity=activation,
            )  # fmt: skip
        return refuse("its states are not used")

    def in_tensorflow(
        c_in: Int, units: Int, layers: Int = 1, bias: Flag = True, batch_first: Flag = False, dropout: Float = 0.0,
        both_ways: Flag = False, activation: Str = "tanh", states: Flag = True,
    ):  # fmt: skip
        return Recurrent(
            "RNN", c_in, units, layers=layers, bias=bias, batch_first=batch_first, dropout=dropout,
            both_ways=both_ways, activation=activation,
        )  # fmt: skip

    samples = cases(
        c_in=4, units=3, layers=[1, 2], both_ways=[False, True], activation=[Absent, "relu"], call=floats(5, 2, 4)
    ) + cases(c_in=4, units=3, batch_first=True, bias=[False, True], call=[floats(2, 5, 4), floats(5, 4)])
