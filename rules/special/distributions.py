"""Functions of probability and of the gamma function."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def erfcx(x):
    """exp(x * x) * erfc(x), computed in float64: the first factor overflows where the second vanishes."""
    y = tf.cast(x, tf.float64)
    near, far = tf.minimum(y, 25), tf.maximum(y, 25)
    series = (1 - 1 / (2 * far**2) + 3 / (4 * far**4) - 15 / (8 * far**6)) / (far * math.sqrt(math.pi))
    return tf.cast(tf.where(y < 25, tf.exp(near**2) * tf.math.erfc(near), series), x.dtype)


@helper
def log_ndtr(x):
    """The logarithm of the normal distribution function, computed in float64 and by a series far below zero."""
    y = tf.cast(x, tf.float64)
    near, far = tf.maximum(y, -20), tf.minimum(y, -20)
    series = (
        tf.math.log1p(-1 / far**2 + 3 / far**4 - 15 / far**6) - far**2 / 2 - tf.math.log(-far * math.sqrt(2 * math.pi))
    )
    return tf.cast(tf.where(y > -20, tf.math.log(tf.math.erfc(-near / math.sqrt(2)) / 2), series), x.dtype)


@helper
def polygamma(n, x):
    """The n-th derivative of the digamma function; below zero by its recurrence, where TensorFlow's is wrong."""
    poles = tf.zeros_like(x)
    for _ in tf.range(tf.cast(tf.maximum(tf.reduce_max(-x), -1), tf.int32) + 1):
        poles += tf.where(x <= 0, x ** -(n + 1), 0)
        x = tf.where(x <= 0, x + 1, x)
    return tf.math.polygamma(tf.cast(n, x.dtype), x) - (-1) ** n * math.factorial(n) * poles


@helper
def multigammaln(x, p):
    """The logarithm of the multivariate gamma function of dimension p."""
    return tf.add_n([tf.math.lgamma(x - i / 2) for i in range(p)]) + p * (p - 1) / 4 * math.log(math.pi)


class NormalDistribution(Elementwise):
    """The normal distribution function."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.ndtr(x)

    def in_tensorflow(x: Tensor):
        return tf.math.erfc(-x / math.sqrt(2)) / 2

    samples = cases(x=floats(2, 3))


class NormalQuantile(Elementwise):
    """The inverse of the normal distribution function."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.ndtri(x)

    def in_tensorflow(x: Tensor):
        return tf.math.ndtri(x)

    samples = cases(x=drawn(2, 3))


class LogNormalDistribution(Elementwise):
    """The logarithm of the normal distribution function."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.log_ndtr(x)

    def in_tensorflow(x: Tensor):
        return log_ndtr(x)

    samples = cases(x=floats(2, 3))


class ScaledErfc(Elementwise):
    """exp(x * x) * erfc(x), which TensorFlow lacks."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.erfcx(x)

    def in_tensorflow(x: Tensor):
        return erfcx(x)

    samples = cases(x=floats(2, 3))


class Entropy(Elementwise):
    """-x * log(x), 0 at 0 and -inf below."""

    promotes = "float"

    def in_torch(x: Tensor):
        return torch.special.entr(x)

    def in_tensorflow(x: Tensor):
        return tf.where(~(x < 0), -tf.math.xlogy(x, x), -math.inf)

    samples = cases(x=drawn(2, 3))


class Logit(Elementwise):
    """log(x / (1 - x)), of x held between eps and 1 - eps where eps is given."""

    promotes = "float"

    def in_torch(x: Tensor, eps: Float = Absent):
        return spellings(torch.logit(x, eps=eps), x.logit(eps=eps), torch.special.logit(x, eps=eps))

    def in_tensorflow(x: Tensor, eps: Float = Absent):
        if eps is Absent or eps is None:
            return tf.math.log(x) - tf.math.log(1 - x)
        return general(
            tf.math.log(tf.clip_by_value(x, eps, 1 - eps)) - tf.math.log1p(-tf.clip_by_value(x, eps, 1 - eps))
        )

    samples = cases(x=drawn(2, 3), eps=[Absent, 0.1])


class RadiansToDegrees(Elementwise):
    """Radians in degrees."""

    promotes = "float"

    def in_torch(x: Tensor):
        return spellings(torch.rad2deg(x), x.rad2deg())

    def in_tensorflow(x: Tensor):
        return spellings(x * (180 / math.pi), keras.ops.rad2deg(x))

    samples = cases(x=floats(2, 3))


class Polygamma(Elementwise):
    """The n-th derivative of the digamma function."""

    promotes = "float"

    def in_torch(x: Tensor, n: Int):
        return spellings(torch.polygamma(n, x), x.polygamma(n), torch.special.polygamma(n, x))

    def in_tensorflow(x: Tensor, n: Int):
        return polygamma(n, x)

    samples = cases(x=drawn(2, 3), n=[1, 2])


class MultivariateLogGamma(Elementwise):
    """The logarithm of the multivariate gamma function."""

    promotes = "float"

    def in_torch(x: Tensor, p: Int):
        return spellings(torch.mvlgamma(x, p), x.mvlgamma(p), torch.special.multigammaln(x, p))

    def in_tensorflow(x: Tensor, p: Int):
        return multigammaln(x, p)

    samples = cases(x=ints(2, 3, low=3), p=[1, 3])


class HurwitzZeta(Elementwise):
    """The Hurwitz zeta function; PyTorch has no gradient for it."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor, y: Tensor):
        return torch.special.zeta(x, y)

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(
            tf.where((x <= 1) | (y > 0) | (y != tf.floor(y)), tf.math.zeta(x, y), math.inf), tf.math.zeta(x, y)
        )

    samples = cases(x=ints(3, low=2), y=drawn(3))


class XLog1pY(Elementwise):
    """x * log(1 + y), 0 where x is 0."""

    promotes = "float"

    def in_torch(x: Tensor, y: Tensor):
        return torch.special.xlog1py(x, y)

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.math.xlog1py(x, y)

    samples = cases(x=floats(2, 3), y=drawn(3))


class LowerIncompleteGamma(Elementwise):
    """The regularised lower incomplete gamma function; PyTorch has no gradient for its first argument."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.igamma(x, y), x.igamma(y), torch.special.gammainc(x, y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.math.igamma(x, y)

    samples = cases(x=drawn(2, 3), y=drawn(3))


class UpperIncompleteGamma(Elementwise):
    """The regularised upper incomplete gamma function; PyTorch has no gradient for its first argument."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.igammac(x, y), x.igammac(y), torch.special.gammaincc(x, y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.math.igammac(x, y)

    samples = cases(x=drawn(2, 3), y=drawn(3))
