"""Functions that layers are made of, with given weights."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


class LinearFunction(Equivalence):
    """x times the transposed weight (out, in), plus the bias."""

    dtype = "x"
    one_way = "torch"

    def in_torch(x: Tensor, weight: Tensor, bias: Tensor = Absent):
        return F.linear(x, weight, bias=bias)

    def in_tensorflow(x: Tensor, weight: Tensor, bias: Tensor = Absent):
        if given(bias):
            return tf.tensordot(x, weight, [[-1], [-1]]) + bias
        return tf.tensordot(x, weight, [[-1], [-1]])

    def rank(x, weight, bias):
        return rank(x)

    samples = cases(x=[floats(4), floats(2, 4), floats(2, 3, 4)], weight=floats(5, 4), bias=[Absent, floats(5)])


class BiasAdd(Equivalence):
    """A bias for each element of the last axis."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, bias: Tensor):
        return x + bias

    def in_tensorflow(x: Tensor, bias: Tensor):
        return tf.nn.bias_add(x, bias)

    def rank(x, bias):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), bias=floats(4))


@helper
def cosine_similarity(x, y, axis=1, eps=1e-8):
    """The cosine of the angle between vectors along one axis, along which one of them may be broadcast."""
    axis = axis if axis < 0 else axis - max(x.shape.rank, y.shape.rank)
    n = tf.maximum(tf.shape(x)[axis], tf.shape(y)[axis])

    def length(v):
        times = tf.cast(n // tf.maximum(tf.shape(v)[axis], 1), v.dtype)
        return tf.sqrt(tf.maximum(times * tf.reduce_sum(v * v, axis=axis), eps * eps))

    return tf.reduce_sum(x * y, axis=axis) / (length(x) * length(y))


class CosineSimilarity(Reduction):
    """The cosine of the angle between vectors along one axis; each length counts as eps at least."""

    dtype = "x"
    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, dim: Axis = 1, eps: Float = 1e-8):
        return F.cosine_similarity(x, y, dim=dim, eps=eps)

    def in_tensorflow(x: Tensor, y: Tensor, dim: Axis = 1, eps: Float = 1e-8):
        if known(rank(x) == rank(y) and length(x, dim) == length(y, dim)) and isinstance(eps, float):
            return tf.reduce_sum(
                tf.math.l2_normalize(x, axis=dim, epsilon=eps * eps)
                * tf.math.l2_normalize(y, axis=dim, epsilon=eps * eps),
                axis=dim,
            )
        return general(cosine_similarity(x, y, axis=dim, eps=eps))

    samples = cases(
        x=[floats(2, 3, 4), unranked(2, 3, 4)], y=floats(2, 3, 4), dim=[Absent, 0, -1], eps=[Absent, 1e-6]
    ) + cases(x=floats(2, 3), y=floats(2, 1))


class CosineSimilarityLayer(LayerEquivalence):
    """The layer of the cosine of the angle between vectors along one axis."""

    one_way = "torch"

    def in_torch(dim: Axis = 1, eps: Float = 1e-8):
        return nn.CosineSimilarity(dim=dim, eps=eps)

    def in_tensorflow(dim: Axis = 1, eps: Float = 1e-8):
        return refuse("Keras has no layer of two inputs for this: call F.cosine_similarity")

    samples = cases(call=(floats(2, 3), floats(2, 3)))


@helper
class Rescaling(nn.Module):
    """x * scale + offset."""

    def __init__(self, scale, offset=0.0):
        super().__init__()
        self.scale, self.offset = scale, offset

    def forward(self, x):
        return x.to(torch.get_default_dtype()) * self.scale + self.offset


class RescalingLayer(LayerEquivalence, Elementwise):
    """Keras' x * scale + offset, which makes integers floating."""

    dtype = "float"

    def in_torch(scale: Float, offset: Float = 0.0):
        return Rescaling(scale, offset)

    def in_tensorflow(scale: Float, offset: Float = 0.0):
        return keras.layers.Rescaling(scale, offset=offset)

    samples = cases(scale=[0.5, 1 / 255], offset=[0.0, -1.0], call=floats(2, 3))
