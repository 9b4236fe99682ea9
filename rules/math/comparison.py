"""Comparisons, logic and choosing between values."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Equal(Elementwise):
    """Where x equals y. TensorFlow's `==` gives one False where shapes do not broadcast; `tf.equal` raises, as PyTorch."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.eq(x, y), x.eq(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.equal(x, y), keras.ops.equal(x, y))

    dtype = "bool"
    promotes = "common"
    samples = cases(x=[ints(4, 3, high=3)], y=[ints(4, 3, high=3), 1])


class NotEqual(Elementwise):
    """Where x differs from y."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.ne(x, y), x.ne(y), torch.not_equal(x, y), x.not_equal(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.not_equal(x, y), keras.ops.not_equal(x, y))

    dtype = "bool"
    promotes = "common"
    samples = cases(x=[ints(4, 3, high=3)], y=[ints(4, 3, high=3), 1])


class Less(Elementwise):
    """Where x is below y."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.lt(x, y), x.lt(y), torch.less(x, y), x.less(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.less(x, y), keras.ops.less(x, y))

    dtype = "bool"
    promotes = "number"
    samples = cases(x=[floats(2, 3)], y=[floats(2, 3), 0.1])


class LessEqual(Elementwise):
    """Where x is at most y."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.le(x, y), x.le(y), torch.less_equal(x, y), x.less_equal(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.less_equal(x, y), keras.ops.less_equal(x, y))

    dtype = "bool"
    promotes = "number"
    samples = cases(x=[ints(2, 3, high=3)], y=[ints(2, 3, high=3), 1])


class Greater(Elementwise):
    """Where x is above y."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.gt(x, y), x.gt(y), torch.greater(x, y), x.greater(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.greater(x, y), keras.ops.greater(x, y))

    dtype = "bool"
    promotes = "number"
    samples = cases(x=[floats(2, 3)], y=[floats(2, 3), 0.1])


class GreaterEqual(Elementwise):
    """Where x is at least y."""

    def in_torch(x: Operand, y: Operand):
        return spellings(torch.ge(x, y), x.ge(y), torch.greater_equal(x, y), x.greater_equal(y))

    def in_tensorflow(x: Operand, y: Operand):
        return spellings(tf.greater_equal(x, y), keras.ops.greater_equal(x, y))

    dtype = "bool"
    promotes = "number"
    samples = cases(x=[ints(2, 3, high=3)], y=[ints(2, 3, high=3), 1])


class SameTensors(Equivalence):
    """One Python truth value: same shape and same elements. `tf.equal` is elementwise."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.equal(x, y), x.equal(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return x.shape == y.shape and bool(tf.reduce_all(tf.equal(x, y)))

    result = "bool"
    one_way = "torch"
    samples = cases(x=[ints(4, high=2), ints(1, high=1)], y=[ints(4, high=2), ints(1, high=1)])


class AllClose(Equivalence):
    """One Python truth value: all elements equal within a tolerance, which Keras has and raw TensorFlow has not."""

    def in_torch(x: Tensor, y: Tensor, rtol: Float = 1e-05, atol: Float = 1e-08, equal_nan: Flag = False):
        return spellings(
            torch.allclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan),
            x.allclose(y, rtol=rtol, atol=atol, equal_nan=equal_nan),
        )

    def in_tensorflow(x: Tensor, y: Tensor, rtol: Float = 1e-05, atol: Float = 1e-08, equal_nan: Flag = False):
        return bool(tf.reduce_all(keras.ops.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)))

    result = "bool"
    one_way = "torch"
    samples = cases(x=floats(3), y=floats(3), rtol=[Absent, 0.5], atol=[Absent, 5.0])


class IsClose(Elementwise):
    """Where both are equal within a tolerance."""

    def in_torch(x: Tensor, y: Tensor, rtol: Float = 1e-05, atol: Float = 1e-08, equal_nan: Flag = False):
        return spellings(
            torch.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan),
            x.isclose(y, rtol=rtol, atol=atol, equal_nan=equal_nan),
        )

    def in_tensorflow(x: Tensor, y: Tensor, rtol: Float = 1e-05, atol: Float = 1e-08, equal_nan: Flag = False):
        return keras.ops.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)

    dtype = "bool"
    samples = cases(x=floats(3, 4), y=floats(3, 4), rtol=[Absent, 0.5], atol=[Absent, 0.1])


class LogicalAnd(Elementwise):
    """Both. PyTorch takes numbers too; TensorFlow takes booleans only, so they are cast."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.logical_and(x, y), x.logical_and(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.logical_and(x, y), keras.ops.logical_and(x, y))

    dtype = "bool"
    promotes = "bool"
    samples = cases(x=bools(4, 3), y=bools(4, 3)) + cases(x=ints(4, high=2), y=ints(4, high=2))


