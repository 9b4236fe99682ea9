"""Pooling layers and functions."""

import math

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class InfinityPadding2D(keras.layers.ZeroPadding2D):
    """Padding with minus infinity, which no maximum takes."""

    def call(self, x):
        return tf.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=-float("inf"))


@helper
class InfinityPadding1D(keras.layers.ZeroPadding1D):
    """Padding with minus infinity, which no maximum takes."""

    def call(self, x):
        return tf.pad(x, ((0, 0), self.padding, (0, 0)), constant_values=-float("inf"))


@helper
class InfinityPadding3D(keras.layers.ZeroPadding3D):
    """Padding with minus infinity, which no maximum takes."""

    def call(self, x):
        return tf.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=-float("inf"))


@helper
class SameMaxPool2d(nn.MaxPool2d):
    """Max pooling padded as Keras' "same" pads it: by what the stride needs, the odd pixel at the end."""

    def forward(self, x):
        size, step = (s if isinstance(s, tuple) else (s, s) for s in (self.kernel_size, self.stride))
        height, width = (max((n - 1) // s * s + k - n, 0) for n, k, s in zip(x.shape[-2:], size, step, strict=True))
        sides = (width // 2, width - width // 2, height // 2, height - height // 2)
        return super().forward(F.pad(x, sides, value=-float("inf")))


class MaxPool2d(LayerEquivalence):
    """2-D max pooling. Keras pads by "same" only: what it adds depends on the size, and an odd pixel stands at the end."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(k: Size2, stride: Size2 = Absent, padding: Size2 = 0, ceil_mode: Flag = False):
        if padding == "same" and given(stride) and every(stride, 1) and keeps_size(k, compact(half(k))):
            return nn.MaxPool2d(k, stride=1, padding=compact(half(k)))
        if padding == "same":
            return general(SameMaxPool2d(k, stride=stride))
        return nn.MaxPool2d(k, stride=stride, padding=padding, ceil_mode=ceil_mode)

    def in_tensorflow(k: Size2 = 2, stride: Size2 = Absent, padding=0, ceil_mode=False):
        if ceil_mode:
            return refuse("ceil_mode pads the end only, by an amount that depends on the size")
        if padding == "same":
            return spellings(
                keras.layers.MaxPooling2D(k, strides=stride, padding="same"),
                keras.layers.MaxPool2D(k, strides=stride, padding="same"),
            )
        if every(padding, 0):
            return spellings(keras.layers.MaxPooling2D(k, strides=stride), keras.layers.MaxPool2D(k, strides=stride))
        if given(stride) and every(stride, 1) and keeps_size(k, padding):
            return keras.layers.MaxPooling2D(k, strides=1, padding="same")
        return general(keras.Sequential([InfinityPadding2D(padding), keras.layers.MaxPooling2D(k, strides=stride)]))

    samples = (
        cases(k=[2, 3, (3, 2)], stride=[Absent, 1, 2], call=floats(2, 3, 7, 8))
        + cases(k=[3, (3, 2)], stride=[Absent, 1, 2], padding=1, call=floats(2, 3, 7, 8))
        + cases(k=3, stride=[1, 2], padding="same", call=floats(2, 3, 7, 8))
        + cases(k=2, ceil_mode=True, call=floats(2, 3, 7, 8))
    )


class MaxPool1d(LayerEquivalence):
    """1-D max pooling."""

    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, ceil_mode: Flag = False):
        return nn.MaxPool1d(k, stride=stride, padding=padding, ceil_mode=ceil_mode)

    def in_tensorflow(k: Size1 = 2, stride: Size1 = Absent, padding=0, ceil_mode=False):
        if ceil_mode:
            return refuse("ceil_mode pads the end only, by an amount that depends on the size")
        if every(padding, 0):
            return spellings(keras.layers.MaxPooling1D(k, strides=stride), keras.layers.MaxPool1D(k, strides=stride))
        if given(stride) and every(stride, 1) and keeps_size(k, padding):
            return keras.layers.MaxPooling1D(k, strides=1, padding="same")
        return general(keras.Sequential([InfinityPadding1D(padding), keras.layers.MaxPooling1D(k, strides=stride)]))

    samples = (
        cases(k=[2, 3], stride=[Absent, 1, 2], call=floats(2, 3, 8))
        + cases(k=3, stride=[1, 2], padding=1, call=floats(2, 3, 8))
        + cases(k=2, ceil_mode=True, call=floats(2, 3, 7))
    )


class MaxPool3d(LayerEquivalence):
    """3-D max pooling."""

    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    unbatched = 4
    ties = (
        "of a window's largest elements each gets the whole gradient in TensorFlow on the CPU, one of them in PyTorch"
    )

    def in_torch(k: Size3, stride: Size3 = Absent, padding: Size3 = 0, ceil_mode: Flag = False):
        return nn.MaxPool3d(k, stride=stride, padding=padding, ceil_mode=ceil_mode)

    def in_tensorflow(k: Size3 = 2, stride: Size3 = Absent, padding=0, ceil_mode=False):
        if ceil_mode:
            return refuse("ceil_mode pads the end only, by an amount that depends on the size")
        if every(padding, 0):
            return spellings(keras.layers.MaxPooling3D(k, strides=stride), keras.layers.MaxPool3D(k, strides=stride))
        if given(stride) and every(stride, 1) and keeps_size(k, padding):
            return keras.layers.MaxPooling3D(k, strides=1, padding="same")
        return general(keras.Sequential([InfinityPadding3D(padding), keras.layers.MaxPooling3D(k, strides=stride)]))

    samples = (
        cases(k=[2, (1, 2, 3)], stride=[Absent, 1, 2], call=floats(2, 2, 4, 5, 6))
        + cases(k=3, stride=[1, 2], padding=1, call=floats(2, 2, 4, 5, 6))
        + cases(k=(1, 3, 3), stride=2, padding=(0, 1, 1), call=floats(2, 2, 4, 5, 6))
        + cases(k=2, ceil_mode=True, call=floats(2, 2, 3, 5, 6))
    )


class AvgPool2d(LayerEquivalence):
    """2-D average pooling. PyTorch counts the zeros of the padding, Keras' "same" does not."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(
        k: Size2, stride: Size2 = Absent, padding: Size2 = 0, ceil_mode: Flag = False, count_padding: Flag = True
    ):
        if padding == "same" and given(stride) and every(stride, 1) and keeps_size(k, compact(half(k))):
            return nn.AvgPool2d(k, stride=1, padding=compact(half(k)), count_include_pad=False)
        if padding == "same":
            return refuse("PyTorch has no padding that depends on the size")
        return nn.AvgPool2d(k, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_padding)

    def in_tensorflow(k: Size2 = 2, stride: Size2 = Absent, padding=0, ceil_mode=False, count_padding=True):
        if ceil_mode:
            return refuse("ceil_mode pads the end only, by an amount that depends on the size")
        if padding == "same":
            return spellings(
                keras.layers.AveragePooling2D(k, strides=stride, padding="same"),
                keras.layers.AvgPool2D(k, strides=stride, padding="same"),
            )
        if every(padding, 0):
            return spellings(
                keras.layers.AveragePooling2D(k, strides=stride), keras.layers.AvgPool2D(k, strides=stride)
            )
        if not count_padding and given(stride) and every(stride, 1) and keeps_size(k, padding):
            return keras.layers.AveragePooling2D(k, strides=1, padding="same")
        if not count_padding:
            return refuse("Keras leaves the padding out of the average for padding='same' only")
        return general(
            keras.Sequential([
                keras.layers.ZeroPadding2D(padding), keras.layers.AveragePooling2D(k, strides=stride)
            ])
        )  # fmt: skip

    samples = (
        cases(k=[2, 3, (3, 2)], stride=[Absent, 1, 2], call=floats(2, 3, 7, 8))
        + cases(k=3, stride=[Absent, 1, 2], padding=1, call=floats(2, 3, 7, 8))
        + cases(k=3, stride=[1, 2], padding=1, count_padding=False, call=floats(2, 3, 7, 8))
        + cases(k=3, stride=1, padding="same", call=floats(2, 3, 7, 8))
    )


class AvgPool1d(LayerEquivalence):
    """1-D average pooling. PyTorch counts the zeros of the padding."""

    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, ceil_mode: Flag = False):
        return nn.AvgPool1d(k, stride=stride, padding=padding, ceil_mode=ceil_mode)

    def in_tensorflow(k: Size1 = 2, stride: Size1 = Absent, padding=0, ceil_mode=False):
        if ceil_mode:
            return refuse("ceil_mode pads the end only, by an amount that depends on the size")
        if every(padding, 0):
            return spellings(
                keras.layers.AveragePooling1D(k, strides=stride), keras.layers.AvgPool1D(k, strides=stride)
            )
        if isinstance(padding, (tuple, list)):
            return refuse("write the padding as one number")
        return general(
            keras.Sequential([
                keras.layers.ZeroPadding1D(padding), keras.layers.AveragePooling1D(k, strides=stride)
            ])
        )  # fmt: skip

    samples = cases(k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1], call=floats(2, 3, 8))


