"""Keras' transposed convolutions: the length of the result is chosen, PyTorch's follows from the padding."""

import keras
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
class KerasConvTranspose(nn.Module):
    """A transposed convolution that cuts or lengthens its result as Keras does. ``kernel`` has a number for each axis."""

    def __init__(self, width, filters, kernel, stride=1, same=False, extra=None, bias=True):
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(width, filters, *kernel)))
        self.bias = nn.Parameter(torch.zeros(filters)) if bias else None
        n = len(kernel)
        self.stride, self.extra = (
            tuple(size) if isinstance(size, (tuple, list)) else (size,) * n for size in (stride, extra)
        )
        self.same = same

    def forward(self, x):
        n = x.ndim - 2
        convolve = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[n - 1]
        full = convolve(x, self.weight, stride=self.stride)
        pads = []
        for axis in reversed(range(n)):
            stride, length, extra = self.stride[axis], full.shape[axis + 2], self.extra[axis]
            k = self.weight.shape[axis + 2]
            if extra is None:
                wanted = x.shape[axis + 2] * stride + (0 if self.same else max(k - stride, 0))
            else:
                wanted = length - (2 * (k // 2) if self.same else 0) + extra
            before = max((-(-wanted // stride) - 1) * stride + k - wanted, 0) // 2 if self.same else 0
            pads += [-before, wanted + before - length]
        full = F.pad(full, pads)
        return full if self.bias is None else full + self.bias.view(-1, *[1] * n)


class ConvTranspose1dOfKeras(LayerEquivalence):
    """Keras' transposed 1-D convolution: "same" padding makes the result as long as the input times the stride."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size1, stride: Size1 = 1, padding: Str = "valid", extra: Size1 = Absent,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "same":
            return KerasConvTranspose(c_in, c_out, several(k, 1), stride=stride, same=True, extra=extra, bias=bias)
        return KerasConvTranspose(c_in, c_out, several(k, 1), stride=stride, extra=extra, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, padding="valid", extra=Absent, bias=True):
        return keras.layers.Conv1DTranspose(
            c_out, k, strides=stride, padding=padding, output_padding=extra, use_bias=bias
        )

    samples = (
        cases(c_in=4, c_out=5, k=[2, 3, 4], stride=[1, 2, 3], padding="same", call=floats(2, 4, 5))
        + cases(c_in=4, c_out=5, k=2, stride=3, padding="valid", bias=[True, False], call=floats(2, 4, 5))
        + cases(c_in=4, c_out=5, k=3, stride=2, padding=["same", "valid"], extra=[0, 1], call=floats(2, 4, 5))
    )


class ConvTranspose2dOfKeras(LayerEquivalence):
    """Keras' transposed 2-D convolution: "same" padding makes the result as large as the input times the stride."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size2, stride: Size2 = 1, padding: Str = "valid", extra: Size2 = Absent,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "same":
            return KerasConvTranspose(c_in, c_out, several(k, 2), stride=stride, same=True, extra=extra, bias=bias)
        return KerasConvTranspose(c_in, c_out, several(k, 2), stride=stride, extra=extra, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, padding="valid", extra=Absent, bias=True):
        return keras.layers.Conv2DTranspose(
            c_out, k, strides=stride, padding=padding, output_padding=extra, use_bias=bias
        )

    samples = (
        cases(c_in=4, c_out=5, k=[2, (3, 4)], stride=[1, 2, (1, 3)], padding="same", call=floats(2, 4, 5, 6))
        + cases(c_in=4, c_out=5, k=2, stride=3, padding="valid", bias=[True, False], call=floats(2, 4, 5, 6))
        + cases(c_in=4, c_out=5, k=3, stride=2, padding=["same", "valid"], extra=[0, 1], call=floats(2, 4, 5, 6))
    )


class ConvTranspose3dOfKeras(LayerEquivalence):
    """Keras' transposed 3-D convolution: "same" padding makes the result as large as the input times the stride."""

    one_way = "tensorflow"
    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 4, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size3, stride: Size3 = 1, padding: Str = "valid", extra: Size3 = Absent,
        bias: Flag = True,
    ):  # fmt: skip
        if padding == "same":
            return KerasConvTranspose(c_in, c_out, several(k, 3), stride=stride, same=True, extra=extra, bias=bias)
        return KerasConvTranspose(c_in, c_out, several(k, 3), stride=stride, extra=extra, bias=bias)

    def in_tensorflow(c_in, c_out, k, stride=1, padding="valid", extra=Absent, bias=True):
        return keras.layers.Conv3DTranspose(
            c_out, k, strides=stride, padding=padding, output_padding=extra, use_bias=bias
        )

    samples = cases(
        c_in=2, c_out=3, k=[2, (1, 3, 4)], stride=[1, 2], padding=["same", "valid"], call=floats(2, 2, 3, 4, 5)
    ) + cases(c_in=2, c_out=3, k=3, stride=2, padding="same", extra=1, bias=[True, False], call=floats(2, 2, 3, 4, 5))
