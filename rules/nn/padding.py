"""Padding layers that Keras does not have: other values than zero, mirrored, repeated, around."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class Padding(keras.layers.Layer):
    """Pads the axes between batch and channels with a value, or mirrored (mode "REFLECT")."""

    def __init__(self, pairs, mode="CONSTANT", value=0.0):
        super().__init__()
        self.pairs, self.mode, self.value = pairs, mode, value

    def call(self, x):
        return tf.pad(x, [(0, 0), *self.pairs, (0, 0)], self.mode, tf.cast(self.value, x.dtype))


@helper
class EdgePadding(keras.layers.Layer):
    """Pads the axes between batch and channels with what stands at their edges, or with what stands at the other end."""

    def __init__(self, pairs, around=False):
        super().__init__()
        self.pairs, self.around = pairs, around

    def call(self, x):
        for axis, (before, after) in enumerate(self.pairs, 1):
            size = tf.shape(x)[axis]
            places = tf.range(-before, size + after)
            x = tf.gather(x, places % size if self.around else tf.clip_by_value(places, 0, size - 1), axis=axis)
        return x


class ReflectionPad1d(LayerEquivalence):
    """Padding of sequences with what stands beside the edge, mirrored."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(padding: Size1):
        return nn.ReflectionPad1d(padding)

    def in_tensorflow(padding: Size1):
        if isinstance(padding, int):
            return Padding(size_pairs(padding, 1), mode="REFLECT")
        return Padding(pad_pairs(padding, 1), mode="REFLECT")

    samples = cases(padding=[2, (1, 2)], call=floats(2, 3, 7))


class ReflectionPad3d(LayerEquivalence):
    """Padding of volumes with what stands beside the edge, mirrored."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(padding: Size3):
        return nn.ReflectionPad3d(padding)

    def in_tensorflow(padding: Size3):
        if isinstance(padding, int):
            return Padding(size_pairs(padding, 3), mode="REFLECT")
        return Padding(pad_pairs(padding, 3), mode="REFLECT")

    samples = cases(padding=[2, (1, 2, 0, 3, 2, 1)], call=floats(2, 3, 4, 5, 6))


class ReplicationPad1d(LayerEquivalence):
    """Padding of sequences with what stands at the edge."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(padding: Size1):
        return nn.ReplicationPad1d(padding)

    def in_tensorflow(padding: Size1):
        if isinstance(padding, int):
            return EdgePadding(size_pairs(padding, 1))
        return EdgePadding(pad_pairs(padding, 1))

    samples = cases(padding=[2, (1, 2)], call=floats(2, 3, 7))


class ReplicationPad2d(LayerEquivalence):
    """Padding of images with what stands at the edge."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(padding: Size2):
        return nn.ReplicationPad2d(padding)

    def in_tensorflow(padding: Size2):
        if isinstance(padding, int):
            return EdgePadding(size_pairs(padding, 2))
        return EdgePadding(pad_pairs(padding, 2))

    samples = cases(padding=[2, (1, 2, 0, 3)], call=floats(2, 3, 5, 6))


class ReplicationPad3d(LayerEquivalence):
    """Padding of volumes with what stands at the edge."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(padding: Size3):
        return nn.ReplicationPad3d(padding)

    def in_tensorflow(padding: Size3):
        if isinstance(padding, int):
            return EdgePadding(size_pairs(padding, 3))
        return EdgePadding(pad_pairs(padding, 3))

    samples = cases(padding=[2, (1, 2, 0, 3, 2, 1)], call=floats(2, 3, 4, 5, 6))


class CircularPad1d(LayerEquivalence):
    """Padding of sequences with what stands at the other end."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(padding: Size1):
        return nn.CircularPad1d(padding)

    def in_tensorflow(padding: Size1):
        if isinstance(padding, int):
            return EdgePadding(size_pairs(padding, 1), around=True)
        return EdgePadding(pad_pairs(padding, 1), around=True)

    samples = cases(padding=[2, (1, 2)], call=floats(2, 3, 7))


class CircularPad2d(LayerEquivalence):
    """Padding of images with what stands at the other end."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(padding: Size2):
        return nn.CircularPad2d(padding)

    def in_tensorflow(padding: Size2):
        if isinstance(padding, int):
            return EdgePadding(size_pairs(padding, 2), around=True)
        return EdgePadding(pad_pairs(padding, 2), around=True)

    samples = cases(padding=[2, (1, 2, 0, 3)], call=floats(2, 3, 5, 6))


class CircularPad3d(LayerEquivalence):
    """Padding of volumes with what stands at the other end."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(padding: Size3):
        return nn.CircularPad3d(padding)

    def in_tensorflow(padding: Size3):
        if isinstance(padding, int):
            return EdgePadding(size_pairs(padding, 3), around=True)
        return EdgePadding(pad_pairs(padding, 3), around=True)

    samples = cases(padding=[2, (1, 2, 0, 3, 2, 1)], call=floats(2, 3, 4, 5, 6))


class ConstantPad1d(LayerEquivalence):
    """Padding of sequences with one value."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(padding: Size1, value: Number):
        return nn.ConstantPad1d(padding, value)

    def in_tensorflow(padding: Size1, value: Number):
        if isinstance(padding, int):
            return Padding(size_pairs(padding, 1), value=value)
        return Padding(pad_pairs(padding, 1), value=value)

    samples = cases(padding=[2, (1, 2)], value=[3, 0.5], call=floats(2, 3, 7))


class ConstantPad3d(LayerEquivalence):
    """Padding of volumes with one value."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(padding: Size3, value: Number):
        return nn.ConstantPad3d(padding, value)

    def in_tensorflow(padding: Size3, value: Number):
        if isinstance(padding, int):
            return Padding(size_pairs(padding, 3), value=value)
        return Padding(pad_pairs(padding, 3), value=value)

    samples = cases(padding=[2, (1, 2, 0, 3, 2, 1)], value=[3, 0.5], call=floats(2, 3, 4, 5, 6))


class ZeroPad3dOfTorch(LayerEquivalence):
    """Zeros around volumes. Keras gives pairs, depth first; PyTorch lists left and right of the width first."""

    one_way = "torch"
    dtype = "call"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(padding: Size3):
        return nn.ZeroPad3d(padding)

    def in_tensorflow(padding: Size3):
        if isinstance(padding, int):
            return keras.layers.ZeroPadding3D(padding)
        return keras.layers.ZeroPadding3D(pad_pairs(padding, 3))

    samples = cases(padding=[1, (1, 2, 3, 0, 0, 1)], call=floats(2, 2, 3, 4, 5))
