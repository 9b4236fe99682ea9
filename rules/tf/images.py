"""Images, whose channels stand last in TensorFlow; PyTorch's own functions want them before height and width."""

import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def resize_images(x, size, method="bilinear"):
    """Images (..., height, width, channels) of another size."""
    images = (x if x.ndim == 4 else x.unsqueeze(0)).permute(0, 3, 1, 2)
    if method == "nearest":
        resized = F.interpolate(images.float(), tuple(size), mode="nearest-exact").to(x.dtype)
    else:
        resized = F.interpolate(images.to(torch.float32), tuple(size), mode="bilinear", align_corners=False)
    resized = resized.permute(0, 2, 3, 1)
    return resized if x.ndim == 4 else resized.squeeze(0)


class ResizeImages(Equivalence):
    """Images of another size. Bilinear ones are float32 in TensorFlow; the other curves differ."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, size: Any, method: Str = "bilinear"):
        if method in ("bilinear", "nearest"):
            return resize_images(x, size, method=method)
        return refuse("PyTorch interpolates otherwise: its bicubic curve differs, and it has no lanczos or gaussian")

    def in_tensorflow(x: Tensor, size: Any, method: Str = "bilinear"):
        if method == "bilinear":
            return spellings(tf.image.resize(x, size), tf.image.resize(x, size, method=tf.image.ResizeMethod.BILINEAR))
        if method == "nearest":
            return spellings(
                tf.image.resize(x, size, method="nearest"),
                tf.image.resize(x, size, method=tf.image.ResizeMethod.NEAREST_NEIGHBOR),
            )
        return tf.image.resize(x, size, method=method)

    def rank(x, size, method):
        return rank(x)

    samples = cases(
        x=[floats(2, 6, 5, 3), floats(6, 5, 3)], size=[(3, 4), (12, 7)], method=[Absent, "nearest"]
    ) + cases(x=floats(2, 6, 5, 3), size=(3, 4), method="bicubic")


@helper
def resize_with_pad(x, height, width):
    """Images (..., height, width, channels) fitted into this size, with zeros around them."""
    images = (x if x.ndim == 4 else x.unsqueeze(0)).permute(0, 3, 1, 2).to(torch.float32)
    ratio = max(images.shape[-2] / height, images.shape[-1] / width)
    inner = int(images.shape[-2] / ratio), int(images.shape[-1] / ratio)
    resized = F.interpolate(images, inner, mode="bilinear", align_corners=False)
    top, left = int((height - images.shape[-2] / ratio) / 2), int((width - images.shape[-1] / ratio) / 2)
    resized = F.pad(resized, (left, width - inner[1] - left, top, height - inner[0] - top)).permute(0, 2, 3, 1)
    return resized if x.ndim == 4 else resized.squeeze(0)


class ResizeWithPad(Equivalence):
    """Images fitted into a size without changing their proportions, with zeros around them."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, height: Int, width: Int):
        return resize_with_pad(x, height, width)

    def in_tensorflow(x: Tensor, height: Int, width: Int):
        return tf.image.resize_with_pad(x, height, width)

    def rank(x, height, width):
        return rank(x)

    samples = cases(x=[floats(2, 6, 5, 3), floats(6, 5, 3)], height=[4, 8], width=[4, 10])


@helper
def crop_or_pad(x, height, width):
    """The middle of images (..., height, width, channels), with zeros around it where they are too small."""
    pads = []
    for size, wanted in ((x.shape[-2], width), (x.shape[-3], height)):
        before = (wanted - size) // 2 if wanted >= size else -((size - wanted) // 2)
        pads += [before, wanted - size - before]
    return F.pad(x, (0, 0, *pads))


class CropOrPad(Equivalence):
    """The middle of images, with zeros around it where they are too small."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, height: Int, width: Int):
        return crop_or_pad(x, height, width)

    def in_tensorflow(x: Tensor, height: Int, width: Int):
        return tf.image.resize_with_crop_or_pad(x, height, width)

    def rank(x, height, width):
        return rank(x)

    samples = cases(x=[floats(2, 6, 5, 3), floats(6, 5, 3)], height=[3, 9], width=[2, 8])


class FlipImagesLeftRight(Equivalence):
    """Images mirrored from left to right."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.flip(x, dims=(-2,))

    def in_tensorflow(x: Tensor):
        return tf.image.flip_left_right(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)])


