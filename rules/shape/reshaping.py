"""Another shape for the same elements."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def flatten(x, start, end=-1):
    """Join the axes from `start` to `end` into one."""
    shape = keras.ops.shape(x)
    start, end = start % len(shape), end % len(shape)
    return tf.reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@helper
def unflatten(x, dim, sizes):
    """Split the axis `dim` into axes of these sizes; one of them may be -1."""
    shape = keras.ops.shape(x)
    dim = dim % len(shape)
    known = -math.prod(sizes) if -1 in sizes else 1
    return tf.reshape(x, (*shape[:dim], *(shape[dim] // known if s == -1 else s for s in sizes), *shape[dim + 1 :]))


@helper
def expand(x, shape):
    """Broadcast x to `shape`, where -1 keeps the size of an axis."""
    kept = tf.where(tf.equal(shape, -1), 1, shape)
    return tf.broadcast_to(x, tf.broadcast_dynamic_shape(tf.shape(x), kept))


class FlattenBatch(View):
    """Flatten all axes after the first. A size that is known stays known, which a Dense layer after it needs."""

    def in_torch(x: Tensor):
        return spellings(
            torch.flatten(x, 1), x.flatten(1), x.view(x.size(0), -1), x.view(x.shape[0], -1), x.reshape(x.size(0), -1),
            x.reshape(x.shape[0], -1), torch.reshape(x, (x.shape[0], -1)), torch.reshape(x, (x.size(0), -1)),
        )  # fmt: skip

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.reshape(x, (-1, math.prod(x.shape[1:]))), tf.reshape(x, (tf.shape(x)[0], -1)),
            tf.reshape(x, (x.shape[0], -1)),
        )  # fmt: skip

    def rank(x):
        return 2

    samples = cases(x=[floats(2, 3, 4), floats(2, 3), ints(2, 3, 4, 5)])


class FlattenAll(View):
    """All elements in one row."""

    def in_torch(x: Tensor):
        return spellings(
            torch.flatten(x), x.flatten(), torch.ravel(x), x.ravel(), x.view(-1), x.reshape(-1), torch.reshape(x, (-1,))
        )

    def in_tensorflow(x: Tensor):
        return spellings(tf.reshape(x, (-1,)), keras.ops.ravel(x), keras.ops.reshape(x, (-1,)))

    def rank(x):
        return 1

    samples = cases(x=[floats(2, 3, 4), ints(3)])


class FlattenAxes(View):
    """Join neighbouring axes into one, which TensorFlow has no function for."""

    def in_torch(x: Tensor, start: Axis = 0, end: Axis = -1):
        return spellings(torch.flatten(x, start_dim=start, end_dim=end), x.flatten(start_dim=start, end_dim=end))

    def in_tensorflow(x: Tensor, start: Axis, end: Axis = -1):
        if rank(x) == 0:
            return tf.reshape(x, (1,))
        return general(flatten(x, start, end=end))

    def rank(x, start, end):
        if rank(x) == 0:
            return 1
        if start >= 0 and end >= 0:
            return rank(x) - (end - start)
        if start >= 0:
            return start - end
        if end < 0:
            return rank(x) - (end - start)
        return rank(x) - (end - start - rank(x))

    samples = (
        cases(x=floats(2, 3, 4, 5), start=[2, 0, -2], end=[Absent, -1])
        + cases(x=floats(2, 3, 4, 5), start=[0, 1], end=[2, -2])
        + cases(x=floats(), start=-1)
    )


class ReshapeTensor(View):
    """The same elements in another shape."""

    def in_torch(x: Tensor, shape: Shape):
        return spellings(x.reshape(*shape), torch.reshape(x, shape), x.view(*shape), torch.view_copy(x, shape))

    def in_tensorflow(x: Tensor, shape: Shape):
        return spellings(tf.reshape(x, shape), keras.ops.reshape(x, shape))

    def rank(x, shape):
        return len(shape)

    samples = cases(x=floats(2, 3, 4), shape=[(6, 4), (2, -1), (-1, 2, 2), (24,)])


class ReshapeAs(View):
    """The same elements in the shape of another tensor."""

    def in_torch(x: Tensor, other: Tensor):
        return spellings(x.reshape_as(other), x.view_as(other))

    def in_tensorflow(x: Tensor, other: Tensor):
        return spellings(tf.reshape(x, tf.shape(other)), tf.reshape(x, other.shape))

    def rank(x, other):
        return rank(other)

    samples = cases(x=floats(2, 3, 4), other=floats(2, 12))


class UnflattenAxis(View):
    """One axis split into several, which TensorFlow has no function for."""

    def in_torch(x: Tensor, dim: Axis, sizes: Shape):
        return spellings(torch.unflatten(x, dim, sizes), x.unflatten(dim, sizes))

    def in_tensorflow(x: Tensor, dim: Axis, sizes: Shape):
        return unflatten(x, dim, sizes)

    def rank(x, dim, sizes):
        return rank(x) + len(sizes) - 1

    samples = cases(x=floats(2, 6, 4), dim=[1, -2], sizes=[(2, 3), (-1, 2), (3, -1, 1)])


class Squeeze(View):
    """Drop every axis of size 1."""

    def in_torch(x: Tensor):
        return spellings(torch.squeeze(x), x.squeeze(), torch.squeeze_copy(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.squeeze(x), keras.ops.squeeze(x))

    samples = cases(x=[floats(3, 1, 4, 1), floats(2, 3)])


class SqueezeAxis(View):
    """Drop axes of size 1. Where a size is not 1, PyTorch keeps the axis and TensorFlow raises."""

    def in_torch(x: Tensor, dim: Axes):
        return spellings(torch.squeeze(x, dim), x.squeeze(dim), torch.squeeze_copy(x, dim))

    def in_tensorflow(x: Tensor, dim: Axes):
        if rank(x) == 0:
            return tf.identity(x)
        if isinstance(dim, int) and length(x, dim) != 1:
            return tf.identity(x)
        if isinstance(dim, (tuple, list)) and 1 not in [length(x, d) for d in dim]:
            return tf.identity(x)
        if isinstance(dim, (tuple, list)) and len([d for d in dim if length(x, d) != 1]) > 0:
            return tf.squeeze(x, axis=tuple([d for d in dim if length(x, d) == 1]))
        return general(spellings(tf.squeeze(x, axis=dim), keras.ops.squeeze(x, axis=dim)))

    def rank(x, dim):
        if rank(x) == 0:
            return 0
        if isinstance(dim, int) and length(x, dim) != 1:
            return rank(x)
        if isinstance(dim, (tuple, list)) and len([d for d in dim if length(x, d) != 1]) > 0:
            return rank(x) - len([d for d in dim if length(x, d) == 1])
        if isinstance(dim, int):
            return rank(x) - 1
        return rank(x) - len(dim)

    samples = (
        cases(x=[floats(3, 1, 4, 1), unranked(3, 1, 4, 1)], dim=[1, -1, (1, 3)])
        + cases(x=floats(3, 1, 4, 1), dim=[0, (0, 2), (0, 1)])
        + cases(x=floats(), dim=0)
    )


class Unsqueeze(View):
    """A new axis of size 1."""

    def in_torch(x: Tensor, dim: Axis):
        return spellings(torch.unsqueeze(x, dim), x.unsqueeze(dim), torch.unsqueeze_copy(x, dim))

    def in_tensorflow(x: Tensor, dim: Axis):
        return spellings(tf.expand_dims(x, dim), keras.ops.expand_dims(x, dim))

    def rank(x, dim):
        return rank(x) + 1

    samples = cases(x=floats(2, 3), dim=[0, 1, -1])


class Expand(View):
    """Repeat axes of size 1 up to a shape. PyTorch keeps the size of an axis given as -1; TensorFlow refuses -1."""

    def in_torch(x: Tensor, shape: Shape):
        return spellings(
            x.expand(*shape), torch.broadcast_to(x, shape), x.broadcast_to(shape), torch.expand_copy(x, shape)
        )

    def in_tensorflow(x: Tensor, shape: Shape):
        if -1 not in shape:
            return spellings(tf.broadcast_to(x, shape), keras.ops.broadcast_to(x, shape))
        return general(expand(x, shape))

    def rank(x, shape):
        return len(shape)

    samples = cases(x=[floats(2, 1, 4), floats(1, 4)], shape=[(2, 3, 4), (2, 3, -1)])


class ExpandAs(View):
    """Repeat axes of size 1 up to the shape of another tensor."""

    def in_torch(x: Tensor, other: Tensor):
        return x.expand_as(other)

    def in_tensorflow(x: Tensor, other: Tensor):
        return spellings(tf.broadcast_to(x, tf.shape(other)), tf.broadcast_to(x, other.shape))

    def rank(x, other):
        return rank(other)

    samples = cases(x=floats(2, 1), other=floats(2, 3))
