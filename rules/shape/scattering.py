"""Elements written to positions; the in-place spellings of PyTorch use these rules too."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def scatter(x, dim, index, src):
    """Return x with the elements of `src` written at the places of `index`, positions along `dim`."""
    index = tf.cast(index, tf.int64)
    shape = tf.shape(index, out_type=tf.int64)
    places = tf.meshgrid(*map(tf.range, tf.unstack(shape)), indexing="ij")
    places[dim] = index
    return tf.tensor_scatter_nd_update(x, tf.stack(places, axis=-1), tf.slice(src, tf.zeros_like(shape), shape))


@helper
def scatter_add(x, dim, index, src):
    """Return x with the elements of `src` added at the places of `index`, positions along `dim`."""
    index = tf.cast(index, tf.int64)
    shape = tf.shape(index, out_type=tf.int64)
    places = tf.meshgrid(*map(tf.range, tf.unstack(shape)), indexing="ij")
    places[dim] = index
    return tf.tensor_scatter_nd_add(x, tf.stack(places, axis=-1), tf.slice(src, tf.zeros_like(shape), shape))


@helper
def write(x, part, value):
    """Return x with `value` written to the places that `part` takes from a tensor of x's shape."""
    places = part(tf.reshape(tf.range(tf.size(x)), tf.shape(x)))
    value = tf.broadcast_to(tf.cast(value, x.dtype), tf.shape(places))
    places, value = tf.reshape(places, (-1, 1)), tf.reshape(value, (-1,))
    flat = tf.tensor_scatter_nd_update(tf.reshape(x, (-1,)), places, value)
    return tf.reshape(flat, keras.ops.shape(x))


@helper
def points(*index):
    """Positions along several axes, broadcast against each other, side by side on a new last axis."""
    return tf.stack([each + tf.zeros_like(sum(index)) for each in index], axis=-1)


@helper
def taken(x, index, axis=0):
    """The elements of x at positions along an axis, which may count from its end, or where a mask holds."""
    index = tf.convert_to_tensor(index)
    if index.dtype in (tf.bool, tf.uint8):
        return tf.boolean_mask(x, tf.cast(index, tf.bool), axis=axis)
    return tf.gather(x, tf.where(index < 0, index + tf.cast(tf.shape(x)[axis], index.dtype), index), axis=axis)


@helper
def pick(x, axes, *index):
    """The elements of x at positions along several axes; theirs come first, but neighbours stay where they are."""
    index = [tf.cast(each, tf.int64) for each in index]
    index = [tf.where(i < 0, i + tf.shape(x, tf.int64)[axis], i) for i, axis in zip(index, axes, strict=True)]
    points = tf.stack([each + tf.zeros_like(sum(index)) for each in index], axis=-1)
    found = tf.gather_nd(keras.ops.moveaxis(x, axes, list(range(len(axes)))), points)
    start = axes[0] if axes[-1] - axes[0] == len(axes) - 1 else 0
    first = list(range(points.shape.rank - 1))
    return keras.ops.moveaxis(found, first, [start + axis for axis in first])


@helper
def index_write(x, dim, index, src, add=False):
    """Return x with the slices of `src` written (or added) at the positions `index` along `dim`."""
    write = tf.tensor_scatter_nd_add if add else tf.tensor_scatter_nd_update
    rows = write(keras.ops.moveaxis(x, dim, 0), index[:, None], keras.ops.moveaxis(src, dim, 0))
    return keras.ops.moveaxis(rows, 0, dim)


class Scatter(Equivalence):
    """Elements of a tensor, or a number, written at the places of an index. TensorFlow wants whole coordinates."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, src: Operand):
        return spellings(torch.scatter(x, dim, index, src), x.scatter(dim, index, src))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, src: Operand):
        if is_number(src):
            return scatter(x, dim, index, keras.ops.full_like(index, src, dtype=x.dtype))
        return scatter(x, dim, index, src)

    def rank(x, dim, index, src):
        return rank(x)

    samples = cases(x=floats(4, 5), dim=[1, -1], index=ints(4, 1, high=5), src=[floats(4, 1), 1.0, 2]) + cases(
        x=floats(4, 5), dim=[0, -2], index=ints(3, 4, high=4), src=1.5
    )


class ScatterValue(Equivalence):
    """A number written at the places of an index, given as `value=`."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, value: Number):
        return spellings(torch.scatter(x, dim, index, value=value), x.scatter(dim, index, value=value))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, value: Number):
        return scatter(x, dim, index, keras.ops.full_like(index, value, dtype=x.dtype))

    def rank(x, dim, index, value):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(4, 5), dim=[0, -1], index=ints(3, 4, high=4), value=1.5)


