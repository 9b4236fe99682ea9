"""Linear systems and inverses."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def solve_triangular(a, b, upper, left=True, unitriangular=False):
    """The solution of a triangular system; with ones on the diagonal if `unitriangular`."""
    a = tf.linalg.set_diag(a, tf.ones(tf.shape(a)[:-1], a.dtype)) if unitriangular else a
    if left:
        return tf.linalg.triangular_solve(a, b, lower=not upper)
    solution = tf.linalg.triangular_solve(tf.linalg.matrix_transpose(a), tf.linalg.matrix_transpose(b), lower=upper)
    return tf.linalg.matrix_transpose(solution)


@helper
def solve(a, b, left=True):
    """The solution of a linear system; b may be a vector for each matrix; from the right without `left`."""
    vector = b.shape.rank == 1 or (b.shape.rank == a.shape.rank - 1 and b.shape.is_compatible_with(a.shape[:-1]))
    b = tf.expand_dims(b, -1) if vector else b
    a, b = (a, b) if left or vector else (tf.linalg.matrix_transpose(a), tf.linalg.matrix_transpose(b))
    batch = tf.broadcast_dynamic_shape(tf.shape(a)[:-2], tf.shape(b)[:-2])
    a, b = (tf.broadcast_to(t, tf.concat([batch, tf.shape(t)[-2:]], 0)) for t in (a, b))
    x = tf.linalg.solve(a, b)
    return tf.squeeze(x, -1) if vector else x if left else tf.linalg.matrix_transpose(x)


@helper
def cholesky_solve(b, a, upper=False):
    """The solution of a system by a Cholesky factor, of which one triangle is read."""
    a = tf.linalg.matrix_transpose(a) if upper else a
    a += tf.stop_gradient(tf.linalg.band_part(a, -1, 0) - a)
    return tf.linalg.solve(tf.matmul(a, a, transpose_b=True), b)


@helper
def tensorsolve(a, b, dims=None):
    """The solution x of tensordot(a, x, x.ndim) = b, with the axes `dims` of a moved to its end."""
    a = keras.ops.moveaxis(a, dims, tuple(range(-len(dims), 0))) if dims else a
    shape = a.shape[b.shape.rank :]
    return tf.reshape(tf.linalg.solve(tf.reshape(a, (-1, math.prod(shape))), tf.reshape(b, (-1, 1))), shape)


@helper
def tensorinv(a, ind=2):
    """The inverse of tensordot with a over its last axes, all but the first `ind`."""
    shape = tf.shape(a)
    square = tf.reshape(a, (tf.reduce_prod(shape[:ind]), -1))
    return tf.reshape(tf.linalg.inv(square), tf.concat([shape[ind:], shape[:ind]], 0))


class SolveTriangular(Equivalence):
    """The solution of a triangular system."""

    one_way = "torch"

    def in_torch(a: Tensor, b: Tensor, upper: Flag, left: Flag = True, unitriangular: Flag = False):
        return torch.linalg.solve_triangular(a, b, upper=upper, left=left, unitriangular=unitriangular)

    def in_tensorflow(a: Tensor, b: Tensor, upper: Flag, left: Flag = True, unitriangular: Flag = False):
        if left and not unitriangular and not upper:
            return tf.linalg.triangular_solve(a, b)
        if left and not unitriangular and upper:
            return tf.linalg.triangular_solve(a, b, lower=False)
        return general(solve_triangular(a, b, upper, left, unitriangular))

    def rank(a, b, upper, left, unitriangular):
        return rank(b)

    samples = cases(a=floats(3, 3), b=floats(3, 2), upper=[True, False], unitriangular=[Absent, True]) + cases(
        a=floats(3, 3), b=floats(2, 3), upper=[True, False], left=False
    )


class TriangularSolve(Equivalence):
    """The solution of a triangular system, with a copy of its matrix."""

    result = ("solution", "cloned_coefficient")
    one_way = "torch"

    def in_torch(b: Tensor, a: Tensor, upper: Flag = True, transpose: Flag = False, unitriangular: Flag = False):
        return spellings(
            torch.triangular_solve(b, a, upper=upper, transpose=transpose, unitriangular=unitriangular),
            b.triangular_solve(a, upper=upper, transpose=transpose, unitriangular=unitriangular),
        )

    def in_tensorflow(b: Tensor, a: Tensor, upper: Flag = True, transpose: Flag = False, unitriangular: Flag = False):
        if transpose:
            return parts(
                solution=solve_triangular(tf.linalg.matrix_transpose(a), b, not upper, unitriangular=unitriangular),
                cloned_coefficient=tf.identity(a),
            )
        return parts(
            solution=solve_triangular(a, b, upper, unitriangular=unitriangular),
            cloned_coefficient=tf.identity(a),
        )

    def rank(b, a, upper, transpose, unitriangular):
        return rank(b)

    samples = cases(b=floats(3, 2), a=floats(3, 3), upper=[Absent, False], transpose=[Absent, True])


class SolveBatch(Equivalence):
    """The solution of linear systems, from either side, of matrices or vectors."""

    one_way = "torch"

    def in_torch(a: Tensor, b: Tensor, left: Flag):
        return torch.linalg.solve(a, b, left=left)

    def in_tensorflow(a: Tensor, b: Tensor, left: Flag):
        return solve(a, b, left=left)

    def rank(a, b, left):
        return rank(b)

    samples = cases(a=floats(2, 3, 3), b=[floats(2, 3, 3), floats(3, 3)], left=[True, False])


class SolveEx(Equivalence):
    """The solution of linear systems, with zeros for success: TensorFlow raises where there is none."""

    result = ("result", "info")
    one_way = "torch"
    gradient = False

    def in_torch(a: Tensor, b: Tensor, left: Flag = True):
        return torch.linalg.solve_ex(a, b, left=left)

    def in_tensorflow(a: Tensor, b: Tensor, left: Flag = True):
        return parts(result=solve(a, b, left=left), info=tf.zeros(tf.shape(a)[:-2], tf.int32))

    samples = cases(a=floats(2, 3, 3), b=floats(2, 3, 3), left=[Absent, False])


class InverseEx(Equivalence):
    """The inverse of each matrix, with zeros to say that there is one: TensorFlow raises where not."""

    result = ("inverse", "info")
    one_way = "torch"
    gradient = False

    def in_torch(a: Tensor):
        return torch.linalg.inv_ex(a)

    def in_tensorflow(a: Tensor):
        return parts(inverse=tf.linalg.inv(a), info=tf.zeros(tf.shape(a)[:-2], tf.int32))

    samples = cases(a=[floats(3, 3), floats(2, 3, 3)])


class TensorSolve(Equivalence):
    """The solution of a system of tensors, which TensorFlow lacks."""

    one_way = "torch"

    def in_torch(a: Tensor, b: Tensor, dims: Any = Absent):
        return torch.linalg.tensorsolve(a, b, dims=dims)

    def in_tensorflow(a: Tensor, b: Tensor, dims: Any = Absent):
        return tensorsolve(a, b, dims)

    samples = cases(a=floats(2, 3, 6), b=floats(2, 3)) + cases(a=floats(2, 6, 3), b=floats(2, 3), dims=(1,))


class TensorInverse(Equivalence):
    """The inverse of a tensor as a map of tensors, which TensorFlow lacks."""

    one_way = "torch"

    def in_torch(a: Tensor, ind: Int = 2):
        return torch.linalg.tensorinv(a, ind=ind)

    def in_tensorflow(a: Tensor, ind: Int = 2):
        return tensorinv(a, ind=ind)

    def rank(a, ind):
        return rank(a)

    samples = cases(a=floats(2, 3, 6)) + cases(a=floats(4, 2, 2), ind=1)


class CholeskySolve(Equivalence):
    """The solution of a system whose Cholesky factor is given; `tf.linalg.cholesky_solve` has another gradient."""

    one_way = "torch"

    def in_torch(b: Tensor, a: Tensor, upper: Flag = False):
        return spellings(torch.cholesky_solve(b, a, upper=upper), b.cholesky_solve(a, upper=upper))

    def in_tensorflow(b: Tensor, a: Tensor, upper: Flag = False):
        return cholesky_solve(b, a, upper=upper)

    def rank(b, a, upper):
        return rank(b)

    samples = cases(b=floats(1, 2), a=drawn(1, 1), upper=[Absent, True])


class CholeskyInverse(Equivalence):
    """The inverse of matrices whose Cholesky factor is given, which raw TensorFlow lacks."""

    one_way = "torch"

    def in_torch(x: Tensor, upper: Flag = False):
        return spellings(torch.cholesky_inverse(x, upper=upper), x.cholesky_inverse(upper=upper))

    def in_tensorflow(x: Tensor, upper: Flag = False):
        return cholesky_solve(tf.eye(tf.shape(x)[-1], batch_shape=tf.shape(x)[:-2], dtype=x.dtype), x, upper=upper)

    def rank(x, upper):
        return rank(x)

    samples = cases(x=drawn(1, 1), upper=[Absent, True])


class CholeskySolveFactorFirst(Equivalence):
    """The solution of a system whose lower Cholesky factor is given."""

    one_way = "tensorflow"
    gradient = False

    def in_torch(a: Tensor, b: Tensor):
        return torch.cholesky_solve(b, a)

    def in_tensorflow(a: Tensor, b: Tensor):
        return tf.linalg.cholesky_solve(a, b)

    def rank(a, b):
        return rank(b)

    samples = cases(b=floats(2, 2), a=drawn(2, 2))


class Solve(Equivalence):
    """The solution of a linear system; TensorFlow refuses a vector as right side."""

    def in_torch(a: Tensor, b: Tensor):
        return torch.linalg.solve(a, b)

    def in_tensorflow(a: Tensor, b: Tensor):
        if rank(b) == 1 and rank(a) == 2:
            return tf.squeeze(tf.linalg.solve(a, tf.expand_dims(b, -1)), -1)
        if rank(a) == rank(b):
            return spellings(tf.linalg.solve(a, b), keras.ops.solve(a, b))
        return general(solve(a, b))

    def rank(a, b):
        return rank(b)

    samples = cases(a=floats(3, 3), b=[floats(3, 2), floats(3)]) + cases(
        a=floats(2, 3, 3), b=[floats(2, 3), floats(3, 1)]
    )