class AvgPool3d(LayerEquivalence):
    """3-D average pooling without padding."""

    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    unbatched = 4

    def in_torch(k: Size3, stride: Size3 = Absent):
        return nn.AvgPool3d(k, stride=stride)

    def in_tensorflow(k: Size3 = 2, stride: Size3 = Absent):
        return spellings(keras.layers.AveragePooling3D(k, strides=stride), keras.layers.AvgPool3D(k, strides=stride))

    samples = cases(k=[2, (1, 2, 3)], stride=[Absent, 1, 2], call=floats(2, 2, 4, 5, 6))


class AdaptiveAvgPool2d(LayerEquivalence):
    """2-D average pooling to a given size. Keras' global pooling drops both axes unless told to keep them."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(size: Size2):
        return nn.AdaptiveAvgPool2d(size)

    def in_tensorflow(size: Size2 = 1):
        if every(size, 1):
            return spellings(
                keras.layers.GlobalAveragePooling2D(keepdims=True), keras.layers.GlobalAvgPool2D(keepdims=True)
            )
        if isinstance(size, (tuple, list)) and not all(isinstance(n, int) for n in size):
            return refuse("Keras wants both sizes")
        if is_literal(size):
            return keras.layers.AdaptiveAveragePooling2D(size)
        return general(spellings(AdaptivePooling(size), keras.layers.AdaptiveAveragePooling2D(size)))

    samples = cases(size=[1, (1, 1), 2, (3, 5), variable(3)], call=floats(2, 3, 7, 8))


class AdaptiveMaxPool2d(LayerEquivalence):
    """2-D max pooling to a given size. Keras' global pooling drops both axes unless told to keep them."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(size: Size2):
        return nn.AdaptiveMaxPool2d(size)

    def in_tensorflow(size: Size2 = 1):
        if every(size, 1):
            return spellings(
                keras.layers.GlobalMaxPooling2D(keepdims=True), keras.layers.GlobalMaxPool2D(keepdims=True)
            )
        if isinstance(size, (tuple, list)) and not all(isinstance(n, int) for n in size):
            return refuse("Keras wants both sizes")
        if is_literal(size):
            return keras.layers.AdaptiveMaxPooling2D(size)
        return general(spellings(AdaptivePooling(size, reduce=tf.reduce_max), keras.layers.AdaptiveMaxPooling2D(size)))

    samples = cases(size=[1, (1, 1), 2, (3, 5), variable(3)], call=floats(2, 3, 7, 8))


