"""Rounding, signs, and tests for NaN and infinity."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Floor(Elementwise):
    """Round down."""

    def in_torch(x: Tensor):
        return spellings(torch.floor(x), x.floor())

    def in_tensorflow(x: Tensor):
        return spellings(tf.floor(x), keras.ops.floor(x))

    samples = cases(x=floats(2, 3))


class Ceil(Elementwise):
    """Round up; TensorFlow has it in `tf.math` only."""

    def in_torch(x: Tensor):
        return spellings(torch.ceil(x), x.ceil())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.ceil(x), keras.ops.ceil(x))

    samples = cases(x=floats(2, 3))


class IsNan(Elementwise):
    """Where x is not a number. Always False for integers in PyTorch; TensorFlow refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.isnan(x), x.isnan())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.is_nan(x), keras.ops.isnan(x))

    samples = cases(x=floats(2, 3))


class IsInf(Elementwise):
    """Where x is infinite. Always False for integers in PyTorch; TensorFlow refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.isinf(x), x.isinf())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.is_inf(x), keras.ops.isinf(x))

    samples = cases(x=floats(2, 3))


class IsFinite(Elementwise):
    """Where x is neither infinite nor NaN. Always True for integers in PyTorch; TensorFlow refuses them."""

    def in_torch(x: Tensor):
        return spellings(torch.isfinite(x), x.isfinite())

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.is_finite(x), keras.ops.isfinite(x))

    samples = cases(x=floats(2, 3))


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
        return keras.ops.trunc(x)

    samples = cases(x=floats(2, 3))


class FractionalPart(Elementwise):
    """x less its integer part, with the sign of x."""

    def in_torch(x: Tensor):
        return spellings(torch.frac(x), x.frac())

    def in_tensorflow(x: Tensor):
        return x - keras.ops.trunc(x)

    samples = cases(x=floats(2, 3))


class Sign(Elementwise):
    """-1, 0 or 1. The sign of NaN is 0 in PyTorch and NaN in TensorFlow."""

    def in_torch(x: Tensor):
        return spellings(torch.sign(x), x.sign())

    def in_tensorflow(x: Tensor):
        return spellings(tf.sign(x), keras.ops.sign(x))

    samples = cases(x=[floats(2, 3), ints(2, 3, low=-2, high=3)])


class NanToNum(Elementwise):
    """Replace NaN and infinities by numbers; raw TensorFlow has no such function, Keras has."""

    def in_torch(x: Tensor, nan: Number = 0.0, posinf: Number = Absent, neginf: Number = Absent):
        return spellings(
            torch.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
            x.nan_to_num(nan=nan, posinf=posinf, neginf=neginf),
        )

    def in_tensorflow(x: Tensor, nan: Number = 0.0, posinf: Number = Absent, neginf: Number = Absent):
        return keras.ops.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)

    samples = cases(x=floats(2, 3), nan=[Absent, 1.0]) + cases(x=floats(2, 3), posinf=9.0, neginf=-9.0)
