"""Keras' recurrent layers: outputs or the last of them, final states, reversed or both ways; their cells."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class LSTMOfKeras(nn.LSTM):
    """A long short-term memory that returns its outputs, or the last of them, and with ``states`` h and c too."""

    def __init__(self, width, units, bias=True, sequences=False, states=False, backwards=False, drop=0.0):
        super().__init__(width, units, bias=bias, batch_first=True)
        self.sequences, self.states, self.backwards, self.drop = sequences, states, backwards, drop

    def forward(self, x, initial_state=None):
        x = x * F.dropout(torch.ones_like(x[:, :1]), self.drop, self.training)
        before = None if initial_state is None else tuple(state.unsqueeze(0) for state in initial_state)
        outputs, (h, c) = super().forward(x.flip(1) if self.backwards else x, before)
        outputs = outputs if self.sequences else outputs[:, -1]
        return (outputs, h[0], c[0]) if self.states else outputs


@helper
class GRUOfKeras(nn.GRU):
    """A gated recurrent unit that returns its outputs, or the last of them, and with ``states`` the last state too."""

    def __init__(self, width, units, bias=True, sequences=False, states=False, backwards=False, drop=0.0):
        super().__init__(width, units, bias=bias, batch_first=True)
        self.sequences, self.states, self.backwards, self.drop = sequences, states, backwards, drop

    def forward(self, x, initial_state=None):
        x = x * F.dropout(torch.ones_like(x[:, :1]), self.drop, self.training)
        before = None if initial_state is None else initial_state.unsqueeze(0)
        outputs, h = super().forward(x.flip(1) if self.backwards else x, before)
        outputs = outputs if self.sequences else outputs[:, -1]
        return (outputs, h[0]) if self.states else outputs


@helper
class RNNOfKeras(nn.RNN):
    """A plain recurrent layer that returns its outputs, or the last of them, and with ``states`` the last state too."""

    def __init__(
        self, width, units, activation="tanh", bias=True, sequences=False, states=False, backwards=False, drop=0.0
    ):
        super().__init__(width, units, nonlinearity=activation, bias=bias, batch_first=True)
        self.sequences, self.states, self.backwards, self.drop = sequences, states, backwards, drop

    def forward(self, x, initial_state=None):
        x = x * F.dropout(torch.ones_like(x[:, :1]), self.drop, self.training)
        before = None if initial_state is None else initial_state.unsqueeze(0)
        outputs, h = super().forward(x.flip(1) if self.backwards else x, before)
        outputs = outputs if self.sequences else outputs[:, -1]
        return (outputs, h[0]) if self.states else outputs


class LSTMOfKerasWithStates(LayerEquivalence):
    """Keras' long short-term memory that returns its final states too, starts from given ones, or runs backwards."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    outputs = 3
    options = ("initial_state",)
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, backwards: Flag = False):
        return LSTMOfKeras(c_in, units, bias=bias, sequences=sequences, states=True, backwards=backwards)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, backwards: Flag = False):
        return keras.layers.LSTM(
            units, use_bias=bias, return_sequences=sequences, return_state=True, go_backwards=backwards
        )

    samples = cases(
        c_in=4, units=3, bias=[True, False], sequences=[True, False], backwards=[True, False], call=floats(2, 5, 4)
    )


class GRUOfKerasWithStates(LayerEquivalence):
    """Keras' gated recurrent unit that returns its final state too, starts from a given one, or runs backwards."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    outputs = 2
    options = ("initial_state",)
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, backwards: Flag = False):
        return GRUOfKeras(c_in, units, bias=bias, sequences=sequences, states=True, backwards=backwards)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, backwards: Flag = False):
        return keras.layers.GRU(
            units, use_bias=bias, return_sequences=sequences, return_state=True, go_backwards=backwards
        )

    samples = cases(
        c_in=4, units=3, bias=[True, False], sequences=[True, False], backwards=[True, False], call=floats(2, 5, 4)
    )


class SimpleRNNWithStates(LayerEquivalence):
    """Keras' plain recurrent layer that returns its final state too, starts from a given one, or runs backwards."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    outputs = 2
    options = ("initial_state",)
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip

    def in_torch(
        c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True, sequences: Flag = False,
        backwards: Flag = False,
    ):  # fmt: skip
        if activation not in ("tanh", "relu"):
            return refuse("PyTorch's recurrent layer has tanh and relu only")
        return RNNOfKeras(
            c_in, units, activation=activation, bias=bias, sequences=sequences, states=True, backwards=backwards
        )

    def in_tensorflow(
        c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True, sequences: Flag = False,
        backwards: Flag = False,
    ):  # fmt: skip
        return keras.layers.SimpleRNN(
            units, activation=activation, use_bias=bias, return_sequences=sequences, return_state=True,
            go_backwards=backwards,
        )  # fmt: skip

    samples = cases(
        c_in=4, units=3, activation=["tanh", "relu"], sequences=[True, False], backwards=[True, False],
        call=floats(2, 5, 4),
    )  # fmt: skip


