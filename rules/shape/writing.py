"""Parts of a tensor exchanged for others: the functions behind item assignment."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def part_scatter(x, src, dim, *part):
    """Return x with `src` written to a slice of the axis `dim`."""
    places = tf.range(x.shape[dim])[slice(*part)]
    rows = tf.tensor_scatter_nd_update(keras.ops.moveaxis(x, dim, 0), places[:, None], keras.ops.moveaxis(src, dim, 0))
    return keras.ops.moveaxis(rows, 0, dim)


@helper
def masked_scatter(x, mask, source):
    """Return x with the elements of `source`, in order, written where the mask holds."""
    shape = tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(mask))
    places = tf.where(tf.broadcast_to(mask, shape))
    return tf.tensor_scatter_nd_update(
        tf.broadcast_to(x, shape), places, tf.reshape(source, (-1,))[: tf.shape(places)[0]]
    )


class MaskedScatter(Equivalence):
    """The elements of a tensor, in order, written where a mask holds."""

    def in_torch(x: Tensor, mask: Tensor, source: Tensor):
        return spellings(torch.masked_scatter(x, mask, source), x.masked_scatter(mask, source))

    def in_tensorflow(x: Tensor, mask: Tensor, source: Tensor):
        return masked_scatter(x, mask, source)

    def rank(x, mask, source):
        return max(rank(x), rank(mask))

    one_way = "torch"
    samples = cases(x=floats(3, 4), mask=[bools(3, 4), bools(4)], source=floats(3, 4))


class SelectScatter(Equivalence):
    """One slice along an axis exchanged for another."""

    def in_torch(x: Tensor, src: Tensor, dim: Axis, index: Int):
        return spellings(torch.select_scatter(x, src, dim, index), x.select_scatter(src, dim, index))

    def in_tensorflow(x: Tensor, src: Tensor, dim: Axis, index: Int):
        if index == -1:
            return part_scatter(x, tf.expand_dims(src, dim), dim, -1, None)
        return part_scatter(x, tf.expand_dims(src, dim), dim, index, index + 1)

    def rank(x, src, dim, index):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(3, 4), src=floats(3), dim=[1, -1], index=[0, 2, -1, -2])


class SliceScatter(Equivalence):
    """A run of slices along an axis exchanged for others."""

    def in_torch(x: Tensor, src: Tensor, dim: Axis = 0, start: Any = None, end: Any = None, step: Int = 1):
        return spellings(
            torch.slice_scatter(x, src, dim=dim, start=start, end=end, step=step),
            x.slice_scatter(src, dim=dim, start=start, end=end, step=step),
        )

    def in_tensorflow(x: Tensor, src: Tensor, dim: Axis = 0, start: Any = None, end: Any = None, step: Int = 1):
        return part_scatter(x, src, dim, start, end, step)

    def rank(x, src, dim, start, end, step):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(3, 6), src=floats(3, 2), dim=[1, -1], start=[1], end=[5], step=2) + cases(
        x=floats(3, 6), src=floats(2, 6), start=1
    )


class DiagonalScatter(Equivalence):
    """A diagonal exchanged for another."""

    def in_torch(x: Tensor, src: Tensor, offset: Int = 0, dim1: Axis = 0, dim2: Axis = 1):
        return spellings(
            torch.diagonal_scatter(x, src, offset=offset, dim1=dim1, dim2=dim2),
            x.diagonal_scatter(src, offset=offset, dim1=dim1, dim2=dim2),
        )

    def in_tensorflow(x: Tensor, src: Tensor, offset: Int = 0, dim1: Axis = 0, dim2: Axis = 1):
        if rank(x) == 2 and dim1 == 0 and dim2 == 1:
            return tf.linalg.set_diag(x, src, k=offset)
        return general(
            keras.ops.moveaxis(
                tf.linalg.set_diag(keras.ops.moveaxis(x, (dim1, dim2), (-2, -1)), src, k=offset), (-2, -1), (dim1, dim2)
            )
        )

    def rank(x, src, offset, dim1, dim2):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(4, 4), src=floats(3), offset=[1, -1]) + cases(
        x=floats(3, 4, 3), src=floats(4, 3), dim1=0, dim2=[2, -1]
    )
