"""Rounding, signs, and tests for NaN and infinity."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Floor(Elementwise):
    """Round down. Integers stay as they are; `tf.floor` refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.floor(x), x.floor())

    def in_tensorflow(x: Tensor):
        if known_integer(x):
            return x
        return spellings(tf.floor(x), keras.ops.floor(x))

    samples = cases(x=[floats(2, 3), ints(2)])


class Ceil(Elementwise):
    """Round up; TensorFlow has it in `tf.math` only. Integers stay as they are; `tf.math.ceil` refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.ceil(x), x.ceil())

    def in_tensorflow(x: Tensor):
        if known_integer(x):
            return x
        return spellings(tf.math.ceil(x), keras.ops.ceil(x))

    samples = cases(x=[floats(2, 3), ints(2)])


class IsNan(Elementwise):
    """Where x is not a number. Always False for integers in PyTorch; TensorFlow refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.isnan(x), x.isnan())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.is_nan(x), keras.ops.isnan(x))

    dtype = "bool"
    promotes = "float"
    samples = cases(x=floats(2, 3))


class IsInf(Elementwise):
    """Where x is infinite. Always False for integers in PyTorch; TensorFlow refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.isinf(x), x.isinf())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.is_inf(x), keras.ops.isinf(x))

    dtype = "bool"
    promotes = "float"
    samples = cases(x=floats(2, 3))


class IsFinite(Elementwise):
    """Where x is neither infinite nor NaN. Always True for integers in PyTorch; TensorFlow refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.isfinite(x), x.isfinite())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.is_finite(x), keras.ops.isfinite(x))

    dtype = "bool"
    promotes = "float"
    samples = cases(x=floats(2, 3))


class IsPositiveInfinity(Elementwise):
    """Where x is +inf."""

    def in_torch(x: Tensor):
        return spellings(torch.isposinf(x), x.isposinf())

    def in_tensorflow(x: Tensor):
        return spellings(tf.equal(x, math.inf), keras.ops.isposinf(x))

    dtype = "bool"
    promotes = "float"
    samples = cases(x=floats(2, 3))


class IsNegativeInfinity(Elementwise):
    """Where x is -inf."""

    def in_torch(x: Tensor):
        return spellings(torch.isneginf(x), x.isneginf())

    def in_tensorflow(x: Tensor):
        return spellings(tf.equal(x, -math.inf), keras.ops.isneginf(x))

    dtype = "bool"
    promotes = "float"
    samples = cases(x=floats(2, 3))


class IsReal(Elementwise):
    """Where the imaginary part is zero."""

    def in_torch(x: Tensor):
        return spellings(torch.isreal(x), x.isreal())

    def in_tensorflow(x: Tensor):
        return keras.ops.isreal(x)

    dtype = "bool"
    samples = cases(x=[floats(2, 3), ints(2)])


class Round(Elementwise):
    """Round to the nearest integer, halves to even, on both sides."""

    def in_torch(x: Tensor):
        return spellings(torch.round(x), x.round())

    def in_tensorflow(x: Tensor):
        return spellings(tf.round(x), tf.math.rint(x), keras.ops.round(x))

    samples = cases(x=floats(2, 3))


class RoundDecimals(Elementwise):
    """Round to some decimals, which `tf.round` does not know. `keras.ops.round` keeps two digits where PyTorch does."""

    def in_torch(x: Tensor, decimals: Int):
        return spellings(torch.round(x, decimals=decimals), x.round(decimals=decimals))

    def in_tensorflow(x: Tensor, decimals: Int):
        return keras.ops.round(x, decimals=decimals)

    gradient = False
    samples = cases(x=floats(2, 3), decimals=[1, 2])


class Truncate(Elementwise):
    """Round toward zero. TensorFlow has no such function: a cast would lose large values, floor and ceil do not."""

    def in_torch(x: Tensor):
        return spellings(torch.trunc(x), x.trunc(), torch.fix(x), x.fix())

    def in_tensorflow(x: Tensor):
        if known_integer(x):
            return x
        return keras.ops.trunc(x)

    samples = cases(x=[floats(2, 3), ints(2)])


class FractionalPart(Elementwise):
    """x less its integer part, with the sign of x."""

    def in_torch(x: Tensor):
        return spellings(torch.frac(x), x.frac())

    def in_tensorflow(x: Tensor):
        return x - keras.ops.trunc(x)

    samples = cases(x=floats(2, 3))


class Sign(Elementwise):
    """-1, 0 or 1. The sign of NaN is 0 in PyTorch and NaN in TensorFlow."""

    not_finite = "the sign of NaN is 0 in PyTorch and NaN in TensorFlow"

    def in_torch(x: Tensor):
        return spellings(torch.sign(x), x.sign())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return x
        return spellings(tf.sign(x), keras.ops.sign(x))

    samples = cases(x=[floats(2, 3), ints(2, 3, low=-2, high=3), bools(3)])


class ComplexSign(Elementwise):
    """x divided by its magnitude; the sign where x is real."""

    not_finite = "the sign of NaN is 0 in PyTorch and NaN in TensorFlow"

    def in_torch(x: Tensor):
        return spellings(torch.sgn(x), x.sgn())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return x
        return tf.sign(x)

    gradient = False
    one_way = "torch"
    samples = cases(x=[floats(2, 3), bools(3)])


class SignBit(Elementwise):
    """Where x is negative, -0.0 included."""

    def in_torch(x: Tensor):
        return spellings(torch.signbit(x), x.signbit())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return tf.zeros_like(x)
        if known_integer(x):
            return tf.less(x, 0)
        return keras.ops.signbit(x)

    dtype = "bool"
    samples = cases(x=[floats(2, 3), ints(4, low=-2, high=2), bools(3)])


class CopySign(Elementwise):
    """The magnitude of x with the sign of y."""

    def in_torch(x: Tensor, y: Operand):
        return spellings(torch.copysign(x, y), x.copysign(y))

    def in_tensorflow(x: Tensor, y: Operand):
        return tf.where(keras.ops.signbit(y), -tf.abs(x), tf.abs(x))

    gradient = False
    promotes = "float"
    one_way = "torch"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), -1.5])


class HeavisideStep(Elementwise):
    """0 below zero, 1 above, and y at zero."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.heaviside(x, y), x.heaviside(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x):
            return tf.logical_or(x, y)
        return spellings(tf.where(x == 0, y, tf.cast(x > 0, x.dtype)), keras.ops.heaviside(x, y))

    gradient = False
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(3)]) + cases(x=bools(4), y=bools(4))


class NanToNum(Elementwise):
    """Replace NaN and infinities by numbers; raw TensorFlow has no such function, Keras has."""

    def in_torch(x: Tensor, nan: Number = 0.0, posinf: Number = Absent, neginf: Number = Absent):
        return spellings(
            torch.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
            x.nan_to_num(nan=nan, posinf=posinf, neginf=neginf),
        )

    def in_tensorflow(x: Tensor, nan: Number = 0.0, posinf: Number = Absent, neginf: Number = Absent):
        if known_integer(x) or known_bool(x):
            return x
        return keras.ops.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)

    samples = cases(x=[floats(2, 3), ints(2)], nan=[Absent, 1.0]) + cases(x=floats(2, 3), posinf=9.0, neginf=-9.0)