class ScatterAdd(Equivalence):
    """Elements added at the places of an index, all of them where places repeat."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, src: Tensor):
        return spellings(torch.scatter_add(x, dim, index, src), x.scatter_add(dim, index, src))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, src: Tensor):
        if known_bool(x):
            return tf.cast(scatter_add(tf.cast(x, tf.int32), dim, index, tf.cast(src, tf.int32)), tf.bool)
        return general(scatter_add(x, dim, index, src))

    def rank(x, dim, index, src):
        return rank(x)

    samples = cases(x=floats(4, 5), dim=[0, 1, -1], index=ints(3, 4, high=4), src=floats(3, 4)) + cases(
        x=bools(4, 5), dim=0, index=ints(3, 4, high=4), src=bools(3, 4)
    )


class IndexAdd(Equivalence):
    """Slices added at positions along an axis, all of them where positions repeat."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, source: Tensor):
        return spellings(torch.index_add(x, dim, index, source), x.index_add(dim, index, source))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, source: Tensor):
        if known_bool(x):
            return tf.cast(index_write(tf.cast(x, tf.int32), dim, index, tf.cast(source, tf.int32), add=True), tf.bool)
        return general(index_write(x, dim, index, source, add=True))

    def rank(x, dim, index, source):
        return rank(x)

    samples = (
        cases(x=floats(4, 5), dim=0, index=ints(3, high=4), source=floats(3, 5))
        + cases(x=floats(4, 5), dim=[1, -1], index=ints(3, high=5), source=floats(4, 3))
        + cases(x=bools(4, 5), dim=0, index=ints(3, high=4), source=bools(3, 5))
    )


class IndexCopy(Equivalence):
    """Slices written at positions along an axis."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, source: Tensor):
        return spellings(torch.index_copy(x, dim, index, source), x.index_copy(dim, index, source))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, source: Tensor):
        return index_write(x, dim, index, source)

    def rank(x, dim, index, source):
        return rank(x)

    samples = cases(x=floats(4, 5), dim=[0, -2], index=ints(1, high=4), source=floats(1, 5))


class IndexFill(Equivalence):
    """A number written into whole slices at positions along an axis."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, value: Number):
        return spellings(torch.index_fill(x, dim, index, value), x.index_fill(dim, index, value))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, value: Number):
        if rank(x) == 0:
            return tf.where(tf.size(index) > 0, keras.ops.full_like(x, value), x)
        return general(index_write(x, dim, index, keras.ops.full_like(tf.gather(x, index, axis=dim), value)))

    def rank(x, dim, index, value):
        return rank(x)

    samples = cases(x=floats(4, 5), dim=[0, -1], index=ints(3, high=4), value=[0, 1.5]) + cases(
        x=floats(), dim=0, index=ints(1, high=1), value=1.5
    )


class IndexAddScaled(Equivalence):
    """Slices added, with a factor, at positions along an axis."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, index: Tensor, source: Tensor, alpha: Number):
        return spellings(
            torch.index_add(x, dim, index, source, alpha=alpha), x.index_add(dim, index, source, alpha=alpha)
        )

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, source: Tensor, alpha: Number):
        if known_bool(x):
            return tf.cast(
                index_write(
                    tf.cast(x, tf.int32), dim, index, tf.cast(tf.logical_and(source, bool(alpha)), tf.int32), add=True
                ),
                tf.bool,
            )
        return general(index_write(x, dim, index, source * alpha, add=True))

    one_way = "torch"
    samples = cases(x=floats(4, 5), dim=[0, -2], index=ints(3, high=4), source=floats(3, 5), alpha=2) + cases(
        x=bools(4, 5), dim=0, index=ints(3, high=4), source=bools(3, 5), alpha=[True, False]
    )


class IndexFillFrom(Equivalence):
    """The number that a tensor without axes holds, written into whole slices at positions along an axis."""

    def in_torch(x: Tensor, dim: Axis, index: Tensor, value: Tensor):
        return spellings(torch.index_fill(x, dim, index, value), x.index_fill(dim, index, value))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor, value: Tensor):
        if rank(x) == 0:
            return tf.where(tf.size(index) > 0, value, x)
        return general(index_write(x, dim, index, keras.ops.full_like(tf.gather(x, index, axis=dim), value)))

    def rank(x, dim, index, value):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(4, 5), dim=[0, -1], index=ints(1, high=4), value=floats()) + cases(
        x=floats(), dim=0, index=ints(1, high=1), value=floats()
    )


class ScatterPoints(Equivalence):
    """Values written at whole positions; where positions repeat, which of them stays is not settled."""

    def in_torch(x: Tensor, index: Tensor, values: Tensor):
        return spellings(
            x.index_put(tuple(index.unbind(-1)), values), torch.index_put(x, tuple(index.unbind(-1)), values)
        )

    def in_tensorflow(x: Tensor, index: Tensor, values: Tensor):
        return tf.tensor_scatter_nd_update(x, index, values)

    def rank(x, index, values):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(4, 5), index=ints(1, 2, high=4), values=floats(1))


class ScatterIntoZeros(Equivalence):
    """Values added into zeros at whole positions, all of them where positions repeat."""

    def in_torch(index: Tensor, values: Tensor, shape: Shape):
        return torch.zeros(*shape, dtype=values.dtype).index_put(tuple(index.unbind(-1)), values, accumulate=True)

    def in_tensorflow(index: Tensor, values: Tensor, shape: Shape):
        return tf.scatter_nd(index, values, shape)

    dtype = "values"

    def rank(index, values, shape):
        return len(shape)

    one_way = "tensorflow"
    samples = cases(index=ints(3, 2, high=4), values=floats(3), shape=(4, 5))


class ScatterAddPoints(Equivalence):
    """Values added at whole positions, all of them where positions repeat."""

    def in_torch(x: Tensor, index: Tensor, values: Tensor):
        return x.index_put(tuple(index.unbind(-1)), values, accumulate=True)

    def in_tensorflow(x: Tensor, index: Tensor, values: Tensor):
        return tf.tensor_scatter_nd_add(x, index, values)

    def rank(x, index, values):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(4, 5), index=ints(3, 2, high=4), values=floats(3))
