"""Convolutions."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


class Conv2d(LayerEquivalence):
    """2-D convolution. Keras knows "valid" and "same", not a number; "same" at stride 2 pads one side only."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(2, 3, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size2, stride: Size2 = 1, padding: Size2 = 0, dilation: Size2 = 1, groups: Int = 1,
        bias: Flag = True,
    ):  # fmt: skip
        return nn.Conv2d(
            c_in, c_out, k, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias
        )

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, dilation=1, groups=1, bias=True):
        if padding == 0:
            return keras.layers.Conv2D(
                c_out, k, strides=stride, dilation_rate=dilation, groups=groups, use_bias=bias
            )
        if padding == "same" and stride == 1:
            return keras.layers.Conv2D(
                c_out, k, padding="same", dilation_rate=dilation, groups=groups, use_bias=bias
            )
        if stride == 1 and keeps_size(k, padding, dilation):
            return keras.layers.Conv2D(
                c_out, k, padding="same", dilation_rate=dilation, groups=groups, use_bias=bias
            )
        return general(
            keras.Sequential([
                keras.layers.ZeroPadding2D(padding),
                keras.layers.Conv2D(c_out, k, strides=stride, dilation_rate=dilation, groups=groups, use_bias=bias),
            ])
        )  # fmt: skip

    samples = (
        cases(c_in=4, c_out=6, k=[3, (3, 2)], stride=[1, 2], padding=[0, 1], bias=[True, False], call=floats(2, 4, 9, 8))
        + cases(c_in=4, c_out=6, k=3, padding=["same", 2], dilation=[1, 2], call=floats(2, 4, 9, 8))
        + cases(c_in=4, c_out=8, k=3, groups=[2, 4], call=floats(2, 4, 6, 6))
    )
