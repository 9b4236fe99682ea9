"""Tensors of few axes given more, and joined as NumPy's stacking functions do."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def block_diag(*tensors):
    """A matrix with the given matrices along its diagonal; a vector is a matrix of one row."""
    blocks = [tf.experimental.numpy.atleast_2d(t) for t in tensors]
    width, rows, left = sum(b.shape[1] for b in blocks), [], 0
    for b in blocks:
        rows.append(tf.pad(b, ((0, 0), (left, width - left - b.shape[1]))))
        left += b.shape[1]
    return tf.concat(rows, axis=0)


@helper
def broadcast_tensors(*tensors):
    """Each tensor in the shape that all of them broadcast to."""
    shape = tf.shape(sum(tf.zeros_like(t, dtype=tf.int32) for t in tensors))
    return tuple(tf.broadcast_to(t, shape) for t in tensors)


@helper
def cartesian_prod(*tensors):
    """Every combination of one element of each vector, one in a row."""
    grids = [tf.reshape(grid, (-1,)) for grid in tf.meshgrid(*tensors, indexing="ij")]
    return tf.stack(grids, axis=-1) if len(grids) > 1 else grids[0]


@helper
def broadcast_shapes(*shapes):
    """The shape of tensors of these shapes, broadcast; a number is a shape with one axis."""
    whole = tf.TensorShape([])
    for shape in shapes:
        whole = tf.broadcast_static_shape(whole, tf.TensorShape(shape))
    return tuple(whole)


@helper
def column_stack(tensors):
    """Columns side by side; a vector is one column."""
    return tf.concat([t if t.shape.rank > 1 else tf.reshape(t, (-1, 1)) for t in tensors], axis=1)


@helper
def combinations(x, r=2, with_replacement=False):
    """Every choice of `r` elements of a vector, in order, one in a row."""
    places = tf.stack(tf.meshgrid(*[tf.range(tf.size(x))] * r, indexing="ij"), axis=-1)
    rises = places[..., 1:] >= places[..., :-1] if with_replacement else places[..., 1:] > places[..., :-1]
    return tf.gather(x, tf.boolean_mask(places, tf.reduce_all(rises, axis=-1)))


class AtLeast1d(View):
    """A tensor without axes gets one."""

    def in_torch(x: Tensor):
        return torch.atleast_1d(x)

    def in_tensorflow(x: Tensor):
        return tf.experimental.numpy.atleast_1d(x)

    def rank(x):
        if rank(x) == 0:
            return 1
        return rank(x)

    samples = cases(x=[floats(), floats(3), floats(2, 3)])


class AtLeast2d(View):
    """A tensor with fewer than two axes gets new ones in front."""

    def in_torch(x: Tensor):
        return torch.atleast_2d(x)

    def in_tensorflow(x: Tensor):
        return tf.experimental.numpy.atleast_2d(x)

    def rank(x):
        if rank(x) < 2:
            return 2
        return rank(x)

    samples = cases(x=[floats(), floats(3), floats(2, 3, 4)])


class AtLeast3d(View):
    """A tensor with fewer than three axes gets new ones; a vector becomes the middle one."""

    def in_torch(x: Tensor):
        return torch.atleast_3d(x)

    def in_tensorflow(x: Tensor):
        return tf.experimental.numpy.atleast_3d(x)

    def rank(x):
        if rank(x) < 3:
            return 3
        return rank(x)

    samples = cases(x=[floats(), floats(3), floats(2, 3), floats(2, 3, 4, 5)])


class AllAtLeast1d(View):
    """Of several tensors, those without axes get one."""

    result = "tensors"

    def in_torch(tensors: Tensors):
        return spellings(torch.atleast_1d(*tensors), torch.atleast_1d(tensors))

    def in_tensorflow(tensors: Tensors):
        return tf.experimental.numpy.atleast_1d(*tensors)

    samples = cases(tensors=(floats(), floats(3)))


class AllAtLeast2d(View):
    """Of several tensors, those with fewer than two axes get new ones in front."""

    result = "tensors"

    def in_torch(tensors: Tensors):
        return spellings(torch.atleast_2d(*tensors), torch.atleast_2d(tensors))

    def in_tensorflow(tensors: Tensors):
        return tf.experimental.numpy.atleast_2d(*tensors)

    samples = cases(tensors=(floats(), floats(3), floats(2, 3)))


class AllAtLeast3d(View):
    """Of several tensors, those with fewer than three axes get new ones."""

    result = "tensors"

    def in_torch(tensors: Tensors):
        return spellings(torch.atleast_3d(*tensors), torch.atleast_3d(tensors))

    def in_tensorflow(tensors: Tensors):
        return tf.experimental.numpy.atleast_3d(*tensors)

    samples = cases(tensors=(floats(), floats(3), floats(2, 3)))


class HorizontalStack(Equivalence):
    """Tensors joined along the second axis, vectors along their only one."""

    def in_torch(tensors: Tensors):
        return torch.hstack(tensors)

    def in_tensorflow(tensors: Tensors):
        return spellings(tf.experimental.numpy.hstack(tensors), keras.ops.hstack(tensors))

    samples = cases(tensors=[(floats(2, 3), floats(2, 4)), (floats(2), floats(3))])


class VerticalStack(Equivalence):
    """Tensors joined along the first axis; a vector is one row."""

    def in_torch(tensors: Tensors):
        return spellings(torch.vstack(tensors), torch.row_stack(tensors))

    def in_tensorflow(tensors: Tensors):
        return tf.experimental.numpy.vstack(tensors)

    samples = cases(tensors=[(floats(2, 3), floats(4, 3)), (floats(3), floats(3))])


class DepthStack(Equivalence):
    """Tensors joined along the third axis."""

    def in_torch(tensors: Tensors):
        return torch.dstack(tensors)

    def in_tensorflow(tensors: Tensors):
        return tf.experimental.numpy.dstack(tensors)

    samples = cases(tensors=[(floats(2, 3), floats(2, 3)), (floats(2, 3, 4), floats(2, 3, 1))])


class ColumnStack(Equivalence):
    """Columns side by side; a vector is one column."""

    def in_torch(tensors: Tensors):
        return torch.column_stack(tensors)

    def in_tensorflow(tensors: Tensors):
        return column_stack(tensors)

    samples = cases(tensors=[(floats(2), floats(2, 3)), (floats(3), floats(3))])


class BlockDiagonal(Equivalence):
    """Matrices along the diagonal of a larger one."""

    def in_torch(tensors: Tensors):
        return torch.block_diag(*tensors)

    def in_tensorflow(tensors: Tensors):
        return block_diag(*tensors)

    def rank(tensors):
        return 2

    one_way = "torch"
    samples = cases(tensors=[(floats(2, 3), floats(4, 1)), (floats(2), floats(), floats(2, 2))])


class BroadcastTensors(View):
    """Tensors in the shape that all of them broadcast to."""

    result = "tensors"

    def in_torch(tensors: Tensors):
        return torch.broadcast_tensors(*tensors)

    def in_tensorflow(tensors: Tensors):
        return broadcast_tensors(*tensors)

    one_way = "torch"
    samples = cases(tensors=[(floats(2, 1), floats(3)), (floats(2, 3), floats(), floats(1, 3))])


class CartesianProduct(Equivalence):
    """Every combination of one element of each vector, one in a row."""

    views = "tensors"

    def in_torch(tensors: Tensors):
        return torch.cartesian_prod(*tensors)

    def in_tensorflow(tensors: Tensors):
        return cartesian_prod(*tensors)

    one_way = "torch"
    samples = cases(tensors=[(floats(2), floats(3)), (ints(2), ints(3), ints(2)), (floats(3),)])


class BroadcastShapes(Equivalence):
    """The shape that tensors of several shapes have when they are broadcast against each other."""

    result = "shape"

    def in_torch(shapes: Shapes):
        return torch.broadcast_shapes(*shapes)

    def in_tensorflow(shapes: Shapes):
        return broadcast_shapes(*shapes)

    one_way = "torch"
    samples = cases(shapes=[((2, 1), (3,)), ((2, 3),), (5, (4, 1)), ((), (1,), (3, 1, 2))])


class Combinations(Equivalence):
    """Every choice of several elements of a vector, in order, one in a row."""

    def in_torch(x: Tensor, r: Int = 2, with_replacement: Flag = False):
        return torch.combinations(x, r=r, with_replacement=with_replacement)

    def in_tensorflow(x: Tensor, r: Int = 2, with_replacement: Flag = False):
        return combinations(x, r=r, with_replacement=with_replacement)

    def rank(x, r, with_replacement):
        return 2

    samples = cases(x=[floats(4), ints(4)], r=[Absent, 1, 3], with_replacement=[Absent, True])


class DiagonalOfFlat(Equivalence):
    """A square matrix with all elements, in one row, on one of its diagonals."""

    def in_torch(x: Tensor, offset: Int = 0):
        return spellings(torch.diagflat(x, offset=offset), x.diagflat(offset=offset))

    def in_tensorflow(x: Tensor, offset: Int = 0):
        return tf.linalg.diag(tf.reshape(x, (-1,)), k=offset)

    def rank(x, offset):
        return 2

    samples = cases(x=[floats(3), floats(2, 2)], offset=[Absent, 1, -2])
