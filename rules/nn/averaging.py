"""Pooling with PyTorch's options: padding that counts or not, windows beyond the end, other divisors, norms."""

import math

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class AveragePooling(keras.layers.Layer):
    """Means of channels-last windows; ``ceil`` lets the last begin inside, ``counted`` counts the padding's zeros."""

    def __init__(self, kernel, stride, padding, ceil=False, counted=True, divisor=None):
        super().__init__()
        self.window, self.ceil, self.counted, self.divisor = (kernel, stride, padding), ceil, counted, divisor

    def call(self, x):
        around, beyond = [(0, 0)], [(0, 0)]
        for size, k, s, p in zip(x.shape[1:-1], *self.window, strict=True):
            steps, rest = divmod(size + 2 * p - k, s) if self.ceil else (0, 0)
            around.append((p, p))
            beyond.append((0, s - rest if rest and (steps + 1) * s < size + p else 0))

        def means(values, filled):
            values = tf.pad(values, [*around, (0, 0)], constant_values=tf.cast(filled, x.dtype))
            pool = (tf.nn.avg_pool1d, tf.nn.avg_pool2d, tf.nn.avg_pool3d)[len(self.window[0]) - 1]
            return pool(tf.pad(values, [*beyond, (0, 0)]), *self.window[:2], "VALID")

        if self.divisor:
            return means(x, 0) * (math.prod(self.window[0]) / self.divisor)
        return means(x, 0) / means(tf.ones_like(x), self.counted)


@helper
class MaxPooling(keras.layers.Layer):
    """Largest values of channels-last windows, and where they stand if ``indices``, counted along the axes between."""

    def __init__(self, kernel, stride, padding, dilation, ceil=False, indices=False):
        super().__init__()
        self.window, self.ceil, self.indices = (kernel, stride, padding, dilation), ceil, indices

    def call(self, x):
        places = tf.reshape(tf.range(tf.reduce_prod(tf.shape(x)[1:-1])), [1, *tf.unstack(tf.shape(x)[1:-1]), 1])
        places = tf.cast(tf.broadcast_to(places, tf.shape(x)), tf.int64)
        for axis, (k, s, p, d) in reversed(list(enumerate(zip(*self.window, strict=True), 1))):
            size = tf.shape(x)[axis]
            steps, rest = (size + 2 * p - d * (k - 1) - 1) // s, (size + 2 * p - d * (k - 1) - 1) % s
            if self.ceil:
                steps += tf.cast((rest > 0) & ((steps + 1) * s < size + p), tf.int32)
            pads = [(0, 0)] * axis + [(p, p + s)] + [(0, 0)] * (len(x.shape) - axis - 1)
            parts = [tf.range(o * d, o * d + steps * s + 1, s) for o in range(k)]
            x, places = tf.pad(x, pads, constant_values=x.dtype.min), tf.pad(places, pads)
            x, places = (tf.stack([tf.gather(v, part, axis=axis) for part in parts], -1) for v in (x, places))
            best = tf.argmax(x, -1)
            x, places = (tf.gather(v, best, axis=-1, batch_dims=len(x.shape) - 1) for v in (x, places))
        return (x, places) if self.indices else x


@helper
class LpPooling(AveragePooling):
    """The p-norms of channels-last windows; ``ceil`` lets the last begin inside, scaled as if it were whole."""

    def __init__(self, p, kernel, stride, ceil=False):
        super().__init__(kernel, stride, (0,) * len(kernel), ceil)
        self.p = p

    def call(self, x):
        return (math.prod(self.window[0]) * tf.nn.relu(tf.abs(super().call(x**self.p)))) ** (1 / self.p)


class AvgPool1dOfAnyKind(LayerEquivalence):
    """Average pooling of sequences with what Keras has no option for."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, ceil: Flag = False, counted: Flag = True):
        return nn.AvgPool1d(k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=counted)

    def in_tensorflow(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, ceil: Flag = False, counted: Flag = True):
        if not ceil and every(padding, 0):
            return refuse("Keras has this as a layer of its own")
        return AveragePooling(
            several(k, 1),
            several(stride if given(stride) and stride is not None else k, 1),
            several(padding, 1),
            ceil=ceil,
            counted=counted,
        )

    samples = cases(k=3, stride=[Absent, 2], padding=1, counted=False, call=floats(2, 3, 9)) + cases(
        k=2, stride=[Absent, 2, 3], padding=[0, 1], ceil=True, counted=[Absent, False], call=floats(2, 3, 9)
    )


class MaxPool1dOfAnyKind(LayerEquivalence):
    """Max pooling of sequences with windows that are spread or begin at any place."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False):
        return nn.MaxPool1d(k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil)

    def in_tensorflow(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False):
        if not ceil and every(dilation, 1) and every(padding, 0):
            return refuse("Keras has this as a layer of its own")
        return MaxPooling(
            several(k, 1),
            several(stride if given(stride) and stride is not None else k, 1),
            several(padding, 1),
            several(dilation, 1),
            ceil=ceil,
        )

    samples = (
        cases(k=[2, (2,)], stride=[Absent, 2, 3], padding=[0], ceil=True, call=floats(2, 3, 9))
        + cases(k=3, stride=[1, 2], padding=1, ceil=[True, False], call=floats(2, 3, 9))
        + cases(k=2, stride=[1, 2], dilation=2, call=floats(2, 3, 9))
    )


