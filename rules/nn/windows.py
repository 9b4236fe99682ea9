"""Pooling by windows as PyTorch lays them: padded, dilated, past the end, of any dtype, of inputs without a batch."""

import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def each(value, n):
    """A number for each of n axes."""
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    return values * n if len(values) == 1 else values


@helper
def sliding(size, k, stride, padding, dilation=1, ceil_mode=False):
    """Where the elements of each window stand on an axis of this size, padded on both ends: (windows, k)."""
    count = (size + 2 * padding - dilation * (k - 1) - 1 + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode:  # the last window begins inside the axis or the padding before it
        count -= tf.cast((count - 1) * stride >= size + padding, count.dtype)
    return stride * tf.range(count)[:, None] + dilation * tf.range(k)


@helper
def windows(x, places):
    """The elements at these places (windows, k) of each of the last axes: (..., *windows, *ks)."""
    n = len(places)
    for axis, place in enumerate(reversed(places)):
        x = tf.gather(x, place, axis=x.shape.rank - 1 - 2 * axis, batch_dims=place.shape.rank - 2)
    first = x.shape.rank - 2 * n
    return tf.transpose(x, [*range(first), *range(first, x.shape.rank, 2), *range(first + 1, x.shape.rank, 2)])


@helper
def largest(x, places, sides=0, return_indices=False):
    """The largest element of each window of the last axes, lengthened by `sides`, and its number among all."""
    n, sides = len(places), each(sides, len(places))

    def flat(x, fill):
        x = tf.pad(x, [(0, 0)] * (x.shape.rank - n) + [tuple(each(s, 2)) for s in sides], constant_values=fill)
        x = windows(x, places)
        return tf.reshape(x, tf.concat([tf.shape(x)[:-n], [tf.reduce_prod(tf.shape(x)[-n:])]], 0))

    values = flat(x, -float("inf") if x.dtype.is_floating else x.dtype.min)
    best = tf.argmax(values, axis=-1)
    result = tf.gather(values, best, axis=-1, batch_dims=best.shape.rank)
    if not return_indices:
        return result
    size = tf.shape(x, out_type=tf.int64)[-n:]
    numbers = tf.reshape(tf.range(tf.reduce_prod(size)), size)
    numbers = flat(tf.broadcast_to(numbers, tf.shape(x)), 0)
    return result, tf.gather(numbers, best, axis=-1, batch_dims=best.shape.rank)


@helper
def max_pool(x, n, k, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of each window of the last n axes."""
    k, stride, padding, dilation = (each(value, n) for value in (k, stride or k, padding, dilation))
    size = tf.shape(x)[-n:]
    places = [sliding(size[i], k[i], stride[i], padding[i], dilation[i], ceil_mode) for i in range(n)]
    sides = [(p, p + s) for p, s in zip(padding, stride, strict=True)]
    return largest(x, places, sides, return_indices)


@helper
def avg_pool(x, n, k, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """The mean of each window of the last n axes."""
    k, stride, padding = (each(value, n) for value in (k, stride or k, padding))
    size = tf.shape(x)[-n:]
    places = [sliding(size[i], k[i], stride[i], padding[i], 1, ceil_mode) for i in range(n)]

    def sums(x, fill=0):
        first = [(0, 0)] * (x.shape.rank - n)
        x = tf.pad(x, [*first, *((p, p) for p in padding)], constant_values=fill)
        x = tf.pad(x, [*first, *((0, s) for s in stride)])
        return tf.reduce_sum(windows(x, places), axis=list(range(-n, 0)))

    count = sums(tf.ones(size, x.dtype), int(count_include_pad))
    count = tf.cast(divisor_override, x.dtype) if divisor_override else count
    return sums(x) / count if x.dtype.is_floating else tf.truncatediv(sums(x), count)


class MaxPool1dWindows(Equivalence):
    """Max pooling of sequences, dilated, past the end, or without a batch; TensorFlow has none of it."""

    one_way = "torch"

    def in_torch(
        x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False
    ):
        return spellings(
            F.max_pool1d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
            torch.max_pool1d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
        )

    def in_tensorflow(
        x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False
    ):
        if rank(x) == 2 or known_integer(x) or not every(dilation, 1) or not every(padding, 0) or ceil:
            return max_pool(x, 1, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil)
        return refuse("TensorFlow pools by itself here")

    def rank(x, k, stride, padding, dilation, ceil):
        return rank(x)

    samples = (
        cases(x=floats(2, 3, 9), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1], ceil=True)
        + cases(x=floats(2, 3, 9), k=2, dilation=2, padding=[0, 1])
        + cases(x=floats(3, 9), k=2, padding=[0, 1])
    )


class MaxPool1dIndices(Equivalence):
    """Max pooling of sequences, with the place of each element that was taken."""

    one_way = "torch"
    result = ("values", "indices")

    def in_torch(
        x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False
    ):
        return spellings(
            F.max_pool1d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True),
            F.max_pool1d_with_indices(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
        )

    def in_tensorflow(
        x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False
    ):
        return max_pool(x, 1, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True)

    def rank(x, k, stride, padding, dilation, ceil):
        return rank(x)

    samples = cases(x=[floats(2, 3, 9), floats(3, 9)], k=2, stride=[Absent, 1], padding=[0, 1], ceil=[False, True])


class AvgPool1dWindows(Equivalence):
    """Average pooling of sequences, past the end, without counting the padding, or without a batch."""

    one_way = "torch"

    def in_torch(
        x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, ceil: Flag = False, count: Flag = True
    ):  # fmt: skip
        return F.avg_pool1d(
            x, k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count
        )  # fmt: skip

    def in_tensorflow(
        x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0, ceil: Flag = False, count: Flag = True
    ):  # fmt: skip
        if rank(x) == 2 or known_integer(x) or ceil or not count:
            return avg_pool(
                x, 1, k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count
            )  # fmt: skip
        return refuse("TensorFlow pools by itself here")

    def rank(x, k, stride, padding, ceil, count):
        return rank(x)

    samples = cases(
        x=floats(2, 3, 9), k=3, stride=[Absent, 1, 2], padding=[0, 1], ceil=True, count=[True, False]
    ) + cases(x=floats(3, 9), k=2, padding=[0, 1])


class MaxPool2dWindows(Equivalence):
    """Max pooling of images, dilated, past the end, or without a batch; TensorFlow has none of it."""

    one_way = "torch"

    def in_torch(
        x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False
    ):
        return spellings(
            F.max_pool2d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
            torch.max_pool2d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
        )

    def in_tensorflow(
        x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False
    ):
        if rank(x) == 3 or known_integer(x) or not every(dilation, 1) or ceil:
            return max_pool(x, 2, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil)
        return refuse("TensorFlow pools by itself here")

    def rank(x, k, stride, padding, dilation, ceil):
        return rank(x)

    samples = (
        cases(x=floats(2, 3, 7, 8), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1], ceil=True)
        + cases(x=floats(2, 3, 7, 8), k=2, dilation=2, padding=[0, 1])
        + cases(x=floats(3, 7, 8), k=2, padding=[0, 1])
    )


class MaxPool2dIndices(Equivalence):
    """Max pooling of images, with the place of each element that was taken."""

    one_way = "torch"
    result = ("values", "indices")

    def in_torch(
        x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False
    ):
        return spellings(
            F.max_pool2d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True),
            F.max_pool2d_with_indices(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
        )

    def in_tensorflow(
        x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False
    ):
        return max_pool(x, 2, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True)

    def rank(x, k, stride, padding, dilation, ceil):
        return rank(x)

    samples = cases(
        x=[floats(2, 3, 7, 8), floats(3, 7, 8)], k=2, stride=[Absent, 1], padding=[0, 1], ceil=[False, True]
    )


class AvgPool2dWindows(Equivalence):
    """Average pooling of images, past the end, without counting the padding, or without a batch."""

    one_way = "torch"

    def in_torch(
        x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, ceil: Flag = False, count: Flag = True, divisor: Int = Absent
    ):  # fmt: skip
        return F.avg_pool2d(
            x, k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count, divisor_override=divisor
        )  # fmt: skip

    def in_tensorflow(
        x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0, ceil: Flag = False, count: Flag = True, divisor: Int = Absent
    ):  # fmt: skip
        if rank(x) == 3 or known_integer(x) or ceil or not count or given(divisor):
            return avg_pool(
                x, 2, k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count, divisor_override=divisor
            )  # fmt: skip
        return refuse("TensorFlow pools by itself here")

    def rank(x, k, stride, padding, ceil, count, divisor):
        return rank(x)

    samples = cases(
        x=floats(2, 3, 7, 8), k=3, stride=[Absent, 1, 2], padding=[0, 1], ceil=True, count=[True, False]
    ) + cases(x=floats(3, 7, 8), k=2, padding=[0, 1], divisor=[Absent, 3])


class MaxPool3dWindows(Equivalence):
    """Max pooling of volumes, dilated, past the end, or without a batch; TensorFlow has none of it."""

    one_way = "torch"

    def in_torch(
        x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False
    ):
        return spellings(
            F.max_pool3d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
            torch.max_pool3d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
        )

    def in_tensorflow(
        x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False
    ):
        if rank(x) == 4 or known_integer(x) or not every(dilation, 1) or not every(padding, 0) or ceil:
            return max_pool(x, 3, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil)
        return refuse("TensorFlow pools by itself here")

    def rank(x, k, stride, padding, dilation, ceil):
        return rank(x)

    samples = (
        cases(x=floats(1, 2, 5, 6, 5), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1], ceil=True)
        + cases(x=floats(1, 2, 5, 6, 5), k=2, dilation=2, padding=[0, 1])
        + cases(x=floats(2, 5, 6, 5), k=2, padding=[0, 1])
    )


class MaxPool3dIndices(Equivalence):
    """Max pooling of volumes, with the place of each element that was taken."""

    one_way = "torch"
    result = ("values", "indices")

    def in_torch(
        x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False
    ):
        return spellings(
            F.max_pool3d(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True),
            F.max_pool3d_with_indices(x, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
        )

    def in_tensorflow(
        x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False
    ):
        return max_pool(x, 3, k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True)

    def rank(x, k, stride, padding, dilation, ceil):
        return rank(x)

    samples = cases(
        x=[floats(1, 2, 5, 6, 5), floats(2, 5, 6, 5)], k=2, stride=[Absent, 1], padding=[0, 1], ceil=[False, True]
    )


class AvgPool3dWindows(Equivalence):
    """Average pooling of volumes, past the end, without counting the padding, or without a batch."""

    one_way = "torch"

    def in_torch(
        x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, ceil: Flag = False, count: Flag = True, divisor: Int = Absent
    ):  # fmt: skip
        return F.avg_pool3d(
            x, k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count, divisor_override=divisor
        )  # fmt: skip

    def in_tensorflow(
        x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0, ceil: Flag = False, count: Flag = True, divisor: Int = Absent
    ):  # fmt: skip
        if rank(x) == 4 or known_integer(x) or ceil or not count or given(divisor):
            return avg_pool(
                x, 3, k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count, divisor_override=divisor
            )  # fmt: skip
        return refuse("TensorFlow pools by itself here")

    def rank(x, k, stride, padding, ceil, count, divisor):
        return rank(x)

    samples = cases(
        x=floats(1, 2, 5, 6, 5), k=3, stride=[Absent, 1, 2], padding=[0, 1], ceil=True, count=[True, False]
    ) + cases(x=floats(2, 5, 6, 5), k=2, padding=[0, 1], divisor=[Absent, 3])
