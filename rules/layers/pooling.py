"""Keras' pooling with "same" padding, over whole axes, and with defaults of its own."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class SamePool(nn.Module):
    """Pooling padded as Keras' "same" pads it, by what the stride needs; the padding does not count in averages."""

    def __init__(self, kernel, stride=None, average=False):
        super().__init__()
        self.kernel, self.stride, self.average = kernel, kernel if stride is None else stride, average

    def forward(self, x):
        n = x.ndim - 2
        kernel, stride = (s if isinstance(s, (tuple, list)) else (s,) * n for s in (self.kernel, self.stride))
        pads = []
        for size, k, s in reversed(list(zip(x.shape[2:], kernel, stride, strict=True))):
            missing = max((size - 1) // s * s + k - size, 0)
            pads += [missing // 2, missing - missing // 2]
        if not self.average:
            pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[n - 1]
            return pool(F.pad(x, pads, value=-float("inf")), kernel, stride)
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[n - 1]
        return pool(F.pad(x, pads), kernel, stride) / pool(F.pad(torch.ones_like(x), pads), kernel, stride)


class SameMaxPool1d(LayerEquivalence):
    """1-D max pooling with "same" padding."""

    one_way = "tensorflow"
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(k: Size1 = 2, stride: Size1 = Absent):
        return SamePool(k, stride=stride)

    def in_tensorflow(k: Size1 = 2, stride: Size1 = Absent):
        return keras.layers.MaxPooling1D(k, strides=stride, padding="same")

    samples = cases(k=[Absent, 3], stride=[Absent, 1, 2], call=floats(2, 3, 8))


class SameMaxPool2dLayer(LayerEquivalence):
    """2-D max pooling with "same" padding."""

    one_way = "tensorflow"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(k: Size2 = (2, 2), stride: Size2 = Absent):
        return SamePool(k, stride=stride)

    def in_tensorflow(k: Size2 = (2, 2), stride: Size2 = Absent):
        return keras.layers.MaxPooling2D(k, strides=stride, padding="same")

    samples = cases(k=[Absent, 3, (3, 2)], stride=[Absent, 1, 2], call=floats(2, 3, 8, 7))


class SameMaxPool3d(LayerEquivalence):
    """3-D max pooling with "same" padding."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(k: Size3 = (2, 2, 2), stride: Size3 = Absent):
        return SamePool(k, stride=stride)

    def in_tensorflow(k: Size3 = (2, 2, 2), stride: Size3 = Absent):
        return keras.layers.MaxPooling3D(k, strides=stride, padding="same")

    samples = cases(k=[Absent, 3], stride=[Absent, 1, 2], call=floats(2, 2, 5, 4, 6))


class SameAveragePool1d(LayerEquivalence):
    """1-D average pooling with "same" padding, which Keras leaves out of the average."""

    one_way = "tensorflow"
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(k: Size1, stride: Size1 = Absent):
        return SamePool(k, stride=stride, average=True)

    def in_tensorflow(k: Size1, stride: Size1 = Absent):
        return keras.layers.AveragePooling1D(k, strides=stride, padding="same")

    samples = cases(k=[2, 3], stride=[Absent, 1, 2], call=floats(2, 3, 8))


class SameAveragePool2d(LayerEquivalence):
    """2-D average pooling with "same" padding, which Keras leaves out of the average."""

    one_way = "tensorflow"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(k: Size2, stride: Size2 = Absent):
        return SamePool(k, stride=stride, average=True)

    def in_tensorflow(k: Size2, stride: Size2 = Absent):
        return keras.layers.AveragePooling2D(k, strides=stride, padding="same")

    samples = cases(k=[2, (3, 2)], stride=[Absent, 1, 2], call=floats(2, 3, 8, 7))


class SameAveragePool3d(LayerEquivalence):
    """3-D average pooling with "same" padding, which Keras leaves out of the average."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(k: Size3, stride: Size3 = Absent):
        return SamePool(k, stride=stride, average=True)

    def in_tensorflow(k: Size3, stride: Size3 = Absent):
        return keras.layers.AveragePooling3D(k, strides=stride, padding="same")

    samples = cases(k=[2, 3], stride=[Absent, 1, 2], call=floats(2, 2, 5, 4, 6))


class AdaptiveMaxPool3dLayer(LayerEquivalence):
    """3-D max pooling to a given size, which Keras cannot do under tf.function with an unknown batch size."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(size: Size3):
        return nn.AdaptiveMaxPool3d(size)

    def in_tensorflow(size: Size3):
        return keras.layers.AdaptiveMaxPooling3D(size)

    samples = cases(size=[1, 2, (3, 2, 3)], call=floats(2, 2, 4, 5, 6))


class GlobalAveragePooling3d(LayerEquivalence):
    """The average over all three axes of a volume, which are dropped."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": ("NC", "NC")}

    def in_torch():
        return nn.Sequential(nn.AdaptiveAvgPool3d(1), nn.Flatten())

    def in_tensorflow():
        return keras.layers.GlobalAveragePooling3D()

    samples = cases(call=floats(2, 3, 4, 5, 6))


class GlobalMaxPooling3d(LayerEquivalence):
    """The largest over all three axes of a volume, which are dropped."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": ("NC", "NC")}

    def in_torch():
        return nn.Sequential(nn.AdaptiveMaxPool3d(1), nn.Flatten())

    def in_tensorflow():
        return keras.layers.GlobalMaxPooling3D()

    samples = cases(call=floats(2, 3, 4, 5, 6))


class GlobalMaxPooling3dKept(LayerEquivalence):
    """The largest over all three axes of a volume, each kept with length 1."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch():
        return nn.AdaptiveMaxPool3d(1)

    def in_tensorflow():
        return keras.layers.GlobalMaxPooling3D(keepdims=True)

    samples = cases(call=floats(2, 3, 4, 5, 6))
