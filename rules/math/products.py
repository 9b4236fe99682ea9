"""Products of vectors and matrices."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def stretched_tensordot(x, y, axes):
    """The contraction of axes of x with axes of y, of which one of size 1 counts for every place of the other."""
    x = tf.reduce_sum(x, [a for a, b in zip(*axes, strict=True) if y.shape[b] == 1], keepdims=True)
    y = tf.reduce_sum(y, [b for a, b in zip(*axes, strict=True) if x.shape[a] == 1], keepdims=True)
    return tf.tensordot(x, y, axes)


@helper
def einsum(equation, *operands):
    """Einstein's summation that sums over the axes of `...`, too."""
    before, after = equation.replace(" ", "").split("->")
    result = tf.einsum(f"{before}->...{after}", *operands)
    return tf.reduce_sum(result, range(result.shape.rank - len(after)))


class MatrixProduct(Equivalence):
    """Matrix product of the last two axes, others broadcast. `tf.matmul` wants two axes on both sides."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.matmul(x, y), x.matmul(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if rank(x) == 1 and rank(y) == 1:
            return spellings(tf.tensordot(x, y, 1), keras.ops.dot(x, y))
        if rank(x) == 1:
            return tf.linalg.matvec(y, x, transpose_a=True)
        if rank(y) == 1:
            return tf.linalg.matvec(x, y)
        if rank(x) > 1 and rank(y) > 1:
            return spellings(tf.matmul(x, y), tf.linalg.matmul(x, y))
        return general(keras.ops.matmul(x, y))

    def rank(x, y):
        if rank(x) == 1 and rank(y) == 1:
            return 0
        if rank(x) == 1:
            return rank(y) - 1
        if rank(y) == 1:
            return rank(x) - 1
        return max(rank(x), rank(y))

    samples = cases(x=[floats(3), floats(2, 3), floats(5, 2, 3)], y=[floats(3), floats(3, 4), floats(5, 3, 4)]) + cases(
        x=unranked(2, 3), y=[unranked(3), unranked(3, 4)]
    )


class BatchedMatrixProduct(Equivalence):
    """Matrix product of two batches of matrices, for which PyTorch has a name of its own."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.bmm(x, y), x.bmm(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.matmul(x, y)

    def rank(x, y):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(5, 2, 3), y=floats(5, 3, 4))


class TwoMatrixProduct(Equivalence):
    """Matrix product of two matrices, for which PyTorch has a name of its own."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.mm(x, y), x.mm(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.matmul(x, y)

    def rank(x, y):
        return 2

    one_way = "torch"
    samples = cases(x=floats(2, 3), y=floats(3, 4))


class MatrixProductTransposed(Equivalence):
    """Matrix product with the second operand transposed, which `tf.matmul` has a flag for."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(
            torch.matmul(x, y.transpose(-1, -2)), torch.matmul(x, y.transpose(-2, -1)), torch.matmul(x, y.mT),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.matmul(x, y, transpose_b=True), tf.linalg.matmul(x, y, transpose_b=True))

    def rank(x, y):
        return max(rank(x), rank(y))

    samples = cases(x=floats(5, 2, 3), y=floats(5, 4, 3))


class MatrixProductOfTransposed(Equivalence):
    """Matrix product with the first operand transposed, which `tf.matmul` has a flag for."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(
            torch.matmul(x.transpose(-1, -2), y), torch.matmul(x.transpose(-2, -1), y), torch.matmul(x.mT, y)
        )

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.matmul(x, y, transpose_a=True), tf.linalg.matmul(x, y, transpose_a=True))

    def rank(x, y):
        return max(rank(x), rank(y))

    samples = cases(x=floats(5, 3, 2), y=floats(5, 3, 4))


class MatrixVectorProduct(Equivalence):
    """Matrix times vector, which `tf.matmul` refuses."""

    def in_torch(a: Tensor, v: Tensor):
        return spellings(torch.mv(a, v), a.mv(v))

    def in_tensorflow(a: Tensor, v: Tensor):
        return tf.linalg.matvec(a, v)

    def rank(a, v):
        return 1

    samples = cases(a=floats(2, 3), v=floats(3))


class DotProduct(Equivalence):
    """The dot product of two vectors, which `tf.matmul` refuses."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.dot(x, y), x.dot(y), torch.tensordot(x, y, dims=1))

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.tensordot(x, y, 1)

    def rank(x, y):
        return 0

    one_way = "torch"
    samples = cases(x=floats(3), y=floats(3))


class TensorProduct(Equivalence):
    """Contraction of the last axes of x with the first axes of y, or of the axes named for each."""

    def in_torch(x: Tensor, y: Tensor, dims: Any = 2):
        return torch.tensordot(x, y, dims=dims)

    def in_tensorflow(x: Tensor, y: Tensor, dims: Any):
        if isinstance(dims, (tuple, list)) and [length(x, d) for d in dims[0]] != [length(y, d) for d in dims[1]]:
            return stretched_tensordot(x, y, dims)
        return general(
            spellings(tf.tensordot(x, y, dims), tf.linalg.tensordot(x, y, dims), keras.ops.tensordot(x, y, dims))
        )

    samples = cases(x=floats(2, 3, 4), y=floats(3, 4, 5), dims=[Absent, 2]) + cases(
        x=[floats(2, 3, 4), floats(2, 1, 4)], y=[floats(4, 3, 5)], dims=[([1, 2], [1, 0])]
    )