class MaxPool1dWithIndices(LayerEquivalence):
    """Max pooling of sequences that tells where the largest values stand."""

    one_way = "torch"
    unbatched = 2
    also = ("indices",)
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False):
        return nn.MaxPool1d(k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True)

    def in_tensorflow(k: Size1, stride: Size1 = Absent, padding: Size1 = 0, dilation: Size1 = 1, ceil: Flag = False):
        return MaxPooling(
            several(k, 1),
            several(stride if given(stride) and stride is not None else k, 1),
            several(padding, 1),
            several(dilation, 1),
            ceil=ceil,
            indices=True,
        )

    samples = cases(k=3, stride=[Absent, 2], padding=[0, 1], ceil=[True, False], call=floats(2, 3, 9))


class LPPool1d(LayerEquivalence):
    """Norms of windows of sequences."""

    one_way = "torch"
    unbatched = 2
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(p: Float, k: Size1, stride: Size1 = Absent, ceil: Flag = False):
        return nn.LPPool1d(p, k, stride=stride, ceil_mode=ceil)

    def in_tensorflow(p: Float, k: Size1, stride: Size1 = Absent, ceil: Flag = False):
        return LpPooling(p, several(k, 1), several(stride if given(stride) and stride is not None else k, 1), ceil=ceil)

    samples = cases(p=2, k=2, stride=[Absent, 2], ceil=[Absent, True], call=floats(2, 3, 9))


class AvgPool2dOfAnyKind(LayerEquivalence):
    """Average pooling of images with what Keras has no option for."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        k: Size2,
        stride: Size2 = Absent,
        padding: Size2 = 0,
        ceil: Flag = False,
        counted: Flag = True,
        divisor: Int = Absent,
    ):
        return nn.AvgPool2d(
            k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=counted, divisor_override=divisor
        )

    def in_tensorflow(
        k: Size2,
        stride: Size2 = Absent,
        padding: Size2 = 0,
        ceil: Flag = False,
        counted: Flag = True,
        divisor: Int = Absent,
    ):
        if not ceil and every(padding, 0) and not (given(divisor) and divisor is not None):
            return refuse("Keras has this as a layer of its own")
        return AveragePooling(
            several(k, 2),
            several(stride if given(stride) and stride is not None else k, 2),
            several(padding, 2),
            ceil=ceil,
            counted=counted,
            divisor=divisor,
        )

    samples = (
        cases(k=(3, 2), stride=[Absent, 2], ceil=True, call=floats(2, 3, 7, 8))
        + cases(k=3, stride=[Absent, 2], padding=1, counted=False, call=floats(2, 3, 7, 8))
        + cases(
            k=2,
            stride=[Absent, 2, 3],
            padding=[0, 1],
            ceil=True,
            counted=[Absent, False],
            call=floats(2, 3, 7, 8),
        )
        + cases(k=2, divisor=3, padding=[0, 1], ceil=[Absent, True], call=floats(2, 3, 7, 8))
    )


class MaxPool2dOfAnyKind(LayerEquivalence):
    """Max pooling of images with windows that are spread or begin at any place."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False):
        return nn.MaxPool2d(k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil)

    def in_tensorflow(k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False):
        if not ceil and every(dilation, 1):
            return refuse("Keras has this as a layer of its own")
        return MaxPooling(
            several(k, 2),
            several(stride if given(stride) and stride is not None else k, 2),
            several(padding, 2),
            several(dilation, 2),
            ceil=ceil,
        )

    samples = (
        cases(k=[2, (3, 2)], stride=[Absent, 2, 3], padding=[0], ceil=True, call=floats(2, 3, 7, 8))
        + cases(k=3, stride=[1, 2], padding=1, ceil=[True, False], call=floats(2, 3, 7, 8))
        + cases(k=2, stride=[1, 2], dilation=2, call=floats(2, 3, 7, 8))
    )


class MaxPool2dWithIndices(LayerEquivalence):
    """Max pooling of images that tells where the largest values stand."""

    one_way = "torch"
    unbatched = 3
    also = ("indices",)
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False):
        return nn.MaxPool2d(k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True)

    def in_tensorflow(k: Size2, stride: Size2 = Absent, padding: Size2 = 0, dilation: Size2 = 1, ceil: Flag = False):
        return MaxPooling(
            several(k, 2),
            several(stride if given(stride) and stride is not None else k, 2),
            several(padding, 2),
            several(dilation, 2),
            ceil=ceil,
            indices=True,
        )

    samples = cases(k=3, stride=[Absent, 2], padding=[0, 1], ceil=[True, False], call=floats(2, 3, 7, 8))


