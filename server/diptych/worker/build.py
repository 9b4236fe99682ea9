"""Gives unbuilt Keras layers their variables from the shapes of the torch weights that they will hold."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from .leaf_tables import LEAVES
from .weights import Leaf, leaves, plain


def build_leaves(model: Any, state: Mapping[str, np.ndarray]) -> None:
    """Build every layer of ``model`` that has weights in ``state`` and no variables yet."""
    sizes = {plain(name): tuple(np.shape(value)) for name, value in state.items()}
    for leaf in leaves(model, names=list(state)):
        if leaf.table and not leaf.layer.built:
            shapes = {
                name: sizes[full]
                for row in LEAVES[leaf.table]
                for name in row[0]
                if (full := plain(".".join(filter(None, [leaf.prefix, name + leaf.suffix])))) in sizes
            }
            if shapes:
                _build(leaf, shapes)


def _build(leaf: Leaf, shapes: dict[str, tuple[int, ...]]) -> None:
    layer, table = leaf.layer, leaf.table
    if table == "Dense":
        layer.build((None, shapes["weight"][1]))
    elif table.startswith("Separable"):
        depthwise = shapes["0.weight"]
        layer.build((None, *(None,) * (len(depthwise) - 2), depthwise[0] // layer.depth_multiplier))
    elif table.startswith("ConvLSTM"):
        space = (None,) * (len(shapes["weight_ih"]) - 2)
        layer.build((None, None, *space, shapes["weight_ih"][1]))
    elif "Conv" in table:
        layer.build(_conv_input(layer, table, shapes["weight"]))
    elif table.endswith("Embedding"):
        layer.build((None, None))
    elif table in ("BatchNormalization", "GroupNormalization"):
        _build_channels(layer, next(iter(shapes.values()))[0])
    elif table in ("LayerNormalization", "RMSNormalization"):
        layer.build((None, *next(iter(shapes.values()))))
    elif table == "PReLU":
        shared = max(layer.shared_axes or (0,))
        layer.build((None,) + (1,) * shared + shapes["weight"])
    elif table in ("Attention", "AdditiveAttention"):
        width = next(iter(shapes["scale"]), None) if "scale" in shapes else None
        layer.build([(None, None, width), (None, None, width)])
    elif table == "EinsumDense":
        _build_einsum(layer, shapes["weight"])
    elif table == "GroupedQueryAttention":
        width = shapes["query.weight"][1]
        layer.build((None, None, width), (None, None, width))
    elif table == "MultiHeadAttention":
        width = shapes["in_proj_weight"][1]
        layer.build((None, None, width), (None, None, width))
    else:
        layer.build((None, None, shapes["weight_ih"][1]))
    layer.built = True


def _build_einsum(layer: Any, kernel: tuple[int, ...]) -> None:
    """Build an einsum layer: the kernel tells the axes that its input shares with it."""
    given, letters, _ = layer.equation.replace("->", ",").split(",")
    sizes = dict(zip(letters, kernel))
    layer.build(tuple(sizes.get(axis) for axis in given.strip(".")))


def _conv_input(layer: Any, table: str, weight: tuple[int, ...]) -> tuple[int | None, ...]:
    space = (None,) * (len(weight) - 2)
    if table.endswith("Transpose"):
        channels = weight[0]
    elif table.startswith("Depthwise"):
        channels = weight[0] // layer.depth_multiplier
    else:
        channels = weight[1] * layer.groups
    return (None, channels, *space) if layer.data_format == "channels_first" else (None, *space, channels)


def _build_channels(layer: Any, channels: int) -> None:
    """Build a norm over channels: the weights do not tell the rank of its inputs, so it takes any that comes."""
    axis = layer.axis
    rank = max(2, axis + 1, -axis)
    shape: list[int | None] = [None] * rank
    shape[axis] = channels
    layer.build(tuple(shape))
    layer.input_spec = None
    if not hasattr(layer, "_reduction_axes"):
        return
    call = layer.call

    @functools.wraps(call)
    def call_any_rank(inputs: Any, *arguments: Any, **options: Any) -> Any:
        rank = len(inputs.shape)
        layer._reduction_axes = [index for index in range(rank) if index != axis % rank]
        return call(inputs, *arguments, **options)

    layer.call = call_any_rank
