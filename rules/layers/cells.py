"""Keras' recurrent cells, and the layers that run them over time or read sequences both ways."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class LSTMCellOfKeras(nn.LSTMCell):
    """One step of a long short-term memory: (x, [h, c]) gives (h, [h, c])."""

    def start(self, x):
        return [x.new_zeros(x.shape[0], self.hidden_size)] * 2

    def forward(self, x, states):
        h, c = super().forward(x, tuple(states))
        return h, [h, c]


@helper
class GRUCellOfKeras(nn.GRUCell):
    """One step of a gated recurrent unit: (x, [h]) gives (h, [h])."""

    def start(self, x):
        return [x.new_zeros(x.shape[0], self.hidden_size)]

    def forward(self, x, states):
        h = super().forward(x, states[0] if isinstance(states, (list, tuple)) else states)
        return h, [h]


@helper
class RNNCellOfKeras(nn.RNNCell):
    """One step of a plain recurrent layer: (x, [h]) gives (h, [h])."""

    def start(self, x):
        return [x.new_zeros(x.shape[0], self.hidden_size)]

    def forward(self, x, states):
        h = super().forward(x, states[0] if isinstance(states, (list, tuple)) else states)
        return h, [h]


class LSTMCellAlone(LayerEquivalence):
    """One step of a long short-term memory. Keras gives the new states as a list beside the output."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    inputs = 2
    outputs = 2
    calling = "x, [y, z]"
    weights = {
        "weight_ih": at("kernel", permute(1, 0)), "weight_hh": at("recurrent_kernel", permute(1, 0)),
        "bias_ih": at("bias"), "bias_hh": at("bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return LSTMCellOfKeras(c_in, units, bias=bias)

    def in_tensorflow(c_in, units, bias=True):
        return keras.layers.LSTMCell(units, use_bias=bias)

    samples = cases(c_in=4, units=5, bias=[True, False], call=(floats(2, 4), floats(2, 5), floats(2, 5)))


class GRUCellAlone(LayerEquivalence):
    """One step of a gated recurrent unit. Keras gives the new state as a list beside the output."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    inputs = 2
    outputs = 2
    calling = "x, [y]"
    weights = {
        "weight_ih": at("kernel", blocks(1, 0, 2), permute(1, 0)),
        "weight_hh": at("recurrent_kernel", blocks(1, 0, 2), permute(1, 0)),
        "bias_ih": at("bias", blocks(1, 0, 2)), "bias_hh": at("bias", blocks(1, 0, 2)),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, bias: Flag = True):
        return GRUCellOfKeras(c_in, units, bias=bias)

    def in_tensorflow(c_in, units, bias=True):
        return keras.layers.GRUCell(units, use_bias=bias)

    samples = cases(c_in=4, units=5, bias=[True, False], call=(floats(2, 4), floats(2, 5)))


class SimpleRNNCellLayer(LayerEquivalence):
    """One step of a plain recurrent layer. Keras gives the new state as a list beside the output."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "units"
    inputs = 2
    outputs = 2
    calling = "x, [y]"
    weights = {
        "weight_ih": at("kernel", permute(1, 0)), "weight_hh": at("recurrent_kernel", permute(1, 0)),
        "bias_ih": at("bias"), "bias_hh": at("bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, activation: Str = "tanh", bias: Flag = True):
        if activation not in ("tanh", "relu"):
            return refuse("PyTorch's recurrent cell has tanh and relu only")
        return RNNCellOfKeras(c_in, units, nonlinearity=activation, bias=bias)

    def in_tensorflow(c_in, units, activation="tanh", bias=True):
        return keras.layers.SimpleRNNCell(units, activation=activation, use_bias=bias)

    samples = cases(c_in=4, units=5, activation=["tanh", "relu"], bias=[True, False], call=(floats(2, 4), floats(2, 5)))


@helper
class StackedCells(nn.Module):
    """Recurrent cells of which each reads the output of the one before it."""

    def __init__(self, cells):
        super().__init__()
        self.cells = nn.ModuleList(cells)

    def start(self, x):
        return [cell.start(x) for cell in self.cells]

    def forward(self, x, states):
        after = []
        for cell, state in zip(self.cells, states, strict=True):
            x, state = cell(x, state)
            after.append(state)
        return x, after


@helper
class CellRNN(nn.Module):
    """A recurrent cell run over time: its outputs, or the last of them, and with ``states`` the final states."""

    def __init__(self, cell, sequences=False, states=False, backwards=False):
        super().__init__()
        self.cell, self.sequences, self.states, self.backwards = cell, sequences, states, backwards

    def forward(self, x, initial_state=None):
        state = self.cell.start(x[:, 0]) if initial_state is None else initial_state
        outputs = []
        for step in x.flip(1).unbind(1) if self.backwards else x.unbind(1):
            output, state = self.cell(step, state)
            outputs.append(output)
        result = torch.stack(outputs, dim=1) if self.sequences else outputs[-1]
        return (result, *state) if self.states else result


@helper
class BidirectionalLSTM(nn.LSTM):
    """A long short-term memory that reads both ways, and returns outputs or both last ones, joined by ``merge``."""

    def __init__(self, width, units, bias=True, sequences=False, merge="concat"):
        super().__init__(width, units, bias=bias, batch_first=True, bidirectional=True)
        self.sequences, self.merge = sequences, merge

    def forward(self, x):
        forward, backward = super().forward(x)[0].chunk(2, dim=-1)
        if not self.sequences:
            forward, backward = forward[:, -1], backward[:, 0]
        if self.merge == "concat":
            return torch.cat([forward, backward], dim=-1)
        joined = forward * backward if self.merge == "mul" else forward + backward
        return joined / 2 if self.merge == "ave" else joined


class BidirectionalLSTMLayer(LayerEquivalence):
    """A long short-term memory that reads both ways; Keras' last outputs are those of both ends."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {}

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, merge: Str = "concat"):
        return BidirectionalLSTM(c_in, units, bias=bias, sequences=sequences, merge=merge)

    def in_tensorflow(c_in, units, bias=True, sequences=False, merge="concat"):
        return keras.layers.Bidirectional(
            keras.layers.LSTM(units, use_bias=bias, return_sequences=sequences), merge_mode=merge
        )

    samples = cases(
        c_in=4, units=3, bias=[True, False], sequences=[True, False], merge=["concat", "sum", "mul", "ave"],
        call=floats(2, 5, 4),
    )  # fmt: skip


@helper
class BidirectionalGRU(nn.GRU):
    """A gated recurrent unit that reads both ways, and returns outputs or both last ones, joined by ``merge``."""

    def __init__(self, width, units, bias=True, sequences=False, merge="concat"):
        super().__init__(width, units, bias=bias, batch_first=True, bidirectional=True)
        self.sequences, self.merge = sequences, merge

    def forward(self, x):
        forward, backward = super().forward(x)[0].chunk(2, dim=-1)
        if not self.sequences:
            forward, backward = forward[:, -1], backward[:, 0]
        if self.merge == "concat":
            return torch.cat([forward, backward], dim=-1)
        joined = forward * backward if self.merge == "mul" else forward + backward
        return joined / 2 if self.merge == "ave" else joined


class BidirectionalGRULayer(LayerEquivalence):
    """A gated recurrent unit that reads both ways; Keras' last outputs are those of both ends."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {}

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, merge: Str = "concat"):
        return BidirectionalGRU(c_in, units, bias=bias, sequences=sequences, merge=merge)

    def in_tensorflow(c_in, units, bias=True, sequences=False, merge="concat"):
        return keras.layers.Bidirectional(
            keras.layers.GRU(units, use_bias=bias, return_sequences=sequences), merge_mode=merge
        )

    samples = cases(
        c_in=4, units=3, bias=[True, False], sequences=[True, False], merge=["concat", "sum"], call=floats(2, 5, 4)
    )


@helper
class BidirectionalRNN(nn.RNN):
    """A plain recurrent layer that reads both ways, and returns outputs or both last ones, joined by ``merge``."""

    def __init__(self, width, units, bias=True, sequences=False, merge="concat"):
        super().__init__(width, units, bias=bias, batch_first=True, bidirectional=True)
        self.sequences, self.merge = sequences, merge

    def forward(self, x):
        forward, backward = super().forward(x)[0].chunk(2, dim=-1)
        if not self.sequences:
            forward, backward = forward[:, -1], backward[:, 0]
        if self.merge == "concat":
            return torch.cat([forward, backward], dim=-1)
        joined = forward * backward if self.merge == "mul" else forward + backward
        return joined / 2 if self.merge == "ave" else joined


class BidirectionalSimpleRNNLayer(LayerEquivalence):
    """A plain recurrent layer that reads both ways; Keras' last outputs are those of both ends."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {}

    def in_torch(c_in: Int, units: Int, bias: Flag = True, sequences: Flag = False, merge: Str = "concat"):
        return BidirectionalRNN(c_in, units, bias=bias, sequences=sequences, merge=merge)

    def in_tensorflow(c_in, units, bias=True, sequences=False, merge="concat"):
        return keras.layers.Bidirectional(
            keras.layers.SimpleRNN(units, use_bias=bias, return_sequences=sequences), merge_mode=merge
        )

    samples = cases(
        c_in=4, units=3, bias=[True, False], sequences=[True, False], merge=["concat", "sum"], call=floats(2, 5, 4)
    )


@helper
class ConvLSTM(nn.Module):
    """A long short-term memory of images (batch, time, ..., channels), whose products are convolutions."""

    def __init__(self, width, filters, kernel, same=False, bias=True, sequences=False):
        super().__init__()
        self.weight_ih = nn.Parameter(nn.init.xavier_uniform_(torch.empty(4 * filters, width, *kernel)))
        self.weight_hh = nn.Parameter(nn.init.xavier_uniform_(torch.empty(4 * filters, filters, *kernel)))
        self.bias = nn.Parameter(torch.zeros(4 * filters)) if bias else None
        self.padding, self.sequences = "same" if same else "valid", sequences

    def forward(self, x):
        convolve = (F.conv1d, F.conv2d, F.conv3d)[x.ndim - 4]
        outputs, h, c = [], None, 0.0
        for step in x.movedim(-1, 2).unbind(1):
            gates = convolve(step, self.weight_ih, self.bias, padding=self.padding)
            if h is not None:
                gates = gates + convolve(h, self.weight_hh, padding="same")
            i, f, new, o = gates.chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(new)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        return (torch.stack(outputs, dim=1) if self.sequences else outputs[-1]).movedim(2 if self.sequences else 1, -1)


class ConvLSTM1dLayer(LayerEquivalence):
    """A long short-term memory of sequences over time."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {
        "weight_ih": at("cell.kernel", permute(2, 1, 0)), "weight_hh": at("cell.recurrent_kernel", permute(2, 1, 0)),
        "bias": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, k: Size1, padding: Str = "valid", bias: Flag = True, sequences: Flag = False):
        if padding == "same":
            return ConvLSTM(c_in, units, several(k, 1), same=True, bias=bias, sequences=sequences)
        return ConvLSTM(c_in, units, several(k, 1), bias=bias, sequences=sequences)

    def in_tensorflow(c_in, units, k, padding="valid", bias=True, sequences=False):
        return keras.layers.ConvLSTM1D(units, k, padding=padding, use_bias=bias, return_sequences=sequences)

    samples = cases(
        c_in=2, units=3, k=[2, 3], padding=["valid", "same"], sequences=[True, False], call=floats(2, 3, 7, 2)
    )


class ConvLSTM2dLayer(LayerEquivalence):
    """A long short-term memory of images over time."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {
        "weight_ih": at("cell.kernel", permute(2, 3, 1, 0)),
        "weight_hh": at("cell.recurrent_kernel", permute(2, 3, 1, 0)), "bias": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, k: Size2, padding: Str = "valid", bias: Flag = True, sequences: Flag = False):
        if padding == "same":
            return ConvLSTM(c_in, units, several(k, 2), same=True, bias=bias, sequences=sequences)
        return ConvLSTM(c_in, units, several(k, 2), bias=bias, sequences=sequences)

    def in_tensorflow(c_in, units, k, padding="valid", bias=True, sequences=False):
        return keras.layers.ConvLSTM2D(units, k, padding=padding, use_bias=bias, return_sequences=sequences)

    samples = cases(
        c_in=2, units=3, k=[3, (2, 3)], padding=["valid", "same"], bias=[True, False], sequences=[True, False],
        call=floats(2, 3, 6, 5, 2),
    )  # fmt: skip


class ConvLSTM3dLayer(LayerEquivalence):
    """A long short-term memory of volumes over time."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {
        "weight_ih": at("cell.kernel", permute(2, 3, 4, 1, 0)),
        "weight_hh": at("cell.recurrent_kernel", permute(2, 3, 4, 1, 0)), "bias": at("cell.bias"),
    }  # fmt: skip

    def in_torch(c_in: Int, units: Int, k: Size3, padding: Str = "valid", bias: Flag = True, sequences: Flag = False):
        if padding == "same":
            return ConvLSTM(c_in, units, several(k, 3), same=True, bias=bias, sequences=sequences)
        return ConvLSTM(c_in, units, several(k, 3), bias=bias, sequences=sequences)

    def in_tensorflow(c_in, units, k, padding="valid", bias=True, sequences=False):
        return keras.layers.ConvLSTM3D(units, k, padding=padding, use_bias=bias, return_sequences=sequences)

    samples = cases(
        c_in=2, units=2, k=[2, 3], padding=["valid", "same"], sequences=[True, False], call=floats(2, 2, 4, 4, 5, 2)
    )