class LogicalOr(Elementwise):
    """Either. PyTorch takes numbers too; TensorFlow takes booleans only, so they are cast."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.logical_or(x, y), x.logical_or(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.logical_or(x, y), keras.ops.logical_or(x, y))

    dtype = "bool"
    promotes = "bool"
    samples = cases(x=bools(4, 3), y=bools(4, 3)) + cases(x=ints(4, high=2), y=ints(4, high=2))


class LogicalXor(Elementwise):
    """One of both. PyTorch takes numbers too; TensorFlow takes booleans only, so they are cast."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.logical_xor(x, y), x.logical_xor(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        return spellings(tf.math.logical_xor(x, y), keras.ops.logical_xor(x, y))

    dtype = "bool"
    promotes = "bool"
    samples = cases(x=bools(4, 3), y=bools(4, 3)) + cases(x=ints(4, high=2), y=ints(4, high=2))


class LogicalNot(Elementwise):
    """Not. PyTorch takes numbers too; TensorFlow takes booleans only, so they are cast."""

    def in_torch(x: Tensor):
        return spellings(torch.logical_not(x), x.logical_not())

    def in_tensorflow(x: Tensor):
        return spellings(tf.logical_not(x), keras.ops.logical_not(x))

    dtype = "bool"
    promotes = "bool"
    samples = cases(x=[bools(4, 3), ints(4, high=2)])


class BitwiseNot(Elementwise):
    """Flip every bit."""

    def in_torch(x: Tensor):
        return spellings(torch.bitwise_not(x), x.bitwise_not())

    def in_tensorflow(x: Tensor):
        if is_bool(x):
            return tf.logical_not(x)
        return general(tf.bitwise.invert(x))

    samples = cases(x=[bools(4), ints(4)])


class BitwiseAnd(Elementwise):
    """Bits set in both."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.bitwise_and(x, y), x.bitwise_and(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if is_bool(x):
            return tf.logical_and(x, y)
        return general(tf.bitwise.bitwise_and(x, y))

    samples = cases(x=bools(4), y=bools(4)) + cases(x=ints(4), y=ints(4))


class BitwiseOr(Elementwise):
    """Bits set in either."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.bitwise_or(x, y), x.bitwise_or(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if is_bool(x):
            return tf.logical_or(x, y)
        return general(tf.bitwise.bitwise_or(x, y))

    samples = cases(x=bools(4), y=bools(4)) + cases(x=ints(4), y=ints(4))


class BitwiseXor(Elementwise):
    """Bits set in one of both."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.bitwise_xor(x, y), x.bitwise_xor(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if is_bool(x):
            return tf.math.logical_xor(x, y)
        return general(tf.bitwise.bitwise_xor(x, y))

    samples = cases(x=bools(4), y=bools(4)) + cases(x=ints(4), y=ints(4))


class Maximum(Elementwise):
    """The larger of two tensors, element by element. `tf.reduce_max`'s second argument is an axis."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.maximum(x, y), x.maximum(y), torch.max(x, y), x.max(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x) and known_bool(y):
            return tf.logical_or(x, y)
        return general(spellings(tf.maximum(x, y), keras.ops.maximum(x, y)))

    promotes = "common"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(3)]) + cases(x=bools(4), y=bools(4))


class Minimum(Elementwise):
    """The smaller of two tensors, element by element."""

    def in_torch(x: Tensor, y: Tensor):
        return spellings(torch.minimum(x, y), x.minimum(y), torch.min(x, y), x.min(y))

    def in_tensorflow(x: Tensor, y: Tensor):
        if known_bool(x) and known_bool(y):
            return tf.logical_and(x, y)
        return general(spellings(tf.minimum(x, y), keras.ops.minimum(x, y)))

    promotes = "common"
    samples = cases(x=floats(2, 3), y=[floats(2, 3), floats(3)]) + cases(x=bools(4), y=bools(4))


