"""Running extremes, and elements by their rank along an axis."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def running_places(x, dim, smallest=False):
    """For each element, where along `dim` the largest (or smallest) element so far is, the last of several."""
    y = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
    n, y = tf.shape(x, out_type=tf.int64)[dim], keras.ops.moveaxis(-y if smallest else y, dim, -1)
    so_far = tf.linalg.band_part(tf.ones((n, n), tf.bool), -1, 0)
    reach = tf.where(so_far, y[..., None, :], y.dtype.min)
    best = tf.logical_and(so_far, tf.equal(reach, tf.reduce_max(reach, axis=-1, keepdims=True)))
    places = n - 1 - tf.argmax(tf.cast(tf.reverse(best, (-1,)), tf.int32), axis=-1)
    return keras.ops.moveaxis(places, -1, dim)


@helper
def mode_places(x, dim):
    """Where along `dim` the last of the most frequent elements is, of the smallest such."""
    y = keras.ops.moveaxis(tf.cast(x, tf.int32) if x.dtype == tf.bool else x, dim, -1)
    counts = tf.reduce_sum(tf.cast(tf.equal(y[..., None], y[..., None, :]), tf.int32), axis=-1)
    frequent = tf.equal(counts, tf.reduce_max(counts, axis=-1, keepdims=True))
    value = tf.reduce_min(tf.where(frequent, y, y.dtype.max), axis=-1, keepdims=True)
    return y.shape[-1] - 1 - tf.argmax(tf.cast(tf.reverse(tf.equal(y, value), (-1,)), tf.int32), axis=-1)


class RunningMaximum(Equivalence):
    """The largest element so far along an axis, and where it is."""

    not_finite = "PyTorch hands NaN on, TensorFlow may pass over it"
    axes = ("dim",)
    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis):
        return spellings(torch.cummax(x, dim), x.cummax(dim))

    def in_tensorflow(x: Tensor, dim: Axis):
        return parts(
            values=keras.ops.take_along_axis(x, running_places(x, dim), axis=dim), indices=running_places(x, dim)
        )

    one_way = "torch"
    samples = cases(x=[floats(3, 4), ints(3, 4), bools(3, 4)], dim=[0, -1])


class RunningMinimum(Equivalence):
    """The smallest element so far along an axis, and where it is."""

    not_finite = "PyTorch hands NaN on, TensorFlow may pass over it"
    axes = ("dim",)
    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis):
        return spellings(torch.cummin(x, dim), x.cummin(dim))

    def in_tensorflow(x: Tensor, dim: Axis):
        return parts(
            values=keras.ops.take_along_axis(x, running_places(x, dim, smallest=True), axis=dim),
            indices=running_places(x, dim, smallest=True),
        )

    one_way = "torch"
    samples = cases(x=[floats(3, 4), ints(3, 4), bools(3, 4)], dim=[0, -1])


class KthValue(Reduction):
    """The k-th smallest element along an axis, and where it is."""

    result = ("values", "indices")

    def in_torch(x: Tensor, k: Int, dim: Axis = -1, keepdim: Flag = False):
        return spellings(torch.kthvalue(x, k, dim=dim, keepdim=keepdim), x.kthvalue(k, dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, k: Int, dim: Axis = -1, keepdim: Flag = False):
        if keepdim:
            return parts(
                values=tf.gather(tf.sort(x, axis=dim), [k - 1], axis=dim),
                indices=tf.cast(tf.gather(tf.argsort(x, axis=dim), [k - 1], axis=dim), tf.int64),
            )
        return parts(
            values=tf.gather(tf.sort(x, axis=dim), k - 1, axis=dim),
            indices=tf.cast(tf.gather(tf.argsort(x, axis=dim), k - 1, axis=dim), tf.int64),
        )

    one_way = "torch"
    samples = cases(x=floats(3, 5), k=[1, 3], dim=[Absent, 0], keepdim=[Absent, True])


class MedianAlong(Reduction):
    """The middle element along an axis, the lower of two, and where it is."""

    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.median(x, dim=dim, keepdim=keepdim), x.median(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        if keepdim:
            return parts(
                values=tf.gather(tf.sort(x, axis=dim), [(tf.shape(x)[dim] - 1) // 2], axis=dim),
                indices=tf.cast(tf.gather(tf.argsort(x, axis=dim), [(tf.shape(x)[dim] - 1) // 2], axis=dim), tf.int64),
            )
        return parts(
            values=tf.gather(tf.sort(x, axis=dim), (tf.shape(x)[dim] - 1) // 2, axis=dim),
            indices=tf.cast(tf.gather(tf.argsort(x, axis=dim), (tf.shape(x)[dim] - 1) // 2, axis=dim), tf.int64),
        )

    one_way = "torch"
    samples = cases(x=[floats(3, 5), floats(2, 4)], dim=[0, -1], keepdim=[Absent, True])


class Mode(Reduction):
    """The most frequent element along an axis, the smallest of several, and where it is last."""

    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis = -1, keepdim: Flag = False):
        return spellings(torch.mode(x, dim=dim, keepdim=keepdim), x.mode(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis = -1, keepdim: Flag = False):
        if keepdim:
            return parts(
                values=keras.ops.take_along_axis(x, tf.expand_dims(mode_places(x, dim), dim), axis=dim),
                indices=tf.expand_dims(mode_places(x, dim), dim),
            )
        return parts(
            values=tf.squeeze(
                keras.ops.take_along_axis(x, tf.expand_dims(mode_places(x, dim), dim), axis=dim), axis=dim
            ),
            indices=mode_places(x, dim),
        )

    one_way = "torch"
    samples = cases(x=[floats(3, 5), ints(3, 7, high=3), bools(4, 3)], dim=[Absent, 0], keepdim=[Absent, True])


class Extremes(Reduction):
    """The smallest and the largest element, of all or along an axis."""

    result = ("min", "max")

    def in_torch(x: Tensor, dim: Axis = Absent, keepdim: Flag = False):
        return spellings(torch.aminmax(x, dim=dim, keepdim=keepdim), x.aminmax(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis = Absent, keepdim: Flag = False):
        if known_bool(x):
            return parts(
                min=tf.reduce_all(x, axis=dim, keepdims=keepdim), max=tf.reduce_any(x, axis=dim, keepdims=keepdim)
            )
        return general(
            parts(min=tf.reduce_min(x, axis=dim, keepdims=keepdim), max=tf.reduce_max(x, axis=dim, keepdims=keepdim))
        )

    one_way = "torch"
    samples = cases(x=[floats(3, 5), bools(2, 2)], dim=[Absent, 0, -1], keepdim=[Absent, True])
