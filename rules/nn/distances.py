"""Distances, products of two inputs, and patches of images, as functions and layers."""

import math

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def divided_by_norm(x, p=2.0, dim=1, eps=1e-12):
    """Each vector along an axis divided by its norm of any order."""
    return x / tf.maximum(vector_norm(x, p, dim, True), eps)


@helper
def pairwise_distance(x, y, p=2.0, eps=1e-6, keepdim=False):
    """The norm of each x - y + eps along the last axis."""
    return vector_norm(x - y + eps, p, -1, keepdim)


@helper
def pdist(x, p=2.0):
    """The distance of each pair of rows."""
    one = tf.ones([tf.shape(x)[0]] * 2)
    pairs = tf.where(one - tf.linalg.band_part(one, -1, 0) > 0)
    apart = tf.gather(x, pairs[:, 0]) - tf.gather(x, pairs[:, 1])
    return euclidean_norm(apart, axis=-1) if p == 2 else vector_norm(apart, p, -1)


@helper
def patches_as_columns(x, k, dilation=1, padding=0, stride=1):
    """The patches of images (..., channels, h, w) as columns (..., channels * k * k, patches)."""
    k, dilation, padding, stride = (each(value, 2) for value in (k, dilation, padding, stride))
    size = keras.ops.shape(x)[-2:]
    places = [sliding(size[i], k[i], stride[i], padding[i], dilation[i]) for i in range(2)]
    first = x.shape.rank - 3
    x = windows(tf.pad(x, [(0, 0)] * (first + 1) + [(p, p) for p in padding]), places)
    x = tf.transpose(x, [*range(first + 1), first + 3, first + 4, first + 1, first + 2])
    shape = keras.ops.shape(x)
    inner = [math.prod(shape[first : first + 3]), math.prod(shape[first + 3 :])]
    return tf.reshape(x, (*shape[:first], *inner))


@helper
def columns_as_image(x, size, k, dilation=1, padding=0, stride=1):
    """Images (..., channels, *size) as the sums of patches that stand in columns (..., channels * k * k, patches)."""
    size, k, dilation, padding, stride = (each(value, 2) for value in (size, k, dilation, padding, stride))
    places = [sliding(size[i], k[i], stride[i], padding[i], dilation[i]) for i in range(2)]
    rows, columns = (tf.one_hot(p, n + 2 * q, dtype=x.dtype) for p, n, q in zip(places, size, padding, strict=True))
    counts = [-1, *k, places[0].shape[0], places[1].shape[0]]
    x = tf.reshape(x, tf.concat([tf.shape(x)[:-2], counts], 0))
    x = tf.einsum("...cijab,aiy,bjx->...cyx", x, rows, columns)
    return x[..., padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]


class NormalizeByNorm(Equivalence):
    """Each vector along one axis divided by its norm of any order; TensorFlow knows the Euclidean one."""

    axes = ("dim",)
    one_way = "torch"

    def in_torch(x: Tensor, p: Float = 2.0, dim: Axis = 1, eps: Float = 1e-12):
        return F.normalize(x, p=p, dim=dim, eps=eps)

    def in_tensorflow(x: Tensor, p: Float = 2.0, dim: Axis = 1, eps: Float = 1e-12):
        if p == 2 and isinstance(eps, float):
            return refuse("TensorFlow normalises by itself here")
        return general(divided_by_norm(x, p, dim=dim, eps=eps))

    def rank(x, p, dim, eps):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), p=[1.0, 3.0, 0.5], dim=[Absent, -1], eps=[Absent, 0.5])


class PairwiseDistanceFunction(Equivalence):
    """The norm of each x - y + eps along the last axis."""

    one_way = "torch"
    promotes = "float"

    def in_torch(x: Tensor, y: Tensor, p: Float = 2.0, eps: Float = 1e-6, keepdim: Flag = False):
        return spellings(
            F.pairwise_distance(x, y, p=p, eps=eps, keepdim=keepdim),
            torch.pairwise_distance(x, y, p=p, eps=eps, keepdim=keepdim),
        )

    def in_tensorflow(x: Tensor, y: Tensor, p: Float = 2.0, eps: Float = 1e-6, keepdim: Flag = False):
        return pairwise_distance(x, y, p=p, eps=eps, keepdim=keepdim)

    def rank(x, y, p, eps, keepdim):
        if keepdim:
            return rank(x)
        return rank(x) - 1

    samples = cases(x=[floats(2, 3), floats(3)], y=floats(2, 3), p=[Absent, 1.0, -1.0], keepdim=[False, True])


