"""Positions as numbers: those of triangles, and those of a flattened tensor."""

import math

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def triangle_places(rows, columns, offset=0, upper=False):
    """The places of the lower (or upper) triangle of a matrix: rows above, columns below."""
    places = tf.range(columns)[None, :] - tf.range(rows)[:, None]
    inside = places >= offset if upper else places <= offset
    return tf.transpose(tf.where(inside))


@helper
def unravel_index(index, shape):
    """The place along each axis of a tensor of this shape of positions that count through all its elements."""
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return tuple(index // step % size for step, size in zip(steps, shape, strict=True))


class LowerTrianglePlaces(Equivalence):
    """Rows and columns of the elements on and below a diagonal."""

    dtype = "int64"
    gradient = False

    def in_torch(rows: Int, columns: Int, offset: Int = 0):
        return torch.tril_indices(rows, columns, offset=offset)

    def in_tensorflow(rows: Int, columns: Int, offset: Int = 0):
        return triangle_places(rows, columns, offset=offset)

    def rank(rows, columns, offset):
        return 2

    samples = cases(rows=[3, 4], columns=3, offset=[Absent, 1, -1])


class UpperTrianglePlaces(Equivalence):
    """Rows and columns of the elements on and above a diagonal."""

    dtype = "int64"
    gradient = False

    def in_torch(rows: Int, columns: Int, offset: Int = 0):
        return torch.triu_indices(rows, columns, offset=offset)

    def in_tensorflow(rows: Int, columns: Int, offset: Int = 0):
        return triangle_places(rows, columns, offset=offset, upper=True)

    def rank(rows, columns, offset):
        return 2

    samples = cases(rows=[3, 4], columns=3, offset=[Absent, 1, -1])


class UnravelIndex(Equivalence):
    """Positions of a flattened tensor as one tensor of positions for each axis."""

    result = "tensors"
    gradient = False

    def in_torch(index: Tensor, shape: Shape):
        return torch.unravel_index(index, shape)

    def in_tensorflow(index: Tensor, shape: Shape):
        return unravel_index(index, shape)

    def rank(index, shape):
        return rank(index)

    one_way = "torch"
    samples = cases(index=[ints(4, high=12), ints(2, 3, high=12)], shape=[(3, 4), (2, 3, 2)])