class FlipImagesUpDown(Equivalence):
    """Images mirrored from top to bottom."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.flip(x, dims=(-3,))

    def in_tensorflow(x: Tensor):
        return tf.image.flip_up_down(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)])


class TransposeImages(Equivalence):
    """Images with height and width exchanged."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return x.transpose(-3, -2)

    def in_tensorflow(x: Tensor):
        return tf.image.transpose(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)])


class RotateImages(Equivalence):
    """Images turned by quarters, against the clock."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, k: Int = 1):
        return torch.rot90(x, k=k, dims=(-3, -2))

    def in_tensorflow(x: Tensor, k: Int = 1):
        return tf.image.rot90(x, k=k)

    def rank(x, k):
        return rank(x)

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)], k=[Absent, 2, 3])


class AdjustBrightness(Elementwise):
    """Images made brighter by an amount."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, delta: Number):
        return x + delta

    def in_tensorflow(x: Tensor, delta: Number):
        return tf.image.adjust_brightness(x, delta)

    samples = cases(x=floats(4, 5, 3), delta=[0.1, -0.5])


class AdjustContrast(Equivalence):
    """The distance of each channel to its mean over the image, times a factor. TensorFlow has no gradient for it."""

    one_way = "tensorflow"
    gradient = False

    def in_torch(x: Tensor, factor: Number):
        return torch.lerp(x.mean((-3, -2), keepdim=True), x, factor)

    def in_tensorflow(x: Tensor, factor: Number):
        return tf.image.adjust_contrast(x, factor)

    def rank(x, factor):
        return rank(x)

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)], factor=[0.5, 2.0])


class AdjustGamma(Elementwise):
    """gain * x ** gamma."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, gamma: Number = 1, gain: Number = 1):
        return gain * x**gamma

    def in_tensorflow(x: Tensor, gamma: Number = 1, gain: Number = 1):
        return tf.image.adjust_gamma(x, gamma=gamma, gain=gain)

    samples = cases(x=drawn(4, 5, 3), gamma=[0.5, 2], gain=[Absent, 2])


class RgbToGrayscale(Equivalence):
    """Images of one channel: 0.2989 red, 0.587 green, 0.114 blue."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return (x * x.new_tensor([0.2989, 0.587, 0.114])).sum(-1, keepdim=True)

    def in_tensorflow(x: Tensor):
        return tf.image.rgb_to_grayscale(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[drawn(2, 4, 5, 3), drawn(4, 5, 3)])


class GrayscaleToRgb(Equivalence):
    """The one channel three times."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.cat([x, x, x], dim=-1)

    def in_tensorflow(x: Tensor):
        return tf.image.grayscale_to_rgb(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[drawn(2, 4, 5, 1), drawn(4, 5, 1)])


class RgbToYuv(Equivalence):
    """Red, green and blue as brightness and two differences of colour."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return x @ x.new_tensor(
            [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
        )

    def in_tensorflow(x: Tensor):
        return tf.image.rgb_to_yuv(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[drawn(2, 4, 5, 3), drawn(4, 5, 3)])


@helper
def standardize_images(x):
    """Each image (..., height, width, channels) with mean 0 and variance 1; flat ones are not enlarged."""
    x = x if x.dtype in (torch.float16, torch.float32) else x.float()
    n = x.shape[-3] * x.shape[-2] * x.shape[-1]
    deviation = x.std((-3, -2, -1), correction=0, keepdim=True).clamp(min=n**-0.5)
    return (x - x.mean((-3, -2, -1), keepdim=True)) / deviation


class PerImageStandardization(Equivalence):
    """Each image with mean 0 and variance 1."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return standardize_images(x)

    def in_tensorflow(x: Tensor):
        return tf.image.per_image_standardization(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[drawn(2, 4, 5, 3), drawn(4, 5, 3)])


class CropToBox(View):
    """A part of images, by its upper left corner and size."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, top: Int, left: Int, height: Int, width: Int):
        return x[..., top : top + height, left : left + width, :]

    def in_tensorflow(x: Tensor, top: Int, left: Int, height: Int, width: Int):
        return tf.image.crop_to_bounding_box(x, top, left, height, width)

    def rank(x, top, left, height, width):
        return rank(x)

    samples = cases(x=[floats(2, 6, 5, 3), floats(6, 5, 3)], top=1, left=[0, 2], height=3, width=2)


@helper
def pad_to_box(x, top, left, height, width):
    """Images (..., height, width, channels) at a place in larger ones of zeros."""
    return F.pad(x, (0, 0, left, width - x.shape[-2] - left, top, height - x.shape[-3] - top))


