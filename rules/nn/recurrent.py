"""Recurrent layers: their outputs; the states that PyTorch returns beside them are settled where they are called."""

import keras
from torch import nn

from diptych.catalog.language import *


class Lstm(LayerEquivalence):
    """A long short-term memory, batch before the time. PyTorch adds two biases where Keras has one, and stacks layers by itself."""

    one_way = "torch"
    context = ("states",)
    torch_only = ("c_in",)
    width = "units"
    layout = {"call": (NLC, NLC), "result": (NLC, NLC)}
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: PyTorch trains two biases and adds them, Keras trains their sum, which moves "
        "half as far in a step",
        "bias": True, "states": False,
    }  # fmt: skip

    def in_torch(
        c_in: Int,
        units: Int,
        layers: Int = 1,
        bias: Flag = True,
        dropout: Float = 0.0,
        both_ways: Flag = False,
        states: Flag = False,
    ):
        return nn.LSTM(
            c_in, units, num_layers=layers, bias=bias, batch_first=True, dropout=dropout, bidirectional=both_ways
        )

    def in_tensorflow(c_in, units, layers=1, bias=True, dropout=0.0, both_ways=False, states=False):
        if states:
            return refuse("Keras returns no states unless told to")
        if layers == 1 and both_ways:
            return keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True))
        if layers == 1:
            return keras.layers.LSTM(units, use_bias=bias, return_sequences=True)
        if dropout == 0 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True))
                for _ in range(layers)
            ])  # fmt: skip
        if dropout == 0:
            return keras.Sequential([
                keras.layers.LSTM(units, use_bias=bias, return_sequences=True) for _ in range(layers)
            ])  # fmt: skip
        if layers == 2 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True)),
                keras.layers.Dropout(dropout),
                keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True)),
            ])  # fmt: skip
        if layers == 2:
            return keras.Sequential([
                keras.layers.LSTM(units, use_bias=bias, return_sequences=True),
                keras.layers.Dropout(dropout),
                keras.layers.LSTM(units, use_bias=bias, return_sequences=True),
            ])  # fmt: skip
        return refuse("with dropout between them, write more than two layers one by one")

    samples = (
        cases(c_in=4, units=3, bias=[True, False], both_ways=[False, True], call=floats(2, 5, 4))
        + cases(c_in=4, units=3, layers=[2, 3], both_ways=[False, True], call=floats(2, 5, 4))
        + cases(c_in=4, units=3, layers=2, dropout=0.2, both_ways=[False, True], call=floats(2, 5, 4))
    )


class LstmTimeFirst(LayerEquivalence):
    """A long short-term memory, time before the batch, PyTorch's default. PyTorch adds two biases where Keras has one, and stacks layers by itself."""

    one_way = "torch"
    context = ("states",)
    torch_only = ("c_in",)
    width = "units"
    layout = {"call": ("LNC", "NLC"), "result": ("LNC", "NLC")}
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: PyTorch trains two biases and adds them, Keras trains their sum, which moves "
        "half as far in a step",
        "bias": True, "states": False,
    }  # fmt: skip

    def in_torch(
        c_in: Int,
        units: Int,
        layers: Int = 1,
        bias: Flag = True,
        dropout: Float = 0.0,
        both_ways: Flag = False,
        states: Flag = False,
    ):
        return nn.LSTM(c_in, units, num_layers=layers, bias=bias, dropout=dropout, bidirectional=both_ways)

    def in_tensorflow(c_in, units, layers=1, bias=True, dropout=0.0, both_ways=False, states=False):
        if states:
            return refuse("Keras returns no states unless told to")
        if layers == 1 and both_ways:
            return keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True))
        if layers == 1:
            return keras.layers.LSTM(units, use_bias=bias, return_sequences=True)
        if dropout == 0 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True))
                for _ in range(layers)
            ])  # fmt: skip
        if dropout == 0:
            return keras.Sequential([
                keras.layers.LSTM(units, use_bias=bias, return_sequences=True) for _ in range(layers)
            ])  # fmt: skip
        if layers == 2 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True)),
                keras.layers.Dropout(dropout),
                keras.layers.Bidirectional(keras.layers.LSTM(units, use_bias=bias, return_sequences=True)),
            ])  # fmt: skip
        if layers == 2:
            return keras.Sequential([
                keras.layers.LSTM(units, use_bias=bias, return_sequences=True),
                keras.layers.Dropout(dropout),
                keras.layers.LSTM(units, use_bias=bias, return_sequences=True),
            ])  # fmt: skip
        return refuse("with dropout between them, write more than two layers one by one")

    samples = (
        cases(c_in=4, units=3, bias=[True, False], both_ways=[False, True], call=floats(5, 2, 4))
        + cases(c_in=4, units=3, layers=[2, 3], both_ways=[False, True], call=floats(5, 2, 4))
        + cases(c_in=4, units=3, layers=2, dropout=0.2, both_ways=[False, True], call=floats(5, 2, 4))
    )


