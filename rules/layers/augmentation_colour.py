"""Keras' layers that change the colours of images, most of them at random while training. The draws are PyTorch's own."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class RandomColor(nn.Module):
    """Blends each image with another one made of it (by ``kind``), by a factor drawn from (low, high), in training."""

    def __init__(self, factor, kind, value_range=(0, 255)):
        super().__init__()
        self.bounds = factor if isinstance(factor, (tuple, list)) else (-factor, factor)
        self.kind, self.value_range = kind, value_range

    def forward(self, x):
        if not self.training:
            return x
        low, high = self.value_range
        amount = x.new_empty(len(x), 1, 1, 1).uniform_(*self.bounds)
        gray = (x * torch.tensor([0.2989, 0.587, 0.114]).to(x).view(-1, 1, 1)).sum(1, keepdim=True)
        if self.kind == "brightness":
            x = x + amount * (high - low)
        elif self.kind == "contrast":
            x = x + amount * (x - x.mean((-2, -1), keepdim=True))
        elif self.kind == "saturation":
            x = gray + (1 + amount) * (x - gray)
        elif self.kind == "degeneration":
            x = x + amount.abs() * (gray - x)
        elif self.kind == "sharpness":
            kernel = torch.tensor([[1.0, 1, 1], [1, 5, 1], [1, 1, 1]]).to(x) / 13
            smooth = F.conv2d(
                F.pad(x, (1, 1, 1, 1), "replicate"), kernel.expand(x.shape[1], 1, 3, 3), groups=x.shape[1]
            )
            x = x + amount * (x - smooth)
        return x.clamp(low, high)


class RandomBrightnessLayer(LayerEquivalence):
    """Images made brighter or darker at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, value_range: Any = (0, 255)):
        return RandomColor(factor, "brightness", value_range=value_range)

    def in_tensorflow(factor: Any, value_range: Any = (0, 255)):
        return keras.layers.RandomBrightness(factor, value_range=value_range)

    samples = cases(factor=[0.2, (0.1, 0.3)], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


class RandomContrastLayer(LayerEquivalence):
    """Images with more or less contrast at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, value_range: Any = (0, 255)):
        return RandomColor(factor, "contrast", value_range=value_range)

    def in_tensorflow(factor: Any, value_range: Any = (0, 255)):
        return keras.layers.RandomContrast(factor, value_range=value_range)

    samples = cases(factor=[0.2, (0.1, 0.3)], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


class RandomSaturationLayer(LayerEquivalence):
    """Images with stronger or weaker colours at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, value_range: Any = (0, 255)):
        return RandomColor(factor, "saturation", value_range=value_range)

    def in_tensorflow(factor: Any, value_range: Any = (0, 255)):
        return keras.layers.RandomSaturation(factor, value_range=value_range)

    samples = cases(factor=[0.2, (0.1, 0.3)], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


class RandomColorDegenerationLayer(LayerEquivalence):
    """Images blended with their gray at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, value_range: Any = (0, 255)):
        return RandomColor(factor, "degeneration", value_range=value_range)

    def in_tensorflow(factor: Any, value_range: Any = (0, 255)):
        return keras.layers.RandomColorDegeneration(factor, value_range=value_range)

    samples = cases(factor=[0.2, (0.1, 0.3)], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


class RandomSharpnessLayer(LayerEquivalence):
    """Images made sharper or smoother at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, value_range: Any = (0, 255)):
        return RandomColor(factor, "sharpness", value_range=value_range)

    def in_tensorflow(factor: Any, value_range: Any = (0, 255)):
        return keras.layers.RandomSharpness(factor, value_range=value_range)

    samples = cases(factor=[0.2, (0.1, 0.3)], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


@helper
class RandomHue(nn.Module):
    """Turns the colours of images by a share of the colour circle drawn from (-factor, factor) while training."""

    def __init__(self, factor):
        super().__init__()
        self.bounds = factor if isinstance(factor, (tuple, list)) else (-factor, factor)

    def forward(self, x):
        if not self.training:
            return x
        angle = 2 * torch.pi * x.new_empty(len(x), 1, 1).uniform_(*self.bounds)
        luma = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]]).to(x)
        turn = torch.eye(3).to(x).repeat(len(x), 1, 1)
        turn[:, 1:, 1:] = torch.cat(
            [torch.cat([angle.cos(), -angle.sin()], 2), torch.cat([angle.sin(), angle.cos()], 2)], 1
        )
        return torch.einsum("bij,bjhw->bihw", torch.linalg.inv(luma) @ turn @ luma, x)


