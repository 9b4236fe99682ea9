"""Max pooling of volumes in float64: TensorFlow has no kernel for it on the CPU."""

from __future__ import annotations

import itertools
from typing import Any, Optional

import tensorflow as tf
from tensorflow.python.ops import gen_nn_ops

POOL = gen_nn_ops.max_pool3d
CAST, SHAPE, PAD, REDUCE = tf.cast, tf.shape, tf.pad, tf.reduce_max
NARROW = tf.float32
NEAR = 2.0**-22
"""Relative to the largest value: how far the operation's own answer may be off, which it gives in float32."""


def install() -> None:
    """Put :func:`max_pool3d` in place of TensorFlow's operation, below ``tf.nn`` and Keras' layers."""
    gen_nn_ops.max_pool3d = max_pool3d


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NDHWC", name: Optional[str] = None
) -> Any:
    """What the operation computes on volumes (batch, depth, height, width, channels), in float64, and its gradient:
    each of several elements that are the largest of a window gets the whole. Where the operation's own answer is
    further away than float32 rounding, that counts: a float64 run must not be of other code. Its own gradient is not
    asked for: it has ties where float32 rounds elements to one number.
    """
    volumes = tf.convert_to_tensor(input)
    if volumes.dtype != tf.float64 or data_format != "NDHWC" or padding not in ("SAME", "VALID"):
        return POOL(volumes, ksize, strides, padding, data_format, name)
    sizes, steps = list(ksize)[1:4], list(strides)[1:4]

    @tf.custom_gradient
    def pooled(x: Any) -> Any:
        narrow = CAST(x, NARROW)
        own = POOL(narrow, ksize, strides, padding)
        sides = _sides(SHAPE(x), sizes, steps, padding)
        padded = PAD(x, sides, constant_values=x.dtype.min)
        counts = [(SHAPE(padded)[axis + 1] - sizes[axis]) // steps[axis] + 1 for axis in range(3)]
        places = list(itertools.product(*map(range, sizes)))
        found = REDUCE(tf.stack([_part(padded, place, counts, steps) for place in places]), axis=0)
        result = _trusted(found, own)
        result.set_shape(own.shape)

        def gradient(upstream: Any) -> Any:
            total = tf.zeros_like(padded)
            for place in places:
                share = tf.where(_part(padded, place, counts, steps) == found, upstream, tf.zeros_like(upstream))
                ends = _ends(place, counts, steps)
                total += tf.raw_ops.StridedSliceGrad(
                    shape=SHAPE(padded), begin=[0, *place, 0], end=[0, *ends, 0], strides=[1, *steps, 1], dy=share,
                    begin_mask=17, end_mask=17,
                )  # fmt: skip
            return tf.slice(total, sides[:, 0], SHAPE(x))

        return result, gradient

    return pooled(volumes)


def _sides(shape: Any, sizes: list[int], steps: list[int], padding: str) -> Any:
    """What is added before and after each axis: by ``SAME`` as much as the steps need, the odd one at the end."""
    sides = [[0, 0]]
    for axis, (size, step) in enumerate(zip(sizes, steps), 1):
        length = shape[axis]
        total = tf.maximum((-(-length // step) - 1) * step + size - length, 0) if padding == "SAME" else 0
        sides.append([total // 2, total - total // 2])
    return tf.convert_to_tensor([*sides, [0, 0]], tf.int32)


def _ends(place: tuple[int, ...], counts: list[Any], steps: list[int]) -> list[Any]:
    return [start + (count - 1) * step + 1 for start, count, step in zip(place, counts, steps)]


def _part(x: Any, place: tuple[int, ...], counts: list[Any], steps: list[int]) -> Any:
    """The element of each window that stands at one place in it."""
    ends = _ends(place, counts, steps)
    return tf.strided_slice(x, [0, *place, 0], [0, *ends, 0], [1, *steps, 1], begin_mask=17, end_mask=17)


def _trusted(found: Any, own: Any) -> Any:
    wide = CAST(own, tf.float64)
    return tf.where(tf.reduce_all(tf.abs(found - wide) <= NEAR * REDUCE(tf.abs(wide))), found, wide)
