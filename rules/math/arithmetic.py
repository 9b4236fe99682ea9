"""Arithmetic of two operands as functions; the operators themselves are written alike on both sides."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Add(Elementwise):
    """The sum of two operands; the second may be scaled."""

    def in_torch(x: Operand, y: Operand, alpha: Number = 1):
        return spellings(torch.add(x, y, alpha=alpha), x.add(y, alpha=alpha))

    def in_tensorflow(x: Operand, y: Operand, alpha: Number = 1):
        if known_bool(x) and known_bool(y) and alpha == 1:
            return tf.logical_or(x, y)
        if known_bool(x) and known_bool(y):
            return tf.logical_or(x, tf.logical_and(y, alpha))
        if alpha == 1:
            return spellings(tf.add(x, y), keras.ops.add(x, y))
        return general(tf.add(x, alpha * y))

    promotes = "common"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(3), 0.5], alpha=[Absent, 2]) + cases(
        x=bools(4), y=bools(4), alpha=[Absent, False]
    )


class Subtract(Elementwise):
    """The difference of two operands; the second may be scaled."""

    def in_torch(x: Operand, y: Operand, alpha: Number = 1):
        return spellings(
            torch.sub(x, y, alpha=alpha), x.sub(y, alpha=alpha), torch.subtract(x, y, alpha=alpha),
            x.subtract(y, alpha=alpha),
        )  # fmt: skip

    def in_tensorflow(x: Operand, y: Operand, alpha: Number = 1):
        if alpha == 1:
            return spellings(tf.subtract(x, y), keras.ops.subtract(x, y))
        return general(tf.subtract(x, alpha * y))

    promotes = "common"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(3), 0.5], alpha=[Absent, 2])


class Multiply(Elementwise):
    """The product of two operands."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.mul(x, y), x.mul(y), torch.multiply(x, y), x.multiply(y))

    def in_tensorflow(x: Operand, y: Operand):
        if known_bool(x) and known_bool(y):
            return tf.logical_and(x, y)
        return general(spellings(tf.multiply(x, y), keras.ops.multiply(x, y)))

    promotes = "common"
    samples = cases(x=[floats(2, 3), floats(3)], y=[floats(2, 3), 0.5]) + cases(x=bools(4), y=bools(4))


class Divide(Elementwise):
    """The quotient. Integers give float32 in PyTorch and float64 in TensorFlow."""

    def in_torch(x: Operand, y: Operand):
        return spellings(
            torch.div(x, y), x.div(y), torch.true_divide(x, y), x.true_divide(y), torch.divide(x, y), x.divide(y)
        )

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(
            tf.divide(x, y), tf.truediv(x, y), tf.math.truediv(x, y), tf.realdiv(x, y),
            keras.ops.divide(x, y), keras.ops.true_divide(x, y),
        )  # fmt: skip

    promotes = "float"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), 2.0]) + cases(x=ints(2, 3), y=[3, ints(3, low=1)])
    differs = cases(x=ints(2, 3), y=3, because="TensorFlow divides integers in float64, PyTorch in float32")


class DivideFloor(Elementwise):
    """The quotient rounded down, also below zero."""

    not_finite = "infinity divided by a number and rounded down is NaN in PyTorch, infinity in TensorFlow"

    def in_torch(x: Operand, y: Operand):
        return spellings(
            torch.div(x, y, rounding_mode="floor"), x.div(y, rounding_mode="floor"), torch.floor_divide(x, y),
            x.floor_divide(y),
        )  # fmt: skip

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.math.floordiv(x, y), keras.ops.floor_divide(x, y))

    gradient = False
    promotes = "common"
    samples = cases(x=[ints(2, 3, low=-9), floats(2, 3)], y=2)


class DivideTruncate(Elementwise):
    """The quotient rounded toward zero."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.div(x, y, rounding_mode="trunc"), x.div(y, rounding_mode="trunc"))

    def in_tensorflow(x: Operand, y: Operand):
        if is_integer(x):
            return tf.truncatediv(x, y)
        return keras.ops.trunc(x / y)

    gradient = False
    promotes = "common"
    samples = cases(x=ints(2, 3, low=-9), y=2) + cases(x=floats(2, 3), y=0.3)


class Remainder(Elementwise):
    """What division leaves, with the sign of the divisor."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.remainder(x, y), x.remainder(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.math.floormod(x, y), tf.math.mod(x, y), keras.ops.mod(x, y))

    promotes = "common"
    samples = cases(x=[ints(2, 3, low=-9), floats(2, 3)], y=[2, -3])


@helper
def fmod(x, y):
    """What division leaves, with the sign of the dividend, and with the gradient that tf.truncatemod lacks."""
    rest = x - tf.stop_gradient(keras.ops.trunc(x / y)) * y
    return rest + tf.stop_gradient(tf.truncatemod(x, y) - rest)


@helper
def integer_power(x, y):
    """A power of integers; where y is negative, 0 but for the powers of 1 and -1, as PyTorch has it."""
    small = tf.where(tf.equal(x, -1), 1 - 2 * tf.abs(y % 2), tf.cast(tf.equal(x, 1), x.dtype))
    return tf.where(y < 0, small, tf.pow(x, tf.maximum(y, 0)))


