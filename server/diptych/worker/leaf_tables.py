"""How the weights of each Keras layer correspond to torch's: plain data, read by :mod:`weights` in both directions.

A row is (torch names, join, Keras attribute path, steps). ``join`` says how several torch tensors make one: ``one``,
``sum`` (comes back as the sum and zeros) or ``stack``. Steps turn the torch array into the Keras one and can be undone:

- ``["permute", axes]``
- ``["blocks", order]``: the first axis falls into equal blocks, put into this order (the gates of a GRU);
``columns``: the last
- ``["part", index, count]``: the first axis falls into ``count`` equal blocks, of which this is one
- ``["fold", k]``: reshape to the variable's shape; back, its first ``k`` axes merge into one and the rest into another
- ``["flat"]``: reshape to the variable's shape; back, to one axis
- ``["depth"]``: reshape to the variable's shape; back, its last two axes merge and a 1 follows
- ``["spread"]``: reshape to the variable's shape; back, axes of size 1 go
"""

from __future__ import annotations

from typing import Any

Row = tuple[tuple[str, ...], str, str, list[list[Any]]]


def _one(name: str, attribute: str, *steps: list[Any]) -> Row:
    return ((name,), "one", attribute, list(steps))


def _conv(axes: list[int]) -> list[Row]:
    return [_one("weight", "kernel", ["permute", axes]), _one("bias", "bias")]


def _recurrent(bias: list[Row], *steps: list[Any]) -> list[Row]:
    return [
        _one("weight_ih", "cell.kernel", *steps, ["permute", [1, 0]]),
        _one("weight_hh", "cell.recurrent_kernel", *steps, ["permute", [1, 0]]),
        *bias,
    ]


def _attention() -> list[Row]:
    rows: list[Row] = []
    for index, part in enumerate(("query", "key", "value")):
        rows.append(
            _one("in_proj_weight", f"_{part}_dense.kernel", ["part", index, 3], ["permute", [1, 0]], ["fold", 1])
        )
        rows.append(_one("in_proj_bias", f"_{part}_dense.bias", ["part", index, 3], ["flat"]))
    rows.append(_one("out_proj.weight", "_output_dense.kernel", ["permute", [1, 0]], ["fold", 2]))
    rows.append(_one("out_proj.bias", "_output_dense.bias"))
    return rows


def _dense(name: str, attribute: str, axes: int) -> list[Row]:
    """A projection of heads: torch joins the axes on each side of the kernel, of which the first has ``axes``."""
    return [
        _one(f"{name}.weight", f"{attribute}.kernel", ["permute", [1, 0]], ["fold", axes]),
        _one(f"{name}.bias", f"{attribute}.bias", *([["flat"]] if axes == 1 else [])),
    ]


def _convolutional(axes: list[int]) -> list[Row]:
    return [
        _one("weight_ih", "cell.kernel", ["permute", axes]),
        _one("weight_hh", "cell.recurrent_kernel", ["permute", axes]),
        _one("bias", "cell.bias"),
    ]


def _cell(bias: Row, *steps: list[Any]) -> list[Row]:
    return [
        _one("weight_ih", "kernel", *steps, ["permute", [1, 0]]),
        _one("weight_hh", "recurrent_kernel", *steps, ["permute", [1, 0]]),
        bias,
    ]


def _separable(channels_first: list[int], pointwise: list[int]) -> list[Row]:
    return [
        _one("0.weight", "depthwise_kernel", ["permute", channels_first], ["depth"]),
        _one("1.weight", "pointwise_kernel", ["permute", pointwise]),
        _one("1.bias", "bias"),
    ]


_SCALE_AND_SHIFT = [_one("weight", "gamma"), _one("bias", "beta")]
_SUMMED_BIAS: list[Row] = [(("bias_ih", "bias_hh"), "sum", "cell.bias", [])]

LEAVES: dict[str, list[Row]] = {
    "Dense": [_one("weight", "kernel", ["permute", [1, 0]]), _one("bias", "bias")],
    "Conv1D": _conv([2, 1, 0]),
    "Conv2D": _conv([2, 3, 1, 0]),
    "Conv3D": _conv([2, 3, 4, 1, 0]),
    "Conv1DTranspose": _conv([2, 1, 0]),
    "Conv2DTranspose": _conv([2, 3, 1, 0]),
    "Conv3DTranspose": _conv([2, 3, 4, 1, 0]),
    "DepthwiseConv1D": [_one("weight", "kernel", ["permute", [2, 0, 1]], ["depth"]), _one("bias", "bias")],
    "DepthwiseConv2D": [_one("weight", "kernel", ["permute", [2, 3, 0, 1]], ["depth"]), _one("bias", "bias")],
    "SeparableConv1D": _separable([2, 0, 1], [2, 1, 0]),
    "SeparableConv2D": _separable([2, 3, 0, 1], [2, 3, 1, 0]),
    "BatchNormalization": [
        *_SCALE_AND_SHIFT,
        _one("running_mean", "moving_mean"),
        _one("running_var", "moving_variance"),
    ],
    "LayerNormalization": _SCALE_AND_SHIFT,
    "GroupNormalization": _SCALE_AND_SHIFT,
    "RMSNormalization": [_one("weight", "scale")],
    "Embedding": [_one("weight", "embeddings")],
    "PReLU": [_one("weight", "alpha", ["spread"])],
    "SimpleRNN": _recurrent(_SUMMED_BIAS),
    "LSTM": _recurrent(_SUMMED_BIAS),
    "GRU": _recurrent(
        [(("bias_ih", "bias_hh"), "stack", "cell.bias", [["columns", [1, 0, 2]]])], ["blocks", [1, 0, 2]]
    ),
    "SimpleRNNCell": _cell((("bias_ih", "bias_hh"), "sum", "bias", [])),
    "LSTMCell": _cell((("bias_ih", "bias_hh"), "sum", "bias", [])),
    "GRUCell": _cell((("bias_ih", "bias_hh"), "stack", "bias", [["columns", [1, 0, 2]]]), ["blocks", [1, 0, 2]]),
    "ConvLSTM1D": _convolutional([2, 1, 0]),
    "ConvLSTM2D": _convolutional([2, 3, 1, 0]),
    "ConvLSTM3D": _convolutional([2, 3, 4, 1, 0]),
    "MultiHeadAttention": _attention(),
    "GroupedQueryAttention": [
        *_dense("query", "_query_dense", 1),
        *_dense("key", "_key_dense", 1),
        *_dense("value", "_value_dense", 1),
        *_dense("output", "_output_dense", 2),
    ],
    "Attention": [_one("scale", "scale"), _one("concat_score_weight", "concat_score_weight")],
    "AdditiveAttention": [_one("scale", "scale")],
    "EinsumDense": [_one("weight", "kernel"), _one("bias", "bias")],
    "ReversibleEmbedding": [_one("weight", "embeddings"), _one("reverse_weight", "reverse_embeddings")],
}
RECURRENT = ("SimpleRNN", "LSTM", "GRU")
# Layers that only make room for the one beside them: a Sequential of these and one weighted layer stands for it.
PADDING = (
    "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Cropping1D", "Cropping2D", "Cropping3D",
    "Permute", "Activation",
)  # fmt: skip


def register(layer: str, rows: list[Row]) -> None:
    """Add or replace the correspondence of one Keras layer class."""
    LEAVES[layer] = rows
