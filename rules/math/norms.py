"""Norms of vectors and matrices."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def euclidean_norm(x, axis=None, keepdims=False):
    """The root of the sum of squares. Where it is 0 its gradient is 0, as in PyTorch; that of `tf.norm` is NaN there."""
    squares = tf.reduce_sum(tf.math.square(tf.abs(x)), axis=axis, keepdims=keepdims)
    root = tf.sqrt(tf.where(squares == 0, tf.ones_like(squares), squares))
    return tf.where(squares == 0, tf.zeros_like(squares), root)


@helper
def vector_norm(x, ord=2, axis=None, keepdims=False):
    """The norm of any order over any axes; `tf.norm` knows positive orders alone, and takes two axes for a matrix."""
    if ord == 0:
        return tf.cast(tf.math.count_nonzero(x, axis=axis, keepdims=keepdims), x.dtype)
    if abs(ord) == math.inf:
        reduce = tf.reduce_max if ord > 0 else tf.reduce_min
        return reduce(tf.abs(x), axis=axis, keepdims=keepdims)
    total = tf.reduce_sum(tf.abs(x) ** ord, axis=axis, keepdims=keepdims)
    if ord < 0:
        return total ** (1 / ord)
    root = tf.where(total == 0, tf.ones_like(total), total) ** (1 / ord)  # the gradient at 0 is 0, and not NaN
    return tf.where(total == 0, tf.zeros_like(total), root)


@helper
def matrix_norm(x, ord="fro", axis=(-2, -1), keepdims=False):
    """The norm of any order of the matrices in two axes; `tf.norm` has no nuclear norm and no negative orders."""
    axes = [a % x.shape.rank for a in axis]
    x = keras.ops.moveaxis(x, axes, (-2, -1))
    if ord == "fro":
        norm = euclidean_norm(x, axis=(-2, -1))
    elif ord in (2, -2, "nuc"):
        values = tf.linalg.svd(x, compute_uv=False)
        norm = tf.reduce_sum(values, axis=-1) if ord == "nuc" else values[..., 0 if ord == 2 else -1]
    else:
        sums = tf.reduce_sum(tf.abs(x), axis=-2 if abs(ord) == 1 else -1)
        norm = tf.reduce_max(sums, axis=-1) if ord > 0 else tf.reduce_min(sums, axis=-1)
    for a in sorted(axes) if keepdims else ():
        norm = tf.expand_dims(norm, a)
    return norm


class EuclideanNorm(Reduction):
    """The square root of the sum of squares, of all elements or along axes."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim), x.norm(dim=dim, keepdim=keepdim),
            torch.norm(x, dim=dim, keepdim=keepdim), x.norm(p=2, dim=dim, keepdim=keepdim),
            torch.norm(x, p=2, dim=dim, keepdim=keepdim), torch.linalg.norm(x, dim=dim, keepdim=keepdim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if isinstance(dim, (tuple, list)) and len(dim) > 2:
            return euclidean_norm(x, axis=dim, keepdims=keepdim)
        if keepdim:
            return spellings(
                euclidean_norm(x, axis=dim, keepdims=True), tf.norm(x, axis=dim, keepdims=True),
                tf.linalg.norm(x, axis=dim, keepdims=True),
            )  # fmt: skip
        return spellings(
            euclidean_norm(x, axis=dim), tf.norm(x, axis=dim), tf.linalg.norm(x, axis=dim), keras.ops.norm(x, axis=dim)
        )

    samples = (
        cases(x=floats(2, 3), dim=[-1, 0, (0, 1)], keepdim=[Absent, True])
        + cases(x=floats(2, 3))
        + cases(x=floats(2, 3, 2), dim=(0, 1, 2))
    )


class VectorNorm(Reduction):
    """The norm of order p of all elements or along axes. In TensorFlow two axes would mean a matrix norm."""

    def in_torch(x: Tensor, p: Number, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.linalg.vector_norm(x, ord=p, dim=dim, keepdim=keepdim), x.norm(p=p, dim=dim, keepdim=keepdim),
            torch.norm(x, p=p, dim=dim, keepdim=keepdim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, p: Number, dim: Axes = Absent, keepdim: Flag = False):
        if p > 0 and keepdim and (dim is Absent or isinstance(dim, int)):
            return spellings(
                vector_norm(x, p, axis=dim, keepdims=True), tf.norm(x, ord=p, axis=dim, keepdims=True),
                tf.linalg.norm(x, ord=p, axis=dim, keepdims=True),
            )  # fmt: skip
        if p > 0 and (dim is Absent or isinstance(dim, int)):
            return spellings(
                vector_norm(x, p, axis=dim), tf.norm(x, ord=p, axis=dim), tf.linalg.norm(x, ord=p, axis=dim)
            )
        return general(vector_norm(x, p, axis=dim, keepdims=keepdim))

    samples = (
        cases(x=floats(2, 3), p=[1, 3], dim=[-1, 0], keepdim=[Absent, True])
        + cases(x=floats(2, 3), p=[1, 0, -1])
        + cases(x=floats(2, 3, 2), p=3, dim=(0, 1))
    )


class MatrixNorm(Equivalence):
    """A norm of matrices. `tf.norm` without axes flattens: its 2-norm is not the spectral norm."""

    def in_torch(x: Tensor, ord: Any = "fro", dim: Axes = (-2, -1), keepdim: Flag = False):
        return torch.linalg.matrix_norm(x, ord=ord, dim=dim, keepdim=keepdim)

    def in_tensorflow(x: Tensor, ord: Any = "fro", dim: Axes = (-2, -1), keepdim: Flag = False):
        if dim == (-2, -1) and keepdim and ord == "fro":
            return spellings(euclidean_norm(x, axis=(-2, -1), keepdims=True), tf.norm(x, axis=(-2, -1), keepdims=True))
        if dim == (-2, -1) and ord == "fro":
            return spellings(
                euclidean_norm(x, axis=(-2, -1)), tf.norm(x, axis=(-2, -1)), tf.linalg.norm(x, axis=(-2, -1)),
                tf.norm(x, ord="fro", axis=(-2, -1)), tf.linalg.norm(x, ord="fro", axis=(-2, -1)),
            )  # fmt: skip
        if dim == (-2, -1) and keepdim and (ord == 1 or ord == 2):
            return tf.norm(x, ord=ord, axis=(-2, -1), keepdims=True)
        if dim == (-2, -1) and (ord == 1 or ord == 2):
            return spellings(tf.norm(x, ord=ord, axis=(-2, -1)), tf.linalg.norm(x, ord=ord, axis=(-2, -1)))
        return general(matrix_norm(x, ord, axis=dim, keepdims=keepdim))

    def rank(x, ord, dim, keepdim):
        if keepdim:
            return rank(x)
        return rank(x) - 2

    samples = cases(x=floats(2, 3, 4), ord=[Absent, 2, -1], keepdim=[Absent, True]) + cases(
        x=floats(2, 3, 4), ord=["nuc", -2], dim=(0, 2), keepdim=True
    )


class NormByName(Reduction):
    """The Frobenius norm over the axes given, of all elements where none are."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.norm(x, p="fro", dim=dim, keepdim=keepdim), torch.linalg.norm(x, ord="fro", dim=dim, keepdim=keepdim)
        )

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return euclidean_norm(x, axis=dim, keepdims=keepdim)

    one_way = "torch"
    samples = cases(x=floats(2, 3), dim=[Absent, (0, 1)], keepdim=[Absent, True])


class NuclearNorm(Equivalence):
    """The sum of the singular values, which `tf.norm` does not know."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.norm(x, p="nuc", dim=dim, keepdim=keepdim), x.norm(p="nuc", dim=dim, keepdim=keepdim),
            torch.linalg.norm(x, ord="nuc", dim=dim, keepdim=keepdim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if dim is Absent or dim is None:
            return matrix_norm(x, "nuc", keepdims=keepdim)
        return general(matrix_norm(x, "nuc", axis=dim, keepdims=keepdim))

    def rank(x, dim, keepdim):
        if keepdim:
            return rank(x)
        return rank(x) - 2

    one_way = "torch"
    samples = cases(x=floats(3, 4), dim=[Absent, (1, 0)], keepdim=[Absent, True])


class NormOfOrder(Equivalence):
    """The norm of a given order: of vectors along one axis, of matrices in two; without axes as x has them."""

    def in_torch(x: Tensor, ord: Number, dim: Axes = Absent, keepdim: Flag = False):
        return torch.linalg.norm(x, ord=ord, dim=dim, keepdim=keepdim)

    def in_tensorflow(x: Tensor, ord: Number, dim: Axes = Absent, keepdim: Flag = False):
        if isinstance(dim, int):
            return vector_norm(x, ord, axis=dim, keepdims=keepdim)
        if isinstance(dim, (tuple, list)) and len(dim) == 1:
            return vector_norm(x, ord, axis=dim, keepdims=keepdim)
        if isinstance(dim, (tuple, list)):
            return matrix_norm(x, ord, axis=dim, keepdims=keepdim)
        if rank(x) == 1:
            return vector_norm(x, ord, keepdims=keepdim)
        if rank(x) == 2:
            return matrix_norm(x, ord, keepdims=keepdim)
        return refuse("how many axes the tensor has is not known, and so whether this is a vector's or a matrix's norm")

    one_way = "torch"
    samples = cases(x=floats(3, 4), ord=[1, -2], dim=[0, (0,), (0, 1), Absent]) + cases(x=floats(3), ord=3)


class Distance(Equivalence):
    """The norm of a difference."""

    def in_torch(x: Tensor, y: Tensor, p: Number = 2):
        return spellings(torch.dist(x, y, p), x.dist(y, p))

    def in_tensorflow(x: Tensor, y: Tensor, p: Number = 2):
        if p == 2:
            return spellings(euclidean_norm(x - y), tf.norm(x - y), tf.norm(x - y, ord=p))
        if p > 0:
            return spellings(vector_norm(x - y, p), tf.norm(x - y, ord=p))
        return general(vector_norm(x - y, p))

    def rank(x, y, p):
        return 0

    samples = cases(x=floats(2, 3), y=floats(3), p=[Absent, 1, -1])


class Renormalise(Equivalence):
    """Slices along an axis shortened to a greatest norm; PyTorch leaves the others alone."""

    def in_torch(x: Tensor, p: Number, dim: Axis, maxnorm: Number):
        return spellings(torch.renorm(x, p, dim, maxnorm), x.renorm(p, dim, maxnorm))

    def in_tensorflow(x: Tensor, p: Number, dim: Axis, maxnorm: Number):
        return renorm(x, p, dim, maxnorm)

    def rank(x, p, dim, maxnorm):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(3, 4, 2), p=[2, 1], dim=[0, -1], maxnorm=1.5)


@helper
def renorm(x, p, axis, largest):
    """Slices of x along an axis, those whose norm of order p is above `largest` scaled down to it."""
    others = [a for a in range(x.shape.rank) if a != axis % x.shape.rank]
    if p == float("inf"):
        norms = tf.reduce_max(tf.abs(x), axis=others, keepdims=True)
    else:
        norms = tf.reduce_sum(tf.abs(x) ** p, axis=others, keepdims=True) ** (1 / p)
    return x * tf.where(norms > largest, largest / (norms + 1e-7), 1)