class Fmod(Elementwise):
    """What division leaves, with the sign of the dividend. `tf.math.mod` takes the sign of the divisor."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.fmod(x, y), x.fmod(y))

    def in_tensorflow(x: Operand, y: Operand):
        if known_integer(x) or known_bool(x):
            return tf.truncatemod(x, y)
        return general(fmod(x, y))

    promotes = "common"
    samples = cases(x=[ints(2, 3, low=-9), floats(2, 3)], y=[2, -3])


class TruncateMod(Elementwise):
    """What division leaves, with the sign of the dividend; TensorFlow has no gradient for it."""

    def in_torch(x: Operand, y: Operand):
        return torch.fmod(x, y)

    def in_tensorflow(x: Operand, y: Operand):
        return tf.truncatemod(x, y)

    gradient = False
    one_way = "tensorflow"
    samples = cases(x=[ints(2, 3, low=-9), floats(2, 3)], y=[2, -3])


class Power(Elementwise):
    """x to the power of y."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.pow(x, y), x.pow(y))

    def in_tensorflow(x: Operand, y: Operand):
        if known_integer(x) and known_integer(y) and is_tensor(y):
            return integer_power(x, y)
        return general(spellings(tf.pow(x, y), keras.ops.power(x, y)))

    promotes = "common"
    samples = (
        cases(x=drawn(2, 3), y=[2, 0.5, -1.5, drawn(3)])
        + cases(x=ints(2, 3), y=2)
        + cases(x=ints(5, low=1, high=4), y=ints(5, low=-3, high=3))
    )


class Log2(Elementwise):
    """Logarithm to the base 2, which raw TensorFlow lacks."""

    def in_torch(x: Tensor):
        return spellings(torch.log2(x), x.log2())

    def in_tensorflow(x: Tensor):
        return keras.ops.log2(x)

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Log10(Elementwise):
    """Logarithm to the base 10, which raw TensorFlow lacks."""

    def in_torch(x: Tensor):
        return spellings(torch.log10(x), x.log10())

    def in_tensorflow(x: Tensor):
        return keras.ops.log10(x)

    promotes = "float"
    samples = cases(x=drawn(2, 3))


class Exp2(Elementwise):
    """2 to the power of x, which raw TensorFlow lacks."""

    def in_torch(x: Tensor):
        return spellings(torch.exp2(x), x.exp2(), torch.special.exp2(x))

    def in_tensorflow(x: Tensor):
        return tf.exp(x * math.log(2.0))

    promotes = "float"
    samples = cases(x=floats(2, 3))


class Arctangent2(Elementwise):
    """The angle of the point (x, y), from -pi to pi."""

    def in_torch(y: Tensor, x: Tensor):
        return spellings(torch.atan2(y, x), y.atan2(x), torch.arctan2(y, x), y.arctan2(x))

    def in_tensorflow(y: Tensor, x: Tensor):
        return spellings(tf.atan2(y, x), tf.math.atan2(y, x), keras.ops.arctan2(y, x))

    promotes = "float"
    samples = cases(y=floats(2, 3), x=floats(2, 3))


class Hypotenuse(Elementwise):
    """sqrt(x*x + y*y), which raw TensorFlow lacks."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.hypot(x, y), x.hypot(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return keras.ops.hypot(x, y)

    promotes = "common"
    samples = cases(x=floats(2, 3), y=floats(2, 3))


class Lerp(Elementwise):
    """The point between x and y at weight w."""

    def in_torch(x: Tensor, y: Tensor, w: Operand):
        return spellings(torch.lerp(x, y, w), x.lerp(y, w))

    def in_tensorflow(x: Tensor, y: Tensor, w: Operand):
        return x + w * (y - x)

    promotes = "common"
    samples = cases(x=floats(2, 3), y=floats(2, 3), w=[0.3, drawn(2, 3)])


class AddProduct(Elementwise):
    """x plus a scaled product."""

    def in_torch(x: Tensor, a: Tensor, b: Tensor, value: Number = 1):
        return spellings(torch.addcmul(x, a, b, value=value), x.addcmul(a, b, value=value))

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, value: Number = 1):
        if value == 1:
            return x + a * b
        return general(x + value * a * b)

    promotes = "common"
    one_way = "torch"
    samples = cases(x=floats(2, 3), a=floats(2, 3), b=floats(3), value=[Absent, 0.5])


class AddQuotient(Elementwise):
    """x plus a scaled quotient."""

    def in_torch(x: Tensor, a: Tensor, b: Tensor, value: Number = 1):
        return spellings(torch.addcdiv(x, a, b, value=value), x.addcdiv(a, b, value=value))

    def in_tensorflow(x: Tensor, a: Tensor, b: Tensor, value: Number = 1):
        if value == 1:
            return x + a / b
        return general(x + value * a / b)

    promotes = "common"
    one_way = "torch"
    samples = cases(x=floats(2, 3), a=floats(2, 3), b=drawn(3), value=[Absent, 0.5])


class SquaredDifference(Elementwise):
    """(x - y) squared; PyTorch has no function of its own for it."""

    def in_torch(x: Operand, y: Operand):
        return torch.square(x - y)

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.math.squared_difference(x, y), tf.square(x - y))

    promotes = "common"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(3)])


class LogAddExp(Elementwise):
    """log(exp(x) + exp(y)) without overflow, which raw TensorFlow lacks."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.logaddexp(x, y), x.logaddexp(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return keras.ops.logaddexp(x, y)

    promotes = "float"
    samples = cases(x=floats(2, 3), y=floats(2, 3))


class XLogY(Elementwise):
    """x * log(y), 0 where x is 0."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.xlogy(x, y), x.xlogy(y), torch.special.xlogy(x, y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return tf.math.xlogy(x, y)

    promotes = "float"
    samples = cases(x=floats(2, 3), y=drawn(2, 3))


class AddMany(Elementwise):
    """The sum of several tensors of one shape."""

    def in_torch(tensors: Tensors):
        return torch.stack(tensors).sum(0)

    def in_tensorflow(tensors: Tensors):
        return tf.add_n(tensors)

    one_way = "tensorflow"
    samples = cases(tensors=(floats(2, 3), floats(2, 3), floats(2, 3)))
