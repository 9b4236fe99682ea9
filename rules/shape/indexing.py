"""Elements chosen by position or by a mask."""

import keras
import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def gather(x, dim, index):
    """For each place in `index`, the element of x there, with the position along `dim` taken from `index`."""
    index = tf.cast(index, tf.int64)
    places = tf.meshgrid(*map(tf.range, tf.unstack(tf.shape(index, out_type=tf.int64))), indexing="ij")
    places[dim] = index
    return (
        tf.gather_nd(x, tf.stack(places, axis=-1)) if index.shape.num_elements() != 0 else tf.zeros_like(index, x.dtype)
    )


class GatherAlong(Equivalence):
    """One element for each place of an index tensor. `tf.gather` is another operation: `torch.index_select`."""

    def in_torch(x: Tensor, dim: Axis, index: Tensor):
        return spellings(torch.gather(x, dim, index), x.gather(dim, index))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor):
        if rank(x) == 0 or rank(index) == 0:
            return tf.gather(tf.reshape(x, (-1,)), index)
        return general(gather(x, dim, index))

    def rank(x, dim, index):
        return rank(index)

    samples = (
        cases(x=floats(3, 4, 5), dim=[-1, 2], index=ints(3, 4, 2, high=5))
        + cases(x=floats(3, 4, 5), dim=[0, 1, -2], index=ints(2, 3, 4, high=3))
        + cases(x=floats(3), dim=0, index=ints(high=3))
    )


class TakeAlong(Equivalence):
    """One element for each place of an index tensor, whose other axes broadcast."""

    def in_torch(x: Tensor, indices: Tensor, dim: Axis):
        return spellings(torch.take_along_dim(x, indices, dim=dim), x.take_along_dim(indices, dim=dim))

    def in_tensorflow(x: Tensor, indices: Tensor, dim: Axis):
        return spellings(
            keras.ops.take_along_axis(x, indices, axis=dim),
            tf.experimental.numpy.take_along_axis(x, indices, axis=dim),
        )

    def rank(x, indices, dim):
        return rank(x)

    samples = cases(x=floats(3, 4), indices=ints(3, 2, high=4), dim=[1, -1]) + cases(
        x=floats(3, 4), indices=ints(2, 4, high=3), dim=0
    )


class TakeAlongFlat(Equivalence):
    """Elements at positions of the flattened tensor, in one row."""

    def in_torch(x: Tensor, indices: Tensor):
        return spellings(torch.take_along_dim(x, indices), x.take_along_dim(indices))

    def in_tensorflow(x: Tensor, indices: Tensor):
        return tf.gather(tf.reshape(x, (-1,)), tf.reshape(indices, (-1,)))

    def rank(x, indices):
        return 1

    one_way = "torch"
    samples = cases(x=floats(3, 4), indices=[ints(3, 2, high=12), ints(5, high=12)])


class IndexSelect(Equivalence):
    """Whole slices chosen along an axis by a vector of positions. Both refuse negative positions."""

    def in_torch(x: Tensor, dim: Axis, index: Tensor):
        return spellings(torch.index_select(x, dim, index), x.index_select(dim, index))

    def in_tensorflow(x: Tensor, dim: Axis, index: Tensor):
        if rank(x) > 0 and rank(index) == 1:
            return tf.gather(x, index, axis=dim)
        if rank(x) == 0:
            return tf.identity(x)
        return general(tf.gather(x, tf.reshape(index, (-1,)), axis=dim))

    def rank(x, dim, index):
        return rank(x)

    one_way = "torch"
    samples = (
        cases(x=[floats(3, 4), unranked(3, 4)], dim=[0, 1, -1], index=ints(5, high=3))
        + cases(x=floats(3, 4), dim=[0, -1], index=ints(high=3))
        + cases(x=floats(), dim=0, index=ints(1, high=1))
    )


class TakeSlices(Equivalence):
    """Slices along the first axis chosen by an index tensor of any shape."""

    def in_torch(x: Tensor, index: Tensor):
        return x[index]

    def in_tensorflow(x: Tensor, index: Tensor):
        return spellings(tf.gather(x, index), tf.gather(x, index, axis=0))

    def rank(x, index):
        return rank(x) + rank(index) - 1

    one_way = "tensorflow"
    samples = cases(x=floats(3, 4), index=[ints(5, high=3), ints(2, 3, high=3)])


