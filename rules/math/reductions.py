"""Reductions: sum, mean, variance, extremes."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


class Sum(Reduction):
    """Sum over one axis or several."""

    def in_torch(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        return spellings(torch.sum(x, dim=dim, keepdim=keepdim), x.sum(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes = Absent, keepdim: Flag = False):
        if is_bool(x):
            return tf.reduce_sum(tf.cast(x, tf.int64), axis=dim, keepdims=keepdim)
        return tf.reduce_sum(x, axis=dim, keepdims=keepdim)

    samples = cases(x=floats(2, 3, 4), dim=[Absent, 0, -1, (0, 2)], keepdim=[False, True]) + cases(x=bools(2, 3))
    differs = cases(x=int32s(4), because="PyTorch widens int32 to int64; TensorFlow keeps the dtype")


class Max(Reduction):
    """The largest element of all."""

    def in_torch(x: Tensor):
        return spellings(torch.max(x), x.max(), torch.amax(x))

    def in_tensorflow(x: Tensor):
        return tf.reduce_max(x)

    samples = cases(x=[floats(2, 3), ints(7)])


class MaxAlong(Reduction):
    """The largest elements along one axis, and where they are."""

    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.max(x, dim=dim, keepdim=keepdim), x.max(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        if not keepdim:
            return parts(values=tf.reduce_max(x, axis=dim), indices=tf.argmax(x, axis=dim))
        return parts(
            values=tf.reduce_max(x, axis=dim, keepdims=True), indices=tf.expand_dims(tf.argmax(x, axis=dim), dim)
        )

    samples = cases(x=floats(2, 3, 4), dim=[0, -1], keepdim=[False, True])
