"""Parts of matrices: diagonals and triangles."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class LowerTriangle(Equivalence):
    """The lower triangle up to a diagonal. `tf.linalg.band_part` counts diagonals to keep instead of an offset."""

    def in_torch(x: Tensor, diagonal: Int = 0):
        return spellings(torch.tril(x, diagonal=diagonal), x.tril(diagonal=diagonal))

    def in_tensorflow(x: Tensor, diagonal: Int = 0):
        if diagonal == 0:
            return spellings(tf.linalg.band_part(x, -1, 0), keras.ops.tril(x))
        return general(keras.ops.tril(x, k=diagonal))

    def rank(x, diagonal):
        return rank(x)

    samples = cases(x=[floats(4, 4), floats(2, 3, 4)], diagonal=[Absent, 1, -1])


class UpperTriangle(Equivalence):
    """The upper triangle from a diagonal. `tf.linalg.band_part` counts diagonals to keep instead of an offset."""

    def in_torch(x: Tensor, diagonal: Int = 0):
        return spellings(torch.triu(x, diagonal=diagonal), x.triu(diagonal=diagonal))

    def in_tensorflow(x: Tensor, diagonal: Int = 0):
        if diagonal == 0:
            return spellings(tf.linalg.band_part(x, 0, -1), keras.ops.triu(x))
        return general(keras.ops.triu(x, k=diagonal))

    def rank(x, diagonal):
        return rank(x)

    samples = cases(x=[floats(4, 4), floats(2, 3, 4)], diagonal=[Absent, 1, -1])


class DiagonalOfMatrix(Equivalence):
    """The diagonal of each matrix in the last two axes."""

    views = "x"

    def in_torch(x: Tensor, offset: Int = 0):
        return spellings(
            torch.diagonal(x, offset=offset, dim1=-2, dim2=-1), x.diagonal(offset=offset, dim1=-2, dim2=-1),
            torch.linalg.diagonal(x, offset=offset),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, offset: Int = 0):
        return tf.linalg.diag_part(x, k=offset)

    def rank(x, offset):
        return rank(x) - 1

    samples = cases(x=[floats(4, 4), floats(2, 4, 4)], offset=[Absent, 1])


class Diagonal(Equivalence):
    """The diagonal over the first two axes."""

    views = "x"

    def in_torch(x: Tensor, offset: Int = 0):
        return spellings(
            torch.diagonal(x, offset=offset), x.diagonal(offset=offset), torch.diagonal_copy(x, offset=offset)
        )

    def in_tensorflow(x: Tensor, offset: Int = 0):
        return keras.ops.diagonal(x, offset=offset)

    def rank(x, offset):
        return rank(x) - 1

    samples = cases(x=floats(4, 4), offset=[Absent, 1])


class DiagonalBetween(Equivalence):
    """The diagonal over two axes, as the last axis."""

    views = "x"

    def in_torch(x: Tensor, offset: Int = 0, dim1: Axis = 0, dim2: Axis = 1):
        return spellings(
            torch.diagonal(x, offset=offset, dim1=dim1, dim2=dim2), x.diagonal(offset=offset, dim1=dim1, dim2=dim2),
            torch.diagonal_copy(x, offset=offset, dim1=dim1, dim2=dim2),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, offset: Int = 0, dim1: Axis = 0, dim2: Axis = 1):
        return keras.ops.diagonal(x, offset=offset, axis1=dim1, axis2=dim2)

    def rank(x, offset, dim1, dim2):
        return rank(x) - 1

    samples = cases(x=floats(3, 4, 5), offset=[0, 1], dim1=[0, -1], dim2=1)


class DiagonalOfAxes(Equivalence):
    """The diagonal over two axes, the last two unless told otherwise, as the last axis."""

    views = "x"

    def in_torch(x: Tensor, offset: Int = 0, dim1: Axis = -2, dim2: Axis = -1):
        return torch.linalg.diagonal(x, offset=offset, dim1=dim1, dim2=dim2)

    def in_tensorflow(x: Tensor, offset: Int, dim1: Axis, dim2: Axis):
        return keras.ops.diagonal(x, offset=offset, axis1=dim1, axis2=dim2)

    def rank(x, offset, dim1, dim2):
        return rank(x) - 1

    one_way = "torch"
    samples = cases(x=floats(3, 4, 5), offset=[0, 1], dim1=[0, -1], dim2=1)


class DiagonalMatrixBetween(Equivalence):
    """Matrices over two chosen axes with the elements of the last axis on their diagonals."""

    def in_torch(x: Tensor, offset: Int = 0, dim1: Axis = -2, dim2: Axis = -1):
        return spellings(
            torch.diag_embed(x, offset=offset, dim1=dim1, dim2=dim2), x.diag_embed(offset=offset, dim1=dim1, dim2=dim2)
        )

    def in_tensorflow(x: Tensor, offset: Int = 0, dim1: Axis = -2, dim2: Axis = -1):
        return keras.ops.moveaxis(tf.linalg.diag(x, k=offset), (-2, -1), (dim1, dim2))

    def rank(x, offset, dim1, dim2):
        return rank(x) + 1

    samples = cases(x=floats(3, 4), offset=[0, 1], dim1=[0, -1], dim2=1)


class DiagonalMatrix(Equivalence):
    """A matrix with this diagonal for each vector in the last axis."""

    def in_torch(x: Tensor, offset: Int = 0):
        return spellings(torch.diag_embed(x, offset=offset), x.diag_embed(offset=offset))

    def in_tensorflow(x: Tensor, offset: Int = 0):
        return tf.linalg.diag(x, k=offset)

    def rank(x, offset):
        return rank(x) + 1

    samples = cases(x=[floats(3), floats(2, 3)], offset=[Absent, 1])


class Diag(Equivalence):
    """The matrix with this diagonal for a vector, the diagonal for a matrix: raw TensorFlow has two functions."""

    def in_torch(x: Tensor, diagonal: Int = 0):
        return spellings(torch.diag(x, diagonal=diagonal), x.diag(diagonal=diagonal))

    def in_tensorflow(x: Tensor, diagonal: Int = 0):
        return keras.ops.diag(x, k=diagonal)

    def rank(x, diagonal):
        return 3 - rank(x)

    one_way = "torch"
    samples = cases(x=[floats(3), floats(3, 4)], diagonal=[Absent, 1])


class Trace(Equivalence):
    """The sum of the diagonal of a matrix."""

    def in_torch(x: Tensor):
        return spellings(torch.trace(x), x.trace())

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.trace(x), keras.ops.trace(x))

    def rank(x):
        return 0

    samples = cases(x=[floats(3, 3), floats(3, 4)])