class TakeAlongAxis(Equivalence):
    """Slices along an axis chosen by positions, whose axes take the place of that axis."""

    def in_torch(x: Tensor, index: Tensor, axis: Axis):
        if known(rank(index) == 1):
            return torch.index_select(x, axis, index)
        if axis == 0:
            return x[index]
        if axis == 1:
            return x[:, index]
        if axis == 2:
            return x[:, :, index]
        if axis == -1:
            return x[..., index]
        if axis == -2:
            return x[..., index, :]
        return refuse("how many axes the index has is not known: write it in a # diptych: comment")

    def in_tensorflow(x: Tensor, index: Tensor, axis: Axis):
        return spellings(tf.gather(x, index, axis=axis), keras.ops.take(x, index, axis=axis))

    def rank(x, index, axis):
        return rank(x) + rank(index) - 1

    one_way = "tensorflow"
    samples = (
        cases(x=floats(3, 4), axis=[0, 1, -1], index=ints(5, high=3))
        + cases(x=floats(3, 4, 5), axis=[0, 1, 2, -1, -2], index=[ints(2, 2, high=3), ints(high=3)])
        + cases(x=floats(3, 4, 5, 3), axis=[3, -3], index=ints(4, high=3))
    )


class TakeInBatches(Equivalence):
    """For each element of a batch, the slices at its own positions along the axis that follows."""

    def in_torch(x: Tensor, index: Tensor):
        if rank(index) == 1:
            return x[torch.arange(x.shape[0]), index]
        if rank(index) == 2:
            return x[torch.arange(x.shape[0])[:, None], index]
        if rank(index) == 3:
            return x[torch.arange(x.shape[0])[:, None, None], index]
        return refuse("positions with more than three axes are not converted")

    def in_tensorflow(x: Tensor, index: Tensor):
        return spellings(tf.gather(x, index, batch_dims=1), tf.gather(x, index, axis=1, batch_dims=1))

    def rank(x, index):
        return rank(x) + rank(index) - 2

    one_way = "tensorflow"
    samples = cases(x=floats(3, 4), index=[ints(3, high=4), ints(3, 5, high=4)]) + cases(
        x=floats(3, 4, 5), index=[ints(3, high=4), ints(3, 2, high=4), ints(3, 2, 2, high=4)]
    )


class TakePositions(Equivalence):
    """Slices along an axis at positions written in the code."""

    def in_torch(x: Tensor, positions: Shape, axis: Axis):
        return torch.index_select(x, axis, torch.tensor(positions))

    def in_tensorflow(x: Tensor, positions: Shape, axis: Axis = 0):
        if isinstance(positions, (list, tuple)):
            return tf.gather(x, positions, axis=axis)
        return refuse("it is not known whether this is one position or several")

    def rank(x, positions, axis):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(3, 4), positions=[(0, 2), (1,)], axis=[0, -1])


class GatherPoints(Equivalence):
    """Elements or slices at whole positions: the last axis of the index holds one number for each of the first axes."""

    def in_torch(x: Tensor, index: Tensor):
        return x[tuple(index.unbind(-1))]

    def in_tensorflow(x: Tensor, index: Tensor):
        return tf.gather_nd(x, index)

    one_way = "tensorflow"
    samples = cases(x=floats(3, 4), index=[ints(5, 2, high=3), ints(5, 1, high=3)])


class Select(View):
    """One slice along an axis, without the axis."""

    def in_torch(x: Tensor, dim: Axis, index: Int):
        return spellings(x.select(dim, index), torch.select(x, dim, index))

    def in_tensorflow(x: Tensor, index: Int, dim: Axis = 0):
        if index >= 0:
            return tf.gather(x, index, axis=dim)
        return general(keras.ops.take(x, index, axis=dim))

    def rank(x, dim, index):
        return rank(x) - 1

    samples = cases(x=floats(3, 4), dim=[0, -1], index=[1, -1])


class Narrow(View):
    """A run of positions along an axis."""

    def in_torch(x: Tensor, dim: Axis, start: Int, length: Int):
        return spellings(
            x.narrow(dim, start, length), torch.narrow(x, dim, start, length), torch.narrow_copy(x, dim, start, length),
            x.narrow_copy(dim, start, length),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, dim: Axis, start: Int, length: Int):
        return tf.gather(x, tf.range(start, start + length), axis=dim)

    def rank(x, dim, start, length):
        return rank(x)

    samples = cases(x=floats(3, 4), dim=[0, -1], start=1, length=2)