class PairwiseDistance(LayerEquivalence):
    """The layer of the norm of each x - y + eps along the last axis."""

    one_way = "torch"
    inputs = 2

    def in_torch(p: Float = 2.0, eps: Float = 1e-6, keepdim: Flag = False):
        return nn.PairwiseDistance(p=p, eps=eps, keepdim=keepdim)

    def in_tensorflow(p: Float = 2.0, eps: Float = 1e-6, keepdim: Flag = False):
        return lambda x, y: pairwise_distance(x, y, p=p, eps=eps, keepdim=keepdim)

    samples = cases(p=[2.0, 1.0], keepdim=[False, True], call=(floats(2, 3), floats(2, 3)))


class PairDistances(Equivalence):
    """The distance of each pair of rows."""

    one_way = "torch"

    def in_torch(x: Tensor, p: Float = 2.0):
        return spellings(F.pdist(x, p=p), torch.pdist(x, p=p))

    def in_tensorflow(x: Tensor, p: Float = 2.0):
        return pdist(x, p=p)

    def rank(x, p):
        return 1

    samples = cases(x=floats(4, 3), p=[Absent, 1.0, 3.0])


class BilinearFunction(Equivalence):
    """x A y + b over the last axes of two inputs."""

    one_way = "torch"

    def in_torch(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor = Absent):
        return spellings(F.bilinear(x, y, weight, bias=bias), torch.bilinear(x, y, weight, bias))

    def in_tensorflow(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor = Absent):
        if given(bias):
            return tf.einsum("...i,oij,...j->...o", x, weight, y) + bias
        return tf.einsum("...i,oij,...j->...o", x, weight, y)

    def rank(x, y, weight, bias):
        return rank(x)

    samples = cases(x=floats(2, 3), y=floats(2, 4), weight=floats(5, 3, 4), bias=[Absent, floats(5)])


class UnfoldFunction(Equivalence):
    """Patches of images as columns; TensorFlow's patches have their pixels before their channels."""

    one_way = "torch"

    def in_torch(x: Tensor, k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return F.unfold(x, k, dilation=dilation, padding=padding, stride=stride)

    def in_tensorflow(x: Tensor, k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return patches_as_columns(x, k, dilation=dilation, padding=padding, stride=stride)

    def rank(x, k, dilation, padding, stride):
        return rank(x) - 1

    samples = cases(x=floats(2, 3, 6, 7), k=[2, (3, 2)], dilation=[1, 2], padding=[0, 1], stride=[1, 2]) + cases(
        x=floats(3, 6, 7), k=2
    )


class Unfold(LayerEquivalence):
    """Patches of images as columns; TensorFlow's patches have their pixels before their channels."""

    one_way = "torch"

    def in_torch(k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return nn.Unfold(k, dilation=dilation, padding=padding, stride=stride)

    def in_tensorflow(k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return keras.layers.Lambda(
            lambda x: patches_as_columns(x, k, dilation=dilation, padding=padding, stride=stride)
        )

    samples = cases(k=2, stride=[1, 2], padding=[0, 1], call=floats(2, 3, 4, 5))


class FoldFunction(Equivalence):
    """Images as the sums of patches that stand in columns."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Size2, k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return F.fold(x, size, k, dilation=dilation, padding=padding, stride=stride)

    def in_tensorflow(x: Tensor, size: Size2, k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return columns_as_image(x, size, k, dilation=dilation, padding=padding, stride=stride)

    def rank(x, size, k, dilation, padding, stride):
        return rank(x) + 1

    samples = cases(x=[floats(2, 12, 20), floats(12, 20)], size=(5, 6), k=2) + cases(
        x=floats(2, 12, 12), size=(5, 6), k=2, stride=2, padding=1
    )


class Fold(LayerEquivalence):
    """Images as the sums of patches that stand in columns."""

    one_way = "torch"

    def in_torch(size: Size2, k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return nn.Fold(size, k, dilation=dilation, padding=padding, stride=stride)

    def in_tensorflow(size: Size2, k: Size2, dilation: Size2 = 1, padding: Size2 = 0, stride: Size2 = 1):
        return keras.layers.Lambda(
            lambda x: columns_as_image(x, size, k, dilation=dilation, padding=padding, stride=stride)
        )

    samples = cases(size=(5, 6), k=2, stride=1, call=floats(2, 12, 20)) + cases(
        size=(5, 6), k=2, stride=2, padding=1, call=floats(2, 12, 12)
    )