class LSTMBackwards(LayerEquivalence):
    """Keras' long short-term memory that reads from the end; its outputs stay in the order in which they are made."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False):
        return LSTMOfKeras(c_in, units, bias=bias, sequences=sequences, backwards=True)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False):
        return keras.layers.LSTM(units, use_bias=bias, return_sequences=sequences, go_backwards=True)

    samples = cases(c_in=4, units=3, bias=[True, False], sequences=[True, False], call=floats(2, 5, 4))


class GRUBackwards(LayerEquivalence):
    """Keras' gated recurrent unit that reads from the end; its outputs stay in the order in which they are made."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False):
        return GRUOfKeras(c_in, units, bias=bias, sequences=sequences, backwards=True)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False):
        return keras.layers.GRU(units, use_bias=bias, return_sequences=sequences, go_backwards=True)

    samples = cases(c_in=4, units=3, bias=[True, False], sequences=[True, False], call=floats(2, 5, 4))


class SimpleRNNBackwards(LayerEquivalence):
    """Keras' plain recurrent layer that reads from the end; its outputs stay in the order in which they are made."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False):
        return RNNOfKeras(c_in, units, bias=bias, sequences=sequences, backwards=True)

    def in_tensorflow(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False):
        return keras.layers.SimpleRNN(units, use_bias=bias, return_sequences=sequences, go_backwards=True)

    samples = cases(c_in=4, units=3, bias=[True, False], sequences=[True, False], call=floats(2, 5, 4))


class LSTMWithDropout(LayerEquivalence):
    """Keras' long short-term memory that drops elements of its input while training, the same at each step."""

    one_way = "tensorflow"
    random = True
    train = False
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, drop: Float, bias: Flag = True, sequences: Flag = False, again: Float = 0.0):
        if again != 0:
            return refuse("PyTorch's recurrent layers drop nothing between the steps (recurrent_dropout)")
        return LSTMOfKeras(c_in, units, bias=bias, sequences=sequences, drop=drop)

    def in_tensorflow(
        c_in: Int, units: Int, drop: Float, bias: Flag = True, sequences: Flag = False, again: Float = 0.0
    ):
        return keras.layers.LSTM(
            units, use_bias=bias, return_sequences=sequences, dropout=drop, recurrent_dropout=again
        )

    samples = cases(c_in=4, units=3, drop=[0.0, 0.2], sequences=[True, False], call=floats(2, 5, 4)) + cases(
        c_in=4, units=3, drop=0.2, again=0.2, call=floats(2, 5, 4)
    )


class GRUWithDropout(LayerEquivalence):
    """Keras' gated recurrent unit that drops elements of its input while training, the same at each step."""

    one_way = "tensorflow"
    random = True
    train = False
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh_l0": at("cell.recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih_l0": at("cell.bias", blocks(1, 0, 2)), "bias_hh_l0": at("cell.bias", blocks(1, 0, 2)),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, drop: Float, bias: Flag = True, sequences: Flag = False, again: Float = 0.0):
        if again != 0:
            return refuse("PyTorch's recurrent layers drop nothing between the steps (recurrent_dropout)")
        return GRUOfKeras(c_in, units, bias=bias, sequences=sequences, drop=drop)

    def in_tensorflow(
        c_in: Int, units: Int, drop: Float, bias: Flag = True, sequences: Flag = False, again: Float = 0.0
    ):
        return keras.layers.GRU(units, use_bias=bias, return_sequences=sequences, dropout=drop, recurrent_dropout=again)

    samples = cases(c_in=4, units=3, drop=[0.0, 0.2], sequences=[True, False], call=floats(2, 5, 4)) + cases(
        c_in=4, units=3, drop=0.2, again=0.2, call=floats(2, 5, 4)
    )