class Gru(LayerEquivalence):
    """A gated recurrent unit, batch before the time. The gates stand in another order: r, z, n in PyTorch, z, r, h in Keras."""

    one_way = "torch"
    context = ("states",)
    torch_only = ("c_in",)
    width = "units"
    layout = {"call": (NLC, NLC), "result": (NLC, NLC)}
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip

    def in_torch(
        c_in: Int,
        units: Int,
        layers: Int = 1,
        bias: Flag = True,
        dropout: Float = 0.0,
        both_ways: Flag = False,
        states: Flag = False,
    ):
        return nn.GRU(
            c_in, units, num_layers=layers, bias=bias, batch_first=True, dropout=dropout, bidirectional=both_ways
        )

    def in_tensorflow(c_in, units, layers=1, bias=True, dropout=0.0, both_ways=False, states=False):
        if states:
            return refuse("Keras returns no states unless told to")
        if layers == 1 and both_ways:
            return keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True))
        if layers == 1:
            return keras.layers.GRU(units, use_bias=bias, return_sequences=True)
        if dropout == 0 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True))
                for _ in range(layers)
            ])  # fmt: skip
        if dropout == 0:
            return keras.Sequential([
                keras.layers.GRU(units, use_bias=bias, return_sequences=True) for _ in range(layers)
            ])  # fmt: skip
        if layers == 2 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True)),
                keras.layers.Dropout(dropout),
                keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True)),
            ])  # fmt: skip
        if layers == 2:
            return keras.Sequential([
                keras.layers.GRU(units, use_bias=bias, return_sequences=True),
                keras.layers.Dropout(dropout),
                keras.layers.GRU(units, use_bias=bias, return_sequences=True),
            ])  # fmt: skip
        return refuse("with dropout between them, write more than two layers one by one")

    samples = (
        cases(c_in=4, units=3, bias=[True, False], both_ways=[False, True], call=floats(2, 5, 4))
        + cases(c_in=4, units=3, layers=[2, 3], both_ways=[False, True], call=floats(2, 5, 4))
        + cases(c_in=4, units=3, layers=2, dropout=0.2, both_ways=[False, True], call=floats(2, 5, 4))
    )


class GruTimeFirst(LayerEquivalence):
    """A gated recurrent unit, time before the batch, PyTorch's default. The gates stand in another order: r, z, n in PyTorch, z, r, h in Keras."""

    one_way = "torch"
    context = ("states",)
    torch_only = ("c_in",)
    width = "units"
    layout = {"call": ("LNC", "NLC"), "result": ("LNC", "NLC")}
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip

    def in_torch(
        c_in: Int,
        units: Int,
        layers: Int = 1,
        bias: Flag = True,
        dropout: Float = 0.0,
        both_ways: Flag = False,
        states: Flag = False,
    ):
        return nn.GRU(c_in, units, num_layers=layers, bias=bias, dropout=dropout, bidirectional=both_ways)

    def in_tensorflow(c_in, units, layers=1, bias=True, dropout=0.0, both_ways=False, states=False):
        if states:
            return refuse("Keras returns no states unless told to")
        if layers == 1 and both_ways:
            return keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True))
        if layers == 1:
            return keras.layers.GRU(units, use_bias=bias, return_sequences=True)
        if dropout == 0 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True))
                for _ in range(layers)
            ])  # fmt: skip
        if dropout == 0:
            return keras.Sequential([
                keras.layers.GRU(units, use_bias=bias, return_sequences=True) for _ in range(layers)
            ])  # fmt: skip
        if layers == 2 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True)),
                keras.layers.Dropout(dropout),
                keras.layers.Bidirectional(keras.layers.GRU(units, use_bias=bias, return_sequences=True)),
            ])  # fmt: skip
        if layers == 2:
            return keras.Sequential([
                keras.layers.GRU(units, use_bias=bias, return_sequences=True),
                keras.layers.Dropout(dropout),
                keras.layers.GRU(units, use_bias=bias, return_sequences=True),
            ])  # fmt: skip
        return refuse("with dropout between them, write more than two layers one by one")

    samples = (
        cases(c_in=4, units=3, bias=[True, False], both_ways=[False, True], call=floats(5, 2, 4))
        + cases(c_in=4, units=3, layers=[2, 3], both_ways=[False, True], call=floats(5, 2, 4))
        + cases(c_in=4, units=3, layers=2, dropout=0.2, both_ways=[False, True], call=floats(5, 2, 4))
    )


