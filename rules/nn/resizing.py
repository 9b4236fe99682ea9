"""Layers and functions that reshape, pad, crop and resize."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


class Identity(LayerEquivalence, Elementwise):
    """Returns its input."""

    def in_torch():
        return nn.Identity()

    def in_tensorflow():
        return keras.layers.Identity()

    samples = cases(call=floats(2, 3))


class Flatten(LayerEquivalence):
    """All axes but the first as one."""

    dtype = "call"
    layout = {"result": ("NC", "NC")}

    def in_torch(first: Axis = 1, last: Axis = -1):
        return nn.Flatten(start_dim=first, end_dim=last)

    def in_tensorflow(first=1, last=-1):
        if first == 1 and last == -1:
            return keras.layers.Flatten()
        return refuse("Keras flattens all axes but the first")

    samples = cases(call=[floats(2, 3), floats(2, 3, 4, 5)])


class Unflatten(LayerEquivalence):
    """The second axis cut into several. Keras reshapes all axes but the first, so the input must have two."""

    views = "call"
    dtype = "call"
    one_way = "torch"

    def in_torch(dim: Axis, sizes: Shape):
        return nn.Unflatten(dim, sizes)

    def in_tensorflow(dim, sizes):
        if dim == 1 and positive(sizes):
            return keras.layers.Reshape(sizes)
        return refuse("Keras reshapes all axes but the first: write x.reshape in the model's call")

    samples = cases(dim=1, sizes=[(3, 4), (2, 2, 3)], call=floats(2, 12))


class Reshape(LayerEquivalence):
    """All axes but the first in another shape."""

    dtype = "call"
    one_way = "tensorflow"

    def in_torch(sizes: Shape):
        return nn.Sequential(nn.Flatten(), nn.Unflatten(1, sizes))

    def in_tensorflow(sizes):
        return keras.layers.Reshape(sizes)

    samples = cases(sizes=[(3, 4), (2, -1, 3)], call=[floats(2, 12), floats(2, 4, 3)])


class ZeroPad2d(LayerEquivalence):
    """Zeros around images. PyTorch lists left, right, top, bottom; Keras pairs, height first."""

    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    one_way = "torch"

    def in_torch(padding: Size2):
        return nn.ZeroPad2d(padding)

    def in_tensorflow(padding: Size2):
        if isinstance(padding, int):
            return keras.layers.ZeroPadding2D(padding)
        if isinstance(padding, (tuple, list)) and min(padding) >= 0:
            return keras.layers.ZeroPadding2D(pad_pairs(padding, 2))
        return refuse("Keras does not crop by negative padding")

    samples = cases(padding=[1, (1, 2, 3, 0)], call=floats(2, 3, 4, 5))


class ZeroPadding2dOfKeras(LayerEquivalence):
    """Zeros around images. Keras gives pairs, height first; PyTorch lists left, right, top, bottom."""

    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "tensorflow"

    def in_torch(padding: Size2 = 1):
        if isinstance(padding, int):
            return nn.ZeroPad2d(padding)
        return nn.ZeroPad2d(flat_pad(padding))

    def in_tensorflow(padding: Size2 = 1):
        return keras.layers.ZeroPadding2D(padding)

    samples = cases(padding=[1, (1, 2), ((1, 2), (3, 0))], call=floats(2, 3, 4, 5))


class ZeroPad3d(LayerEquivalence):
    """Zeros around volumes. Keras gives pairs, depth first; PyTorch lists left and right of the width first."""

    dtype = "call"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    unbatched = 4
    one_way = "tensorflow"

    def in_torch(padding: Size3 = 1):
        if isinstance(padding, int):
            return nn.ZeroPad3d(padding)
        return nn.ZeroPad3d(flat_pad(padding))

    def in_tensorflow(padding: Size3 = 1):
        return keras.layers.ZeroPadding3D(padding)

    samples = cases(padding=[1, (1, 2, 0), ((1, 2), (3, 0), (0, 1))], call=floats(2, 2, 3, 4, 5))


class Cropping2d(LayerEquivalence):
    """Images without their borders; PyTorch crops by negative padding."""

    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "tensorflow"

    def in_torch(crop: Size2 = 0):
        if isinstance(crop, int):
            return nn.ZeroPad2d(-crop)
        return nn.ZeroPad2d(tuple(-n for n in flat_pad(crop)))

    def in_tensorflow(crop: Size2 = 0):
        return keras.layers.Cropping2D(crop)

    samples = cases(crop=[1, (1, 2), ((1, 2), (3, 0))], call=floats(2, 3, 6, 7))


class ZeroPad1d(LayerEquivalence):
    """Zeros around sequences."""

    dtype = "call"
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(padding: Size2):
        return nn.ZeroPad1d(padding)

    def in_tensorflow(padding: Size2 = 1):
        return keras.layers.ZeroPadding1D(padding)

    samples = cases(padding=[1, (1, 2)], call=floats(2, 3, 4))


@helper
class ReflectionPadding2D(keras.layers.ZeroPadding2D):
    """Padding with the pixels that lie inside the border, mirrored."""

    def call(self, x):
        return tf.pad(x, ((0, 0), *self.padding, (0, 0)), mode="REFLECT")


class ReflectionPad2d(LayerEquivalence):
    """Padding with mirrored pixels, for which Keras has no layer."""

    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(padding: Size2):
        return nn.ReflectionPad2d(padding)

    def in_tensorflow(padding: Size2):
        if isinstance(padding, (tuple, list)):
            return ReflectionPadding2D(pad_pairs(padding, 2))
        return general(ReflectionPadding2D(padding))

    samples = cases(padding=[1, (1, 2, 3, 0)], call=floats(2, 3, 4, 5))


@helper
class ConstantPadding2D(keras.layers.ZeroPadding2D):
    """Padding with one value."""

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def call(self, x):
        return tf.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=tf.cast(self.value, x.dtype))


class ConstantPad2d(LayerEquivalence):
    """Padding with one value, for which Keras has no layer."""

    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(padding: Size2, value: Float):
        return nn.ConstantPad2d(padding, value)

    def in_tensorflow(padding: Size2, value: Float):
        if isinstance(padding, (tuple, list)):
            return ConstantPadding2D(pad_pairs(padding, 2), value)
        return general(ConstantPadding2D(padding, value))

    samples = cases(padding=[1, (1, 2, 3, 0)], value=[0.5, -1.0], call=floats(2, 3, 4, 5))


class Upsample(LayerEquivalence):
    """Images enlarged by a whole factor. The nearest pixels are the same ones; so is bilinear without aligned corners."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, mode: Str = "nearest", corners: Flag = Absent):
        return nn.Upsample(scale_factor=factor, mode=mode, align_corners=corners)

    def in_tensorflow(factor=2, mode="nearest", corners=Absent):
        if given(corners) and corners:
            return refuse("Keras does not resize with aligned corners")
        if mode not in ("nearest", "bilinear"):
            return refuse("Keras resizes by other weights in this mode")
        if isinstance(factor, int) or (isinstance(factor, (tuple, list)) and all(isinstance(n, int) for n in factor)):
            return keras.layers.UpSampling2D(factor, interpolation=mode)
        if isinstance(factor, float) and factor == int(factor):
            return keras.layers.UpSampling2D(int(factor), interpolation=mode)
        return refuse("Keras enlarges by a whole factor")

    samples = cases(factor=[2, 3, 2.0, (2, 3)], mode=["nearest", "bilinear"], call=floats(2, 3, 4, 5)) + cases(
        factor=2, mode="bilinear", corners=[True, False], call=floats(2, 3, 4, 5)
    )


