"""Running sums and products, differences between neighbours, counts."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def diff(x, n=1, dim=-1, prepend=None, append=None):
    """Differences between neighbours along an axis, with what stands before and behind."""
    parts = [part for part in (prepend, x, append) if part is not None]
    return keras.ops.diff(tf.concat(parts, axis=dim), n=n, axis=dim) if n else tf.identity(x)


class CumulativeSum(Equivalence):
    """Running sum. PyTorch wants the axis, TensorFlow takes axis 0; PyTorch widens integers to int64."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis):
        return spellings(torch.cumsum(x, dim=dim), x.cumsum(dim=dim))

    def in_tensorflow(x: Tensor, dim: Axis = 0):
        if is_bool(x):
            return tf.cumsum(tf.cast(x, tf.int64), axis=dim)
        return tf.cumsum(x, axis=dim)

    samples = cases(x=[floats(2, 3), bools(2, 3), ints(2, 3)], dim=[0, -1])
    differs = cases(x=int32s(2, 3), dim=0, because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class CumulativeProduct(Equivalence):
    """Running product. PyTorch wants the axis, TensorFlow takes axis 0; PyTorch widens integers to int64."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis):
        return spellings(torch.cumprod(x, dim=dim), x.cumprod(dim=dim))

    def in_tensorflow(x: Tensor, dim: Axis = 0):
        return tf.math.cumprod(x, axis=dim)

    samples = cases(x=[drawn(2, 3), ints(2, 3)], dim=[0, -1])
    differs = cases(x=int32s(2, 3), dim=0, because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class CumulativeSumTyped(Equivalence):
    """Running sum in a dtype of its own."""

    axes = ("dim",)
    dtype = "dtype"
    one_way = "torch"

    def in_torch(x: Tensor, dim: Axis, dtype: Dtype):
        return spellings(torch.cumsum(x, dim=dim, dtype=dtype), x.cumsum(dim=dim, dtype=dtype))

    def in_tensorflow(x: Tensor, dim: Axis, dtype: Dtype):
        return tf.cumsum(tf.cast(x, dtype), axis=dim)

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[0, -1], dtype=[torch.float64, torch.float32])


class CumulativeProductTyped(Equivalence):
    """Running product in a dtype of its own."""

    axes = ("dim",)
    dtype = "dtype"
    one_way = "torch"

    def in_torch(x: Tensor, dim: Axis, dtype: Dtype):
        return spellings(torch.cumprod(x, dim=dim, dtype=dtype), x.cumprod(dim=dim, dtype=dtype))

    def in_tensorflow(x: Tensor, dim: Axis, dtype: Dtype):
        return tf.math.cumprod(tf.cast(x, dtype), axis=dim)

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[0, -1], dtype=[torch.float64, torch.float32])


class CumulativeLogSumExp(Equivalence):
    """Running log(sum(exp(x)))."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis):
        return spellings(torch.logcumsumexp(x, dim=dim), x.logcumsumexp(dim=dim))

    def in_tensorflow(x: Tensor, dim: Axis = 0):
        return tf.math.cumulative_logsumexp(x, axis=dim)

    samples = cases(x=floats(2, 3), dim=[0, -1])


class Difference(Equivalence):
    """Differences between neighbours along an axis, which Keras has and raw TensorFlow has not."""

    axes = ("dim",)

    def in_torch(x: Tensor, n: Int = 1, dim: Axis = -1):
        return spellings(torch.diff(x, n=n, dim=dim), x.diff(n=n, dim=dim))

    def in_tensorflow(x: Tensor, n: Int = 1, dim: Axis = -1):
        return keras.ops.diff(x, n=n, axis=dim)

    samples = cases(x=floats(3, 4), n=[Absent, 2], dim=[Absent, 0])


class DifferenceWithEnds(Equivalence):
    """Differences between neighbours along an axis, with what stands before and behind."""

    def in_torch(x: Tensor, n: Int = 1, dim: Axis = -1, prepend: Any = Absent, append: Any = Absent):
        return spellings(
            torch.diff(x, n=n, dim=dim, prepend=prepend, append=append),
            x.diff(n=n, dim=dim, prepend=prepend, append=append),
        )

    def in_tensorflow(x: Tensor, n: Int = 1, dim: Axis = -1, prepend: Any = Absent, append: Any = Absent):
        return diff(x, n=n, dim=dim, prepend=prepend, append=append)

    def rank(x, n, dim, prepend, append):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(3, 4), n=[Absent, 2, 0], prepend=floats(3, 1), append=[Absent, floats(3, 2)]) + cases(
        x=floats(3, 4), dim=0, append=floats(1, 4)
    )


class CountOccurrences(Equivalence):
    """How often each integer occurs, as int64 in PyTorch, as int32 in TensorFlow."""

    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, minlength: Int = 0):
        return spellings(torch.bincount(x, minlength=minlength), x.bincount(minlength=minlength))

    def in_tensorflow(x: Tensor, minlength: Int = Absent):
        return tf.cast(tf.math.bincount(x, minlength=minlength), tf.int64)

    def rank(x):
        return 1

    samples = cases(x=ints(9, high=4), minlength=[Absent, 7])