class Rnn(LayerEquivalence):
    """A plain recurrent layer, batch before the time. PyTorch adds two biases where Keras has one, and stacks layers by itself."""

    one_way = "torch"
    context = ("states",)
    torch_only = ("c_in",)
    width = "units"
    layout = {"call": (NLC, NLC), "result": (NLC, NLC)}
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: PyTorch trains two biases and adds them, Keras trains their sum, which moves "
        "half as far in a step",
        "bias": True, "states": False,
    }  # fmt: skip

    def in_torch(
        c_in: Int,
        units: Int,
        layers: Int = 1,
        activation: Str = "tanh",
        bias: Flag = True,
        dropout: Float = 0.0,
        both_ways: Flag = False,
        states: Flag = False,
    ):
        return nn.RNN(
            c_in,
            units,
            num_layers=layers,
            nonlinearity=activation,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=both_ways,
        )

    def in_tensorflow(c_in, units, layers=1, activation="tanh", bias=True, dropout=0.0, both_ways=False, states=False):
        if states:
            return refuse("Keras returns no states unless told to")
        if layers == 1 and both_ways:
            return keras.layers.Bidirectional(
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)
            )
        if layers == 1:
            return keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)
        if dropout == 0 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True))
                for _ in range(layers)
            ])  # fmt: skip
        if dropout == 0:
            return keras.Sequential([
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True) for _ in range(layers)
            ])  # fmt: skip
        if layers == 2 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)),
                keras.layers.Dropout(dropout),
                keras.layers.Bidirectional(keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)),
            ])  # fmt: skip
        if layers == 2:
            return keras.Sequential([
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True),
                keras.layers.Dropout(dropout),
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True),
            ])  # fmt: skip
        return refuse("with dropout between them, write more than two layers one by one")

    samples = (
        cases(
            c_in=4,
            units=3,
            activation=["tanh", "relu"],
            bias=[True, False],
            both_ways=[False, True],
            call=floats(2, 5, 4),
        )
        + cases(c_in=4, units=3, layers=[2, 3], both_ways=[False, True], call=floats(2, 5, 4))
        + cases(c_in=4, units=3, layers=2, dropout=0.2, both_ways=[False, True], call=floats(2, 5, 4))
    )


class RnnTimeFirst(LayerEquivalence):
    """A plain recurrent layer, time before the batch, PyTorch's default. PyTorch adds two biases where Keras has one, and stacks layers by itself."""

    one_way = "torch"
    context = ("states",)
    torch_only = ("c_in",)
    width = "units"
    layout = {"call": ("LNC", "NLC"), "result": ("LNC", "NLC")}
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: PyTorch trains two biases and adds them, Keras trains their sum, which moves "
        "half as far in a step",
        "bias": True, "states": False,
    }  # fmt: skip

    def in_torch(
        c_in: Int,
        units: Int,
        layers: Int = 1,
        activation: Str = "tanh",
        bias: Flag = True,
        dropout: Float = 0.0,
        both_ways: Flag = False,
        states: Flag = False,
    ):
        return nn.RNN(
            c_in, units, num_layers=layers, nonlinearity=activation, bias=bias, dropout=dropout, bidirectional=both_ways
        )

    def in_tensorflow(c_in, units, layers=1, activation="tanh", bias=True, dropout=0.0, both_ways=False, states=False):
        if states:
            return refuse("Keras returns no states unless told to")
        if layers == 1 and both_ways:
            return keras.layers.Bidirectional(
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)
            )
        if layers == 1:
            return keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)
        if dropout == 0 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True))
                for _ in range(layers)
            ])  # fmt: skip
        if dropout == 0:
            return keras.Sequential([
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True) for _ in range(layers)
            ])  # fmt: skip
        if layers == 2 and both_ways:
            return keras.Sequential([
                keras.layers.Bidirectional(keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)),
                keras.layers.Dropout(dropout),
                keras.layers.Bidirectional(keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)),
            ])  # fmt: skip
        if layers == 2:
            return keras.Sequential([
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True),
                keras.layers.Dropout(dropout),
                keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True),
            ])  # fmt: skip
        return refuse("with dropout between them, write more than two layers one by one")

    samples = (
        cases(
            c_in=4,
            units=3,
            activation=["tanh", "relu"],
            bias=[True, False],
            both_ways=[False, True],
            call=floats(5, 2, 4),
        )
        + cases(c_in=4, units=3, layers=[2, 3], both_ways=[False, True], call=floats(5, 2, 4))
        + cases(c_in=4, units=3, layers=2, dropout=0.2, both_ways=[False, True], call=floats(5, 2, 4))
    )