class UpsamplingNearest2d(LayerEquivalence):
    """Images enlarged by a whole factor, each pixel repeated."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(factor: Int):
        return nn.UpsamplingNearest2d(scale_factor=factor)

    def in_tensorflow(factor: Int):
        if isinstance(factor, int):
            return keras.layers.UpSampling2D(factor)
        return refuse("Keras enlarges by a whole factor")

    samples = cases(factor=[2, 3], call=floats(2, 3, 4, 5))


class UpSampling1d(LayerEquivalence):
    """Sequences with each element repeated."""

    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    one_way = "tensorflow"

    def in_torch(factor: Int = 2):
        return nn.Upsample(scale_factor=factor)

    def in_tensorflow(factor: Int = 2):
        return keras.layers.UpSampling1D(factor)

    samples = cases(factor=[2, 3], call=floats(2, 3, 4))


class InterpolateNearest(Equivalence):
    """Images enlarged by a whole factor, each pixel repeated; to a given size only if it is a multiple."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, factor: Number):
        return spellings(F.interpolate(x, scale_factor=factor), F.interpolate(x, scale_factor=factor, mode="nearest"))

    def in_tensorflow(x: Tensor, factor: Number):
        if rank(x) == 4 and isinstance(factor, int):
            return tf.repeat(tf.repeat(x, factor, axis=1), factor, axis=2)
        if rank(x) == 4 and isinstance(factor, float) and factor == int(factor):
            return tf.repeat(tf.repeat(x, int(factor), axis=1), int(factor), axis=2)
        return refuse("only a whole factor repeats whole pixels")

    def rank(x, factor):
        return 4

    samples = cases(x=floats(2, 3, 4, 5), factor=[1, 2, 3, 2.0])


class InterpolateBilinear(Equivalence):
    """Images resized by bilinear weights with half-pixel centres. TensorFlow computes and answers in float32."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    tolerance = 1e-6

    def in_torch(x: Tensor, size: Size2):
        return spellings(
            F.interpolate(x, size=size, mode="bilinear"),
            F.interpolate(x, size=size, mode="bilinear", align_corners=False),
        )

    def in_tensorflow(x: Tensor, size: Size2):
        if isinstance(size, int):
            return tf.cast(tf.image.resize(x, (size, size)), x.dtype)
        return general(tf.cast(tf.image.resize(x, size), x.dtype))

    def rank(x, size):
        return 4

    samples = cases(x=floats(2, 3, 4, 5), size=[(8, 9), (3, 10), 8])


class InterpolateBilinearByFactor(Equivalence):
    """Images enlarged by a whole factor with bilinear weights. TensorFlow computes and answers in float32."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"
    tolerance = 1e-6

    def in_torch(x: Tensor, factor: Number):
        return spellings(
            F.interpolate(x, scale_factor=factor, mode="bilinear"),
            F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False),
        )

    def in_tensorflow(x: Tensor, factor: Number):
        if isinstance(factor, int):
            return tf.cast(tf.image.resize(x, tf.shape(x)[1:3] * factor), x.dtype)
        if isinstance(factor, float) and factor == int(factor):
            return tf.cast(tf.image.resize(x, tf.shape(x)[1:3] * int(factor)), x.dtype)
        return refuse("PyTorch samples by the factor, TensorFlow by the sizes: the factor must be whole")

    def rank(x, factor):
        return 4

    samples = cases(x=floats(2, 3, 4, 5), factor=[2, 3, 2.0])


