"""Convolutions."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class SameConv2d(nn.Conv2d):
    """A convolution padded as Keras' "same" pads it: by what the stride needs, the odd pixel at the end."""

    def forward(self, x):
        sizes = zip(x.shape[-2:], self.kernel_size, self.stride, self.dilation, strict=True)
        height, width = (max((n - 1) // s * s + d * (k - 1) + 1 - n, 0) for n, k, s, d in sizes)
        return super().forward(F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2)))


class Conv2d(LayerEquivalence):
    """2-D convolution. Keras knows "valid" and "same", not a number; "same" at stride 2 pads one side only."""

    reads = {"out_channels": "filters", "kernel_size": "kernel_size", "stride": "strides"}
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(
        c_in: Int, c_out: Int, k: Size2, stride: Size2 = 1, padding: Size2 = 0, dilation: Size2 = 1, groups: Int = 1,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "same" and not every(stride, 1):
            return SameConv2d(c_in, c_out, k, stride=stride, dilation=dilation, groups=groups, bias=bias)
        return nn.Conv2d(c_in, c_out, k, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, dilation=1, groups=1, bias=True):
        if not every(stride, 1) and not every(dilation, 1):
            return refuse("Keras has no convolution with both strides and dilation")
        if every(padding, 0) or padding == "valid":
            return keras.layers.Conv2D(c_out, k, strides=stride, dilation_rate=dilation, groups=groups, use_bias=bias)
        if padding == "same":
            return keras.layers.Conv2D(
                c_out, k, strides=stride, padding="same", dilation_rate=dilation, groups=groups, use_bias=bias
            )
        if every(stride, 1) and keeps_size(k, padding, dilation):
            return keras.layers.Conv2D(c_out, k, padding="same", dilation_rate=dilation, groups=groups, use_bias=bias)
        return general(
            keras.Sequential([
                keras.layers.ZeroPadding2D(padding),
                keras.layers.Conv2D(c_out, k, strides=stride, dilation_rate=dilation, groups=groups, use_bias=bias),
            ])
        )  # fmt: skip

    samples = (
        cases(
            c_in=4, c_out=6, k=[3, (3, 2)], stride=[1, 2], padding=[0, 1], bias=[True, False], call=floats(2, 4, 9, 8)
        )
        + cases(c_in=4, c_out=6, k=3, padding=["same", 2], dilation=[1, 2], call=floats(2, 4, 9, 8))
        + cases(c_in=4, c_out=8, k=3, groups=[2, 4], call=floats(2, 4, 6, 6))
        + cases(c_in=4, c_out=6, k=[2, 3], stride=[2, 3], padding="same", call=floats(2, 4, 9, 8))
    )


class Conv1d(LayerEquivalence):
    """1-D convolution. Keras knows "valid" and "same", not a number; "same" at stride 2 pads one side only."""

    reads = {"out_channels": "filters", "kernel_size": "kernel_size", "stride": "strides"}
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(
        c_in: Int, c_out: Int, k: Size1, stride: Size1 = 1, padding: Size1 = 0, dilation: Size1 = 1, groups: Int = 1,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "same" and not every(stride, 1):
            return refuse("PyTorch has no padding that depends on the length")
        return nn.Conv1d(c_in, c_out, k, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, dilation=1, groups=1, bias=True):
        if not every(stride, 1) and not every(dilation, 1):
            return refuse("Keras has no convolution with both strides and dilation")
        if every(padding, 0) or padding == "valid":
            return keras.layers.Conv1D(c_out, k, strides=stride, dilation_rate=dilation, groups=groups, use_bias=bias)
        if padding == "same":
            return keras.layers.Conv1D(
                c_out, k, strides=stride, padding="same", dilation_rate=dilation, groups=groups, use_bias=bias
            )
        if every(stride, 1) and keeps_size(k, padding, dilation):
            return keras.layers.Conv1D(c_out, k, padding="same", dilation_rate=dilation, groups=groups, use_bias=bias)
        if isinstance(padding, (tuple, list)):
            return refuse("write the padding as one number")
        return general(
            keras.Sequential([
                keras.layers.ZeroPadding1D(padding),
                keras.layers.Conv1D(c_out, k, strides=stride, dilation_rate=dilation, groups=groups, use_bias=bias),
            ])
        )  # fmt: skip

    samples = (
        cases(c_in=4, c_out=6, k=3, stride=[1, 2], padding=[0, 1], bias=[True, False], call=floats(2, 4, 9))
        + cases(c_in=4, c_out=6, k=3, padding=["same", 2], dilation=[1, 2], call=floats(2, 4, 9))
        + cases(c_in=4, c_out=8, k=3, groups=2, call=floats(2, 4, 6))
    )


@helper
class StartPaddedConv1d(nn.Conv1d):
    """A convolution padded at the start only, so that no output sees what comes after it."""

    def forward(self, x):
        return super().forward(F.pad(x, ((self.kernel_size[0] - 1) * self.dilation[0], 0)))


class CausalConv1d(LayerEquivalence):
    """Keras' "causal" convolution: padded at the start only, so that no output sees what comes after it."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    one_way = "tensorflow"

    def in_torch(c_in: Int, c_out: Int, k: Int, stride: Int = 1, dilation: Int = 1, bias: Flag = True):
        return StartPaddedConv1d(c_in, c_out, k, stride=stride, dilation=dilation, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, dilation=1, bias=True):
        return keras.layers.Conv1D(c_out, k, strides=stride, padding="causal", dilation_rate=dilation, use_bias=bias)

    samples = cases(c_in=4, c_out=6, k=[2, 3], dilation=[1, 2], bias=[True, False], call=floats(2, 4, 9))


class Conv3d(LayerEquivalence):
    """3-D convolution. Keras knows "valid" and "same", not a number."""

    reads = {"out_channels": "filters", "kernel_size": "kernel_size", "stride": "strides"}
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 4, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    unbatched = 4

    def in_torch(
        c_in: Int, c_out: Int, k: Size3, stride: Size3 = 1, padding: Size3 = 0, dilation: Size3 = 1, bias: Flag = True
    ):
        if padding == "same" and not every(stride, 1):
            return refuse("PyTorch has no padding that depends on the size")
        return nn.Conv3d(c_in, c_out, k, stride=stride, padding=padding, dilation=dilation, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, dilation=1, bias=True):
        if not every(stride, 1) and not every(dilation, 1):
            return refuse("Keras has no convolution with both strides and dilation")
        if every(padding, 0) or padding == "valid":
            return keras.layers.Conv3D(c_out, k, strides=stride, dilation_rate=dilation, use_bias=bias)
        if padding == "same":
            return keras.layers.Conv3D(c_out, k, strides=stride, padding="same", dilation_rate=dilation, use_bias=bias)
        if every(stride, 1) and keeps_size(k, padding, dilation):
            return keras.layers.Conv3D(c_out, k, padding="same", dilation_rate=dilation, use_bias=bias)
        return general(
            keras.Sequential([
                keras.layers.ZeroPadding3D(padding),
                keras.layers.Conv3D(c_out, k, strides=stride, dilation_rate=dilation, use_bias=bias),
            ])
        )  # fmt: skip

    samples = cases(
        c_in=2, c_out=3, k=[3, (1, 3, 2)], stride=[1, 2], padding=[0, 1], bias=[True, False], call=floats(2, 2, 5, 6, 7)
    ) + cases(c_in=2, c_out=3, k=3, padding="same", call=floats(2, 2, 5, 6, 7))


class DepthwiseConv2d(LayerEquivalence):
    """A 2-D convolution of each channel alone; in PyTorch, one with as many groups as channels."""

    torch_only = ("c_in",)
    width = "c_in"
    weights = {"weight": at("kernel", permute(2, 3, 0, 1)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "tensorflow"

    def in_torch(c_in: Int, k: Size2, stride: Size2 = 1, padding: Str = "valid", bias: Flag = True):
        if padding == "valid":
            return nn.Conv2d(c_in, c_in, k, stride=stride, groups=c_in, bias=bias)
        if every(stride, 1):
            return nn.Conv2d(c_in, c_in, k, padding="same", groups=c_in, bias=bias)
        return general(SameConv2d(c_in, c_in, k, stride=stride, groups=c_in, bias=bias))

    def in_tensorflow(c_in, k, stride=1, padding="valid", bias=True):
        return keras.layers.DepthwiseConv2D(k, strides=stride, padding=padding, use_bias=bias)

    samples = cases(c_in=4, k=3, stride=[1, 2], padding=["valid", "same"], bias=[True, False], call=floats(2, 4, 9, 8))


class DepthwiseConv2dMultiplied(LayerEquivalence):
    """A 2-D convolution that makes several channels of each one alone."""

    torch_only = ("c_in",)
    weights = {"weight": at("kernel", permute(2, 3, 0, 1)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "tensorflow"

    def in_torch(c_in: Int, multiplier: Int, k: Size2, stride: Size2 = 1, bias: Flag = True):
        return nn.Conv2d(c_in, c_in * multiplier, k, stride=stride, groups=c_in, bias=bias)

    def in_tensorflow(c_in, multiplier, k, stride=1, bias=True):
        return keras.layers.DepthwiseConv2D(k, strides=stride, depth_multiplier=multiplier, use_bias=bias)

    samples = cases(c_in=4, multiplier=2, k=3, stride=[1, 2], bias=[True, False], call=floats(2, 4, 9, 8))


class ConvTranspose2d(LayerEquivalence):
    """Transposed 2-D convolution. Keras' "same" cuts its odd pixel off at the start, PyTorch's padding at both ends."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3

    def in_torch(
        c_in: Int, c_out: Int, k: Size2, stride: Size2 = 1, padding: Size2 = 0, output_padding: Size2 = 0,
        bias: Flag = True,
    ):  # fmt: skip
        return nn.ConvTranspose2d(
            c_in, c_out, k, stride=stride, padding=padding, output_padding=output_padding, bias=bias
        )

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, output_padding=0, bias=True):
        if min(min(same_crop(k, stride, 2))) < 0:
            return refuse("Keras adds what a kernel smaller than the stride leaves out")
        if every(padding, 0) and every(output_padding, 0):
            return keras.layers.Conv2DTranspose(c_out, k, strides=stride, use_bias=bias)
        if every(output_padding, 0) and same_crop(k, stride, 2) == size_pairs(padding, 2):
            return keras.layers.Conv2DTranspose(c_out, k, strides=stride, padding="same", use_bias=bias)
        if min(min(crop_pairs(padding, output_padding, 2))) >= 0:
            return keras.Sequential([
                keras.layers.Conv2DTranspose(c_out, k, strides=stride, use_bias=bias),
                keras.layers.Cropping2D(crop_pairs(padding, output_padding, 2)),
            ])  # fmt: skip
        return refuse("more output padding than padding: Keras cannot lengthen the result at one end")

    samples = cases(
        c_in=4, c_out=6, k=[3, (4, 3)], stride=[1, 2], padding=[0, 1], bias=[True, False], call=floats(2, 4, 5, 6)
    ) + cases(c_in=4, c_out=6, k=[4, 3], stride=2, padding=1, output_padding=[0, 1], call=floats(2, 4, 5, 6))


@helper
class CroppedConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution cut to its input's size times the stride, the odd pixel at the end, as in Keras."""

    def forward(self, x):
        top, left = ((k - s) // 2 for k, s in zip(self.kernel_size, self.stride, strict=True))
        height, width = (n * s for n, s in zip(x.shape[-2:], self.stride, strict=True))
        return super().forward(x)[..., top : top + height, left : left + width]


class SameConvTranspose2d(LayerEquivalence):
    """Keras' transposed 2-D convolution with "same" padding: the result is the input's size times the stride."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "tensorflow"

    def in_torch(c_in: Int, c_out: Int, k: Size2, stride: Size2 = 1, bias: Flag = True):
        if max(max(same_crop(k, stride, 2))) <= 0:
            return nn.ConvTranspose2d(
                c_in, c_out, k, stride=stride,
                output_padding=compact(tuple(-sum(crop) for crop in same_crop(k, stride, 2))), bias=bias,
            )  # fmt: skip
        if all(crop[0] == crop[1] for crop in same_crop(k, stride, 2)):
            return nn.ConvTranspose2d(
                c_in, c_out, k, stride=stride, padding=compact(tuple(crop[0] for crop in same_crop(k, stride, 2))),
                bias=bias,
            )  # fmt: skip
        if min(min(same_crop(k, stride, 2))) >= 0:
            return CroppedConvTranspose2d(c_in, c_out, k, stride=stride, bias=bias)
        return refuse("a kernel smaller than the stride on one axis only")

    def in_tensorflow(c_in, c_out, k, stride=1, bias=True):
        return keras.layers.Conv2DTranspose(c_out, k, strides=stride, padding="same", use_bias=bias)

    samples = cases(c_in=4, c_out=6, k=[1, 2, 3, 4, 5], stride=[1, 2], bias=[True, False], call=floats(2, 4, 5, 6))


class ConvTranspose1d(LayerEquivalence):
    """Transposed 1-D convolution. Keras' "same" cuts its odd element off at the start, PyTorch's padding at both ends."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}
    unbatched = 2

    def in_torch(
        c_in: Int, c_out: Int, k: Size1, stride: Size1 = 1, padding: Size1 = 0, output_padding: Size1 = 0,
        bias: Flag = True,
    ):  # fmt: skip
        return nn.ConvTranspose1d(
            c_in, c_out, k, stride=stride, padding=padding, output_padding=output_padding, bias=bias
        )

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, output_padding=0, bias=True):
        if min(min(same_crop(k, stride, 1))) < 0:
            return refuse("Keras adds what a kernel smaller than the stride leaves out")
        if every(padding, 0) and every(output_padding, 0):
            return keras.layers.Conv1DTranspose(c_out, k, strides=stride, use_bias=bias)
        if every(output_padding, 0) and same_crop(k, stride, 1) == size_pairs(padding, 1):
            return keras.layers.Conv1DTranspose(c_out, k, strides=stride, padding="same", use_bias=bias)
        if min(min(crop_pairs(padding, output_padding, 1))) >= 0:
            return keras.Sequential([
                keras.layers.Conv1DTranspose(c_out, k, strides=stride, use_bias=bias),
                keras.layers.Cropping1D(crop_pairs(padding, output_padding, 1)[0]),
            ])  # fmt: skip
        return refuse("more output padding than padding: Keras cannot lengthen the result at one end")

    samples = cases(
        c_in=4, c_out=6, k=[3, 4], stride=[1, 2], padding=[0, 1], bias=[True, False], call=floats(2, 4, 5)
    ) + cases(c_in=4, c_out=6, k=3, stride=2, padding=1, output_padding=1, call=floats(2, 4, 5))


class Conv2dFunction(Equivalence):
    """2-D convolution with given weights: (out, in, height, width) in PyTorch, (height, width, in, out) in TensorFlow."""

    layout = {"x": (NCHW, NHWC), "w": ("OIHW", "HWIO"), "result": (NCHW, NHWC)}

    def in_torch(x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size2 = 1, padding: Size2 = 0, dilation: Size2 = 1):
        if isinstance(stride, (tuple, list)) and len(stride) == 4:
            return refuse("write the strides for height and width only")
        return spellings(
            F.conv2d(x, w, b, stride=stride, padding=padding, dilation=dilation),
            torch.conv2d(x, w, b, stride=stride, padding=padding, dilation=dilation),
        )

    def in_tensorflow(x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size2 = 1, padding=0, dilation: Size2 = 1):
        if not given(b) and (every(padding, 0) or padding == "valid"):
            return tf.nn.conv2d(x, w, stride, "VALID", dilations=dilation)
        if not given(b) and padding == "same" and every(stride, 1):
            return tf.nn.conv2d(x, w, 1, "SAME", dilations=dilation)
        if not given(b):
            return tf.nn.conv2d(x, w, stride, ((0, 0), *size_pairs(padding, 2), (0, 0)), dilations=dilation)
        if every(padding, 0) or padding == "valid":
            return tf.nn.bias_add(tf.nn.conv2d(x, w, stride, "VALID", dilations=dilation), b)
        if padding == "same" and every(stride, 1):
            return tf.nn.bias_add(tf.nn.conv2d(x, w, 1, "SAME", dilations=dilation), b)
        return tf.nn.bias_add(
            tf.nn.conv2d(x, w, stride, ((0, 0), *size_pairs(padding, 2), (0, 0)), dilations=dilation), b
        )

    def rank(x, w, b, stride, padding, dilation):
        return 4

    samples = cases(
        x=floats(2, 3, 6, 7), w=floats(4, 3, 3, 3), b=[Absent, floats(4)], stride=[1, 2], padding=[0, 1]
    ) + cases(x=floats(2, 3, 6, 7), w=floats(4, 3, 3, 3), b=[Absent, floats(4)], padding="same")