class RandomHueLayer(LayerEquivalence):
    """Images whose colours are turned at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Any, value_range: Any = (0, 255)):
        return RandomHue(factor)

    def in_tensorflow(factor: Any, value_range: Any = (0, 255)):
        return keras.layers.RandomHue(factor, value_range=value_range)

    samples = cases(factor=[0.2, (0.1, 0.3)], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


@helper
class RandomColorJitter(nn.Module):
    """Changes brightness, contrast, saturation and hue of images at random while training."""

    def __init__(self, *changes):
        super().__init__()
        self.changes = nn.ModuleList(changes)

    def forward(self, x):
        for change in self.changes:
            x = change(x)
        return x


class RandomColorJitterLayer(LayerEquivalence):
    """Images with other brightness, contrast, saturation and hue at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        value_range: Any = (0, 255), brightness: Any = 0.0, contrast: Any = 0.0, saturation: Any = 0.0, hue: Any = 0.0
    ):
        return RandomColorJitter(
            RandomColor(brightness, "brightness", value_range=value_range),
            RandomColor(contrast, "contrast", value_range=value_range),
            RandomColor(saturation, "saturation", value_range=value_range), RandomHue(hue),
        )  # fmt: skip

    def in_tensorflow(
        value_range: Any = (0, 255), brightness: Any = 0.0, contrast: Any = 0.0, saturation: Any = 0.0, hue: Any = 0.0
    ):
        return keras.layers.RandomColorJitter(
            value_range=value_range, brightness_factor=brightness, contrast_factor=contrast, saturation_factor=saturation,
            hue_factor=hue,
        )  # fmt: skip

    samples = cases(brightness=[Absent, 0.2], contrast=[Absent, 0.2], hue=[Absent, 0.1], call=drawn(2, 3, 6, 5))


