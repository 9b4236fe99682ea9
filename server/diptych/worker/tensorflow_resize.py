"""Bilinear resizing in float64: TensorFlow's operation computes and answers in float32, whatever it is given."""

from __future__ import annotations

from typing import Any, Optional

import tensorflow as tf
from tensorflow.python.ops import gen_image_ops

RESIZE = gen_image_ops.resize_bilinear
CAST, SHAPE, MAXIMUM = tf.cast, tf.shape, tf.maximum
NEAR = 4 * 2.0**-23
"""Times the length of the images: how far a position may be off that was computed in float32."""


def install() -> None:
    """Put :func:`resize_bilinear` in place of TensorFlow's operation, below ``tf.image`` and Keras' layers."""
    gen_image_ops.resize_bilinear = resize_bilinear


def resize_bilinear(
    images: Any, size: Any, align_corners: bool = False, half_pixel_centers: bool = False, name: Optional[str] = None
) -> Any:
    """What the operation computes on images (batch, height, width, channels), in float64. Where the operation's own
    answer is further away than float32 rounding, that counts: a float64 run must not be of other code.
    """
    own = CAST(RESIZE(images, size, align_corners, half_pixel_centers, name), tf.float64)
    wide = CAST(images, tf.float64)
    found = wide
    for axis in (2, 1):
        found = _along(found, axis, size[axis - 1], align_corners, half_pixel_centers)
    length = CAST(tf.reduce_max(SHAPE(images)[1:3]), tf.float64)
    limit = NEAR * length * tf.reduce_max(tf.abs(wide))
    return tf.where(tf.reduce_all(tf.abs(found - own) <= limit), found, own)


def _along(images: Any, axis: int, count: Any, align_corners: bool, half_pixel_centers: bool) -> Any:
    length = SHAPE(images)[axis]
    before, after = CAST(length, tf.float64), CAST(count, tf.float64)
    scale = (
        tf.where(after > 1, (before - 1) / MAXIMUM(after - 1, 1), before / after) if align_corners else before / after
    )
    places = CAST(tf.range(count), tf.float64)
    places = (places + 0.5) * scale - 0.5 if half_pixel_centers else places * scale
    below = tf.floor(places)
    first = tf.gather(images, MAXIMUM(CAST(below, tf.int32), 0), axis=axis)
    second = tf.gather(images, tf.minimum(CAST(tf.math.ceil(places), tf.int32), length - 1), axis=axis)
    return first + (second - first) * tf.reshape(places - below, [-1] + [1] * (3 - axis))
