"""Reductions: sums, means, variance, norms, truth of all or any."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Sum(Reduction):
    """The sum of all elements. PyTorch sums booleans and narrow integers in int64."""

    def in_torch(x: Tensor):
        return spellings(torch.sum(x), x.sum())

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_sum(x), keras.ops.sum(x))

    promotes = "int64"
    samples = cases(x=[floats(2, 3, 4), ints(5)]) + cases(x=bools(2, 3))
    differs = cases(x=int32s(4), because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class SumAlong(Reduction):
    """The sum over one axis or several. PyTorch sums booleans and narrow integers in int64."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.sum(x, dim=dim, keepdim=keepdim), x.sum(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(tf.reduce_sum(x, axis=dim, keepdims=keepdim), keras.ops.sum(x, axis=dim, keepdims=keepdim))

    promotes = "int64"
    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2)], keepdim=[Absent, True]) + cases(x=bools(2, 3), dim=1)
    differs = cases(x=int32s(4, 2), dim=0, because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class Mean(Reduction):
    """The mean of all elements. PyTorch refuses integers; TensorFlow divides them as integers."""

    def in_torch(x: Tensor):
        return spellings(torch.mean(x), x.mean())

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_mean(x), keras.ops.mean(x))

    samples = cases(x=floats(2, 3, 4))
    differs = cases(x=ints(4), because="PyTorch refuses integers; TensorFlow divides them as integers")


class MeanAlong(Reduction):
    """The mean over one axis or several. PyTorch refuses integers; TensorFlow divides them as integers."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.mean(x, dim=dim, keepdim=keepdim), x.mean(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(tf.reduce_mean(x, axis=dim, keepdims=keepdim), keras.ops.mean(x, axis=dim, keepdims=keepdim))

    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2), (1, 2)], keepdim=[Absent, True])
    differs = cases(x=ints(4, 2), dim=0, because="PyTorch refuses integers; TensorFlow divides them as integers")


class Product(Reduction):
    """The product of all elements."""

    def in_torch(x: Tensor):
        return spellings(torch.prod(x), x.prod())

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_prod(x), keras.ops.prod(x))

    promotes = "int64"
    samples = cases(x=[drawn(2, 3), ints(3, low=1), bools(3)])
    differs = cases(x=int32s(4, low=1), because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class ProductAlong(Reduction):
    """The product over one axis; PyTorch takes one axis, not several."""

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.prod(x, dim=dim, keepdim=keepdim), x.prod(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(tf.reduce_prod(x, axis=dim, keepdims=keepdim), keras.ops.prod(x, axis=dim, keepdims=keepdim))

    promotes = "int64"
    samples = cases(x=drawn(2, 3, 4), dim=[0, -1], keepdim=[Absent, True])
    differs = cases(x=int32s(4, 2, low=1), dim=0, because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class AnyTrue(Reduction):
    """Whether any element is true. TensorFlow takes booleans only."""

    dtype = "bool"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.any(x, dim=dim, keepdim=keepdim), x.any(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if dim == ():
            return tf.cast(x, tf.bool)
        return spellings(tf.reduce_any(x, axis=dim, keepdims=keepdim), keras.ops.any(x, axis=dim, keepdims=keepdim))

    def rank(x, dim, keepdim):
        if dim is Absent or dim is None:
            return 0
        if keepdim:
            return rank(x)
        if isinstance(dim, int):
            return rank(x) - 1
        return rank(x) - len(dim)

    promotes = "bool"
    samples = cases(x=[bools(2, 3, 4), ints(2, 3, 4, high=2)], dim=[0, (0, 2)], keepdim=[Absent, True]) + cases(
        x=floats(2, 2), dim=[Absent, ()]
    )


class AllTrue(Reduction):
    """Whether all elements are true. TensorFlow takes booleans only."""

    dtype = "bool"

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.all(x, dim=dim, keepdim=keepdim), x.all(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if dim == ():
            return tf.cast(x, tf.bool)
        return spellings(tf.reduce_all(x, axis=dim, keepdims=keepdim), keras.ops.all(x, axis=dim, keepdims=keepdim))

    def rank(x, dim, keepdim):
        if dim is Absent or dim is None:
            return 0
        if keepdim:
            return rank(x)
        if isinstance(dim, int):
            return rank(x) - 1
        return rank(x) - len(dim)

    promotes = "bool"
    samples = cases(x=[bools(2, 3, 4), ints(2, 3, 4, high=2)], dim=[0, (0, 2)], keepdim=[Absent, True]) + cases(
        x=floats(2, 2), dim=[Absent, ()]
    )


class CountNonzero(Reduction):
    """How many elements are not zero."""

    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, dim: Axes = Absent):
        return spellings(torch.count_nonzero(x, dim=dim), x.count_nonzero(dim=dim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent):
        return spellings(tf.math.count_nonzero(x, axis=dim), tf.math.count_nonzero(x, axis=dim, dtype=tf.int64))

    samples = cases(x=[ints(2, 3, 4, high=3)], dim=[Absent, 1, (0, 2)])


class LogSumExp(Reduction):
    """log(sum(exp(x))) without overflow, over one axis or several."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(
            torch.logsumexp(x, dim=dim, keepdim=keepdim),
            x.logsumexp(dim=dim, keepdim=keepdim),
            torch.special.logsumexp(x, dim=dim, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(
            tf.reduce_logsumexp(x, axis=dim, keepdims=keepdim), keras.ops.logsumexp(x, axis=dim, keepdims=keepdim)
        )

    promotes = "float"
    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2)], keepdim=[Absent, True])


