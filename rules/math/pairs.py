"""More arithmetic of two operands, and complex numbers made of two."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def frexp(x):
    """Fraction from 1/2 to 1 and exponent of 2; 0 and 0 for 0."""
    y = tf.cast(x, tf.float64)
    size = tf.where(y != 0, tf.abs(y), 0.75)
    exponent = tf.math.ceil(tf.math.log(size) / math.log(2))
    exponent += tf.cast(size >= 2**exponent, y.dtype) - tf.cast(size < 2**exponent / 2, y.dtype)
    return tf.cast(y / 2**exponent, x.dtype), tf.cast(exponent, tf.int32)


@helper
def gcd(x, y):
    """The greatest common divisor, by Euclid's algorithm on all elements at once."""
    x, y = tf.abs(x) + tf.zeros_like(y), tf.abs(y) + tf.zeros_like(x)
    while tf.reduce_any(y != 0):
        x, y = tf.where(y == 0, x, y), tf.where(y != 0, x % tf.where(y != 0, y, 1), 0)
    return x


class MaximumButNan(Elementwise):
    """The larger of two, where a NaN counts only if both are."""

    promotes = "common"

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.fmax(x, y), x.fmax(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x) and known_bool(y):
            return tf.logical_or(x, y)
        return general(keras.ops.fmax(x, y))

    samples = cases(x=floats(2, 3), y=floats(3)) + cases(x=bools(4), y=bools(4))


class MinimumButNan(Elementwise):
    """The smaller of two, where a NaN counts only if both are."""

    promotes = "common"

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.fmin(x, y), x.fmin(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x) and known_bool(y):
            return tf.logical_and(x, y)
        return general(keras.ops.fmin(x, y))

    samples = cases(x=floats(2, 3), y=floats(3)) + cases(x=bools(4), y=bools(4))


class LogAddExp2(Elementwise):
    """log2(2**x + 2**y) without overflow, which raw TensorFlow lacks."""

    promotes = "float"

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.logaddexp2(x, y), x.logaddexp2(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return keras.ops.logaddexp2(x, y)

    samples = cases(x=floats(2, 3), y=floats(3))


class GreatestCommonDivisor(Elementwise):
    """The greatest common divisor of integers."""

    promotes = "common"
    gradient = False

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.gcd(x, y), x.gcd(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(gcd(x, y), keras.ops.gcd(x, y))

    samples = cases(x=ints(2, 3, low=-20, high=20), y=ints(3, low=-20, high=20))


class LeastCommonMultiple(Elementwise):
    """The least common multiple of integers."""

    promotes = "common"
    gradient = False

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.lcm(x, y), x.lcm(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.abs(x * y) // tf.maximum(gcd(x, y), 1), keras.ops.lcm(x, y))

    samples = cases(x=ints(2, 3, low=-20, high=20), y=ints(3, low=-20, high=20))


class ShiftLeft(Elementwise):
    """Bits shifted to higher places."""

    promotes = "common"
    gradient = False

    def in_torch(x: Tensor, y: Operand):
        return spellings(torch.bitwise_left_shift(x, y), x.bitwise_left_shift(y))

    def in_tensorflow(x: Tensor, y: Operand):
        return spellings(tf.bitwise.left_shift(x, y), keras.ops.bitwise_left_shift(x, y))

    samples = cases(x=ints(2, 3), y=[ints(3), 2])


class ShiftRight(Elementwise):
    """Bits shifted to lower places, the sign kept."""

    promotes = "common"
    gradient = False

    def in_torch(x: Tensor, y: Operand):
        return spellings(torch.bitwise_right_shift(x, y), x.bitwise_right_shift(y))

    def in_tensorflow(x: Tensor, y: Operand):
        return spellings(tf.bitwise.right_shift(x, y), keras.ops.bitwise_right_shift(x, y))

    samples = cases(x=ints(2, 3, low=-99, high=99), y=[ints(3), 2])


class TimesPowerOfTwo(Elementwise):
    """x * 2**y; PyTorch computes integers in float32."""

    promotes = "float"

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.ldexp(x, y), x.ldexp(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return x * tf.pow(tf.cast(2, x.dtype), y)

    samples = cases(x=floats(2, 3), y=[floats(3), ints(3, high=5)])


class NextAfter(Elementwise):
    """The next number that the dtype holds after x, toward y."""

    gradient = False

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.nextafter(x, y), x.nextafter(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.math.nextafter(x, y), keras.ops.nextafter(x, y))

    samples = cases(x=floats(2, 3), y=floats(3))


class FloatPower(Elementwise):
    """x to the power of y, in float64 whatever the dtypes."""

    dtype = "float64"
    one_way = "torch"

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.float_power(x, y), x.float_power(y))

    def in_tensorflow(x: Operand, y: Operand):
        if is_number(x):
            return tf.pow(tf.constant(x, tf.float64), tf.cast(y, tf.float64))
        if is_number(y):
            return tf.pow(tf.cast(x, tf.float64), y)
        return tf.pow(tf.cast(x, tf.float64), tf.cast(y, tf.float64))

    samples = cases(x=[drawn(2, 3), ints(3, low=1)], y=[2, drawn(3)]) + cases(x=2.0, y=floats(3))


class SubtractFrom(Elementwise):
    """y, scaled, less x scaled: the operands of a subtraction exchanged."""

    promotes = "common"
    one_way = "torch"

    def in_torch(x: Tensor, y: Operand, alpha: Number = 1):
        return torch.rsub(x, y, alpha=alpha)

    def in_tensorflow(x: Tensor, y: Operand, alpha: Number = 1):
        if alpha == 1:
            return tf.subtract(y, x)
        return general(tf.subtract(y, alpha * x))

    samples = cases(x=floats(2, 3), y=[floats(3), 1.5], alpha=[Absent, 2])


class Positive(Elementwise):
    """x itself."""

    views = "x"
    one_way = "torch"

    def in_torch(x: Tensor):
        return spellings(
            torch.positive(x),
            x.positive(),
            torch.conj_physical(x),
            x.conj_physical(),
            torch.real(x),
            x.real,
            torch.resolve_conj(x),
            torch.resolve_neg(x),
            x.resolve_neg(),
        )

    def in_tensorflow(x: Tensor):
        return tf.identity(x)

    samples = cases(x=floats(2, 3))


class Angle(Elementwise):
    """The angle of a complex number: 0 or pi where x is real."""

    promotes = "float"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.angle(x), x.angle())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.angle(x), keras.ops.angle(x))

    samples = cases(x=floats(2, 3))


class MakeComplex(Elementwise):
    """Complex numbers of real and imaginary parts."""

    dtype = "complex"

    def in_torch(x: Tensor, y: Tensor):
        return torch.complex(x, y)

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.complex(x, y)

    samples = cases(x=floats(2, 3), y=floats(3))


class Polar(Elementwise):
    """Complex numbers of magnitudes and angles."""

    dtype = "complex"

    def in_torch(x: Tensor, y: Tensor):
        return torch.polar(x, y)

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.complex(x * tf.cos(y), x * tf.sin(y)), keras.ops.polar(x, y))

    samples = cases(x=drawn(2, 3), y=floats(3))


class FractionAndExponent(Equivalence):
    """Fraction and exponent: x = fraction * 2**exponent, the fraction from 1/2 to 1."""

    result = ("mantissa", "exponent")
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor):
        return spellings(torch.frexp(x), x.frexp())

    def in_tensorflow(x: Tensor):
        return parts(mantissa=frexp(x)[0], exponent=frexp(x)[1])

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 3))
