"""Decompositions of matrices."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def svd(x, full_matrices=True):
    """The singular value decomposition in PyTorch's order: U, S and the adjoint of V."""
    s, u, v = tf.linalg.svd(x, full_matrices=full_matrices)
    return u, s, tf.linalg.adjoint(v)


@helper
def lu_factor(x):
    """The LU factors in one matrix, with partial pivoting, and the row (from 1) that each row was exchanged with."""
    rows, columns = x.shape[-2:]
    pivots = []
    for k in range(min(rows, columns)):
        pivot = tf.argmax(tf.abs(x[..., k:, k]), axis=-1, output_type=tf.int32)[..., None] + k
        order = tf.where(tf.range(rows) == pivot, k, tf.where(tf.range(rows) == k, pivot, tf.range(rows)))
        x = tf.gather(x, order, axis=-2, batch_dims=x.shape.rank - 2)
        factor = x[..., k + 1 :, k : k + 1] / x[..., k : k + 1, k : k + 1]
        rest = x[..., k + 1 :, k + 1 :] - factor * x[..., k : k + 1, k + 1 :]
        x = tf.concat([x[..., : k + 1, :], tf.concat([x[..., k + 1 :, :k], factor, rest], -1)], -2)
        pivots.append(pivot + 1)
    return x, tf.concat(pivots, -1)


@helper
def lu_unpack(packed, pivots):
    """The permutation matrix, the lower and the upper factor of an LU decomposition in one matrix."""
    rows, columns = packed.shape[-2:]
    order = tf.broadcast_to(tf.range(rows), tf.concat([tf.shape(pivots)[:-1], [rows]], 0))
    for k in range(min(rows, columns)):
        pivot = pivots[..., k : k + 1] - 1
        other = tf.gather(order, pivot, axis=-1, batch_dims=pivots.shape.rank - 1)
        order = tf.where(tf.range(rows) == pivot, order[..., k : k + 1], tf.where(tf.range(rows) == k, other, order))
    n = min(rows, columns)
    lower = tf.linalg.set_diag(tf.linalg.band_part(packed, -1, 0), tf.ones_like(tf.linalg.diag_part(packed)))
    permutation = tf.linalg.matrix_transpose(tf.one_hot(order, rows, dtype=packed.dtype))
    return permutation, lower[..., :n], tf.linalg.band_part(packed, 0, -1)[..., :n, :]


@helper
def lu_solve(packed, pivots, b, left=True, adjoint=False):
    """The solution of a system whose LU factors are given in one matrix."""
    matrix = tf.matmul(tf.matmul(*lu_unpack(packed, pivots)[:2]), lu_unpack(packed, pivots)[2])
    matrix = tf.linalg.adjoint(matrix) if adjoint else matrix
    if left:
        return tf.matmul(tf.linalg.inv(matrix), b)
    return tf.matmul(b, tf.linalg.inv(matrix))


@helper
def householder_product(x, tau):
    """The first columns of a product of Householder reflections, given by the vectors below the diagonal of x."""
    rows, columns = x.shape[-2:]
    product = tf.eye(rows, batch_shape=tf.shape(x)[:-2], dtype=x.dtype)
    for k in range(tau.shape[-1]):
        v = tf.concat([tf.zeros_like(x[..., :k, k]), tf.ones_like(x[..., :1, k]), x[..., k + 1 :, k]], -1)[..., None]
        product -= tau[..., k, None, None] * tf.matmul(tf.matmul(product, v), v, transpose_b=True)
    return product[..., :columns]


class SingularValueDecomposition(Equivalence):
    """The singular value decomposition; TensorFlow gives S, U and V. Signs are arbitrary."""

    result = ("U", "S", "Vh")
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, full_matrices: Flag = True):
        return torch.linalg.svd(x, full_matrices=full_matrices)

    def in_tensorflow(x: Tensor, full_matrices: Flag = True):
        return svd(x, full_matrices)

    samples = cases(x=drawn(1, 1), full_matrices=[Absent, False])


