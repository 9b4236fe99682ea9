"""Inverses, determinants, linear systems and decompositions; those whose signs are arbitrary (SVD, eigh) are left out."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Inverse(Equivalence):
    """The inverse of each matrix."""

    def in_torch(x: Tensor):
        return spellings(torch.linalg.inv(x), torch.inverse(x), x.inverse())

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.inv(x), keras.ops.inv(x))

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(3, 3), floats(2, 3, 3)])


class PseudoInverse(Equivalence):
    """The Moore-Penrose inverse of each matrix. The cut-off for small singular values differs between the frameworks."""

    def in_torch(x: Tensor):
        return spellings(torch.linalg.pinv(x), torch.pinverse(x), x.pinverse())

    def in_tensorflow(x: Tensor):
        return tf.linalg.pinv(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(3, 4), floats(2, 4, 3)])


class Determinant(Equivalence):
    """The determinant of each matrix."""

    def in_torch(x: Tensor):
        return spellings(torch.linalg.det(x), torch.det(x), x.det())

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.det(x), keras.ops.det(x))

    def rank(x):
        return rank(x) - 2

    samples = cases(x=[floats(3, 3), floats(2, 3, 3)])


class SignAndLogDeterminant(Equivalence):
    """The sign and the logarithm of the absolute value of each determinant."""

    result = ("sign", "logabsdet")

    def in_torch(x: Tensor):
        return spellings(torch.linalg.slogdet(x), torch.slogdet(x), x.slogdet())

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.slogdet(x), keras.ops.slogdet(x))

    def rank(x):
        return rank(x) - 2

    samples = cases(x=[floats(3, 3), floats(2, 3, 3)])


class Cholesky(Equivalence):
    """The lower Cholesky factor of each positive definite matrix."""

    def in_torch(x: Tensor):
        return spellings(torch.linalg.cholesky(x), torch.cholesky(x), x.cholesky())

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.cholesky(x), keras.ops.cholesky(x))

    def rank(x):
        return rank(x)

    samples = cases(x=drawn(4, 1, 1))


class QR(Equivalence):
    """The reduced QR decomposition."""

    result = ("Q", "R")

    def in_torch(x: Tensor):
        return spellings(torch.linalg.qr(x), torch.qr(x), x.qr())

    def in_tensorflow(x: Tensor):
        return spellings(tf.linalg.qr(x), keras.ops.qr(x))

    def rank(x):
        return rank(x)

    samples = cases(x=floats(4, 3))


class SingularValues(Equivalence):
    """The singular values alone, largest first."""

    def in_torch(x: Tensor):
        return torch.linalg.svdvals(x)

    def in_tensorflow(x: Tensor):
        return tf.linalg.svd(x, compute_uv=False)

    def rank(x):
        return rank(x) - 1

    samples = cases(x=[floats(4, 3), floats(2, 3, 3)])


class SymmetricEigenvalues(Equivalence):
    """The eigenvalues of symmetric matrices, smallest first."""

    def in_torch(x: Tensor):
        return torch.linalg.eigvalsh(x)

    def in_tensorflow(x: Tensor):
        return tf.linalg.eigvalsh(x)

    def rank(x):
        return rank(x) - 1

    gradient = False
    samples = cases(x=floats(3, 3))


class MatrixExponential(Equivalence):
    """The exponential of each matrix."""

    def in_torch(x: Tensor):
        return spellings(torch.linalg.matrix_exp(x), torch.matrix_exp(x), x.matrix_exp())

    def in_tensorflow(x: Tensor):
        return tf.linalg.expm(x)

    def rank(x):
        return rank(x)

    samples = cases(x=drawn(3, 3))
