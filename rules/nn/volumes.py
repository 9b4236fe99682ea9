"""Transposed convolutions of volumes, and products of two inputs."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


class ConvTranspose3d(LayerEquivalence):
    """Transposed 3-D convolution. Keras cuts nothing off but what "same" asks for."""

    one_way = "torch"
    torch_only = ("c_in",)
    width = "c_out"
    unbatched = 4
    weights = {"weight": at("kernel", permute(2, 3, 4, 1, 0)), "bias": at("bias")}
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(
        c_in: Int, c_out: Int, k: Size3, stride: Size3 = 1, padding: Size3 = 0, output_padding: Size3 = 0,
        bias: Flag = True,
    ):  # fmt: skip
        return nn.ConvTranspose3d(
            c_in, c_out, k, stride=stride, padding=padding, output_padding=output_padding, bias=bias
        )

    def in_tensorflow(c_in, c_out, k, stride=1, padding=0, output_padding=0, bias=True):
        if min(min(same_crop(k, stride, 3))) < 0:
            return refuse("Keras adds what a kernel smaller than the stride leaves out")
        if every(padding, 0) and every(output_padding, 0):
            return keras.layers.Conv3DTranspose(c_out, k, strides=stride, use_bias=bias)
        if min(min(crop_pairs(padding, output_padding, 3))) >= 0:
            return keras.Sequential([
                keras.layers.Conv3DTranspose(c_out, k, strides=stride, use_bias=bias),
                keras.layers.Cropping3D(crop_pairs(padding, output_padding, 3)),
            ])  # fmt: skip
        return refuse("more output padding than padding: Keras cannot lengthen the result at one end")

    samples = cases(
        c_in=2, c_out=3, k=[3, (4, 3, 2)], stride=[1, 2], bias=[True, False], call=floats(2, 2, 3, 4, 3)
    ) + cases(c_in=2, c_out=3, k=3, stride=2, padding=1, output_padding=[0, 1], call=floats(2, 2, 3, 4, 3))


@helper
class Bilinear(keras.layers.Layer):
    """x A y + b over the last axes of two inputs."""

    def __init__(self, first, second, out, bias=True):
        super().__init__()
        self.weight = self.add_weight(shape=(out, first, second), name="weight")
        self.bias = self.add_weight(shape=(out,), initializer="zeros", name="bias") if bias else None

    def call(self, x, y):
        result = tf.einsum("...i,oij,...j->...o", x, self.weight.value, y)
        return result if self.bias is None else result + self.bias


class BilinearLayer(LayerEquivalence):
    """x A y + b over the last axes of two inputs."""

    one_way = "torch"
    inputs = 2
    weights = {"weight": at("weight"), "bias": at("bias")}

    def in_torch(first: Int, second: Int, out: Int, bias: Flag = True):
        return nn.Bilinear(first, second, out, bias=bias)

    def in_tensorflow(first: Int, second: Int, out: Int, bias: Flag = True):
        return Bilinear(first, second, out, bias=bias)

    samples = cases(
        first=3, second=4, out=2, bias=[True, False],
        call=[(floats(5, 3), floats(5, 4)), (floats(2, 5, 3), floats(2, 5, 4)), (floats(3), floats(4))],
    )  # fmt: skip