class LogSumExpOfAll(Equivalence):
    """log(sum(exp(x))) of all elements, for which PyTorch wants an axis."""

    def in_torch(x: Tensor):
        return spellings(torch.logsumexp(x.flatten(), 0), x.flatten().logsumexp(0), torch.logsumexp(x.view(-1), 0))

    def in_tensorflow(x: Tensor):
        return spellings(tf.reduce_logsumexp(x), keras.ops.logsumexp(x))

    def rank(x):
        return 0

    promotes = "float"
    samples = cases(x=floats(2, 3))


class SumInDtype(Reduction):
    """The sum, computed in a given dtype."""

    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.sum(x, dim=dim, keepdim=keepdim, dtype=dtype), x.sum(dim=dim, keepdim=keepdim, dtype=dtype)
        )

    def in_tensorflow(x: Tensor, dtype: Dtype, dim: Axes = Absent, keepdim: Flag = False):
        return tf.reduce_sum(tf.cast(x, dtype), axis=dim, keepdims=keepdim)

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=1, dtype=torch.float64, keepdim=[Absent, True]) + cases(
        x=ints(3), dtype=torch.float64
    )


class MeanInDtype(Reduction):
    """The mean, computed in a given dtype, which integers must have."""

    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.mean(x, dim=dim, keepdim=keepdim, dtype=dtype), x.mean(dim=dim, keepdim=keepdim, dtype=dtype)
        )

    def in_tensorflow(x: Tensor, dtype: Dtype, dim: Axes = Absent, keepdim: Flag = False):
        return tf.reduce_mean(tf.cast(x, dtype), axis=dim, keepdims=keepdim)

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1], dtype=torch.float64)


class ProductInDtype(Reduction):
    """The product, computed in a given dtype."""

    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype, dim: Axis = Absent, keepdim: Flag = False):
        return spellings(
            torch.prod(x, dim=dim, keepdim=keepdim, dtype=dtype), x.prod(dim=dim, keepdim=keepdim, dtype=dtype)
        )

    def in_tensorflow(x: Tensor, dtype: Dtype, dim: Axis = Absent, keepdim: Flag = False):
        if known_bool(dtype):
            return tf.reduce_all(tf.cast(x, tf.bool), axis=dim, keepdims=keepdim)
        return general(tf.reduce_prod(tf.cast(x, dtype), axis=dim, keepdims=keepdim))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1], dtype=torch.float64) + cases(
        x=ints(2, 3, high=2), dim=[Absent, 1], dtype=torch.bool
    )


class SumButNan(Reduction):
    """The sum, with NaN counted as 0, which Keras has and raw TensorFlow has not."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.nansum(x, dim=dim, keepdim=keepdim), x.nansum(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if known_integer(x) or known_bool(x):
            return tf.reduce_sum(x, axis=dim, keepdims=keepdim)
        return keras.ops.nansum(x, axis=dim, keepdims=keepdim)

    promotes = "int64"
    samples = cases(x=[floats(2, 3), ints(2, 3), bools(2, 3)], dim=[Absent, (0, 1)], keepdim=[Absent, True])


class SumButNanInDtype(Reduction):
    """The sum in a given dtype, with NaN counted as 0."""

    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(
            torch.nansum(x, dim=dim, keepdim=keepdim, dtype=dtype), x.nansum(dim=dim, keepdim=keepdim, dtype=dtype)
        )

    def in_tensorflow(x: Tensor, dtype: Dtype, dim: Axes = Absent, keepdim: Flag = False):
        if known_integer(x) or known_bool(x):
            return tf.reduce_sum(tf.cast(x, dtype), axis=dim, keepdims=keepdim)
        return keras.ops.nansum(tf.cast(x, dtype), axis=dim, keepdims=keepdim)

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[Absent, 1], dtype=torch.float64)


class MeanButNan(Reduction):
    """The mean of what is not NaN, which Keras has and raw TensorFlow has not."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.nanmean(x, dim=dim, keepdim=keepdim), x.nanmean(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return keras.ops.nanmean(x, axis=dim, keepdims=keepdim)

    samples = cases(x=floats(2, 3, 4), dim=[Absent, (0, 1)], keepdim=[Absent, True])
