"""Resizing by any size or factor, in every mode, of sequences, images and volumes."""

import keras
import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def resample(x, axis, new, factor=None, mode="nearest", corners=False):
    """One axis resized; without `corners`, by the factor itself where there is one, since the size is rounded."""
    old = tf.shape(x)[axis]
    kind = x.dtype if x.dtype.is_floating else tf.float32
    size, wanted, number = (tf.cast(value, kind) for value in (old, new, tf.range(new)))
    if corners:
        place = number * (size - 1) / tf.maximum(wanted - 1, 1)
    else:
        step = size / wanted if factor is None else tf.cast(1 / factor, kind)
        place = number * step if mode == "nearest" else (number + 0.5) * step
    if mode in ("nearest", "nearest-exact"):
        return tf.gather(x, tf.minimum(tf.cast(place, tf.int32), old - 1), axis=axis)
    place = place if corners else place - 0.5
    place = place if mode == "bicubic" else tf.maximum(place, 0)
    first = tf.floor(place)
    t = place - first
    shares = [1 - t, t]
    if mode == "bicubic":
        near, far = [((1.25 * v - 2.25) * v * v + 1) for v in (t, 1 - t)], [t + 1, 2 - t]
        far = [((-0.75 * v + 3.75) * v - 6) * v + 3 for v in far]
        shares = [far[0], *near, far[1]]
    places = tf.cast(first, tf.int32)[:, None] + tf.range(len(shares)) - (1 if mode == "bicubic" else 0)
    shares = tf.reshape(tf.stack(shares, -1), [-1, len(shares)] + [1] * (x.shape.rank - axis - 1))
    return tf.reduce_sum(tf.gather(x, tf.clip_by_value(places, 0, old - 1), axis=axis) * shares, axis=axis + 1)


@helper
def interpolate(x, size=None, factor=None, mode="nearest", corners=None, recompute=None):
    """All axes but the first two (batch and channels) resized."""
    n, factors = x.shape.rank - 2, [None]
    if size is None:
        factors = each(factor, x.shape.rank - 2)
        sides = [tf.cast(tf.shape(x)[i + 2], tf.float64) for i in range(n)]
        size = [tf.cast(side * by, tf.int32) for side, by in zip(sides, factors, strict=True)]
        factors = [None] if recompute else factors
    if mode == "area":
        return adaptive_avg_pool(x, each(size, n))
    for i, (new, by) in enumerate(zip(each(size, n), each(factors, n), strict=True)):
        x = resample(x, i + 2, new, by, mode, corners)
    return x


class Interpolate(Equivalence):
    """Sequences, images or volumes resized. TensorFlow resizes images, to a size, by curves of its own."""

    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor, size: Any = Absent, factor: Any = Absent, mode: Str = "nearest", corners: Flag = Absent,
        again: Flag = Absent,
    ):  # fmt: skip
        return spellings(
            F.interpolate(
                x, size=size, scale_factor=factor, mode=mode, align_corners=corners, recompute_scale_factor=again
            ),
            F.upsample(x, size=size, scale_factor=factor, mode=mode, align_corners=corners),
        )

    def in_tensorflow(
        x: Tensor, size: Any = Absent, factor: Any = Absent, mode: Str = "nearest", corners: Flag = Absent,
        again: Flag = Absent,
    ):  # fmt: skip
        if rank(x) == 4 and mode == "nearest" and not given(size) and factor == int(factor):
            return refuse("a whole factor repeats whole pixels")
        return general(interpolate(x, size=size, factor=factor, mode=mode, corners=corners, recompute=again))

    def rank(x, size, factor, mode, corners, again):
        return rank(x)

    samples = (
        cases(x=[floats(2, 3, 4), unranked(2, 3, 4, 5)], factor=[1.7, 0.6], mode=["nearest", "nearest-exact", "area"])
        + cases(x=floats(2, 3, 4, 5), factor=[1.7, (0.6, 2)], mode="bicubic", corners=[True, False])
        + cases(x=floats(2, 3, 4, 5), size=(3, 7), mode=["bicubic", "area", "nearest", "bilinear"])
        + cases(x=floats(2, 3, 4), size=7, mode="linear", corners=[True, False])
        + cases(x=floats(1, 2, 4, 3, 3), factor=1.5, mode="trilinear", corners=[Absent, True], again=[Absent, True])
    )


