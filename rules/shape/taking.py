"""Elements taken from, or put to, positions that are counted through the flattened tensor; windows; nonzero places."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def put(x, index, source, accumulate=False):
    """Return x with the elements of `source` written (or added) at positions of the flattened x."""
    write = tf.tensor_scatter_nd_add if accumulate else tf.tensor_scatter_nd_update
    index = tf.reshape(tf.where(index < 0, index + tf.size(x, out_type=index.dtype), index), (-1, 1))
    return tf.reshape(write(tf.reshape(x, (-1,)), index, tf.reshape(source, (-1,))), tf.shape(x))


@helper
def unfold(x, dim, size, step):
    """Windows of an axis, `step` apart, along a new last axis."""
    starts = tf.range(0, tf.shape(x)[dim] - size + 1, step)
    windows = tf.gather(x, starts[:, None] + tf.range(size), axis=dim)
    return keras.ops.moveaxis(windows, dim % x.shape.rank + 1, -1)


@helper
def nonzero_static(x, size, fill_value=-1):
    """The places of the first `size` elements that are not 0, filled up with `fill_value`."""
    places = tf.where(tf.not_equal(x, tf.zeros_like(x)))[:size]
    return tf.pad(places, ((0, size - tf.shape(places)[0]), (0, 0)), constant_values=fill_value)


@helper
def index_put(x, indices, values, accumulate=False):
    """Return x with `values` written (or added) at the positions along its first axes."""
    write = tf.tensor_scatter_nd_add if accumulate else tf.tensor_scatter_nd_update
    each = [tf.unstack(tf.where(i), axis=1) if i.dtype == tf.bool else [i] for i in indices]
    indices = [index for parts in each for index in parts]
    places = tf.stack([index + tf.zeros_like(sum(indices)) for index in indices], axis=-1)
    part = tf.concat([tf.shape(places)[:-1], tf.shape(x)[len(indices) :]], axis=0)
    return write(x, places, tf.broadcast_to(values, part))


class TakeFlat(Equivalence):
    """Elements at positions of the flattened tensor, which may count from the end."""

    def in_torch(x: Tensor, index: Tensor):
        return spellings(torch.take(x, index), x.take(index))

    def in_tensorflow(x: Tensor, index: Tensor):
        return keras.ops.take(x, index)

    def rank(x, index):
        return rank(index)

    samples = cases(x=floats(3, 4), index=[ints(5, low=-12, high=12), ints(2, 3, high=12)])


class PutFlat(Equivalence):
    """Elements written at positions of the flattened tensor."""

    def in_torch(x: Tensor, index: Tensor, source: Tensor, accumulate: Flag = False):
        return spellings(
            torch.put(x, index, source, accumulate=accumulate), x.put(index, source, accumulate=accumulate)
        )

    def in_tensorflow(x: Tensor, index: Tensor, source: Tensor, accumulate: Flag = False):
        if known_bool(x) and accumulate:
            return tf.cast(put(tf.cast(x, tf.int32), index, tf.cast(source, tf.int32), accumulate=True), tf.bool)
        return general(put(x, index, source, accumulate=accumulate))

    def rank(x, index, source, accumulate):
        return rank(x)

    one_way = "torch"
    samples = (
        cases(x=floats(3, 4), index=ints(1, low=-12, high=12), source=floats(1))
        + cases(x=floats(3, 4), index=ints(5, low=-12, high=12), source=floats(5), accumulate=True)
        + cases(x=bools(3, 4), index=ints(5, low=-12, high=12), source=bools(5), accumulate=True)
    )


class IndexPut(Equivalence):
    """Values written at positions along the first axes; what `x[i, j] = v` does, as a function."""

    def in_torch(x: Tensor, indices: Tensors, values: Tensor, accumulate: Flag = False):
        return spellings(
            torch.index_put(x, indices, values, accumulate=accumulate),
            x.index_put(indices, values, accumulate=accumulate),
        )

    def in_tensorflow(x: Tensor, indices: Tensors, values: Tensor, accumulate: Flag = False):
        if known_bool(x) and accumulate:
            return tf.cast(
                index_put(tf.cast(x, tf.int32), indices, tf.cast(values, tf.int32), accumulate=True), tf.bool
            )
        return general(index_put(x, indices, values, accumulate=accumulate))

    def rank(x, indices, values, accumulate):
        return rank(x)

    one_way = "torch"
    samples = (
        cases(x=floats(3, 4), indices=(ints(1, high=3), ints(1, high=4)), values=floats(1))
        + cases(x=floats(3, 4), indices=[(ints(5, high=3), ints(5, high=4))], values=floats(5), accumulate=True)
        + cases(x=floats(3, 4), indices=[(bools(3),)], values=floats(4))
        + cases(x=bools(3, 4), indices=[(ints(5, high=3),)], values=bools(5, 4), accumulate=True)
    )


class Windows(View):
    """Windows of an axis along a new last axis."""

    def in_torch(x: Tensor, dim: Axis, size: Int, step: Int):
        return spellings(x.unfold(dim, size, step), torch.unfold_copy(x, dim, size, step))

    def in_tensorflow(x: Tensor, dim: Axis, size: Int, step: Int):
        if rank(x) == 0:
            return tf.reshape(x, (1,))
        return general(unfold(x, dim, size, step))

    def rank(x, dim, size, step):
        return rank(x) + 1

    one_way = "torch"
    samples = cases(x=floats(3, 7), dim=[1, -1], size=[2, 3], step=[1, 2]) + cases(x=floats(), dim=0, size=1, step=1)


class NonzeroStatic(Equivalence):
    """The places of a fixed number of elements that are not 0."""

    dtype = "int64"
    gradient = False

    def in_torch(x: Tensor, size: Int, fill_value: Int = -1):
        return spellings(
            torch.nonzero_static(x, size=size, fill_value=fill_value),
            x.nonzero_static(size=size, fill_value=fill_value),
        )

    def in_tensorflow(x: Tensor, size: Int, fill_value: Int = -1):
        if rank(x) == 0:
            return nonzero_static(tf.reshape(x, (1,)), size, fill_value=fill_value)[:, :0]
        return general(nonzero_static(x, size, fill_value=fill_value))

    def rank(x, size, fill_value):
        return 2

    samples = cases(x=[ints(3, 4, high=2), ints()], size=[3, 20], fill_value=[Absent, 7])


class SortFirstAxis(Equivalence):
    """The elements of each column in order."""

    def in_torch(x: Tensor):
        return spellings(torch.msort(x), x.msort())

    def in_tensorflow(x: Tensor):
        if rank(x) == 0:
            return tf.identity(x)
        if known_bool(x):
            return tf.cast(tf.sort(tf.cast(x, tf.int32), axis=0), tf.bool)
        return general(tf.sort(x, axis=0))

    def rank(x):
        return rank(x)

    one_way = "torch"
    samples = cases(x=[floats(4), floats(3, 4), floats(), bools(4)])


class NarrowFrom(View):
    """A run of positions along an axis from a start that is a tensor."""

    def in_torch(x: Tensor, dim: Axis, start: Tensor, length: Int):
        return spellings(
            torch.narrow(x, dim, start, length), x.narrow(dim, start, length), torch.narrow_copy(x, dim, start, length)
        )

    def in_tensorflow(x: Tensor, dim: Axis, start: Tensor, length: Int):
        return tf.gather(x, start + tf.range(length, dtype=start.dtype), axis=dim)

    def rank(x, dim, start, length):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(3, 4), dim=[0, -1], start=ints(high=2), length=2)