class AdaptiveAvgPool1d(LayerEquivalence):
    """1-D average pooling to a given length."""

    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(size: Size1):
        return nn.AdaptiveAvgPool1d(size)

    def in_tensorflow(size: Size1 = 1):
        if every(size, 1):
            return spellings(
                keras.layers.GlobalAveragePooling1D(keepdims=True), keras.layers.GlobalAvgPool1D(keepdims=True)
            )
        if is_literal(size):
            return keras.layers.AdaptiveAveragePooling1D(size)
        return general(spellings(AdaptivePooling(size), keras.layers.AdaptiveAveragePooling1D(size)))

    samples = cases(size=[1, 3, variable(3)], call=floats(2, 3, 8))


class AdaptiveMaxPool1d(LayerEquivalence):
    """1-D max pooling to a given length."""

    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(size: Size1):
        return nn.AdaptiveMaxPool1d(size)

    def in_tensorflow(size: Size1 = 1):
        if every(size, 1):
            return spellings(
                keras.layers.GlobalMaxPooling1D(keepdims=True), keras.layers.GlobalMaxPool1D(keepdims=True)
            )
        if is_literal(size):
            return keras.layers.AdaptiveMaxPooling1D(size)
        return general(spellings(AdaptivePooling(size, reduce=tf.reduce_max), keras.layers.AdaptiveMaxPooling1D(size)))

    samples = cases(size=[1, 3, variable(3)], call=floats(2, 3, 8))


class AdaptiveAvgPool3d(LayerEquivalence):
    """3-D average pooling to a given size."""

    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    unbatched = 4

    def in_torch(size: Size3):
        return nn.AdaptiveAvgPool3d(size)

    def in_tensorflow(size: Size3 = 1):
        if every(size, 1):
            return spellings(
                keras.layers.GlobalAveragePooling3D(keepdims=True), keras.layers.GlobalAvgPool3D(keepdims=True)
            )
        if isinstance(size, (tuple, list)) and not all(isinstance(n, int) for n in size):
            return refuse("Keras wants all three sizes")
        if is_literal(size):
            return keras.layers.AdaptiveAveragePooling3D(size)
        return general(spellings(AdaptivePooling(size), keras.layers.AdaptiveAveragePooling3D(size)))

    samples = cases(size=[1, 2, variable(3)], call=floats(2, 2, 4, 5, 6))


class GlobalAveragePooling2d(LayerEquivalence):
    """The average over height and width, which are dropped."""

    layout = {"call": (NCHW, NHWC), "result": ("NC", "NC")}

    def in_torch():
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def in_tensorflow():
        return spellings(keras.layers.GlobalAveragePooling2D(), keras.layers.GlobalAvgPool2D())

    samples = cases(call=floats(2, 3, 7, 8))


