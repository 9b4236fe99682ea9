"""Keras' recurrent layers, which return their outputs alone, or the last of them."""

import keras
from torch import nn

from diptych.catalog.language import *


@helper
class KerasLSTM(nn.LSTM):
    """A long short-term memory that returns its outputs alone, or the last of them, as Keras does."""

    def __init__(self, width, units, bias=True, last=True):
        super().__init__(width, units, bias=bias, batch_first=True)
        self.last = last

    def forward(self, x):
        outputs, _ = super().forward(x)
        return outputs[:, -1] if self.last else outputs


class LSTMOutputs(LayerEquivalence):
    """A long short-term memory in Keras, which returns its outputs alone; PyTorch returns the states too."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: Keras trains one bias, PyTorch two that it adds, and their sum moves twice as "
        "far in a step",
        "bias": True,
    }  # fmt: skip
    layout = {"call": (NLC, NLC), "result": (NLC, NLC)}

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return KerasLSTM(c_in, units, bias=bias, last=False)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True):
        return keras.layers.LSTM(units, use_bias=bias, return_sequences=True)

    samples = cases(c_in=4, units=3, bias=[True, False], call=floats(2, 5, 4))


class LSTMLastOutput(LayerEquivalence):
    """A long short-term memory in Keras, which returns its last output unless told otherwise."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: Keras trains one bias, PyTorch two that it adds, and their sum moves twice as "
        "far in a step",
        "bias": True,
    }  # fmt: skip
    layout = {"call": (NLC, NLC), "result": ("NC", "NC")}

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return KerasLSTM(c_in, units, bias=bias)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True):
        return keras.layers.LSTM(units, use_bias=bias)

    samples = cases(c_in=4, units=3, bias=[True, False], call=floats(2, 5, 4))


@helper
class KerasGRU(nn.GRU):
    """A gated recurrent unit that returns its outputs alone, or the last of them, as Keras does."""

    def __init__(self, width, units, bias=True, last=True):
        super().__init__(width, units, bias=bias, batch_first=True)
        self.last = last

    def forward(self, x):
        outputs, _ = super().forward(x)
        return outputs[:, -1] if self.last else outputs


class GRUOutputs(LayerEquivalence):
    """A gated recurrent unit in Keras, which returns its outputs alone; PyTorch returns the states too."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip
    layout = {"call": (NLC, NLC), "result": (NLC, NLC)}

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return KerasGRU(c_in, units, bias=bias, last=False)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True):
        return keras.layers.GRU(units, use_bias=bias, return_sequences=True)

    samples = cases(c_in=4, units=3, bias=[True, False], call=floats(2, 5, 4))


class GRULastOutput(LayerEquivalence):
    """A gated recurrent unit in Keras, which returns its last output unless told otherwise."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip
    layout = {"call": (NLC, NLC), "result": ("NC", "NC")}

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return KerasGRU(c_in, units, bias=bias)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True):
        return keras.layers.GRU(units, use_bias=bias)

    samples = cases(c_in=4, units=3, bias=[True, False], call=floats(2, 5, 4))


@helper
class KerasRNN(nn.RNN):
    """A plain recurrent layer that returns its outputs alone, or the last of them, as Keras does."""

    def __init__(self, width, units, activation="tanh", bias=True, last=True):
        super().__init__(width, units, nonlinearity=activation, bias=bias, batch_first=True)
        self.last = last

    def forward(self, x):
        outputs, _ = super().forward(x)
        return outputs[:, -1] if self.last else outputs


class SimpleRNNOutputs(LayerEquivalence):
    """A plain recurrent layer in Keras, which returns its outputs alone; PyTorch returns the states too."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: Keras trains one bias, PyTorch two that it adds, and their sum moves twice as "
        "far in a step",
        "bias": True,
    }  # fmt: skip
    layout = {"call": (NLC, NLC), "result": (NLC, NLC)}

    def in_torch(c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True):
        if activation not in ("tanh", "relu"):
            return refuse("PyTorch's recurrent layer has tanh and relu only")
        return KerasRNN(c_in, units, activation=activation, bias=bias, last=False)

    def in_tensorflow(c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True):
        return keras.layers.SimpleRNN(units, activation=activation, use_bias=bias, return_sequences=True)

    samples = cases(c_in=4, units=3, activation=["tanh", "relu"], bias=[True, False], call=floats(2, 5, 4))


class SimpleRNNLastOutput(LayerEquivalence):
    """A plain recurrent layer in Keras, which returns its last output unless told otherwise."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip
    assumes = {
        "because": "no training that goes on: Keras trains one bias, PyTorch two that it adds, and their sum moves twice as "
        "far in a step",
        "bias": True,
    }  # fmt: skip
    layout = {"call": (NLC, NLC), "result": ("NC", "NC")}

    def in_torch(c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True):
        if activation not in ("tanh", "relu"):
            return refuse("PyTorch's recurrent layer has tanh and relu only")
        return KerasRNN(c_in, units, activation=activation, bias=bias)

    def in_tensorflow(c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True):
        return keras.layers.SimpleRNN(units, activation=activation, use_bias=bias)

    samples = cases(c_in=4, units=3, activation=["tanh", "relu"], bias=[True, False], call=floats(2, 5, 4))
