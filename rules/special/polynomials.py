"""Orthogonal polynomials."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def polynomial(x, n, first, next_one):
    """The n-th of the polynomials 1, `first`, ... of x; `next_one` makes one from k and the two before."""
    n = tf.cast(n, tf.int64)
    before, now = tf.ones_like(first + tf.cast(n, x.dtype)), first + tf.zeros_like(tf.cast(n, x.dtype))
    result = tf.where(n == 0, before, 0)
    for k in tf.range(1, tf.maximum(tf.reduce_max(n), 0) + 1):
        result = tf.where(n == k, now, result)
        before, now = now, next_one(tf.cast(k, x.dtype), now, before)
    return result


class ChebyshevT(Elementwise):
    """Chebyshev polynomials T, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.chebyshev_polynomial_t(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, x, lambda k, p, q: 2 * x * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ChebyshevU(Elementwise):
    """Chebyshev polynomials U, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.chebyshev_polynomial_u(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 2 * x, lambda k, p, q: 2 * x * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ChebyshevV(Elementwise):
    """Chebyshev polynomials V, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.chebyshev_polynomial_v(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 2 * x - 1, lambda k, p, q: 2 * x * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ChebyshevW(Elementwise):
    """Chebyshev polynomials W, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.chebyshev_polynomial_w(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 2 * x + 1, lambda k, p, q: 2 * x * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ShiftedChebyshevT(Elementwise):
    """Chebyshev polynomials T of 2 * x - 1, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.shifted_chebyshev_polynomial_t(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 2 * x - 1, lambda k, p, q: (4 * x - 2) * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ShiftedChebyshevU(Elementwise):
    """Chebyshev polynomials U of 2 * x - 1, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.shifted_chebyshev_polynomial_u(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 4 * x - 2, lambda k, p, q: (4 * x - 2) * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ShiftedChebyshevV(Elementwise):
    """Chebyshev polynomials V of 2 * x - 1, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.shifted_chebyshev_polynomial_v(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 4 * x - 3, lambda k, p, q: (4 * x - 2) * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class ShiftedChebyshevW(Elementwise):
    """Chebyshev polynomials W of 2 * x - 1, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.shifted_chebyshev_polynomial_w(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 4 * x - 1, lambda k, p, q: (4 * x - 2) * p - q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class HermiteH(Elementwise):
    """Physicists' Hermite polynomials, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.hermite_polynomial_h(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 2 * x, lambda k, p, q: 2 * (x * p - k * q))

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class HermiteHe(Elementwise):
    """Probabilists' Hermite polynomials, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.hermite_polynomial_he(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, x, lambda k, p, q: x * p - k * q)

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class Laguerre(Elementwise):
    """Laguerre polynomials, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.laguerre_polynomial_l(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, 1 - x, lambda k, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1))

    samples = cases(x=floats(3, 4), n=ints(4, high=6))


class Legendre(Elementwise):
    """Legendre polynomials, which TensorFlow lacks."""

    gradient = False
    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, n: Tensor):
        return torch.special.legendre_polynomial_p(x, n)

    def in_tensorflow(x: Tensor, n: Tensor):
        return polynomial(x, n, x, lambda k, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1))

    samples = cases(x=floats(3, 4), n=ints(4, high=6))
