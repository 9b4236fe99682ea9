"""Keras' layers that turn, shift, cut or mix images at random while training. The draws are PyTorch's own."""

import math

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class RandomFlip(nn.Module):
    """Mirrors each image with probability 1/2 along each of the axes while training."""

    def __init__(self, axes=(-1, -2)):
        super().__init__()
        self.axes = axes

    def forward(self, x):
        for axis in self.axes if self.training else ():
            x = torch.where(torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5, x.flip(axis), x)
        return x


class RandomFlipLayer(LayerEquivalence):
    """Images mirrored at random while training."""

    one_way = "tensorflow"
    train = False
    dtype = "call"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(mode: Str = "horizontal_and_vertical"):
        if mode == "horizontal":
            return RandomFlip(axes=(-1,))
        if mode == "vertical":
            return RandomFlip(axes=(-2,))
        return RandomFlip()

    def in_tensorflow(mode: Str = "horizontal_and_vertical"):
        return keras.layers.RandomFlip(mode)

    samples = cases(mode=[Absent, "horizontal", "vertical"], call=floats(2, 3, 6, 5))


@helper
class RandomAffine(nn.Module):
    """Turns, shifts, enlarges and shears each image while training, by factors drawn from ranges (low, high) or
    (-bound, bound); a zoom of the width that is ``None`` is that of the height.
    """

    def __init__(self, turn=0.0, shift=(0.0, 0.0), zoom=(0.0, 0.0), shear=(0.0, 0.0), fill="reflect", mode="bilinear"):
        super().__init__()
        self.ranges, self.mode = (turn, *shift, *zoom, *shear), mode
        self.fill = {"reflect": "reflection", "constant": "zeros", "nearest": "border"}[fill]

    def draw(self, x, bounds):
        low, high = bounds if isinstance(bounds, (tuple, list)) else (-bounds, bounds)
        return x.new_empty(len(x)).uniform_(low, high)

    def forward(self, x):
        if not self.training:
            return x
        drawn = [None if bounds is None else self.draw(x, bounds) for bounds in self.ranges]
        turn, down, right, tall, wide, shear_x, shear_y = drawn
        wide = tall if wide is None else wide
        cos, sin, ratio = (2 * math.pi * turn).cos(), (2 * math.pi * turn).sin(), x.shape[-1] / x.shape[-2]
        first = torch.stack([(1 + wide) * cos, (shear_x - sin) / ratio, -2 * right], dim=-1)
        second = torch.stack([(shear_y + sin) * ratio, (1 + tall) * cos, -2 * down], dim=-1)
        grid = F.affine_grid(torch.stack([first, second], dim=1), list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, mode=self.mode, padding_mode=self.fill, align_corners=False)


class RandomRotationLayer(LayerEquivalence):
    """Images turned at random while training, by fractions of a whole turn."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, fill: Str = "reflect", mode: Str = "bilinear"):
        if fill == "wrap":
            return refuse("PyTorch's grid_sample cannot repeat the image beyond its border (fill_mode='wrap')")
        return RandomAffine(turn=factor, fill=fill, mode=mode)

    def in_tensorflow(factor: Any, fill: Str = "reflect", mode: Str = "bilinear"):
        return keras.layers.RandomRotation(factor, fill_mode=fill, interpolation=mode)

    samples = cases(factor=[0.1, (-0.2, 0.3)], fill=["reflect", "constant", "wrap"], call=floats(2, 3, 6, 5))


class RandomZoomLayer(LayerEquivalence):
    """Images enlarged or made smaller at random while training; the width like the height where nothing is said."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(height: Any, width: Any = None, fill: Str = "reflect", mode: Str = "bilinear"):
        if fill == "wrap":
            return refuse("PyTorch's grid_sample cannot repeat the image beyond its border (fill_mode='wrap')")
        return RandomAffine(zoom=(height, width), fill=fill, mode=mode)

    def in_tensorflow(height: Any, width: Any = None, fill: Str = "reflect", mode: Str = "bilinear"):
        return keras.layers.RandomZoom(height, width, fill_mode=fill, interpolation=mode)

    samples = cases(height=[0.1, (-0.2, 0.2)], width=[Absent, 0.2], fill="reflect", call=floats(2, 3, 6, 5)) + cases(
        height=0.1, fill="wrap", call=floats(2, 3, 6, 5)
    )


