"""Images and volumes sampled at given points."""

import keras
import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def reached(place, size, padding="zeros", corners=False):
    """Places on an axis of this size, those beyond it moved to its border or mirrored."""
    size = tf.cast(size, place.dtype)
    if padding == "zeros":
        return place
    if padding == "reflection":
        low, span = (0.0, tf.maximum(size - 1, 1)) if corners else (-0.5, size)
        far = tf.abs(place - low)
        rest = far % span
        place = low + tf.where(tf.floor(far / span) % 2 == 0, rest, span - rest)
    return tf.clip_by_value(place, 0, size - 1)


@helper
def neighbours(place, mode="bilinear"):
    """The elements beside each place on an axis, and the share that each has."""
    if mode == "nearest":
        return [(tf.round(place), tf.ones_like(place))]
    first = tf.floor(place)
    t = place - first
    if mode == "bilinear":
        return [(first, 1 - t), (first + 1, t)]
    near = [(1.25 * v - 2.25) * v * v + 1 for v in (t, 1 - t)]
    far = [((-0.75 * v + 3.75) * v - 6) * v + 3 for v in (t + 1, 2 - t)]
    return [(first - 1, far[0]), (first, near[0]), (first + 1, near[1]), (first + 2, far[1])]


@helper
def grid_sample(x, grid, mode="bilinear", padding="zeros", corners=False):
    """Sample x (batch, channels, *sizes) at points from -1 to 1 (batch, *points, axes), the last axis first."""
    n, shape = x.shape.rank - 2, tf.shape(grid)
    found = [(0, 1.0)]
    for axis in range(n):
        size = tf.shape(x)[2 + axis]
        wide = tf.cast(size, grid.dtype)
        place = tf.reshape(grid[..., n - 1 - axis], [shape[0], tf.reduce_prod(shape[1:-1])])
        place = (place + 1) * (wide - 1) / 2 if corners else ((place + 1) * wide - 1) / 2
        place = place if mode == "bicubic" else reached(place, size, padding, corners)
        beside = []
        for near, share in neighbours(place, mode):
            near = reached(near, size, padding, corners) if mode == "bicubic" else near
            share = tf.where((near >= 0) & (near <= wide - 1), share, tf.zeros_like(share))
            beside.append((tf.cast(tf.clip_by_value(near, 0, wide - 1), tf.int32), share))
        found = [(index * size + near, weight * share) for index, weight in found for near, share in beside]
    last = keras.ops.moveaxis(x, 1, -1)
    flat = tf.reshape(last, [shape[0], tf.reduce_prod(tf.shape(x)[2:]), x.shape[1]])
    result = sum(tf.gather(flat, index, batch_dims=1) * weight[..., None] for index, weight in found)
    return keras.ops.moveaxis(tf.reshape(result, tf.concat([shape[:-1], [x.shape[1]]], 0)), -1, 1)


class GridSample(Equivalence):
    """Images or volumes sampled at given points, which TensorFlow has no function for."""

    one_way = "torch"
    dtype = "x"

    def in_torch(x: Tensor, grid: Tensor, mode: Str = "bilinear", padding: Str = "zeros", corners: Flag = Absent):
        return F.grid_sample(x, grid, mode=mode, padding_mode=padding, align_corners=corners)

    def in_tensorflow(x: Tensor, grid: Tensor, mode: Str = "bilinear", padding: Str = "zeros", corners: Flag = Absent):
        return grid_sample(x, grid, mode=mode, padding=padding, corners=corners)

    def rank(x, grid, mode, padding, corners):
        return rank(x)

    samples = cases(
        x=floats(2, 3, 4, 5), grid=floats(2, 3, 3, 2), mode=["bilinear", "nearest", "bicubic"],
        padding=["zeros", "border", "reflection"], corners=[Absent, True],
    ) + cases(x=floats(1, 2, 3, 4, 3), grid=floats(1, 2, 2, 3, 3), mode=["bilinear", "nearest"])  # fmt: skip
