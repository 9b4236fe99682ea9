"""The largest and the smallest: their values and where they are."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Max(Reduction):
    """The largest element of all."""

    def in_torch(x: Tensor):
        return spellings(torch.max(x), x.max(), torch.amax(x), x.amax())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return tf.reduce_any(x)
        return general(spellings(tf.reduce_max(x), keras.ops.max(x)))

    samples = cases(x=[floats(2, 3), ints(7), bools(4)])


class Min(Reduction):
    """The smallest element of all."""

    def in_torch(x: Tensor):
        return spellings(torch.min(x), x.min(), torch.amin(x), x.amin())

    def in_tensorflow(x: Tensor):
        if known_bool(x):
            return tf.reduce_all(x)
        return general(spellings(tf.reduce_min(x), keras.ops.min(x)))

    samples = cases(x=[floats(2, 3), ints(7), bools(4)])


class Amax(Reduction):
    """The largest elements along axes, values alone; `torch.max` along an axis gives their places too."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.amax(x, dim=dim, keepdim=keepdim), x.amax(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        if known_bool(x):
            return tf.reduce_any(x, axis=dim, keepdims=keepdim)
        return general(
            spellings(tf.reduce_max(x, axis=dim, keepdims=keepdim), keras.ops.max(x, axis=dim, keepdims=keepdim))
        )

    samples = cases(x=[floats(2, 3, 4), bools(2, 3, 4)], dim=[0, -1, (1, 2)], keepdim=[Absent, True])


