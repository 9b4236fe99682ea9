"""Keras' convolutions that need more than PyTorch's arguments: "same" with strides, each channel alone, separable."""

import keras
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class SameConv1d(nn.Conv1d):
    """A convolution padded as Keras' "same" pads it: by what the stride needs, the odd element at the end."""

    def forward(self, x):
        (kernel,), (stride,), (dilation,) = self.kernel_size, self.stride, self.dilation
        missing = max((x.shape[-1] - 1) // stride * stride + dilation * (kernel - 1) + 1 - x.shape[-1], 0)
        return super().forward(F.pad(x, (missing // 2, missing - missing // 2)))


class SameConv1dLayer(LayerEquivalence):
    """1-D convolution with strides and "same" padding, which depends on the length in Keras."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(c_in: Int, c_out: Int, k: Size1, stride: Size1, groups: Int = 1, bias: Flag = True):
        return SameConv1d(c_in, c_out, k, stride=stride, groups=groups, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride, groups=1, bias=True):
        return keras.layers.Conv1D(c_out, k, strides=stride, padding="same", groups=groups, use_bias=bias)

    samples = cases(c_in=4, c_out=6, k=[2, 3], stride=[2, 3], bias=[True, False], call=floats(2, 4, 9))


@helper
class SameConv3d(nn.Conv3d):
    """A convolution padded as Keras' "same" pads it: by what the stride needs, the odd element at the end."""

    def forward(self, x):
        pads = []
        for n, k, s in reversed(list(zip(x.shape[2:], self.kernel_size, self.stride, strict=True))):
            missing = max((n - 1) // s * s + k - n, 0)
            pads += [missing // 2, missing - missing // 2]
        return super().forward(F.pad(x, pads))


class SameConv3dLayer(LayerEquivalence):
    """3-D convolution with strides and "same" padding, which depends on the size in Keras."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 4, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(c_in: Int, c_out: Int, k: Size3, stride: Size3, bias: Flag = True):
        return SameConv3d(c_in, c_out, k, stride=stride, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride, bias=True):
        return keras.layers.Conv3D(c_out, k, strides=stride, padding="same", use_bias=bias)

    samples = cases(c_in=2, c_out=3, k=[2, 3, (1, 2, 3)], stride=[2, (2, 1, 3)], call=floats(2, 2, 5, 6, 7))


class GroupedConv3d(LayerEquivalence):
    """3-D convolution of groups of channels."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 4, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size3, groups: Int, stride: Size3 = 1, padding: Str = "valid", bias: Flag = True
    ):
        if padding == "valid" or every(stride, 1):
            return nn.Conv3d(c_in, c_out, k, stride=stride, padding=padding, groups=groups, bias=bias)
        return SameConv3d(c_in, c_out, k, stride=stride, groups=groups, bias=bias)

    def in_tensorflow(c_in, c_out, k, groups, stride=1, padding="valid", bias=True):
        return keras.layers.Conv3D(c_out, k, strides=stride, padding=padding, groups=groups, use_bias=bias)

    samples = cases(
        c_in=4, c_out=6, k=2, groups=2, stride=[1, 2], padding=["valid", "same"], call=floats(2, 4, 5, 6, 7)
    )


class DepthwiseConv1dLayer(LayerEquivalence):
    """A 1-D convolution of each channel alone; in PyTorch, one with as many groups as channels."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {"weight": at("kernel", permute(2, 0, 1)), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(
        c_in: Int, k: Size1, stride: Size1 = 1, padding: Str = "valid", multiplier: Int = 1, dilation: Size1 = 1,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "valid" or every(stride, 1):
            return nn.Conv1d(
                c_in, c_in * multiplier, k, stride=stride, padding=padding, dilation=dilation, groups=c_in, bias=bias
            )
        return SameConv1d(c_in, c_in * multiplier, k, stride=stride, dilation=dilation, groups=c_in, bias=bias)

    def in_tensorflow(c_in, k, stride=1, padding="valid", multiplier=1, dilation=1, bias=True):
        return keras.layers.DepthwiseConv1D(
            k, strides=stride, padding=padding, depth_multiplier=multiplier, dilation_rate=dilation, use_bias=bias
        )

    samples = cases(
        c_in=4,
        k=3,
        stride=[1, 2],
        padding=["valid", "same"],
        multiplier=[1, 2],
        bias=[True, False],
        call=floats(2, 4, 9),
    )


class DepthwiseConv2dLayer(LayerEquivalence):
    """A 2-D convolution that makes several channels of each one alone, or has gaps in its kernel."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    weights = {"weight": at("kernel", permute(2, 3, 0, 1)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        c_in: Int, k: Size2, stride: Size2 = 1, padding: Str = "valid", multiplier: Int = 1, dilation: Size2 = 1,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "valid" or every(stride, 1):
            return nn.Conv2d(
                c_in, c_in * multiplier, k, stride=stride, padding=padding, dilation=dilation, groups=c_in, bias=bias
            )
        return SameDepthwiseConv2d(c_in, multiplier, k, stride=stride, bias=bias)

    def in_tensorflow(c_in, k, stride=1, padding="valid", multiplier=1, dilation=1, bias=True):
        return keras.layers.DepthwiseConv2D(
            k, strides=stride, padding=padding, depth_multiplier=multiplier, dilation_rate=dilation, use_bias=bias
        )

    samples = cases(
        c_in=4, k=3, stride=[1, 2], padding=["valid", "same"], multiplier=2, bias=[True, False], call=floats(2, 4, 9, 8)
    ) + cases(c_in=4, k=3, dilation=2, padding=["valid", "same"], call=floats(2, 4, 9, 8))


@helper
class SameDepthwiseConv2d(nn.Conv2d):
    """A convolution of each channel alone, padded as Keras' "same" pads it: the odd pixel at the end."""

    def __init__(self, width, multiplier, k, stride=1, bias=True):
        super().__init__(width, width * multiplier, k, stride=stride, groups=width, bias=bias)

    def forward(self, x):
        sizes = zip(x.shape[-2:], self.kernel_size, self.stride, strict=True)
        height, width = (max((n - 1) // s * s + k - n, 0) for n, k, s in sizes)
        return super().forward(F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2)))


class SeparableConv1dLayer(LayerEquivalence):
    """A 1-D convolution of each channel alone, then one over the channels."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {
        "0.weight": at("depthwise_kernel", permute(2, 0, 1)), "1.weight": at("pointwise_kernel", permute(2, 1, 0)),
        "1.bias": at("bias"),
    }  # fmt: skip
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size1, stride: Size1 = 1, padding: Str = "valid", multiplier: Int = 1,
        dilation: Size1 = 1, bias: Flag = True,
    ):  # fmt: skip
        if padding == "valid" or every(stride, 1):
            return nn.Sequential(
                nn.Conv1d(
                    c_in,
                    c_in * multiplier,
                    k,
                    stride=stride,
                    padding=padding,
                    dilation=dilation,
                    groups=c_in,
                    bias=False,
                ),
                nn.Conv1d(c_in * multiplier, c_out, 1, bias=bias),
            )
        return nn.Sequential(
            SameConv1d(c_in, c_in * multiplier, k, stride=stride, groups=c_in, bias=False),
            nn.Conv1d(c_in * multiplier, c_out, 1, bias=bias),
        )

    def in_tensorflow(c_in, c_out, k, stride=1, padding="valid", multiplier=1, dilation=1, bias=True):
        return keras.layers.SeparableConv1D(
            c_out,
            k,
            strides=stride,
            padding=padding,
            depth_multiplier=multiplier,
            dilation_rate=dilation,
            use_bias=bias,
        )

    samples = cases(
        c_in=4, c_out=5, k=3, stride=[1, 2], padding=["valid", "same"], multiplier=[1, 2], call=floats(2, 4, 9)
    ) + cases(c_in=4, c_out=5, k=3, dilation=2, bias=False, call=floats(2, 4, 9))


class SeparableConv2dLayer(LayerEquivalence):
    """A 2-D convolution of each channel alone, then one over the channels."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {
        "0.weight": at("depthwise_kernel", permute(2, 3, 0, 1)),
        "1.weight": at("pointwise_kernel", permute(2, 3, 1, 0)), "1.bias": at("bias"),
    }  # fmt: skip
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size2, stride: Size2 = 1, padding: Str = "valid", multiplier: Int = 1,
        dilation: Size2 = 1, bias: Flag = True,
    ):  # fmt: skip
        if padding == "valid" or every(stride, 1):
            return nn.Sequential(
                nn.Conv2d(
                    c_in,
                    c_in * multiplier,
                    k,
                    stride=stride,
                    padding=padding,
                    dilation=dilation,
                    groups=c_in,
                    bias=False,
                ),
                nn.Conv2d(c_in * multiplier, c_out, 1, bias=bias),
            )
        return nn.Sequential(
            SameDepthwiseConv2d(c_in, multiplier, k, stride=stride, bias=False),
            nn.Conv2d(c_in * multiplier, c_out, 1, bias=bias),
        )

    def in_tensorflow(c_in, c_out, k, stride=1, padding="valid", multiplier=1, dilation=1, bias=True):
        return keras.layers.SeparableConv2D(
            c_out,
            k,
            strides=stride,
            padding=padding,
            depth_multiplier=multiplier,
            dilation_rate=dilation,
            use_bias=bias,
        )

    samples = cases(
        c_in=4, c_out=5, k=3, stride=[1, 2], padding=["valid", "same"], multiplier=[1, 2], call=floats(2, 4, 9, 8)
    ) + cases(c_in=4, c_out=5, k=3, dilation=2, bias=False, call=floats(2, 4, 9, 8))
