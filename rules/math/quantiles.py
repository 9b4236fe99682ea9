"""Quantiles and medians among numbers that may be NaN."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def quantile(x, q, dim=None, keepdim=False, interpolation="linear", among=None):
    """The quantiles of all elements or along an axis, or of those that are no NaN."""
    rank, places = x.shape.rank, tf.cast(q, x.dtype)
    axis = 0 if dim is None else dim % max(rank, 1)
    x = tf.reshape(x, (-1,)) if dim is None or rank == 0 else tf.experimental.numpy.moveaxis(x, dim, -1)
    nan = tf.math.is_nan(x)
    n = tf.reduce_sum(tf.cast(~nan if among == "numbers" else tf.ones_like(nan), x.dtype), -1)
    ordered = tf.sort(tf.where(~nan, x, math.inf), axis=-1)
    at = tf.reshape(places, (-1, *[1] * (x.shape.rank - 1))) * tf.maximum(n - 1, 0)
    low, high = tf.floor(at), tf.math.ceil(at)
    weight = {"linear": at - low, "midpoint": (high - low) / 2, "lower": at * 0, "higher": high - low}.get(
        interpolation
    )
    weight = tf.round(at) - low if weight is None else weight
    ordered = tf.broadcast_to(ordered, tf.concat([tf.shape(at), tf.shape(x)[-1:]], 0))
    a, b = (tf.gather(ordered, tf.cast(i, tf.int32), axis=-1, batch_dims=x.shape.rank) for i in (low, high))
    result = a + (b - a) * weight
    lost = n == 0 if among == "numbers" else tf.reduce_any(nan, -1)
    result = tf.where(~lost, result, math.nan)
    if keepdim:
        result = tf.expand_dims(result, axis + 1) if dim is not None and rank else tf.reshape(result, (-1, *[1] * rank))
    return result if places.shape.rank else result[0]


class Quantile(Equivalence):
    """The quantile or quantiles of all elements or along an axis, by interpolation."""

    one_way = "torch"

    def in_torch(x: Tensor, q: Operand, dim: Axis = Absent, keepdim: Flag = False, interpolation: Str = "linear"):
        return spellings(
            torch.quantile(x, q, dim=dim, keepdim=keepdim, interpolation=interpolation),
            x.quantile(q, dim=dim, keepdim=keepdim, interpolation=interpolation),
        )

    def in_tensorflow(x: Tensor, q: Operand, dim: Axis = Absent, keepdim: Flag = False, interpolation: Str = "linear"):
        return quantile(x, q, dim=dim, keepdim=keepdim, interpolation=interpolation)

    samples = cases(x=floats(3, 5), q=[0.3, drawn(2)], dim=[Absent, 0, -1]) + cases(
        x=floats(3, 5), q=0.4, dim=[Absent, 1], keepdim=True, interpolation=["midpoint", "nearest", "lower"]
    )


class QuantileOfNumbers(Equivalence):
    """The quantile or quantiles of what is not NaN."""

    one_way = "torch"

    def in_torch(x: Tensor, q: Operand, dim: Axis = Absent, keepdim: Flag = False, interpolation: Str = "linear"):
        return spellings(
            torch.nanquantile(x, q, dim=dim, keepdim=keepdim, interpolation=interpolation),
            x.nanquantile(q, dim=dim, keepdim=keepdim, interpolation=interpolation),
        )

    def in_tensorflow(x: Tensor, q: Operand, dim: Axis = Absent, keepdim: Flag = False, interpolation: Str = "linear"):
        return quantile(x, q, dim=dim, keepdim=keepdim, interpolation=interpolation, among="numbers")

    samples = cases(x=floats(3, 5), q=[0.3, drawn(2)], dim=[Absent, 0, -1]) + cases(
        x=floats(3, 5), q=0.4, dim=[Absent, 1], keepdim=True, interpolation=["midpoint", "nearest", "lower"]
    )


class QuantileInKeras(Reduction):
    """The quantile, as Keras has it."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, q: Float, dim: Axis = Absent, keepdim: Flag = False):
        return torch.quantile(x, q, dim=dim, keepdim=keepdim)

    def in_tensorflow(x: Tensor, q: Float, dim: Axis = Absent, keepdim: Flag = False):
        return keras.ops.quantile(x, q, axis=dim, keepdims=keepdim)

    samples = cases(x=floats(3, 5), q=0.3, dim=[Absent, 0], keepdim=[Absent, True])


class MedianOfNumbers(Equivalence):
    """The middle of all elements that are not NaN, the lower of two."""

    one_way = "torch"

    def in_torch(x: Tensor):
        return spellings(torch.nanmedian(x), x.nanmedian())

    def in_tensorflow(x: Tensor):
        if known_integer(x):
            return tf.sort(tf.reshape(x, (-1,)))[(tf.size(x) - 1) // 2]
        return general(quantile(x, 0.5, interpolation="lower", among="numbers"))

    def rank(x):
        return 0

    samples = cases(x=[floats(7), floats(2, 3), ints(6)])


class MedianOfNumbersAlong(Equivalence):
    """The middle along an axis of what is not NaN, the lower of two, and where it is."""

    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis, keepdim: Flag = False):
        return spellings(torch.nanmedian(x, dim=dim, keepdim=keepdim), x.nanmedian(dim=dim, keepdim=keepdim))

    def in_tensorflow(x: Tensor, dim: Axis, keepdim: Flag = False):
        return nanmedian(x, dim, keepdim=keepdim)

    def rank(x, dim, keepdim):
        if keepdim or rank(x) == 0:
            return rank(x)
        return rank(x) - 1

    one_way = "torch"
    samples = cases(x=[floats(3, 5), floats(4, 2)], dim=[0, -1], keepdim=[Absent, True])


@helper
def nanmedian(x, dim, keepdim=False):
    """The middle of what is not NaN along an axis, the lower of two, and its place."""
    if x.shape.rank == 0:
        return x, tf.zeros((), tf.int64)
    order = tf.argsort(tf.where(x == x, x, x.dtype.max if x.dtype.is_integer else math.inf), axis=dim, stable=True)
    n = tf.reduce_sum(tf.cast(x == x, tf.int32), axis=dim, keepdims=True)
    place = tf.experimental.numpy.take_along_axis(order, tf.maximum(n - 1, 0) // 2, axis=dim)
    values = tf.experimental.numpy.take_along_axis(x, place, axis=dim)
    place = tf.cast(place, tf.int64)
    return (values, place) if keepdim else (tf.squeeze(values, dim), tf.squeeze(place, dim))