class LPPool2d(LayerEquivalence):
    """Norms of windows of images."""

    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(p: Float, k: Size2, stride: Size2 = Absent, ceil: Flag = False):
        return nn.LPPool2d(p, k, stride=stride, ceil_mode=ceil)

    def in_tensorflow(p: Float, k: Size2, stride: Size2 = Absent, ceil: Flag = False):
        return LpPooling(p, several(k, 2), several(stride if given(stride) and stride is not None else k, 2), ceil=ceil)

    samples = cases(p=2, k=[2, (3, 2)], stride=[Absent, 2], ceil=[Absent, True], call=floats(2, 3, 7, 8))


class AvgPool3dOfAnyKind(LayerEquivalence):
    """Average pooling of volumes with what Keras has no option for."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(
        k: Size3,
        stride: Size3 = Absent,
        padding: Size3 = 0,
        ceil: Flag = False,
        counted: Flag = True,
        divisor: Int = Absent,
    ):
        return nn.AvgPool3d(
            k, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=counted, divisor_override=divisor
        )

    def in_tensorflow(
        k: Size3,
        stride: Size3 = Absent,
        padding: Size3 = 0,
        ceil: Flag = False,
        counted: Flag = True,
        divisor: Int = Absent,
    ):
        if not ceil and every(padding, 0) and not (given(divisor) and divisor is not None):
            return refuse("Keras has this as a layer of its own")
        return AveragePooling(
            several(k, 3),
            several(stride if given(stride) and stride is not None else k, 3),
            several(padding, 3),
            ceil=ceil,
            counted=counted,
            divisor=divisor,
        )

    samples = (
        cases(k=(1, 2, 3), stride=[Absent, 2], ceil=True, call=floats(2, 2, 5, 6, 7))
        + cases(k=3, stride=[Absent, 2], padding=1, counted=False, call=floats(2, 2, 5, 6, 7))
        + cases(
            k=2,
            stride=[Absent, 2, 3],
            padding=[0, 1],
            ceil=True,
            counted=[Absent, False],
            call=floats(2, 2, 5, 6, 7),
        )
        + cases(k=2, divisor=3, padding=[0, 1], ceil=[Absent, True], call=floats(2, 2, 5, 6, 7))
    )


class MaxPool3dOfAnyKind(LayerEquivalence):
    """Max pooling of volumes with windows that are spread or begin at any place."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False):
        return nn.MaxPool3d(k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil)

    def in_tensorflow(k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False):
        if not ceil and every(dilation, 1) and every(padding, 0):
            return refuse("Keras has this as a layer of its own")
        return MaxPooling(
            several(k, 3),
            several(stride if given(stride) and stride is not None else k, 3),
            several(padding, 3),
            several(dilation, 3),
            ceil=ceil,
        )

    samples = (
        cases(k=[2, (1, 2, 3)], stride=[Absent, 2, 3], padding=[0], ceil=True, call=floats(2, 2, 5, 6, 7))
        + cases(k=3, stride=[1, 2], padding=1, ceil=[True, False], call=floats(2, 2, 5, 6, 7))
        + cases(k=2, stride=[1, 2], dilation=2, call=floats(2, 2, 5, 6, 7))
    )


class MaxPool3dWithIndices(LayerEquivalence):
    """Max pooling of volumes that tells where the largest values stand."""

    one_way = "torch"
    unbatched = 4
    also = ("indices",)
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False):
        return nn.MaxPool3d(k, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil, return_indices=True)

    def in_tensorflow(k: Size3, stride: Size3 = Absent, padding: Size3 = 0, dilation: Size3 = 1, ceil: Flag = False):
        return MaxPooling(
            several(k, 3),
            several(stride if given(stride) and stride is not None else k, 3),
            several(padding, 3),
            several(dilation, 3),
            ceil=ceil,
            indices=True,
        )

    samples = cases(k=3, stride=[Absent, 2], padding=[0, 1], ceil=[True, False], call=floats(2, 2, 5, 6, 7))


class LPPool3d(LayerEquivalence):
    """Norms of windows of volumes."""

    one_way = "torch"
    unbatched = 4
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(p: Float, k: Size3, stride: Size3 = Absent, ceil: Flag = False):
        return nn.LPPool3d(p, k, stride=stride, ceil_mode=ceil)

    def in_tensorflow(p: Float, k: Size3, stride: Size3 = Absent, ceil: Flag = False):
        return LpPooling(p, several(k, 3), several(stride if given(stride) and stride is not None else k, 3), ceil=ceil)

    samples = cases(p=2, k=[2, (1, 2, 3)], stride=[Absent, 2], ceil=[Absent, True], call=floats(2, 2, 5, 6, 7))
