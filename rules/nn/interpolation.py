"""Resizing by any size or factor, in every mode, of sequences, images and volumes."""

import tensorflow as tf
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
