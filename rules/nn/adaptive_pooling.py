"""Pooling into a number of windows, which Keras has for one window and for fixed sizes only."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class AdaptivePooling(keras.layers.Layer):
    """Reduces each axis between batch and channels to so many windows of nearly one size; ``None`` leaves it alone."""

    def __init__(self, sizes, reduce=tf.reduce_mean):
        super().__init__()
        self.sizes, self.reduce = sizes, reduce

    def call(self, x):
        sizes = self.sizes if isinstance(self.sizes, (tuple, list)) else [self.sizes] * (x.shape.rank - 2)
        for axis, size in enumerate(sizes, 1):
            n = keras.ops.shape(x)[axis]
            ends = [(i * n // size, -(-(i + 1) * n // size)) for i in range(size or 0)]
            parts = [self.reduce(tf.gather(x, tf.range(a, b), axis=axis), axis, keepdims=True) for a, b in ends]
            x = tf.concat(parts, axis) if parts else x
        return x


class AdaptiveAvgPool1dOfAnySize(LayerEquivalence):
    """Average pooling of sequences into a number of windows."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(size: Size1):
        return nn.AdaptiveAvgPool1d(size)

    def in_tensorflow(size: Size1):
        if every(size, 1):
            return refuse("Keras has this as a layer of its own")
        return AdaptivePooling(several(size, 1))

    samples = cases(size=[2, 4], call=floats(2, 3, 9))


class AdaptiveAvgPool2dOfAnySize(LayerEquivalence):
    """Average pooling of images into a number of windows."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(size: Size2):
        return nn.AdaptiveAvgPool2d(size)

    def in_tensorflow(size: Size2):
        if every(size, 1):
            return refuse("Keras has this as a layer of its own")
        return AdaptivePooling(several(size, 2))

    samples = cases(size=[2, (2, 3), (None, 3)], call=floats(2, 3, 7, 8))


class AdaptiveAvgPool3dOfAnySize(LayerEquivalence):
    """Average pooling of volumes into a number of windows."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(size: Size3):
        return nn.AdaptiveAvgPool3d(size)

    def in_tensorflow(size: Size3):
        if every(size, 1):
            return refuse("Keras has this as a layer of its own")
        return AdaptivePooling(several(size, 3))

    samples = cases(size=[2, (2, 3, 1), (2, None, 3)], call=floats(2, 2, 5, 6, 7))


class AdaptiveMaxPool1dOfAnySize(LayerEquivalence):
    """Max pooling of sequences into a number of windows."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(size: Size1):
        return nn.AdaptiveMaxPool1d(size)

    def in_tensorflow(size: Size1):
        if every(size, 1):
            return refuse("Keras has this as a layer of its own")
        return AdaptivePooling(several(size, 1), reduce=tf.reduce_max)

    samples = cases(size=[2, 4], call=floats(2, 3, 9))


class AdaptiveMaxPool2dOfAnySize(LayerEquivalence):
    """Max pooling of images into a number of windows."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(size: Size2):
        return nn.AdaptiveMaxPool2d(size)

    def in_tensorflow(size: Size2):
        if every(size, 1):
            return refuse("Keras has this as a layer of its own")
        return AdaptivePooling(several(size, 2), reduce=tf.reduce_max)

    samples = cases(size=[2, (2, 3), (None, 3)], call=floats(2, 3, 7, 8))


class AdaptiveMaxPool3dOfAnySize(LayerEquivalence):
    """Max pooling of volumes into a number of windows."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(size: Size3):
        return nn.AdaptiveMaxPool3d(size)

    def in_tensorflow(size: Size3):
        if every(size, 1):
            return refuse("Keras has this as a layer of its own")
        return AdaptivePooling(several(size, 3), reduce=tf.reduce_max)

    samples = cases(size=[2, (2, 3, 1), (2, None, 3)], call=floats(2, 2, 5, 6, 7))