class UpsampleBilinearFunction(Equivalence):
    """Images resized bilinearly with aligned corners."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Any = Absent, factor: Any = Absent):
        return F.upsample_bilinear(x, size=size, scale_factor=factor)

    def in_tensorflow(x: Tensor, size: Any = Absent, factor: Any = Absent):
        return interpolate(x, size=size, factor=factor, mode="bilinear", corners=True)

    def rank(x, size, factor):
        return rank(x)

    samples = cases(x=floats(2, 3, 4, 5), size=[(3, 7), 6]) + cases(x=floats(2, 3, 4, 5), factor=[2, 0.6])


class UpsampleNearestFunction(Equivalence):
    """Sequences, images or volumes resized by the nearest element."""

    one_way = "torch"

    def in_torch(x: Tensor, size: Any = Absent, factor: Any = Absent):
        return F.upsample_nearest(x, size=size, scale_factor=factor)

    def in_tensorflow(x: Tensor, size: Any = Absent, factor: Any = Absent):
        return interpolate(x, size=size, factor=factor)

    def rank(x, size, factor):
        return rank(x)

    samples = cases(x=floats(2, 3, 4, 5), size=(3, 7)) + cases(x=floats(2, 3, 4), factor=[2, 0.6])


@helper
class Interpolation(keras.layers.Layer):
    """Resizes all axes but the first two (batch and channels), as PyTorch does."""

    def __init__(self, size=None, factor=None, mode="nearest", corners=None, recompute=None):
        super().__init__()
        self.options = size, factor, mode, corners, recompute

    def call(self, x):
        return interpolate(x, *self.options)


class UpsampleOfAnyKind(LayerEquivalence):
    """Sequences, images or volumes resized. Keras enlarges images by whole factors, by curves of its own."""

    one_way = "torch"
    ranks = "any"
    dtype = "call"

    def in_torch(size: Any = None, factor: Any = None, mode: Str = "nearest", corners: Any = None, again: Any = None):
        return nn.Upsample(
            size=size, scale_factor=factor, mode=mode, align_corners=corners, recompute_scale_factor=again
        )

    def in_tensorflow(
        size: Any = None, factor: Any = None, mode: Str = "nearest", corners: Any = None, again: Any = None
    ):
        if (
            size is None and mode in ("nearest", "bilinear") and not again and isinstance(factor, (int, float))
            and factor == int(factor)
        ):  # fmt: skip
            return refuse("a whole factor repeats whole pixels")
        if (
            size is None and mode in ("nearest", "bilinear") and not again and corners is not True
            and isinstance(factor, (tuple, list)) and all(isinstance(n, int) for n in factor)
        ):  # fmt: skip
            return refuse("whole factors repeat whole pixels")
        return general(Interpolation(size=size, factor=factor, mode=mode, corners=corners, recompute=again))

    samples = (
        cases(size=[5, (5, 7)], mode=["nearest", "bilinear", "bicubic"], call=floats(2, 3, 4, 6))
        + cases(size=5, mode=["bilinear", "bicubic"], corners=True, call=floats(2, 3, 4, 6))
        + cases(factor=[1.5, (1.5, 2.5)], mode=["nearest", "bilinear"], again=[None, True], call=floats(2, 3, 4, 6))
        + cases(factor=2, mode="linear", corners=[None, True], call=floats(2, 3, 4))
        + cases(factor=2, mode="trilinear", call=floats(2, 3, 2, 3, 4))
    )