@helper
def masked_select(x, mask):
    """The elements where the mask holds, in one row, after both are broadcast to one shape."""
    shape = tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(mask))
    x, mask = (tf.reshape(tf.broadcast_to(each, shape), (-1,)) for each in (x, mask))
    return tf.boolean_mask(x, mask)


class MaskedSelect(Equivalence):
    """The elements where the mask holds, in one row. `torch.masked_select` broadcasts, `tf.boolean_mask` does not."""

    def in_torch(x: Tensor, mask: Tensor):
        return spellings(torch.masked_select(x, mask), x.masked_select(mask))

    def in_tensorflow(x: Tensor, mask: Tensor):
        return masked_select(x, mask)

    def rank(x, mask):
        return 1

    one_way = "torch"
    samples = cases(x=floats(3, 4), mask=[bools(3, 4), bools(4), bools()]) + cases(x=floats(), mask=[bools(2), bools()])


class BooleanMask(Equivalence):
    """The elements or slices where the mask holds."""

    def in_torch(x: Tensor, mask: Tensor):
        return x[mask]

    def in_tensorflow(x: Tensor, mask: Tensor):
        return tf.boolean_mask(x, mask)

    def rank(x, mask):
        return rank(x) - rank(mask) + 1

    one_way = "tensorflow"
    samples = cases(x=floats(3, 4), mask=[bools(3, 4), bools(3)])


class Nonzero(Equivalence):
    """The positions of all elements that are not zero, one row for each."""

    dtype = "int64"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.nonzero(x), x.nonzero(), torch.argwhere(x), x.argwhere())

    def in_tensorflow(x: Tensor):
        if rank(x) == 0:
            return tf.where(tf.reshape(x, (1,)))[:, :0]
        return general(tf.where(x))

    def rank(x):
        return 2

    samples = cases(x=[bools(3, 4), ints(5, high=2), floats()])


class NonzeroByAxis(Equivalence):
    """The positions of all elements that are not zero, one vector for each axis."""

    result = "tensors"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.nonzero(x, as_tuple=True), x.nonzero(as_tuple=True), torch.where(x))

    def in_tensorflow(x: Tensor):
        if rank(x) == 0:
            return tf.unstack(tf.where(tf.reshape(x, (1,))), axis=1)
        return general(tf.unstack(tf.where(x), axis=1))

    def rank(x):
        return 1

    samples = cases(x=[bools(3, 4), ints(5, high=2), ints()])


class OneHot(Equivalence):
    """Indicator vectors, int64 in PyTorch. TensorFlow gives zeros where PyTorch refuses an index that is too large."""

    dtype = "int64"
    gradient = False

    def in_torch(x: Tensor, classes: Int):
        return F.one_hot(x, classes)

    def in_tensorflow(x: Tensor, classes: Int):
        if classes == -1:
            return refuse("leave the number of classes out where it is to be found from x")
        return general(tf.one_hot(x, classes, dtype=tf.int64))

    def rank(x, classes):
        return rank(x) + 1

    samples = cases(x=[ints(3, 4, high=5), ints(6, high=5)], classes=[5, 7])


class OneHotInferred(Equivalence):
    """Indicator vectors with as many classes as the largest index asks for; TensorFlow wants the number."""

    dtype = "int64"
    gradient = False

    def in_torch(x: Tensor):
        return F.one_hot(x)

    def in_tensorflow(x: Tensor):
        return tf.one_hot(x, tf.cast(tf.reduce_max(x), tf.int32) + 1, dtype=tf.int64)

    def rank(x):
        return rank(x) + 1

    samples = cases(x=ints(3, 4, high=5))


class OneHotFloat(Equivalence):
    """Indicator vectors in float32, as TensorFlow gives them."""

    dtype = "float32"
    gradient = False

    def in_torch(x: Tensor, classes: Int):
        return spellings(
            F.one_hot(x.long(), classes).float(), F.one_hot(x, classes).float(), F.one_hot(x, classes).to(torch.float32)
        )

    def in_tensorflow(x: Tensor, classes: Int):
        return spellings(tf.one_hot(x, classes), keras.ops.one_hot(x, classes))

    def rank(x, classes):
        return rank(x) + 1

    samples = cases(x=[ints(3, 4, high=5), ints(6, high=5)], classes=[5, 7])