class GlobalMaxPooling2d(LayerEquivalence):
    """The largest over height and width, which are dropped."""

    layout = {"call": (NCHW, NHWC), "result": ("NC", "NC")}

    def in_torch():
        return nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())

    def in_tensorflow():
        return spellings(keras.layers.GlobalMaxPooling2D(), keras.layers.GlobalMaxPool2D())

    samples = cases(call=floats(2, 3, 7, 8))


class GlobalAveragePooling1d(LayerEquivalence):
    """The average over the length, which is dropped."""

    layout = {"call": (NCL, NLC), "result": ("NC", "NC")}

    def in_torch():
        return nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten())

    def in_tensorflow():
        return spellings(keras.layers.GlobalAveragePooling1D(), keras.layers.GlobalAvgPool1D())

    samples = cases(call=floats(2, 3, 8))


class GlobalMaxPooling1d(LayerEquivalence):
    """The largest over the length, which is dropped."""

    layout = {"call": (NCL, NLC), "result": ("NC", "NC")}

    def in_torch():
        return nn.Sequential(nn.AdaptiveMaxPool1d(1), nn.Flatten())

    def in_tensorflow():
        return spellings(keras.layers.GlobalMaxPooling1D(), keras.layers.GlobalMaxPool1D())

    samples = cases(call=floats(2, 3, 8))


class MaxPool2dFunction(Equivalence):
    """2-D max pooling. TensorFlow must be told the strides and the padding."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0):
        return spellings(
            F.max_pool2d(x, k, stride=stride, padding=padding), torch.max_pool2d(x, k, stride=stride, padding=padding)
        )

    def in_tensorflow(x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0):
        if not given(stride) and every(padding, 0):
            return tf.nn.max_pool2d(x, k, k, "VALID")
        if not given(stride):
            return tf.nn.max_pool2d(x, k, k, ((0, 0), *size_pairs(padding, 2), (0, 0)))
        if every(padding, 0):
            return spellings(tf.nn.max_pool2d(x, k, stride, "VALID"), tf.nn.max_pool(x, k, stride, "VALID"))
        return tf.nn.max_pool2d(x, k, stride, ((0, 0), *size_pairs(padding, 2), (0, 0)))

    def rank(x, k, stride, padding):
        return 4

    samples = cases(x=floats(2, 3, 7, 8), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1])


class AvgPool2dFunction(Equivalence):
    """2-D average pooling; PyTorch counts the zeros of the padding. TensorFlow must be told the strides and the padding."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0):
        return F.avg_pool2d(x, k, stride=stride, padding=padding)

    def in_tensorflow(x: Tensor, k: Size2, stride: Size2 = Absent, padding: Size2 = 0):
        if not given(stride) and every(padding, 0):
            return tf.nn.avg_pool2d(x, k, k, "VALID")
        if not given(stride):
            return tf.nn.avg_pool2d(tf.pad(x, ((0, 0), *size_pairs(padding, 2), (0, 0))), k, k, "VALID")
        if every(padding, 0):
            return spellings(tf.nn.avg_pool2d(x, k, stride, "VALID"), tf.nn.avg_pool(x, k, stride, "VALID"))
        return tf.nn.avg_pool2d(tf.pad(x, ((0, 0), *size_pairs(padding, 2), (0, 0))), k, stride, "VALID")

    def rank(x, k, stride, padding):
        return 4

    samples = cases(x=floats(2, 3, 7, 8), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1])


class AdaptiveAvgPool2dFunction(Equivalence):
    """2-D average pooling to a given size."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, size: Size2):
        return F.adaptive_avg_pool2d(x, size)

    def in_tensorflow(x: Tensor, size: Size2):
        if every(size, 1):
            return tf.reduce_mean(x, axis=(1, 2), keepdims=True)
        if isinstance(size, (tuple, list)) and not all(isinstance(n, int) for n in size):
            return refuse("Keras wants both sizes")
        return general(keras.ops.adaptive_average_pool(x, size))

    def rank(x, size):
        return 4

    samples = cases(x=floats(2, 3, 7, 8), size=[1, (1, 1), 2, (3, 5)])


class AdaptiveMaxPool2dFunction(Equivalence):
    """2-D max pooling to a given size."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, size: Size2):
        return F.adaptive_max_pool2d(x, size)

    def in_tensorflow(x: Tensor, size: Size2):
        if every(size, 1):
            return tf.reduce_max(x, axis=(1, 2), keepdims=True)
        if isinstance(size, (tuple, list)) and not all(isinstance(n, int) for n in size):
            return refuse("Keras wants both sizes")
        return general(keras.ops.adaptive_max_pool(x, size))

    def rank(x, size):
        return 4

    samples = cases(x=floats(2, 3, 7, 8), size=[1, (1, 1), 2, (3, 5)])
