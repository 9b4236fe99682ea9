"""Householder reflections and least squares."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def ormqr(x, tau, other, left=True, transpose=False):
    """`other` times the orthogonal matrix of Householder reflections, from either side."""
    for k in range(tau.shape[-1] - 1, -1, -1) if left != transpose else range(tau.shape[-1]):
        v = tf.concat([tf.zeros_like(x[..., :k, k]), tf.ones_like(x[..., :1, k]), x[..., k + 1 :, k]], -1)[..., None]
        if left:
            other -= tau[..., k, None, None] * tf.matmul(v, tf.matmul(v, other, transpose_a=True))
        else:
            other -= tau[..., k, None, None] * tf.matmul(tf.matmul(other, v), v, transpose_b=True)
    return other


@helper
def geqrf(x):
    """Householder reflections of the QR decomposition: R above the diagonal, their vectors below, and their factors."""
    rows, columns = x.shape[-2:]
    factors = []
    for k in range(min(rows, columns)):
        head, below = x[..., k, k], x[..., k + 1 :, k]
        rest = tf.reduce_sum(tf.square(below), -1)
        beta = -tf.where(head < 0, -tf.ones_like(head), tf.ones_like(head)) * tf.sqrt(tf.square(head) + rest)
        flat = rest == 0
        tau = tf.where(~flat, (beta - head) / tf.where(~flat, beta, 1), 0)
        v = below / tf.where(~flat, head - beta, 1)[..., None]
        v1 = tf.concat([tf.ones_like(head)[..., None], v], -1)[..., None]
        block = x[..., k:, k + 1 :]
        block -= tau[..., None, None] * tf.matmul(v1, tf.matmul(v1, block, transpose_a=True))
        column = tf.concat([tf.where(~flat, beta, head)[..., None], v], -1)[..., None]
        right = tf.concat([x[..., k:, :k], column, block], -1)
        x = tf.concat([x[..., :k, :], right], -2)
        factors.append(tau)
    return x, tf.stack(factors, -1) if factors else tf.zeros((*x.shape[:-2], 0), x.dtype)


class ReflectedProduct(Equivalence):
    """A product with the orthogonal matrix of Householder reflections."""

    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor, tau: Tensor, other: Tensor, left: Flag = True, transpose: Flag = False):
        return spellings(
            torch.ormqr(x, tau, other, left=left, transpose=transpose),
            x.ormqr(tau, other, left=left, transpose=transpose),
        )

    def in_tensorflow(x: Tensor, tau: Tensor, other: Tensor, left: Flag = True, transpose: Flag = False):
        return ormqr(x, tau, other, left, transpose)

    def rank(x, tau, other, left, transpose):
        return rank(other)

    samples = cases(
        x=floats(2, 3, 2), tau=floats(2, 2), other=floats(2, 3, 3), left=[Absent, False], transpose=[Absent, True]
    )


class Reflections(Equivalence):
    """The QR decomposition as Householder reflections."""

    result = ("a", "tau")
    one_way = "torch"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.geqrf(x), x.geqrf())

    def in_tensorflow(x: Tensor):
        return geqrf(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 3, 2), floats(2, 2, 3)])


class LeastSquares(Equivalence):
    """The least squares solution alone, the shortest where there are many."""

    one_way = "torch"

    def in_torch(a: Tensor, b: Tensor):
        return torch.linalg.lstsq(a, b).solution

    def in_tensorflow(a: Tensor, b: Tensor):
        return tf.matmul(tf.linalg.pinv(a), b)

    def rank(a, b):
        return rank(b)

    samples = cases(a=floats(4, 2), b=floats(4, 2)) + cases(a=floats(2, 3), b=floats(2, 2))