class OuterProduct(Equivalence):
    """The outer product of two vectors."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.outer(x, y), x.outer(y), torch.ger(x, y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x) and known_bool(y):
            return tf.logical_and(tf.expand_dims(x, 1), y)
        return general(spellings(tf.tensordot(x, y, 0), keras.ops.outer(x, y)))

    def rank(x, y):
        return 2

    promotes = "common"
    samples = cases(x=floats(2), y=floats(3)) + cases(x=bools(2), y=bools(3))


class Einsum1(Equivalence):
    """Einstein's summation of one operand; the notation is the same."""

    views = "x"

    def in_torch(equation: Str, x: Tensor):
        return torch.einsum(equation, x)

    def in_tensorflow(equation: Str, x: Tensor):
        return spellings(tf.einsum(equation, x), tf.linalg.einsum(equation, x), keras.ops.einsum(equation, x))

    samples = cases(equation=["...ij->...ji", "bij->b", "bii->bi", "b i j -> b j"], x=floats(2, 3, 3))


class Einsum2(Equivalence):
    """Einstein's summation of two operands; the notation is the same."""

    def in_torch(equation: Str, x: Tensor, y: Tensor):
        return spellings(torch.einsum(equation, x, y), torch.einsum(equation, [x, y]))

    def in_tensorflow(equation: Str, x: Tensor, y: Tensor):
        if sums_dots(equation):
            return einsum(equation, x, y)
        return general(
            spellings(tf.einsum(equation, x, y), tf.linalg.einsum(equation, x, y), keras.ops.einsum(equation, x, y))
        )

    samples = cases(
        equation=["bij,bjk->bik", "b i j, b j k -> b k i", "...ij,...jk->...ik", "...ij,...jk->ik"],
        x=floats(2, 3, 4), y=floats(2, 4, 5),
    )  # fmt: skip


class Einsum3(Equivalence):
    """Einstein's summation of three operands; the notation is the same."""

    def in_torch(equation: Str, x: Tensor, y: Tensor, z: Tensor):
        return torch.einsum(equation, x, y, z)

    def in_tensorflow(equation: Str, x: Tensor, y: Tensor, z: Tensor):
        return spellings(
            tf.einsum(equation, x, y, z), tf.linalg.einsum(equation, x, y, z), keras.ops.einsum(equation, x, y, z)
        )

    samples = cases(equation="bij,bjk,kl->bil", x=floats(2, 3, 4), y=floats(2, 4, 5), z=floats(5, 2))


class AddMatrixProduct(Equivalence):
    """A matrix product added to x, each with a factor."""

    def in_torch(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        return spellings(
            torch.addmm(x, a, b, beta=beta, alpha=alpha), x.addmm(a, b, beta=beta, alpha=alpha),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, beta: Number = 1, alpha: Number = 1):
        if known_integer(x):
            return int(beta) * x + int(alpha) * tf.matmul(a, b)
        if beta == 1 and alpha == 1:
            return x + tf.matmul(a, b)
        if beta == 0:
            return alpha * tf.matmul(a, b)
        return general(beta * x + alpha * tf.matmul(a, b))

    def rank(x, a, b):
        return rank(a)

    one_way = "torch"
    samples = (
        cases(x=floats(2, 4), a=floats(2, 3), b=floats(3, 4))
        + cases(x=floats(4), a=floats(2, 3), b=floats(3, 4), beta=[0, 0.5], alpha=2)
        + cases(x=ints(4), a=ints(2, 3), b=ints(3, 4), beta=2)
    )


class CrossProduct(Equivalence):
    """The cross product of vectors of three; raw TensorFlow has it for the last axis and equal shapes only."""

    def in_torch(x: Tensor, y: Tensor, dim: Axis = -1):
        return torch.linalg.cross(x, y, dim=dim)

    def in_tensorflow(x: Tensor, y: Tensor, dim: Axis = -1):
        if dim == -1:
            return spellings(keras.ops.cross(x, y), tf.linalg.cross(x, y))
        return keras.ops.cross(x, y, axis=dim)

    axes = ("dim",)
    promotes = "common"
    samples = cases(x=floats(2, 3), y=floats(2, 3)) + cases(x=floats(3, 2), y=floats(3, 2), dim=0)


class CrossProductAlong(Equivalence):
    """The cross product of vectors of three along an axis. Without one PyTorch takes the first of size 3."""

    def in_torch(x: Tensor, y: Tensor, dim: Axis):
        return spellings(torch.cross(x, y, dim=dim), x.cross(y, dim=dim))

    def in_tensorflow(x: Tensor, y: Tensor, dim: Axis):
        return keras.ops.cross(x, y, axis=dim)

    axes = ("dim",)
    promotes = "common"
    one_way = "torch"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(1, 3)], dim=-1) + cases(
        x=floats(3, 2), y=floats(3, 2), dim=0
    )


class CrossProductOfRows(Equivalence):
    """The cross product along the first axis of size 3, which must be known."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.cross(x, y), x.cross(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if length(x, 0) == 3:
            return keras.ops.cross(x, y, axis=0)
        if length(x, 1) == 3:
            return keras.ops.cross(x, y, axis=1)
        if length(x, 2) == 3:
            return keras.ops.cross(x, y, axis=2)
        return refuse("PyTorch takes the first axis of size 3, which is not known here: say dim=")

    def rank(x, y):
        return max(rank(x), rank(y))

    one_way = "torch"
    samples = (
        cases(x=floats(2, 3), y=floats(2, 3))
        + cases(x=floats(3, 3), y=floats(3, 3))
        + cases(x=floats(2, 2, 3), y=floats(2, 2, 3))
    )
