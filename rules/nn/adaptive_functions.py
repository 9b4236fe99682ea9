"""Pooling into a given number of windows, whatever the rank and the dtype."""

import keras
import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def shares(size, n):
    """Where each of n windows that share an axis of this size begins and ends: (n, 1) each."""
    number = tf.range(n)[:, None]
    return number * size // n, -(-(number + 1) * size // n)


@helper
def adaptive_avg_pool(x, sizes):
    """The mean over so many windows of each of the last axes; an axis with ``None`` stays as it is."""
    for axis, n in zip(range(-len(sizes), 0), sizes, strict=True):
        if n is not None:
            size = tf.shape(x)[axis]
            start, end = shares(size, n)
            inside = (tf.range(size) >= start) & (tf.range(size) < end)
            share = tf.cast(inside, x.dtype) / tf.cast(end - start, x.dtype)
            x = keras.ops.swapaxes(keras.ops.swapaxes(x, axis, -1) @ tf.transpose(share), axis, -1)
    return x


@helper
def adaptive_max_pool(x, sizes, return_indices=False):
    """The largest over so many windows of each of the last axes; an axis with ``None`` stays as it is."""
    places = []
    for axis, n in zip(range(-len(sizes), 0), sizes, strict=True):
        start, end = shares(tf.shape(x)[axis], tf.shape(x)[axis] if n is None else n)
        places.append(tf.minimum(start + tf.range(tf.reduce_max(end - start)), end - 1))
    return largest(x, places, return_indices=return_indices)


class AdaptiveAvgPool1dWindows(Equivalence):
    """Average pooling of sequences into a number of windows, with or without a batch."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size1):
        return spellings(F.adaptive_avg_pool1d(x, size), torch.adaptive_avg_pool1d(x, size))

    def in_tensorflow(x: Tensor, size: Size1):
        return adaptive_avg_pool(x, several(size, 1))

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(2, 3, 9), floats(3, 9)], size=[1, 4]) + cases(x=floats(2, 3, 9), size=4)


class AdaptiveMaxPool1dWindows(Equivalence):
    """Max pooling of sequences into a number of windows, with or without a batch."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size1):
        return F.adaptive_max_pool1d(x, size)

    def in_tensorflow(x: Tensor, size: Size1):
        return adaptive_max_pool(x, several(size, 1))

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(2, 3, 9), floats(3, 9)], size=[1, 4]) + cases(x=floats(2, 3, 9), size=4)


class AdaptiveMaxPool1dIndices(Equivalence):
    """Max pooling of sequences into a number of windows, with the place of each element that was taken."""

    one_way = "torch"
    result = ("values", "indices")

    def in_torch(x: Tensor, size: Size1):
        return spellings(
            F.adaptive_max_pool1d(x, size, return_indices=True),
            F.adaptive_max_pool1d_with_indices(x, size),
            torch.adaptive_max_pool1d(x, size),
        )

    def in_tensorflow(x: Tensor, size: Size1):
        return adaptive_max_pool(x, several(size, 1), return_indices=True)

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(2, 3, 9), floats(3, 9)], size=[1, 4])


class AdaptiveAvgPool2dWindows(Equivalence):
    """Average pooling of images into a number of windows, where an axis is left alone or the rank is not known."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size2):
        return F.adaptive_avg_pool2d(x, size)

    def in_tensorflow(x: Tensor, size: Size2):
        if rank(x) == 4 and all(isinstance(side, int) for side in several(size, 2)):
            return refuse("TensorFlow or Keras pools by itself here")
        return general(adaptive_avg_pool(x, several(size, 2)))

    def rank(x, size):
        return rank(x)

    samples = cases(x=[unranked(2, 3, 7, 8), floats(3, 7, 8)], size=[1, 3, (2, 5)]) + cases(
        x=floats(2, 3, 7, 8), size=[(None, 3), (None, None)]
    )


class AdaptiveMaxPool2dWindows(Equivalence):
    """Max pooling of images into a number of windows, where an axis is left alone or the rank is not known."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size2):
        return F.adaptive_max_pool2d(x, size)

    def in_tensorflow(x: Tensor, size: Size2):
        if rank(x) == 4 and all(isinstance(side, int) for side in several(size, 2)):
            return refuse("TensorFlow or Keras pools by itself here")
        return general(adaptive_max_pool(x, several(size, 2)))

    def rank(x, size):
        return rank(x)

    samples = cases(x=[unranked(2, 3, 7, 8), floats(3, 7, 8)], size=[1, 3, (2, 5)]) + cases(
        x=floats(2, 3, 7, 8), size=[(None, 3), (None, None)]
    )


class AdaptiveMaxPool2dIndices(Equivalence):
    """Max pooling of images into a number of windows, with the place of each element that was taken."""

    one_way = "torch"
    result = ("values", "indices")

    def in_torch(x: Tensor, size: Size2):
        return spellings(
            F.adaptive_max_pool2d(x, size, return_indices=True), F.adaptive_max_pool2d_with_indices(x, size)
        )

    def in_tensorflow(x: Tensor, size: Size2):
        return adaptive_max_pool(x, several(size, 2), return_indices=True)

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(2, 3, 7, 8), floats(3, 7, 8)], size=[1, 3, (2, 5)])


class AdaptiveAvgPool3dWindows(Equivalence):
    """Average pooling of volumes into a number of windows, with or without a batch."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size3):
        return F.adaptive_avg_pool3d(x, size)

    def in_tensorflow(x: Tensor, size: Size3):
        return adaptive_avg_pool(x, several(size, 3))

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(1, 2, 5, 6, 5), floats(2, 5, 6, 5)], size=[1, 2, (2, 3, 4)]) + cases(
        x=floats(1, 2, 5, 6, 5), size=(None, 3, None)
    )


class AdaptiveMaxPool3dWindows(Equivalence):
    """Max pooling of volumes into a number of windows, with or without a batch."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size3):
        return F.adaptive_max_pool3d(x, size)

    def in_tensorflow(x: Tensor, size: Size3):
        return adaptive_max_pool(x, several(size, 3))

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(1, 2, 5, 6, 5), floats(2, 5, 6, 5)], size=[1, 2, (2, 3, 4)]) + cases(
        x=floats(1, 2, 5, 6, 5), size=(None, 3, None)
    )


class AdaptiveMaxPool3dIndices(Equivalence):
    """Max pooling of volumes into a number of windows, with the place of each element that was taken."""

    one_way = "torch"
    result = ("values", "indices")

    def in_torch(x: Tensor, size: Size3):
        return spellings(
            F.adaptive_max_pool3d(x, size, return_indices=True), F.adaptive_max_pool3d_with_indices(x, size)
        )

    def in_tensorflow(x: Tensor, size: Size3):
        return adaptive_max_pool(x, several(size, 3), return_indices=True)

    def rank(x, size):
        return rank(x)

    samples = cases(x=[floats(1, 2, 5, 6, 5), floats(2, 5, 6, 5)], size=[1, 2, (2, 3, 4)])