class RandomTranslationLayer(LayerEquivalence):
    """Images shifted at random while training, by fractions of their size."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(height: Any, width: Any, fill: Str = "reflect", mode: Str = "bilinear"):
        if fill == "wrap":
            return refuse("PyTorch's grid_sample cannot repeat the image beyond its border (fill_mode='wrap')")
        return RandomAffine(shift=(height, width), fill=fill, mode=mode)

    def in_tensorflow(height: Any, width: Any, fill: Str = "reflect", mode: Str = "bilinear"):
        return keras.layers.RandomTranslation(height, width, fill_mode=fill, interpolation=mode)

    samples = cases(height=[0.1, (-0.2, 0.2)], width=0.2, fill=["reflect", "nearest", "wrap"], call=floats(2, 3, 6, 5))


class RandomShearLayer(LayerEquivalence):
    """Images sheared at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(x_factor: Any = 0.0, y_factor: Any = 0.0, fill: Str = "reflect", mode: Str = "bilinear"):
        if fill == "wrap":
            return refuse("PyTorch's grid_sample cannot repeat the image beyond its border (fill_mode='wrap')")
        return RandomAffine(shear=(x_factor, y_factor), fill=fill, mode=mode)

    def in_tensorflow(x_factor: Any = 0.0, y_factor: Any = 0.0, fill: Str = "reflect", mode: Str = "bilinear"):
        return keras.layers.RandomShear(x_factor, y_factor, fill_mode=fill, interpolation=mode)

    samples = cases(
        x_factor=[0.1, (0.0, 0.2)], y_factor=[Absent, 0.2], fill=["reflect", "wrap"], call=floats(2, 3, 6, 5)
    )


@helper
class RandomPerspective(nn.Module):
    """Sees images from another side with probability ``factor`` while training."""

    def __init__(self, factor=1.0, scale=1.0):
        super().__init__()
        self.factor, self.scale = factor, scale

    def forward(self, x):
        if not self.training:
            return x
        moved = torch.rand(len(x), 1, 1, 1, device=x.device) < self.factor
        tilt = x.new_empty(len(x), 2).uniform_(-0.3, 0.3) * self.scale
        grid = F.affine_grid(torch.eye(2, 3).expand(len(x), 2, 3).to(x), list(x.shape), align_corners=False)
        depth = 1 + (grid * tilt.view(-1, 1, 1, 2)).sum(-1, keepdim=True)
        return torch.where(moved, F.grid_sample(x, grid / depth, align_corners=False), x)


class RandomPerspectiveLayer(LayerEquivalence):
    """Images seen from another side at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 1.0, scale: Float = 1.0):
        return RandomPerspective(factor, scale=scale)

    def in_tensorflow(factor: Float = 1.0, scale: Float = 1.0):
        return keras.layers.RandomPerspective(factor, scale=scale)

    samples = cases(factor=[Absent, 0.5], scale=[Absent, 0.5], call=floats(2, 3, 6, 5))


@helper
class RandomCrop(nn.Module):
    """A part of the images at a random place while training, the same for the batch; all of them otherwise."""

    def __init__(self, height, width):
        super().__init__()
        self.height, self.width = height, width

    def forward(self, x):
        if not self.training:
            return x
        rows, columns = max(x.shape[-2] - self.height, 0), max(x.shape[-1] - self.width, 0)
        top, left = (int(torch.randint(n + 1, ())) for n in (rows, columns))
        part = x[..., top : top + self.height, left : left + self.width]
        if part.shape[-2:] == (self.height, self.width):
            return part
        return F.interpolate(part, (self.height, self.width), mode="bilinear", align_corners=False)


class RandomCropLayer(LayerEquivalence):
    """A part of the images at a random place while training; Keras leaves them whole otherwise."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(height: Int, width: Int):
        return RandomCrop(height, width)

    def in_tensorflow(height: Int, width: Int):
        return keras.layers.RandomCrop(height, width)

    samples = cases(height=4, width=[3, 9], call=floats(2, 3, 6, 5))


@helper
class RandomErasing(nn.Module):
    """Fills a rectangle of a share of each image's area drawn from ``scale``, with noise or a value, while training."""

    def __init__(self, factor=1.0, scale=(0.02, 0.33), value=None):
        super().__init__()
        self.factor, self.scale, self.value = factor, scale, value

    def forward(self, x):
        if not self.training:
            return x
        height, width = x.shape[-2:]
        side = x.new_empty(len(x), 1, 1, 1).uniform_(*self.scale).sqrt()
        rows, columns = torch.arange(height, device=x.device).view(-1, 1), torch.arange(width, device=x.device)
        top, left = torch.rand_like(side) * height * (1 - side), torch.rand_like(side) * width * (1 - side)
        inside = (rows >= top) & (rows < top + side * height) & (columns >= left) & (columns < left + side * width)
        inside &= torch.rand_like(side) < self.factor
        return torch.where(inside, torch.randn_like(x) if self.value is None else torch.full_like(x, self.value), x)


