"""Keras' adaptive pooling to one element for each channel."""

import keras
from torch import nn

from diptych.catalog.language import *


class AdaptiveAveragePoolingToOne1d(LayerEquivalence):
    """The average of each channel, with its axis kept."""

    one_way = "tensorflow"
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(size: Size1):
        return nn.AdaptiveAvgPool1d(size)

    def in_tensorflow(size: Size1):
        if not every(size, 1):
            return refuse("other sizes have a rule of their own")
        return keras.layers.AdaptiveAveragePooling1D(size)

    samples = cases(size=[1], call=floats(2, 3, 8))


class AdaptiveAveragePoolingToOne2d(LayerEquivalence):
    """The average of each channel, with the axes kept."""

    one_way = "tensorflow"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(size: Size2):
        return nn.AdaptiveAvgPool2d(size)

    def in_tensorflow(size: Size2):
        if not every(size, 1):
            return refuse("other sizes have a rule of their own")
        return keras.layers.AdaptiveAveragePooling2D(size)

    samples = cases(size=[1, (1, 1)], call=floats(2, 3, 7, 8))


class AdaptiveAveragePoolingToOne3d(LayerEquivalence):
    """The average of each channel, with the axes kept."""

    one_way = "tensorflow"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(size: Size3):
        return nn.AdaptiveAvgPool3d(size)

    def in_tensorflow(size: Size3):
        if not every(size, 1):
            return refuse("other sizes have a rule of their own")
        return keras.layers.AdaptiveAveragePooling3D(size)

    samples = cases(size=[1, (1, 1, 1)], call=floats(2, 2, 4, 5, 6))


class AdaptiveMaxPoolingToOne1d(LayerEquivalence):
    """The largest of each channel, with its axis kept. Keras' own gradient of it holds what memory held before."""

    one_way = "tensorflow"
    gradient = False
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(size: Size1):
        return nn.AdaptiveMaxPool1d(size)

    def in_tensorflow(size: Size1):
        if not every(size, 1):
            return refuse("other sizes have a rule of their own")
        return keras.layers.AdaptiveMaxPooling1D(size)

    samples = cases(size=[1], call=floats(2, 3, 8))


class AdaptiveMaxPoolingToOne2d(LayerEquivalence):
    """The largest of each channel, with the axes kept. Keras' own gradient of it holds what memory held before."""

    one_way = "tensorflow"
    gradient = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(size: Size2):
        return nn.AdaptiveMaxPool2d(size)

    def in_tensorflow(size: Size2):
        if not every(size, 1):
            return refuse("other sizes have a rule of their own")
        return keras.layers.AdaptiveMaxPooling2D(size)

    samples = cases(size=1, call=floats(2, 3, 7, 8))