class ClampBelow(Elementwise):
    """Raise what lies below a number; `tf.clip_by_value` wants both bounds, `torch.maximum` wants two tensors."""

    def in_torch(x: Tensor, low: Operand):
        return spellings(
            torch.clamp(x, min=low), x.clamp(min=low), torch.clip(x, min=low), x.clip(min=low), torch.clamp_min(x, low),
            x.clamp_min(low),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, low: Operand):
        if known_bool(x) and known_bool(low):
            return tf.logical_or(x, low)
        return general(spellings(tf.maximum(x, low), tf.maximum(low, x), keras.ops.maximum(x, low)))

    promotes = "common"
    samples = cases(x=floats(2, 3), low=[0.1, 0, floats(3)]) + cases(x=ints(5), low=3) + cases(x=bools(4), low=bools(4))


class ClampAbove(Elementwise):
    """Lower what lies above a number; `tf.clip_by_value` wants both bounds, `torch.minimum` wants two tensors."""

    def in_torch(x: Tensor, high: Operand):
        return spellings(
            torch.clamp(x, max=high), x.clamp(max=high), torch.clip(x, max=high), x.clip(max=high),
            torch.clamp_max(x, high), x.clamp_max(high),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, high: Operand):
        if known_bool(x) and known_bool(high):
            return tf.logical_and(x, high)
        return general(spellings(tf.minimum(x, high), tf.minimum(high, x), keras.ops.minimum(x, high)))

    promotes = "common"
    samples = (
        cases(x=floats(2, 3), high=[0.1, 0, floats(3)]) + cases(x=ints(5), high=3) + cases(x=bools(4), high=bools(4))
    )


class Clamp(Elementwise):
    """Hold x between two bounds. Where the lower bound is above the upper, PyTorch gives the upper, TensorFlow the lower."""

    def in_torch(x: Tensor, low: Operand, high: Operand):
        return spellings(
            torch.clamp(x, min=low, max=high), x.clamp(min=low, max=high), torch.clip(x, min=low, max=high),
            x.clip(min=low, max=high),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, low: Operand, high: Operand):
        if low <= high:
            return spellings(tf.clip_by_value(x, low, high), keras.ops.clip(x, low, high))
        return general(tf.minimum(tf.maximum(x, low), high))

    promotes = "common"
    samples = (
        cases(x=floats(2, 3), low=[-0.5, 0], high=[0.5, 1])
        + cases(x=ints(5), low=3, high=5)
        + cases(x=floats(2, 3), low=floats(3), high=floats(2, 3))
        + cases(x=floats(2, 3), low=0.5, high=0.25)
    )


class Where(Elementwise):
    """Elements of x where the condition holds, of y elsewhere. PyTorch promotes dtypes; TensorFlow wants them equal."""

    def in_torch(condition: Tensor, x: Operand, y: Operand):
        return spellings(torch.where(condition, x, y), x.where(condition, y))

    def in_tensorflow(condition: Tensor, x: Operand, y: Operand):
        if is_literal(x) and is_literal(y) and holds_integers(x) and holds_integers(y):
            return tf.where(condition, tf.constant(x, tf.int64), y)
        return spellings(tf.where(condition, x, y), keras.ops.where(condition, x, y))

    dtype = "x"
    samples = cases(condition=bools(2, 3), x=floats(2, 3), y=[floats(2, 3), floats(3), 0.0]) + cases(
        condition=bools(2, 3), x=1, y=[0, -2]
    )


class MaskedFill(Elementwise):
    """A number where the mask holds, x elsewhere. The order of the arguments differs, and so the mask is turned round."""

    def in_torch(x: Tensor, mask: Tensor, value: Operand):
        return spellings(x.masked_fill(mask, value), torch.masked_fill(x, mask, value))

    def in_tensorflow(x: Tensor, mask: Tensor, value: Operand):
        if is_tensor(value):
            return tf.where(~mask, x, tf.cast(value, x.dtype))
        if known_bool(x):
            return tf.where(~mask, x, bool(value))
        return general(tf.where(~mask, x, value))

    samples = cases(x=[floats(2, 3), ints(2, 3), bools(2, 3)], mask=[bools(2, 3), bools(3)], value=[-1, 7]) + cases(
        x=floats(2, 3), mask=bools(2, 3), value=floats()
    )