class RandomErasingLayer(LayerEquivalence):
    """A rectangle of each image filled at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 1.0, scale: Any = (0.02, 0.33), value: Float = None):
        return RandomErasing(factor, scale=scale, value=value)

    def in_tensorflow(factor: Float = 1.0, scale: Any = (0.02, 0.33), value: Float = None):
        return keras.layers.RandomErasing(factor, scale=scale, fill_value=value)

    samples = cases(factor=[Absent, 0.5], value=[Absent, 0.0], call=floats(2, 3, 6, 5))


@helper
class RandomElasticTransform(nn.Module):
    """Moves the pixels of images along smooth random fields with probability ``factor`` while training."""

    def __init__(self, factor=1.0, scale=1.0):
        super().__init__()
        self.factor, self.scale = factor, scale

    def forward(self, x):
        if not self.training:
            return x
        moved = torch.rand(len(x), 1, 1, 1, device=x.device) < self.factor
        field = F.interpolate(torch.randn(len(x), 2, 4, 4).to(x), x.shape[-2:], mode="bicubic", align_corners=False)
        grid = F.affine_grid(torch.eye(2, 3).expand(len(x), 2, 3).to(x), list(x.shape), align_corners=False)
        grid = grid + 0.1 * self.scale * field.permute(0, 2, 3, 1)
        return torch.where(moved, F.grid_sample(x, grid, padding_mode="reflection", align_corners=False), x)


class RandomElasticTransformLayer(LayerEquivalence):
    """The pixels of images moved along smooth random fields while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 1.0, scale: Float = 1.0):
        return RandomElasticTransform(factor, scale=scale)

    def in_tensorflow(factor: Float = 1.0, scale: Float = 1.0):
        return keras.layers.RandomElasticTransform(factor, scale=scale)

    samples = cases(factor=[Absent, 0.5], scale=[Absent, 0.5], call=floats(2, 3, 6, 5))


@helper
class MixUp(nn.Module):
    """Mixes each image with another one of the batch while training."""

    def __init__(self, alpha=0.2):
        super().__init__()
        self.alpha = alpha

    def forward(self, x):
        if not self.training:
            return x
        share = torch.distributions.Beta(self.alpha, self.alpha).sample((len(x), 1, 1, 1)).to(x)
        return share * x + (1 - share) * x[torch.randperm(len(x), device=x.device)]


class MixUpLayer(LayerEquivalence):
    """Images mixed with others of the batch while training; labels are mixed in Keras where they come in a dict."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(alpha: Float = 0.2):
        return MixUp(alpha)

    def in_tensorflow(alpha: Float = 0.2):
        return keras.layers.MixUp(alpha)

    samples = cases(alpha=[Absent, 0.4], call=floats(2, 3, 6, 5))


@helper
class CutMix(nn.Module):
    """Puts a rectangle of another image of the batch into each image while training."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        if not self.training:
            return x
        height, width = x.shape[-2:]
        share = torch.distributions.Beta(self.factor, self.factor).sample((len(x), 1, 1, 1)).to(x)
        half = (1 - share).sqrt() / 2
        rows, columns = torch.arange(height, device=x.device).view(-1, 1), torch.arange(width, device=x.device)
        down, right = torch.rand_like(share) * height, torch.rand_like(share) * width
        inside = ((rows - down).abs() <= half * height) & ((columns - right).abs() <= half * width)
        return torch.where(inside, x[torch.randperm(len(x), device=x.device)], x)


class CutMixLayer(LayerEquivalence):
    """Rectangles of other images of the batch in each image while training; labels mix in Keras where they come too."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 1.0):
        return CutMix(factor)

    def in_tensorflow(factor: Float = 1.0):
        return keras.layers.CutMix(factor)

    samples = cases(factor=[Absent, 0.5], call=floats(2, 3, 6, 5))


class BoundingBoxesLayer(LayerEquivalence, Elementwise):
    """A limit on the number of boxes beside images, which leaves the images as they are."""

    one_way = "tensorflow"

    def in_torch(boxes: Int):
        return nn.Identity()

    def in_tensorflow(boxes: Int):
        return keras.layers.MaxNumBoundingBoxes(boxes)

    samples = cases(boxes=3, call=floats(2, 3, 6, 5))