@helper
class RandomRecolor(nn.Module):
    """Makes each image gray, inverts it, or blurs it (by ``kind``) with probability ``factor`` while training."""

    def __init__(self, factor, kind, value_range=(0, 255), kernel=3, sigma=1.0):
        super().__init__()
        self.factor, self.kind, self.value_range, self.kernel, self.sigma = factor, kind, value_range, kernel, sigma

    def forward(self, x):
        if not self.training:
            return x
        if self.kind == "gray":
            changed = (x * torch.tensor([0.2989, 0.587, 0.114]).to(x).view(-1, 1, 1)).sum(1, keepdim=True).expand_as(x)
        elif self.kind == "inverted":
            changed = self.value_range[0] + self.value_range[1] - x
        else:
            size = self.kernel
            places = torch.arange(size).to(x) - (size - 1) / 2
            line = torch.softmax(-(places**2) / (2 * self.sigma**2), 0)
            kernel = (line[:, None] * line).expand(x.shape[1], 1, size, size)
            changed = F.conv2d(F.pad(x, [size // 2] * 4, "replicate"), kernel, groups=x.shape[1])[
                ..., : x.shape[-2], : x.shape[-1]
            ]
        return torch.where(torch.rand(len(x), 1, 1, 1, device=x.device) < self.factor, changed, x)


class RandomGrayscaleLayer(LayerEquivalence):
    """Images made gray at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 0.5):
        return RandomRecolor(factor, "gray")

    def in_tensorflow(factor: Float = 0.5):
        return keras.layers.RandomGrayscale(factor)

    samples = cases(factor=[Absent, 0.2], call=drawn(2, 3, 6, 5))


class RandomInvertLayer(LayerEquivalence):
    """Images inverted at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 1.0, value_range: Any = (0, 255)):
        return RandomRecolor(factor, "inverted", value_range=value_range)

    def in_tensorflow(factor: Float = 1.0, value_range: Any = (0, 255)):
        return keras.layers.RandomInvert(factor, value_range=value_range)

    samples = cases(factor=[Absent, 0.2], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


class RandomGaussianBlurLayer(LayerEquivalence):
    """Images blurred at random while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(factor: Float = 1.0, kernel: Int = 3, sigma: Float = 1.0, value_range: Any = (0, 255)):
        return RandomRecolor(factor, "blurred", kernel=kernel, sigma=sigma)

    def in_tensorflow(factor: Float = 1.0, kernel: Int = 3, sigma: Float = 1.0, value_range: Any = (0, 255)):
        return keras.layers.RandomGaussianBlur(factor, kernel_size=kernel, sigma=sigma, value_range=value_range)

    samples = cases(factor=[Absent, 0.2], kernel=[Absent, 5], call=drawn(2, 3, 6, 5))


@helper
class Posterize(nn.Module):
    """Keeps only the first ``bits`` of each colour of 8 bits while training."""

    def __init__(self, bits, value_range=(0, 255)):
        super().__init__()
        self.step, self.value_range = 2 ** (8 - bits), value_range

    def forward(self, x):
        low, high = self.value_range
        if not self.training:
            return x
        steps = ((x - low) * 255 / (high - low) / self.step).floor() * self.step
        return low + steps * (high - low) / 255


class RandomPosterizationLayer(LayerEquivalence):
    """Images of fewer colours while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(bits: Int, value_range: Any = (0, 255)):
        return Posterize(bits, value_range=value_range)

    def in_tensorflow(bits: Int, value_range: Any = (0, 255)):
        return keras.layers.RandomPosterization(bits, value_range=value_range)

    samples = cases(bits=[4, 2], value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


@helper
class AutoContrast(nn.Module):
    """Stretches each colour of each image over the whole range."""

    def __init__(self, value_range=(0, 255)):
        super().__init__()
        self.value_range = value_range

    def forward(self, x):
        low, high = self.value_range
        darkest, brightest = x.amin((-2, -1), keepdim=True), x.amax((-2, -1), keepdim=True)
        stretched = (low + (x - darkest) / (brightest - darkest) * (high - low)).clamp(low, high)
        return torch.where(stretched.isnan(), x, stretched)


class AutoContrastLayer(LayerEquivalence):
    """Images whose colours fill the whole range."""

    one_way = "tensorflow"
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(value_range: Any = (0, 255)):
        return AutoContrast(value_range=value_range)

    def in_tensorflow(value_range: Any = (0, 255)):
        return keras.layers.AutoContrast(value_range=value_range)

    samples = cases(value_range=[Absent, (0, 1)], call=drawn(2, 3, 6, 5))


@helper
class Solarize(nn.Module):
    """Adds an amount and inverts what is then above a threshold, both drawn from 0 to shares of 255, while training."""

    def __init__(self, addition=0.0, threshold=0.0, value_range=(0, 255)):
        super().__init__()
        self.value_range = value_range
        self.addition, self.threshold = (
            255 * torch.tensor(share if isinstance(share, (tuple, list)) else (0.0, share))
            for share in (addition, threshold)
        )

    def forward(self, x):
        if not self.training:
            return x
        low, high = self.value_range
        added, limit = (
            x.new_empty(len(x), 1, 1, 1).uniform_(*bounds.tolist()) for bounds in (self.addition, self.threshold)
        )
        x = ((x - low) * 255 / (high - low) + added).clamp(0, 255)
        return low + torch.where(x < limit, x, 255 - x) * (high - low) / 255


class SolarizationLayer(LayerEquivalence):
    """Images of which the bright parts are inverted while training."""

    one_way = "tensorflow"
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(addition: Any = 0.0, threshold: Any = 0.0, value_range: Any = (0, 255)):
        return Solarize(addition=addition, threshold=threshold, value_range=value_range)

    def in_tensorflow(addition: Any = 0.0, threshold: Any = 0.0, value_range: Any = (0, 255)):
        return keras.layers.Solarization(addition, threshold, value_range=value_range)

    samples = cases(addition=[Absent, 0.2], threshold=[Absent, 0.5], call=drawn(2, 3, 6, 5))