@helper
def resize_corners(x, size):
    """Resize images (batch, height, width, channels) bilinearly, with the corner pixels kept at the corners."""
    for axis, new in ((1, size[0]), (2, size[1])):
        last = tf.shape(x)[axis] - 1
        place = tf.cast(tf.range(new), x.dtype) * tf.cast(last, x.dtype) / tf.cast(tf.maximum(new - 1, 1), x.dtype)
        below = tf.minimum(tf.cast(place, tf.int32), tf.maximum(last - 1, 0))
        share = tf.reshape(place - tf.cast(below, x.dtype), (-1, 1, 1) if axis == 1 else (-1, 1))
        x = tf.gather(x, below, axis=axis) * (1 - share) + tf.gather(x, tf.minimum(below + 1, last), axis=axis) * share
    return x


class InterpolateCorners(Equivalence):
    """Images resized bilinearly with aligned corners, which TensorFlow 2 no longer has."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(x: Tensor, size: Size2):
        return F.interpolate(x, size=size, mode="bilinear", align_corners=True)

    def in_tensorflow(x: Tensor, size: Size2):
        if isinstance(size, int):
            return resize_corners(x, (size, size))
        return general(resize_corners(x, size))

    def rank(x, size):
        return 4

    samples = cases(x=floats(2, 3, 4, 5), size=[(8, 9), (3, 1), 8])


class InterpolateCornersByFactor(Equivalence):
    """Images enlarged bilinearly by a whole factor with aligned corners."""

    reads_back = False  # the helper takes a size, here one that is computed
    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, factor: Number):
        return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=True)

    def in_tensorflow(x: Tensor, factor: Number):
        if isinstance(factor, int):
            return resize_corners(x, tf.shape(x)[1:3] * factor)
        if isinstance(factor, float) and factor == int(factor):
            return resize_corners(x, tf.shape(x)[1:3] * int(factor))
        return refuse("the factor must be whole")

    def rank(x, factor):
        return 4

    samples = cases(x=floats(2, 3, 4, 5), factor=[2, 3, 2.0])


class UpsampleCorners(LayerEquivalence):
    """Images enlarged bilinearly by a whole factor with aligned corners."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(factor: Number):
        return spellings(
            nn.Upsample(scale_factor=factor, mode="bilinear", align_corners=True),
            nn.UpsamplingBilinear2d(scale_factor=factor),
        )

    def in_tensorflow(factor: Number):
        if isinstance(factor, int) or (isinstance(factor, float) and factor == int(factor)):
            return keras.layers.Lambda(lambda x: resize_corners(x, tf.shape(x)[1:3] * int(factor)))
        return refuse("the factor must be whole")

    samples = cases(factor=[2, 2.0], call=floats(2, 3, 4, 5))


@helper
def pixel_shuffle(x, factor):
    """Move channels (group, row, column) into space: (batch, h, w, c * f * f) -> (batch, h * f, w * f, c)."""
    batch, height, width = tf.unstack(tf.shape(x)[:3])
    parts = tf.reshape(x, (batch, height, width, x.shape[-1] // factor**2, factor, factor))
    return tf.reshape(
        tf.transpose(parts, (0, 1, 4, 2, 5, 3)), (batch, height * factor, width * factor, x.shape[-1] // factor**2)
    )


class PixelShuffleFunction(Equivalence):
    """Channels moved into space. TensorFlow's ``depth_to_space`` takes them in another order."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(x: Tensor, factor: Int):
        return spellings(F.pixel_shuffle(x, factor), torch.pixel_shuffle(x, factor))

    def in_tensorflow(x: Tensor, factor: Int):
        return pixel_shuffle(x, factor)

    def rank(x, factor):
        return 4

    samples = cases(x=floats(2, 12, 4, 5), factor=2) + cases(x=floats(2, 18, 4, 5), factor=3)


class PixelShuffle(LayerEquivalence):
    """Channels moved into space. TensorFlow's ``depth_to_space`` takes them in another order."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "torch"

    def in_torch(factor: Int):
        return nn.PixelShuffle(factor)

    def in_tensorflow(factor: Int):
        return keras.layers.Lambda(lambda x: pixel_shuffle(x, factor))

    samples = cases(factor=2, call=floats(2, 12, 4, 5)) + cases(factor=3, call=floats(2, 18, 4, 5))