class SingularValueDecompositionOld(Equivalence):
    """The singular value decomposition with V itself; TensorFlow gives S first. Signs are arbitrary."""

    result = ("U", "S", "V")
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, some: Flag = True):
        return spellings(torch.svd(x, some=some), x.svd(some=some))

    def in_tensorflow(x: Tensor, some: Flag = True):
        return parts(
            U=tf.linalg.svd(x, full_matrices=not some)[1],
            S=tf.linalg.svd(x, full_matrices=not some)[0],
            V=tf.linalg.svd(x, full_matrices=not some)[2],
        )

    samples = cases(x=drawn(1, 1), some=[Absent, False])


@helper
def eigvalsh(x, upper=False):
    """The eigenvalues of symmetric matrices of which one triangle is given."""
    return tf.linalg.eigvalsh(from_triangle(x, upper))


class SymmetricEigen(Equivalence):
    """Eigenvalues, smallest first, and eigenvectors of symmetric matrices. Signs are arbitrary."""

    result = ("eigenvalues", "eigenvectors")
    gradient = False

    def in_torch(x: Tensor, triangle: Str = "L"):
        return torch.linalg.eigh(x, UPLO=triangle)

    def in_tensorflow(x: Tensor, triangle: Str = "L"):
        if triangle == "U":
            return tf.linalg.eigh(tf.linalg.adjoint(x))
        return spellings(tf.linalg.eigh(x), keras.ops.eigh(x))

    def rank(x, triangle):
        return rank(x)

    samples = cases(x=floats(1, 1), triangle=[Absent, "U"])


class SymmetricEigenvaluesOf(Equivalence):
    """The eigenvalues of symmetric matrices of which one triangle is given."""

    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, triangle: Str):
        return torch.linalg.eigvalsh(x, UPLO=triangle)

    def in_tensorflow(x: Tensor, triangle: Str):
        if triangle == "U":
            return eigvalsh(x, upper=True)
        return eigvalsh(x)

    def rank(x, triangle):
        return rank(x) - 1

    samples = cases(x=floats(3, 3), triangle=["L", "U"])


class Eigen(Equivalence):
    """Eigenvalues and eigenvectors, complex, in no order; lengths and signs are arbitrary."""

    result = ("eigenvalues", "eigenvectors")
    gradient = False

    def in_torch(x: Tensor):
        return torch.linalg.eig(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.eig(x), keras.ops.eig(x))

    samples = cases(x=floats(1, 1))


class Eigenvalues(Equivalence):
    """The eigenvalues, complex, in no order."""

    dtype = "complex"
    gradient = False

    def in_torch(x: Tensor):
        return torch.linalg.eigvals(x)

    def in_tensorflow(x: Tensor):
        return tf.linalg.eigvals(x)

    def rank(x):
        return rank(x) - 1

    samples = cases(x=floats(1, 1))


class CholeskyOfTriangle(Equivalence):
    """The Cholesky factor of positive definite matrices of which the upper triangle is given."""

    one_way = "torch"

    def in_torch(x: Tensor, upper: Flag):
        return spellings(torch.linalg.cholesky(x, upper=upper), torch.cholesky(x, upper=upper), x.cholesky(upper=upper))

    def in_tensorflow(x: Tensor, upper: Flag):
        if upper:
            return tf.linalg.adjoint(tf.linalg.cholesky(tf.linalg.adjoint(x)))
        return tf.linalg.cholesky(x)

    def rank(x, upper):
        return rank(x)

    samples = cases(x=drawn(4, 1, 1), upper=[True, False])


class CholeskyEx(Equivalence):
    """The Cholesky factor, with zeros to say that there is one: TensorFlow raises where not."""

    result = ("L", "info")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, upper: Flag = False):
        return torch.linalg.cholesky_ex(x, upper=upper)

    def in_tensorflow(x: Tensor, upper: Flag = False):
        if upper:
            return parts(
                L=tf.linalg.adjoint(tf.linalg.cholesky(tf.linalg.adjoint(x))), info=tf.zeros(tf.shape(x)[:-2], tf.int32)
            )
        return parts(L=tf.linalg.cholesky(x), info=tf.zeros(tf.shape(x)[:-2], tf.int32))

    samples = cases(x=drawn(4, 1, 1), upper=[Absent, True])


