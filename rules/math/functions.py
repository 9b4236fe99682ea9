"""Functions of one number, element by element: powers, logarithms, trigonometry, special functions."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Abs(Elementwise):
    """Absolute value; the magnitude of a complex number."""

    def in_torch(x: Tensor):
        return spellings(torch.abs(x), x.abs(), torch.absolute(x), x.absolute())

    def in_tensorflow(x: Tensor):
        return spellings(tf.abs(x), keras.ops.abs(x), keras.ops.absolute(x))

    samples = cases(x=[floats(2, 3), ints(2, 3, low=-5, high=5)])


class Exp(Elementwise):
    """e to the power of x."""

    def in_torch(x: Tensor):
        return spellings(torch.exp(x), x.exp())

    def in_tensorflow(x: Tensor):
        return spellings(tf.exp(x), keras.ops.exp(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Expm1(Elementwise):
    """exp(x) - 1, accurate near zero."""

    def in_torch(x: Tensor):
        return spellings(torch.expm1(x), x.expm1(), torch.special.expm1(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.expm1(x), keras.ops.expm1(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Log(Elementwise):
    """Natural logarithm. TensorFlow has no `tf.log`: it is in `tf.math`."""

    def in_torch(x: Tensor):
        return spellings(torch.log(x), x.log())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.log(x), keras.ops.log(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Log1p(Elementwise):
    """log(1 + x), accurate near zero."""

    def in_torch(x: Tensor):
        return spellings(torch.log1p(x), x.log1p(), torch.special.log1p(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.log1p(x), keras.ops.log1p(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Sqrt(Elementwise):
    """Square root."""

    def in_torch(x: Tensor):
        return spellings(torch.sqrt(x), x.sqrt())

    def in_tensorflow(x: Tensor):
        return spellings(tf.sqrt(x), keras.ops.sqrt(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Rsqrt(Elementwise):
    """1 / sqrt(x)."""

    def in_torch(x: Tensor):
        return spellings(torch.rsqrt(x), x.rsqrt())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.rsqrt(x), keras.ops.rsqrt(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class DegreesToRadians(Elementwise):
    """Degrees in radians."""

    def in_torch(x: Tensor):
        return spellings(torch.deg2rad(x), x.deg2rad())

    def in_tensorflow(x: Tensor):
        return keras.ops.deg2rad(x)

    promotes = "float"
    samples = cases(x=floats(2, 3))
    differs = cases(x=ints(2, 3), because="integers give float32 in PyTorch and float64 in Keras")


class Square(Elementwise):
    """x * x."""

    def in_torch(x: Tensor):
        return spellings(torch.square(x), x.square())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return tf.cast(x, tf.int64)
        return spellings(tf.square(x), keras.ops.square(x))

    samples = cases(x=[floats(2, 3), ints(2, 3), bools(3)])


class Reciprocal(Elementwise):
    """1 / x."""

    def in_torch(x: Tensor):
        return spellings(torch.reciprocal(x), x.reciprocal())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.reciprocal(x), keras.ops.reciprocal(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Negative(Elementwise):
    """-x."""

    def in_torch(x: Tensor):
        return spellings(torch.neg(x), x.neg(), torch.negative(x), x.negative())

    def in_tensorflow(x: Tensor):
        return spellings(tf.negative(x), keras.ops.negative(x))

    samples = cases(x=[floats(2, 3), ints(2, 3)])


class Sin(Elementwise):
    """Sine."""

    def in_torch(x: Tensor):
        return spellings(torch.sin(x), x.sin())

    def in_tensorflow(x: Tensor):
        return spellings(tf.sin(x), keras.ops.sin(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Cos(Elementwise):
    """Cosine."""

    def in_torch(x: Tensor):
        return spellings(torch.cos(x), x.cos())

    def in_tensorflow(x: Tensor):
        return spellings(tf.cos(x), keras.ops.cos(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Tan(Elementwise):
    """Tangent."""

    def in_torch(x: Tensor):
        return spellings(torch.tan(x), x.tan())

    def in_tensorflow(x: Tensor):
        return spellings(tf.tan(x), keras.ops.tan(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Arcsine(Elementwise):
    """Inverse sine; PyTorch also calls it arcsin."""

    def in_torch(x: Tensor):
        return spellings(torch.asin(x), x.asin(), torch.arcsin(x), x.arcsin())

    def in_tensorflow(x: Tensor):
        return spellings(tf.asin(x), tf.math.asin(x), keras.ops.arcsin(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Arccosine(Elementwise):
    """Inverse cosine; PyTorch also calls it arccos."""

    def in_torch(x: Tensor):
        return spellings(torch.acos(x), x.acos(), torch.arccos(x), x.arccos())

    def in_tensorflow(x: Tensor):
        return spellings(tf.acos(x), tf.math.acos(x), keras.ops.arccos(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Arctangent(Elementwise):
    """Inverse tangent; PyTorch also calls it arctan."""

    def in_torch(x: Tensor):
        return spellings(torch.atan(x), x.atan(), torch.arctan(x), x.arctan())

    def in_tensorflow(x: Tensor):
        return spellings(tf.atan(x), tf.math.atan(x), keras.ops.arctan(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Sinh(Elementwise):
    """Hyperbolic sine."""

    def in_torch(x: Tensor):
        return spellings(torch.sinh(x), x.sinh())

    def in_tensorflow(x: Tensor):
        return spellings(tf.sinh(x), tf.math.sinh(x), keras.ops.sinh(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Cosh(Elementwise):
    """Hyperbolic cosine."""

    def in_torch(x: Tensor):
        return spellings(torch.cosh(x), x.cosh())

    def in_tensorflow(x: Tensor):
        return spellings(tf.cosh(x), tf.math.cosh(x), keras.ops.cosh(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Arcsinh(Elementwise):
    """Inverse hyperbolic sine."""

    def in_torch(x: Tensor):
        return spellings(torch.asinh(x), x.asinh(), torch.arcsinh(x), x.arcsinh())

    def in_tensorflow(x: Tensor):
        return spellings(tf.asinh(x), tf.math.asinh(x), keras.ops.arcsinh(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Arctanh(Elementwise):
    """Inverse hyperbolic tangent."""

    def in_torch(x: Tensor):
        return spellings(torch.atanh(x), x.atanh(), torch.arctanh(x), x.arctanh())

    def in_tensorflow(x: Tensor):
        return spellings(tf.atanh(x), tf.math.atanh(x), keras.ops.arctanh(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Erf(Elementwise):
    """Gauss error function."""

    def in_torch(x: Tensor):
        return spellings(torch.erf(x), x.erf(), torch.special.erf(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.erf(x), keras.ops.erf(x))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Erfc(Elementwise):
    """1 - erf(x), accurate for large x."""

    def in_torch(x: Tensor):
        return spellings(torch.erfc(x), x.erfc(), torch.special.erfc(x))

    def in_tensorflow(x: Tensor):
        return tf.math.erfc(x)

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Erfinv(Elementwise):
    """Inverse of the error function."""

    def in_torch(x: Tensor):
        return spellings(torch.erfinv(x), x.erfinv(), torch.special.erfinv(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.erfinv(x), keras.ops.erfinv(x))

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class LogGamma(Elementwise):
    """Logarithm of the absolute value of the gamma function."""

    def in_torch(x: Tensor):
        return spellings(torch.lgamma(x), x.lgamma(), torch.special.gammaln(x))

    def in_tensorflow(x: Tensor):
        return tf.math.lgamma(x)

    promotes = "float"
    samples = cases(x=drawn(2, 3))


@helper
def digamma(x):
    """The derivative of lgamma, whose own derivative is right below zero too, where TensorFlow's is not."""
    y = tf.cast(x, tf.float64)
    below = tf.where(y < 0, y, -tf.ones_like(y) / 2)
    reflected = tf.math.digamma(1 - below) - math.pi / tf.tan(math.pi * below)
    return tf.cast(tf.where(y < 0, reflected, tf.math.digamma(tf.where(y < 0, tf.ones_like(y), y))), x.dtype)


class Digamma(Elementwise):
    """Derivative of the logarithm of the gamma function. TensorFlow's gradient of it is wrong below zero."""

    def in_torch(x: Tensor):
        return spellings(torch.digamma(x), x.digamma(), torch.special.digamma(x), torch.special.psi(x))

    def in_tensorflow(x: Tensor):
        if known_integer(x) or known_bool(x):
            return tf.where(x != 0, tf.math.digamma(x), -math.inf)
        return spellings(digamma(x), tf.math.digamma(x))

    promotes = "float"
    samples = cases(x=[drawn(2, 3), ints(2, low=1)])


class Conjugate(Elementwise):
    """Complex conjugate; x itself where x is real. PyTorch conjugates lazily, TensorFlow at once."""

    hands_back = "x"

    def in_torch(x: Tensor):
        return spellings(torch.conj(x), x.conj())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return x
        return spellings(tf.math.conj(x), keras.ops.conj(x))

    samples = cases(x=[floats(2, 3), bools(3)])