class Amin(Reduction):
    """The smallest elements along axes, values alone; `torch.min` along an axis gives their places too."""

    def in_torch(x: Tensor, dim: Axes, keepdim: Flag = False):
        return spellings(torch.amin(x, dim=dim, keepdim=keepdim), x.amin(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axes, keepdim: Flag = False):
        if known_bool(x):
            return tf.reduce_all(x, axis=dim, keepdims=keepdim)
        return general(
            spellings(tf.reduce_min(x, axis=dim, keepdims=keepdim), keras.ops.min(x, axis=dim, keepdims=keepdim))
        )

    samples = cases(x=[floats(2, 3, 4), bools(2, 3, 4)], dim=[0, -1, (1, 2)], keepdim=[Absent, True])


class MaxAlong(Reduction):
    """The largest elements along one axis, and where they are. At ties either place may be given."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.max(x, dim=dim, keepdim=keepdim), x.max(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        if known_bool(x) and not keepdim:
            return parts(values=tf.reduce_any(x, axis=dim), indices=tf.argmax(tf.cast(x, tf.int32), axis=dim))
        if known_bool(x):
            return parts(
                values=tf.reduce_any(x, axis=dim, keepdims=True),
                indices=tf.expand_dims(tf.argmax(tf.cast(x, tf.int32), axis=dim), dim),
            )
        if not keepdim:
            return general(parts(values=tf.reduce_max(x, axis=dim), indices=tf.argmax(x, axis=dim)))
        return general(
            parts(
                values=tf.reduce_max(x, axis=dim, keepdims=True),
                indices=tf.expand_dims(tf.argmax(x, axis=dim), dim),
            )
        )

    samples = cases(x=[floats(2, 3, 4), bools(2, 2)], dim=[0, -1], keepdim=[Absent, True])


class MinAlong(Reduction):
    """The smallest elements along one axis, and where they are. At ties either place may be given."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.min(x, dim=dim, keepdim=keepdim), x.min(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        if known_bool(x) and not keepdim:
            return parts(values=tf.reduce_all(x, axis=dim), indices=tf.argmin(tf.cast(x, tf.int32), axis=dim))
        if known_bool(x):
            return parts(
                values=tf.reduce_all(x, axis=dim, keepdims=True),
                indices=tf.expand_dims(tf.argmin(tf.cast(x, tf.int32), axis=dim), dim),
            )
        if not keepdim:
            return general(parts(values=tf.reduce_min(x, axis=dim), indices=tf.argmin(x, axis=dim)))
        return general(
            parts(
                values=tf.reduce_min(x, axis=dim, keepdims=True),
                indices=tf.expand_dims(tf.argmin(x, axis=dim), dim),
            )
        )

    samples = cases(x=[floats(2, 3, 4), bools(2, 2)], dim=[0, -1], keepdim=[Absent, True])


class ArgmaxOfAll(Equivalence):
    """Where the largest element is, counted through the flattened tensor. `tf.argmax` without an axis takes axis 0."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    dtype = "int"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.argmax(x), x.argmax())

    def in_tensorflow(x: Tensor):
        return spellings(tf.argmax(tf.reshape(x, (-1,))), tf.argmax(tf.reshape(x, (-1,)), axis=0))

    def rank(x):
        return 0

    samples = cases(x=[floats(2, 3), floats(5)])


class ArgminOfAll(Equivalence):
    """Where the smallest element is, counted through the flattened tensor. `tf.argmin` without an axis takes axis 0."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    dtype = "int"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.argmin(x), x.argmin())

    def in_tensorflow(x: Tensor):
        return spellings(tf.argmin(tf.reshape(x, (-1,))), tf.argmin(tf.reshape(x, (-1,)), axis=0))

    def rank(x):
        return 0

    samples = cases(x=[floats(2, 3), floats(5)])


class Argmax(Reduction):
    """Where along an axis the largest element is. PyTorch finds NaN, TensorFlow passes over it."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.argmax(x, dim=dim, keepdim=keepdim), x.argmax(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis = 0, keepdim: Flag = False):
        if keepdim:
            return tf.expand_dims(tf.argmax(x, axis=dim), dim)
        return tf.argmax(x, axis=dim)

    samples = cases(x=floats(2, 3, 4), dim=[0, 1, -1], keepdim=[Absent, True])


class Argmin(Reduction):
    """Where along an axis the smallest element is. PyTorch finds NaN, TensorFlow passes over it."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.argmin(x, dim=dim, keepdim=keepdim), x.argmin(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis = 0, keepdim: Flag = False):
        if keepdim:
            return tf.expand_dims(tf.argmin(x, axis=dim), dim)
        return tf.argmin(x, axis=dim)

    samples = cases(x=floats(2, 3, 4), dim=[0, 1, -1], keepdim=[Absent, True])


class ArgmaxInt32(Reduction):
    """Where the largest element is, as int32, which Keras gives and PyTorch does not."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, dim: Axis):
        return spellings(
            torch.argmax(x, dim=dim).int(), x.argmax(dim=dim).int(), torch.argmax(x, dim=dim).to(torch.int32)
        )

    def in_tensorflow(x: Tensor, dim: Axis):
        return spellings(tf.argmax(x, axis=dim, output_type=tf.int32), keras.ops.argmax(x, axis=dim))

    samples = cases(x=floats(2, 3, 4), dim=[0, -1])


class ArgminInt32(Reduction):
    """Where the smallest element is, as int32, which Keras gives and PyTorch does not."""

    not_finite = "PyTorch finds the place of a NaN, TensorFlow passes over it"
    dtype = "int"
    gradient = False

    def in_torch(x: Tensor, dim: Axis):
        return spellings(
            torch.argmin(x, dim=dim).int(), x.argmin(dim=dim).int(), torch.argmin(x, dim=dim).to(torch.int32)
        )

    def in_tensorflow(x: Tensor, dim: Axis):
        return spellings(tf.argmin(x, axis=dim, output_type=tf.int32), keras.ops.argmin(x, axis=dim))

    samples = cases(x=floats(2, 3, 4), dim=[0, -1])


class Median(Equivalence):
    """The middle element, the lower of two; TensorFlow has no median."""

    def in_torch(x: Tensor):
        return spellings(torch.median(x), x.median())

    def in_tensorflow(x: Tensor):
        return tf.sort(tf.reshape(x, (-1,)))[(tf.size(x) - 1) // 2]

    def rank(x):
        return 0

    samples = cases(x=[floats(7), floats(2, 3)])