class PadToBox(Equivalence):
    """Images at a place in larger ones of zeros."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, top: Int, left: Int, height: Int, width: Int):
        return pad_to_box(x, top, left, height, width)

    def in_tensorflow(x: Tensor, top: Int, left: Int, height: Int, width: Int):
        return tf.image.pad_to_bounding_box(x, top, left, height, width)

    def rank(x, top, left, height, width):
        return rank(x)

    samples = cases(x=[floats(2, 3, 4, 3), floats(3, 4, 3)], top=1, left=[0, 2], height=6, width=8)


class TotalVariation(Equivalence):
    """The sum of the absolute differences of neighbouring pixels, for each image."""

    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return x.diff(dim=-3).abs().sum((-3, -2, -1)) + x.diff(dim=-2).abs().sum((-3, -2, -1))

    def in_tensorflow(x: Tensor):
        return tf.image.total_variation(x)

    def rank(x):
        return rank(x) - 3

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)])


@helper
def convert_image_dtype(x, dtype):
    """Images of another dtype: integers count from 0 to their largest, floating ones from 0 to 1."""
    if x.dtype == dtype or (x.is_floating_point() and dtype.is_floating_point):
        return x.to(dtype)
    if dtype.is_floating_point:
        return x.to(dtype) * (1 / torch.iinfo(x.dtype).max)
    return (x * (torch.iinfo(dtype).max + 0.5)).to(dtype)


class ConvertImageDtype(Equivalence):
    """Images of another dtype: integers count from 0 to their largest, floating ones from 0 to 1."""

    one_way = "tensorflow"
    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype):
        return convert_image_dtype(x, dtype)

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return tf.image.convert_image_dtype(x, dtype)

    def rank(x, dtype):
        return rank(x)

    samples = cases(x=[drawn(4, 5, 3), int32s(4, 5, 3)], dtype=[torch.float32, torch.float64])


class CentralCrop(Equivalence):
    """The middle of an image, a fraction of its height and width."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, fraction: Float):
        return central_crop(x, fraction)

    def in_tensorflow(x: Tensor, fraction: Float):
        return tf.image.central_crop(x, fraction)

    def rank(x, fraction):
        return rank(x)

    samples = cases(x=[floats(2, 7, 6, 3), floats(7, 6, 3)], fraction=[0.5, 0.3, 1.0])


@helper
def central_crop(x, fraction):
    """The middle of images (..., height, width, channels), a fraction of their height and width."""
    top, left = (int((n - n * fraction) / 2) for n in x.shape[-3:-1])
    return x[..., top : x.shape[-3] - top, left : x.shape[-2] - left, :]


@helper
def random_crop(x, size):
    """A part of this size at a random place."""
    for axis, n in enumerate(size):
        x = x.narrow(axis, int(torch.randint(x.shape[axis] - n + 1, ())), n)
    return x


class RandomCropImages(Equivalence):
    """A part of this size at a random place."""

    one_way = "tensorflow"
    random = True

    def in_torch(x: Tensor, size: Any):
        return random_crop(x, size)

    def in_tensorflow(x: Tensor, size: Any):
        return tf.image.random_crop(x, size)

    def rank(x, size):
        return rank(x)

    samples = cases(x=floats(6, 5, 3), size=[(3, 2, 3)])


class RandomFlipLeftRight(Equivalence):
    """An image mirrored from left to right, or not, at random; of a batch each on its own."""

    one_way = "tensorflow"
    random = True

    def in_torch(x: Tensor):
        if rank(x) == 4:
            return torch.where(torch.rand(x.shape[0], 1, 1, 1) < 0.5, x.flip(-2), x)
        return torch.where(torch.rand(()) < 0.5, x.flip(-2), x)

    def in_tensorflow(x: Tensor):
        return tf.image.random_flip_left_right(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 4, 5, 3), floats(4, 5, 3)])


class RandomBrightnessImages(Elementwise):
    """Images made brighter or darker by an amount drawn from (-delta, delta)."""

    one_way = "tensorflow"
    random = True

    def in_torch(x: Tensor, delta: Float):
        return x + delta * (2 * torch.rand(()) - 1)

    def in_tensorflow(x: Tensor, delta: Float):
        return tf.image.random_brightness(x, delta)

    samples = cases(x=floats(4, 5, 3), delta=0.2)