class SimpleRNNWithDropout(LayerEquivalence):
    """Keras' plain recurrent layer that drops elements of its input while training, the same at each step."""

    one_way = "tensorflow"
    random = True
    train = False
    torch_only = ("c_in",)
    width = "units"
    weights = {
        "weight_ih_l0": at("cell.kernel", permute(1, 0)), "weight_hh_l0": at("cell.recurrent_kernel", permute(1, 0)),
        "bias_ih_l0": at("cell.bias"), "bias_hh_l0": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, drop: Float, bias: Flag = True, sequences: Flag = False, again: Float = 0.0):
        if again != 0:
            return refuse("PyTorch's recurrent layers drop nothing between the steps (recurrent_dropout)")
        return RNNOfKeras(c_in, units, bias=bias, sequences=sequences, drop=drop)

    def in_tensorflow(
        c_in: Int, units: Int, drop: Float, bias: Flag = True, sequences: Flag = False, again: Float = 0.0
    ):
        return keras.layers.SimpleRNN(
            units, use_bias=bias, return_sequences=sequences, dropout=drop, recurrent_dropout=again
        )

    samples = cases(c_in=4, units=3, drop=[0.0, 0.2], sequences=[True, False], call=floats(2, 5, 4)) + cases(
        c_in=4, units=3, drop=0.2, again=0.2, call=floats(2, 5, 4)
    )


class StatefulLSTM(LayerEquivalence):
    """Keras' recurrent layers with options that PyTorch's have not."""

    one_way = "tensorflow"

    def in_torch(units: Int, stateful: Flag = False, sequences: Flag = False):
        return refuse("PyTorch's layers keep no state between calls: hand the last states on to the next call")

    def in_tensorflow(units: Int, stateful: Flag = False, sequences: Flag = False):
        if not stateful:
            return refuse("another rule knows it")
        return spellings(
            keras.layers.LSTM(units, return_sequences=sequences, stateful=stateful),
            keras.layers.GRU(units, return_sequences=sequences, stateful=stateful),
            keras.layers.SimpleRNN(units, return_sequences=sequences, stateful=stateful),
        )

    samples = cases(units=3, stateful=True, sequences=[True, False], call=floats(2, 5, 4))


class GRUResetBefore(LayerEquivalence):
    """Keras' gated recurrent unit that resets the state before its product, as in the first paper."""

    one_way = "tensorflow"

    def in_torch(units: Int, after: Flag, bias: Flag = True, sequences: Flag = False):
        return refuse("PyTorch's GRU resets after the product with the recurrent kernel (reset_after=True)")

    def in_tensorflow(units: Int, after: Flag, bias: Flag = True, sequences: Flag = False):
        return keras.layers.GRU(units, use_bias=bias, return_sequences=sequences, reset_after=after)

    samples = cases(units=3, after=False, call=floats(2, 5, 4))


class LSTMOfOtherActivations(LayerEquivalence):
    """Keras' long short-term memory with other activations, or a forget gate that does not start open."""

    one_way = "tensorflow"

    def in_torch(units: Int, activation: Any, sequences: Flag = False):
        return refuse("PyTorch's LSTM and GRU compute with tanh and sigmoid alone")

    def in_tensorflow(units: Int, activation: Any, sequences: Flag = False):
        if activation == "tanh":
            return refuse("another rule knows it")
        return spellings(
            keras.layers.LSTM(units, activation=activation, return_sequences=sequences),
            keras.layers.GRU(units, activation=activation, return_sequences=sequences),
            keras.layers.LSTM(units, recurrent_activation=activation, return_sequences=sequences),
            keras.layers.GRU(units, recurrent_activation=activation, return_sequences=sequences),
        )

    samples = cases(units=3, activation=["relu", "hard_sigmoid"], call=floats(2, 5, 4))
