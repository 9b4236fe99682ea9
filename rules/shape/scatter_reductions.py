"""Elements and slices combined with what stands at their places."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def scatter_reduce(x, dim, index, src, reduce, include_self=True):
    """Combine x with the elements of `src` at the places of `index`, positions along `dim`."""
    index = tf.cast(index, tf.int64)
    shape = tf.shape(index, out_type=tf.int64)
    places = tf.meshgrid(*map(tf.range, tf.unstack(shape)), indexing="ij")
    places[dim] = index
    places, src = tf.stack(places, axis=-1), tf.slice(src, tf.zeros_like(shape), shape)
    count = tf.scatter_nd(places, tf.ones_like(src), tf.shape(x, out_type=tf.int64))
    if reduce in ("sum", "mean", "prod"):
        start = x if include_self else tf.where(count > 0, tf.cast(reduce == "prod", x.dtype), x)
    else:
        start = x if include_self else tf.where(count > 0, x.dtype.min if reduce == "amax" else x.dtype.max, x)
    if reduce == "amax":
        return tf.tensor_scatter_nd_max(start, places, src)
    if reduce == "amin":
        return tf.tensor_scatter_nd_min(start, places, src)
    if reduce == "prod":
        flat = tf.reshape(tf.range(tf.size(x)), tf.shape(x))
        size, ids = tf.size(x), tf.reshape(tf.gather_nd(flat, places), (-1,))
        return start * tf.reshape(tf.math.unsorted_segment_prod(tf.reshape(src, (-1,)), ids, size), tf.shape(x))
    total = tf.tensor_scatter_nd_add(start, places, src)
    if reduce == "sum":
        return total
    count = tf.maximum(count + (1 if include_self else 0), 1)
    return total // count if x.dtype.is_integer else total / count


@helper
def index_reduce(x, dim, index, source, reduce, include_self=True):
    """Combine x with the slices of `source` at the positions `index` along `dim`."""
    axes = [-1 if axis == dim % source.shape.rank else 1 for axis in range(source.shape.rank)]
    index = tf.broadcast_to(tf.reshape(index, axes), tf.shape(source))
    return scatter_reduce(x, dim, index, source, reduce, include_self=include_self)


@helper
def scatter_number_bool(x, dim, index, number, reduce):
    """Combine truth values with whether a number is not 0, by "add" (or) or "multiply" (and)."""
    src = tf.fill(tf.shape(index), int(number != 0))
    reduce = "sum" if reduce == "add" else "prod"
    return tf.cast(scatter_reduce(tf.cast(x, tf.int32), dim, index, src, reduce), tf.bool)


class ScatterReduce(Equivalence):
    """Elements combined with what stands at the places of an index, by their sum, product, mean or extreme."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, src: Tensor, reduce: Str, include_self: Flag = True):
        return spellings(
            torch.scatter_reduce(x, dim, index, src, reduce, include_self=include_self),
            x.scatter_reduce(dim, index, src, reduce, include_self=include_self),
        )

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, src: Tensor, reduce: Str, include_self: Flag = True):
        if known_bool(x):
            return tf.cast(
                scatter_reduce(
                    tf.cast(x, tf.int32), dim, index, tf.cast(src, tf.int32), reduce, include_self=include_self
                ),
                tf.bool,
            )
        return general(scatter_reduce(x, dim, index, src, reduce, include_self=include_self))

    samples = cases(
        x=floats(4, 5), dim=[0, -1], index=ints(3, 4, high=4), src=floats(3, 4),
        reduce=["sum", "prod", "mean", "amax", "amin"], include_self=[Absent, False],
    ) + cases(
        x=bools(4, 5), dim=0, index=ints(3, 4, high=4), src=bools(3, 4), reduce=["sum", "prod", "amax", "amin"],
        include_self=[Absent, False],
    )  # fmt: skip


class ScatterAndCombine(Equivalence):
    """Elements, or a number, added to or multiplied with what stands at the places of an index."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, src: Operand, reduce: Str):
        return spellings(torch.scatter(x, dim, index, src, reduce=reduce), x.scatter(dim, index, src, reduce=reduce))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, src: Operand, reduce: Str):
        if known_bool(x) and is_number(src):
            return scatter_number_bool(x, dim, index, src, reduce)
        if known_bool(x) and reduce == "add":
            return tf.cast(scatter_reduce(tf.cast(x, tf.int32), dim, index, tf.cast(src, tf.int32), "sum"), tf.bool)
        if known_bool(x) and reduce == "multiply":
            return tf.cast(scatter_reduce(tf.cast(x, tf.int32), dim, index, tf.cast(src, tf.int32), "prod"), tf.bool)
        if is_number(src) and reduce == "add":
            return scatter_reduce(x, dim, index, keras.ops.full_like(index, src, dtype=x.dtype), "sum")
        if is_number(src) and reduce == "multiply":
            return scatter_reduce(x, dim, index, keras.ops.full_like(index, src, dtype=x.dtype), "prod")
        if reduce == "add":
            return scatter_reduce(x, dim, index, src, "sum")
        if reduce == "multiply":
            return scatter_reduce(x, dim, index, src, "prod")
        return refuse("how to combine must be known")

    def rank(x, dim, index, src, reduce):
        return rank(x)

    one_way = "torch"
    gradient = False
    samples = cases(
        x=floats(4, 5), dim=[0, -1], index=ints(3, 4, high=4), src=[floats(3, 4), 2.5], reduce=["add", "multiply"]
    ) + cases(x=bools(4, 5), dim=0, index=ints(3, 4, high=4), src=[bools(3, 4), True], reduce=["add", "multiply"])


class IndexReduce(Equivalence):
    """Slices combined with those at positions along an axis, by their product, mean or extreme."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, source: Tensor, reduce: Str, include_self: Flag = True):
        return spellings(
            torch.index_reduce(x, dim, index, source, reduce, include_self=include_self),
            x.index_reduce(dim, index, source, reduce, include_self=include_self),
        )

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, source: Tensor, reduce: Str, include_self: Flag = True):
        if known_bool(x):
            return refuse("TensorFlow neither adds nor compares booleans")
        return general(index_reduce(x, dim, index, source, reduce, include_self=include_self))

    samples = cases(
        x=floats(4, 5), dim=0, index=ints(3, high=4), source=floats(3, 5), reduce=["prod", "mean", "amax", "amin"],
        include_self=[Absent, False],
    )  # fmt: skip
