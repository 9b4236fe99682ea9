"""Keras' layers that reorder, repeat, cut and enlarge."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class Permute(nn.Module):
    """The axes in another order."""

    def __init__(self, *axes):
        super().__init__()
        self.axes = axes

    def forward(self, x):
        return x.permute(self.axes)


class PermuteLayer(LayerEquivalence):
    """The axes in another order. Keras counts from 1 and leaves the batch alone."""

    one_way = "tensorflow"
    dtype = "call"

    def in_torch(dims: Axes):
        return Permute(0, *dims)

    def in_tensorflow(dims: Axes):
        return keras.layers.Permute(dims)

    samples = cases(dims=[(2, 1)], call=floats(2, 3, 4)) + cases(dims=[(3, 1, 2)], call=floats(2, 3, 4, 5))


@helper
class RepeatVector(nn.Module):
    """(batch, width) repeated to (batch, n, width)."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, x):
        return x.unsqueeze(1).repeat(1, self.n, 1)


class RepeatVectorLayer(LayerEquivalence):
    """A vector for each of n steps."""

    one_way = "tensorflow"
    dtype = "call"
    layout = {"call": ("NC", "NC"), "result": ("NLC", "NLC")}

    def in_torch(n: Int):
        return RepeatVector(n)

    def in_tensorflow(n: Int):
        return keras.layers.RepeatVector(n)

    samples = cases(n=[1, 3], call=floats(2, 4))


class Cropping1d(LayerEquivalence):
    """Elements cut off at both ends; in PyTorch, a padding below zero."""

    one_way = "tensorflow"
    dtype = "call"
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(crop: Size1 = (1, 1)):
        return nn.ConstantPad1d(tuple(-n for n in flat_pad((crop,))), 0)

    def in_tensorflow(crop: Size1 = (1, 1)):
        return keras.layers.Cropping1D(crop)

    samples = cases(crop=[Absent, 1, (1, 2)], call=floats(2, 3, 7))


class Cropping2dByAxis(LayerEquivalence):
    """Pixels cut off, as many at both ends of an axis."""

    one_way = "tensorflow"
    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(crop: Size2):
        if isinstance(crop, (tuple, list)) and not isinstance(crop[0], int):
            return refuse("write how much is cut as numbers")
        return nn.ConstantPad2d(tuple(-n for n in flat_pad(several(crop, 2))), 0)

    def in_tensorflow(crop: Size2):
        return keras.layers.Cropping2D(crop)

    samples = cases(crop=[1, (1, 2)], call=floats(2, 3, 7, 8))


class Cropping3d(LayerEquivalence):
    """Volumes cut at their ends; in PyTorch, a padding below zero."""

    one_way = "tensorflow"
    dtype = "call"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(crop: Size3 = ((1, 1), (1, 1), (1, 1))):
        return nn.ConstantPad3d(tuple(-n for n in flat_pad(several(crop, 3))), 0)

    def in_tensorflow(crop: Size3 = ((1, 1), (1, 1), (1, 1))):
        return keras.layers.Cropping3D(crop)

    samples = cases(crop=[Absent, 1, (1, 2, 1), ((1, 2), (0, 1), (1, 1))], call=floats(2, 3, 6, 6, 7))


class ZeroPadding3dOfKeras(LayerEquivalence):
    """Volumes padded by as much at both ends of an axis, or by pairs."""

    one_way = "tensorflow"
    dtype = "call"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(padding: Size3 = ((1, 1), (1, 1), (1, 1))):
        return nn.ConstantPad3d(flat_pad(several(padding, 3)), 0.0)

    def in_tensorflow(padding: Size3 = ((1, 1), (1, 1), (1, 1))):
        return keras.layers.ZeroPadding3D(padding)

    samples = cases(padding=[Absent, 1, (1, 2, 1), ((1, 2), (0, 1), (1, 1))], call=floats(2, 3, 4, 4, 5))


class UpSampling3d(LayerEquivalence):
    """Each element of a volume repeated along all three axes."""

    one_way = "tensorflow"
    dtype = "call"
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(size: Size3 = (2, 2, 2)):
        return nn.Upsample(scale_factor=size)

    def in_tensorflow(size: Size3 = (2, 2, 2)):
        return keras.layers.UpSampling3D(size)

    samples = cases(size=[Absent, 2, (2, 1, 3)], call=floats(2, 3, 3, 4, 2))


class UpSamplingBicubic(LayerEquivalence):
    """Images enlarged by cubic interpolation, whose curve differs: Keras takes a = -0.5, PyTorch a = -0.75."""

    one_way = "tensorflow"

    def in_torch(size: Size2 = (2, 2), mode: Str = "bicubic"):
        if mode == "bicubic":
            return refuse("PyTorch's bicubic interpolation follows another curve (a = -0.75, Keras has -0.5)")
        return refuse("PyTorch has no such interpolation")

    def in_tensorflow(size: Size2 = (2, 2), mode: Str = "bicubic"):
        if mode not in ("bicubic", "lanczos3", "lanczos5"):
            return refuse("another rule knows it")
        return keras.layers.UpSampling2D(size, interpolation=mode)

    samples = cases(size=2, mode=["bicubic", "lanczos3"], call=floats(2, 3, 4, 5))


@helper
class CenterCrop(nn.Module):
    """The middle of images (batch, channels, height, width), or of those resized where they are too small."""

    def __init__(self, height, width):
        super().__init__()
        self.size = height, width

    def forward(self, x):
        (height, width), (wanted_height, wanted_width) = x.shape[-2:], self.size
        top, left = (height - wanted_height) // 2, (width - wanted_width) // 2
        if top < 0 or left < 0:
            tall, wide = int(width * wanted_height / wanted_width), int(height * wanted_width / wanted_height)
            tall, wide = min(tall, height), min(wide, width)
            top, left = (height - tall) // 2, (width - wide) // 2
            cut = x[..., top : top + tall, left : left + wide]
            return F.interpolate(cut, self.size, mode="bilinear", align_corners=False)
        return x[..., top : top + wanted_height, left : left + wanted_width]


class CenterCropLayer(LayerEquivalence):
    """The middle of an image; too small ones are enlarged without changing their proportions."""

    one_way = "tensorflow"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(height: Int, width: Int):
        return CenterCrop(height, width)

    def in_tensorflow(height: Int, width: Int):
        return keras.layers.CenterCrop(height, width)

    samples = cases(height=[4, 5, 12], width=[4, 6, 12], call=floats(2, 3, 8, 9))


@helper
class Resize(nn.Module):
    """Images of another size."""

    def __init__(self, height, width, mode="bilinear"):
        super().__init__()
        self.size, self.mode = (height, width), mode

    def forward(self, x):
        mode = "nearest-exact" if self.mode == "nearest" else self.mode
        return F.interpolate(x, self.size, mode=mode, align_corners=False if mode == "bilinear" else None)


class Resizing(LayerEquivalence):
    """Images resized, pixels taken as squares. The curves of cubic interpolation differ."""

    one_way = "tensorflow"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(height: Int, width: Int, mode: Str = "bilinear"):
        if mode in ("bilinear", "nearest"):
            return Resize(height, width, mode=mode)
        return refuse("PyTorch interpolates otherwise: its bicubic curve differs, and it has no lanczos")

    def in_tensorflow(height: Int, width: Int, mode: Str = "bilinear"):
        return keras.layers.Resizing(height, width, interpolation=mode)

    samples = cases(height=[4, 12], width=[5, 16], mode=[Absent, "nearest"], call=floats(2, 3, 8, 9)) + cases(
        height=4, width=5, mode="bicubic", call=floats(2, 3, 8, 9)
    )
