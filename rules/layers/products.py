"""Keras' layers of learnt products: einsum, and an embedding that also scores."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class EinsumDense(nn.modules.lazy.LazyModuleMixin, nn.Module):
    """An einsum with a learnt kernel, whose shape follows from the equation, the input and ``output_shape``."""

    def __init__(self, equation, output_shape, bias_axes=None):
        super().__init__()
        self.equation, self.bias_axes = equation, bias_axes
        self.output_shape = output_shape if isinstance(output_shape, (tuple, list)) else (output_shape,)
        self.weight = nn.UninitializedParameter()
        self.register_parameter("bias", nn.UninitializedParameter() if bias_axes else None)

    def initialize_parameters(self, x):
        if not self.has_uninitialized_params():
            return
        given, kernel, result = self.equation.replace("->", ",").split(",")
        sizes = dict(zip(given.strip(".")[::-1], tuple(x.shape)[::-1], strict=False))
        wanted = zip(result.strip(".")[::-1], tuple(self.output_shape)[::-1], strict=False)
        sizes |= {axis: n for axis, n in wanted if n is not None}
        self.weight.materialize([sizes[axis] for axis in kernel])
        nn.init.xavier_uniform_(self.weight.data.view(-1, self.weight.shape[-1]))
        if self.bias is not None:
            result = result[min(result.index(axis) for axis in self.bias_axes) :]
            self.bias.materialize([sizes[axis] if axis in self.bias_axes else 1 for axis in result])
            nn.init.zeros_(self.bias)

    def forward(self, x):
        result = torch.einsum(self.equation, x, self.weight)
        return result if self.bias is None else result + self.bias


class EinsumDenseLayer(LayerEquivalence):
    """An einsum with a learnt kernel."""

    one_way = "tensorflow"
    weights = {"weight": at("kernel"), "bias": at("bias")}

    def in_torch(equation: Str, shape: Any, bias_axes: Str = Absent):
        return EinsumDense(equation, shape, bias_axes=bias_axes)

    def in_tensorflow(equation: Str, shape: Any, bias_axes: Str = Absent):
        return keras.layers.EinsumDense(equation, shape, bias_axes=bias_axes)

    samples = (
        cases(equation="ab,bc->ac", shape=5, bias_axes=[Absent, "c"], call=floats(2, 6))
        + cases(equation="abc,cd->abd", shape=(None, 5), bias_axes=[Absent, "d"], call=floats(2, 7, 4))
        + cases(equation="...x,xy->...y", shape=6, bias_axes="y", call=floats(2, 5, 4))
        + cases(equation="abc,cde->abde", shape=(None, 2, 3), bias_axes=["de", "e", "d"], call=floats(2, 5, 4))
    )


@helper
class ReversibleEmbedding(nn.Embedding):
    """An embedding whose table, or with ``tied=False`` another one, also scores its rows."""

    def __init__(self, rows, width, tied=True):
        super().__init__(rows, width)
        self.reverse_weight = None if tied else nn.Parameter(nn.init.xavier_uniform_(torch.empty(width, rows)))

    def forward(self, x, reverse=False):
        if not reverse:
            return super().forward(x)
        return F.linear(x, self.weight) if self.reverse_weight is None else x @ self.reverse_weight


class ReversibleEmbeddingLayer(LayerEquivalence):
    """An embedding that scores its rows when it is called with reverse=True."""

    one_way = "tensorflow"
    options = ("reverse",)
    weights = {"weight": at("embeddings"), "reverse_weight": at("reverse_embeddings")}

    def in_torch(rows: Int, width: Int, tied: Flag = True):
        return ReversibleEmbedding(rows, width, tied=tied)

    def in_tensorflow(rows: Int, width: Int, tied: Flag = True):
        return keras.layers.ReversibleEmbedding(rows, width, tie_weights=tied)

    samples = cases(rows=10, width=4, tied=[True, False], call=ints(2, 5))