class LuFactor(Equivalence):
    """The LU decomposition in one matrix, with pivots; which `tf.linalg.lu` counts differently."""

    result = ("LU", "pivots")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.linalg.lu_factor(x), torch.lu(x), x.lu(), torch.lu(x, True, False), x.lu(True, False))

    def in_tensorflow(x: Tensor):
        return lu_factor(x)

    samples = cases(x=[floats(2, 3, 3), floats(2, 3, 2)])


class LuFactorEx(Equivalence):
    """The LU decomposition in one matrix, with pivots, and zeros to say that there is one."""

    result = ("LU", "pivots", "info")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.linalg.lu_factor_ex(x), torch.lu(x, True, True), x.lu(True, True))

    def in_tensorflow(x: Tensor):
        return parts(LU=lu_factor(x)[0], pivots=lu_factor(x)[1], info=tf.zeros(tf.shape(x)[:-2], tf.int32))

    samples = cases(x=[floats(2, 3, 3), floats(2, 3, 2)])


class Lu(Equivalence):
    """The permutation matrix, the lower and the upper factor."""

    result = ("P", "L", "U")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor):
        return torch.linalg.lu(x)

    def in_tensorflow(x: Tensor):
        return lu_unpack(*lu_factor(x))

    samples = cases(x=[floats(2, 3, 3), floats(2, 3, 2)])


class LuUnpack(Equivalence):
    """The permutation matrix, the lower and the upper factor of a decomposition in one matrix."""

    result = ("P", "L", "U")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, pivots: Tensor):
        return torch.lu_unpack(x, pivots)

    def in_tensorflow(x: Tensor, pivots: Tensor):
        return lu_unpack(x, pivots)

    samples = cases(x=floats(2, 2, 2), pivots=int32s(2, 2, low=2, high=3))


class LuSolve(Equivalence):
    """The solution of a system whose LU decomposition is given in one matrix."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, pivots: Tensor, b: Tensor, left: Flag = True, adjoint: Flag = False):
        return torch.linalg.lu_solve(x, pivots, b, left=left, adjoint=adjoint)

    def in_tensorflow(x: Tensor, pivots: Tensor, b: Tensor, left: Flag = True, adjoint: Flag = False):
        return lu_solve(x, pivots, b, left, adjoint)

    def rank(x, pivots, b, left, adjoint):
        return rank(b)

    samples = cases(
        x=floats(2, 2, 2),
        pivots=int32s(2, 2, low=2, high=3),
        b=floats(2, 2, 2),
        left=[Absent, False],
        adjoint=[Absent, True],
    )


class LuSolveOld(Equivalence):
    """The solution of a system whose LU decomposition is given in one matrix, the right side first."""

    one_way = "torch"
    gradient = False

    def in_torch(b: Tensor, x: Tensor, pivots: Tensor):
        return spellings(torch.lu_solve(b, x, pivots), b.lu_solve(x, pivots))

    def in_tensorflow(b: Tensor, x: Tensor, pivots: Tensor):
        return lu_solve(x, pivots, b)

    def rank(b, x, pivots):
        return rank(b)

    samples = cases(x=floats(2, 2, 2), pivots=int32s(2, 2, low=2, high=3), b=floats(2, 2, 2))


class HouseholderProduct(Equivalence):
    """The orthogonal matrix that Householder reflections make."""

    one_way = "torch"

    def in_torch(x: Tensor, tau: Tensor):
        return spellings(torch.linalg.householder_product(x, tau), torch.orgqr(x, tau), x.orgqr(tau))

    def in_tensorflow(x: Tensor, tau: Tensor):
        return householder_product(x, tau)

    def rank(x, tau):
        return rank(x)

    samples = cases(x=floats(2, 3, 2), tau=floats(2, 2))
