"""Convolutions with given weights, of any number of axes: grouped, dilated, transposed, without a batch, of integers."""

import keras
import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def convolve(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The convolution of x (..., in, *sizes) with weights (out, in / groups, *sizes)."""
    n, k = weight.shape.rank - 2, weight.shape[2:]
    stride, dilation = each(stride, n), each(dilation, n)
    spare = [d * (size - 1) for d, size in zip(dilation, k, strict=True)]
    whole = 0 if padding == "valid" else padding
    sides = [(s // 2, s - s // 2) for s in spare] if padding == "same" else [(p, p) for p in each(whole, n)]
    first = x.shape.rank - n - 1
    x = tf.pad(x, [(0, 0)] * (first + 1) + sides)
    size = tf.shape(x)[-n:]
    patches = windows(x, [sliding(size[i], k[i], stride[i], 0, dilation[i]) for i in range(n)])
    lead, results = tf.shape(x)[:first], tf.shape(patches)[first + 1 : -n]
    out, inner = tf.shape(weight)[0], tf.shape(weight)[1]
    count = [groups, inner, tf.reduce_prod(results), tf.reduce_prod(k)]
    patches = tf.reshape(patches, tf.concat([lead, count], 0))
    weight = tf.reshape(weight, [groups, -1, inner, count[-1]])
    result = tf.einsum("...gcpk,gdck->...gdp", patches, weight)
    result = tf.reshape(result, tf.concat([lead, [out], results], 0))
    return result if bias is None else result + tf.reshape(bias, [-1] + [1] * n)


@helper
def convolve_transposed(x, weight, bias=None, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """The transposed convolution of x (..., in, *sizes) with weights (in, out / groups, *sizes)."""
    n, k = weight.shape.rank - 2, weight.shape[2:]
    stride, padding, more, dilation = (each(value, n) for value in (stride, padding, output_padding, dilation))
    sides = []
    for i in reversed(range(n)):  # the inputs a stride apart, with zeros between them
        axis = x.shape.rank - n + i
        spread = tf.stack([x, *[tf.zeros_like(x)] * (stride[i] - 1)], axis + 1)
        size = tf.shape(x)[axis]
        x = tf.reshape(spread, tf.concat([tf.shape(x)[:axis], [size * stride[i]], tf.shape(x)[axis + 1 :]], 0))
        x = tf.gather(x, tf.range((size - 1) * stride[i] + 1), axis=axis)
        spare = dilation[i] * (k[i] - 1) - padding[i]
        sides += [spare, spare + more[i]]
    weight = tf.reshape(weight, [groups, -1, *weight.shape[1:]])
    weight = tf.reverse(keras.ops.swapaxes(weight, 1, 2), range(3, 3 + n))
    weight = tf.reshape(weight, [groups * weight.shape[1], -1, *k])
    return convolve(pad_last(x, sides), weight, bias, dilation=dilation, groups=groups)


class Conv1dOfAnyKind(Equivalence):
    """1-D convolution with given weights: grouped, dilated, or without a batch, in PyTorch's order of axes."""

    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor,
        w: Tensor,
        b: Tensor = Absent,
        stride: Size1 = 1,
        padding: Size1 = 0,
        dilation: Size1 = 1,
        groups: Int = 1,
    ):
        return spellings(
            F.conv1d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups),
            torch.conv1d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups),
        )

    def in_tensorflow(
        x: Tensor,
        w: Tensor,
        b: Tensor = Absent,
        stride: Size1 = 1,
        padding: Size1 = 0,
        dilation: Size1 = 1,
        groups: Int = 1,
    ):
        if rank(x) == 2 or known_integer(x) or not known(groups == 1) or not every(dilation, 1):
            return convolve(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return refuse("TensorFlow convolves by itself here")

    def rank(x, w, b, stride, padding, dilation, groups):
        return rank(x)

    samples = (
        cases(x=floats(4, 9), w=floats(6, 4, 3), b=[Absent, floats(6)], stride=[1, 2], padding=[0, 1])
        + cases(x=floats(2, 4, 9), w=floats(6, 2, 3), b=floats(6), padding=[1, "same", "valid"], groups=2)
        + cases(x=floats(2, 4, 9), w=floats(6, 4, 3), dilation=2, padding=[1, "same"])
    )


class Conv1dFunction(Equivalence):
    """1-D convolution with given weights, which TensorFlow wants with the channels last."""

    layout = {"x": (NCL, NLC), "w": ("OIL", "LIO"), "result": (NCL, NLC)}
    one_way = "torch"

    def in_torch(x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size1 = 1, padding: Size1 = 0):
        return spellings(
            F.conv1d(x, w, b, stride=stride, padding=padding), torch.conv1d(x, w, b, stride=stride, padding=padding)
        )

    def in_tensorflow(x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size1 = 1, padding: Size1 = 0):
        if isinstance(padding, str) and not given(b):
            return keras.ops.conv(x, w, strides=stride, padding=padding)
        if isinstance(padding, str):
            return keras.ops.conv(x, w, strides=stride, padding=padding) + b
        if every(padding, 0) and not given(b):
            return keras.ops.conv(x, w, strides=stride)
        if every(padding, 0):
            return keras.ops.conv(x, w, strides=stride) + b
        if not given(b):
            return keras.ops.conv(tf.pad(x, ((0, 0), *size_pairs(padding, 1), (0, 0))), w, strides=stride)
        return keras.ops.conv(tf.pad(x, ((0, 0), *size_pairs(padding, 1), (0, 0))), w, strides=stride) + b

    def rank(x, w, b, stride, padding):
        return 3

    samples = cases(x=floats(2, 4, 9), w=floats(6, 4, 3), b=[Absent, floats(6)], stride=[1, 2], padding=[0, 1]) + cases(
        x=floats(2, 4, 9), w=floats(6, 4, 3), b=[Absent, floats(6)], padding=["same", "valid"]
    )


class Conv2dOfAnyKind(Equivalence):
    """2-D convolution with given weights: grouped, dilated, or without a batch, in PyTorch's order of axes."""

    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor,
        w: Tensor,
        b: Tensor = Absent,
        stride: Size2 = 1,
        padding: Size2 = 0,
        dilation: Size2 = 1,
        groups: Int = 1,
    ):
        return spellings(
            F.conv2d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups),
            torch.conv2d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups),
        )

    def in_tensorflow(
        x: Tensor,
        w: Tensor,
        b: Tensor = Absent,
        stride: Size2 = 1,
        padding: Size2 = 0,
        dilation: Size2 = 1,
        groups: Int = 1,
    ):
        if rank(x) == 3 or known_integer(x) or not known(groups == 1) or not every(dilation, 1):
            return convolve(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return refuse("TensorFlow convolves by itself here")

    def rank(x, w, b, stride, padding, dilation, groups):
        return rank(x)

    samples = (
        cases(x=floats(4, 6, 7), w=floats(6, 4, 3, 2), b=[Absent, floats(6)], stride=[1, 2], padding=[0, 1])
        + cases(x=floats(2, 4, 6, 7), w=floats(6, 2, 3, 2), b=floats(6), padding=[1, "same", "valid"], groups=2)
        + cases(x=floats(2, 4, 6, 7), w=floats(6, 4, 3, 2), dilation=2, padding=[1, "same"])
    )


class Conv3dOfAnyKind(Equivalence):
    """3-D convolution with given weights: grouped, dilated, or without a batch, in PyTorch's order of axes."""

    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor,
        w: Tensor,
        b: Tensor = Absent,
        stride: Size3 = 1,
        padding: Size3 = 0,
        dilation: Size3 = 1,
        groups: Int = 1,
    ):
        return spellings(
            F.conv3d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups),
            torch.conv3d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups),
        )

    def in_tensorflow(
        x: Tensor,
        w: Tensor,
        b: Tensor = Absent,
        stride: Size3 = 1,
        padding: Size3 = 0,
        dilation: Size3 = 1,
        groups: Int = 1,
    ):
        if rank(x) == 4 or known_integer(x) or not known(groups == 1) or not every(dilation, 1):
            return convolve(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return refuse("TensorFlow convolves by itself here")

    def rank(x, w, b, stride, padding, dilation, groups):
        return rank(x)

    samples = (
        cases(x=floats(4, 4, 5, 4), w=floats(6, 4, 2, 3, 2), b=[Absent, floats(6)], stride=[1, 2], padding=[0, 1])
        + cases(x=floats(1, 4, 4, 5, 4), w=floats(6, 2, 2, 3, 2), b=floats(6), padding=[1, "same", "valid"], groups=2)
        + cases(x=floats(1, 4, 4, 5, 4), w=floats(6, 4, 2, 3, 2), dilation=2, padding=[1, "same"])
    )


class Conv3dFunction(Equivalence):
    """3-D convolution with given weights, which TensorFlow wants with the channels last."""

    layout = {"x": (NCDHW, NDHWC), "w": ("OIDHW", "DHWIO"), "result": (NCDHW, NDHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size3 = 1, padding: Size3 = 0):
        return spellings(
            F.conv3d(x, w, b, stride=stride, padding=padding), torch.conv3d(x, w, b, stride=stride, padding=padding)
        )

    def in_tensorflow(x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size3 = 1, padding: Size3 = 0):
        if isinstance(padding, str) and not given(b):
            return keras.ops.conv(x, w, strides=stride, padding=padding)
        if isinstance(padding, str):
            return keras.ops.conv(x, w, strides=stride, padding=padding) + b
        if every(padding, 0) and not given(b):
            return keras.ops.conv(x, w, strides=stride)
        if every(padding, 0):
            return keras.ops.conv(x, w, strides=stride) + b
        if not given(b):
            return keras.ops.conv(tf.pad(x, ((0, 0), *size_pairs(padding, 3), (0, 0))), w, strides=stride)
        return keras.ops.conv(tf.pad(x, ((0, 0), *size_pairs(padding, 3), (0, 0))), w, strides=stride) + b

    def rank(x, w, b, stride, padding):
        return 5

    samples = cases(
        x=floats(1, 4, 4, 5, 4), w=floats(6, 4, 2, 3, 2), b=[Absent, floats(6)], stride=[1, 2], padding=[0, 1]
    ) + cases(x=floats(1, 4, 4, 5, 4), w=floats(6, 4, 2, 3, 2), b=[Absent, floats(6)], padding=["same", "valid"])


class ConvTranspose1dFunction(Equivalence):
    """Transposed 1-D convolution with given weights; TensorFlow's own wants to be told the shape of its result."""

    reads_back = False  # the helper is the same for any number of axes
    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size1 = 1, padding: Size1 = 0, more: Size1 = 0, groups: Int = 1,
        dilation: Size1 = 1,
    ):  # fmt: skip
        return spellings(
            F.conv_transpose1d(
                x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
            ),
            torch.conv_transpose1d(
                x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
            ),
        )

    def in_tensorflow(
        x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size1 = 1, padding: Size1 = 0, more: Size1 = 0, groups: Int = 1,
        dilation: Size1 = 1,
    ):  # fmt: skip
        return convolve_transposed(
            x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
        )

    def rank(x, w, b, stride, padding, more, groups, dilation):
        return rank(x)

    samples = (
        cases(x=[floats(2, 4, 5), floats(4, 5)], w=floats(4, 6, 3), b=[Absent, floats(6)])
        + cases(x=floats(2, 4, 5), w=floats(4, 3, 3), stride=2, padding=[0, 1], more=[0, 1], groups=2)
        + cases(x=floats(2, 4, 5), w=floats(4, 3, 3), dilation=2, padding=1)
    )


class ConvTranspose2dFunction(Equivalence):
    """Transposed 2-D convolution with given weights; TensorFlow's own wants to be told the shape of its result."""

    reads_back = False  # the helper is the same for any number of axes
    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size2 = 1, padding: Size2 = 0, more: Size2 = 0, groups: Int = 1,
        dilation: Size2 = 1,
    ):  # fmt: skip
        return spellings(
            F.conv_transpose2d(
                x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
            ),
            torch.conv_transpose2d(
                x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
            ),
        )

    def in_tensorflow(
        x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size2 = 1, padding: Size2 = 0, more: Size2 = 0, groups: Int = 1,
        dilation: Size2 = 1,
    ):  # fmt: skip
        return convolve_transposed(
            x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
        )

    def rank(x, w, b, stride, padding, more, groups, dilation):
        return rank(x)

    samples = (
        cases(x=[floats(2, 4, 4, 5), floats(4, 4, 5)], w=floats(4, 6, 3, 2), b=[Absent, floats(6)])
        + cases(x=floats(2, 4, 4, 5), w=floats(4, 3, 3, 2), stride=2, padding=[0, 1], more=[0, 1], groups=2)
        + cases(x=floats(2, 4, 4, 5), w=floats(4, 3, 3, 2), dilation=2, padding=1)
    )


class ConvTranspose3dFunction(Equivalence):
    """Transposed 3-D convolution with given weights; TensorFlow's own wants to be told the shape of its result."""

    reads_back = False  # the helper is the same for any number of axes
    one_way = "torch"
    dtype = "x"

    def in_torch(
        x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size3 = 1, padding: Size3 = 0, more: Size3 = 0, groups: Int = 1,
        dilation: Size3 = 1,
    ):  # fmt: skip
        return spellings(
            F.conv_transpose3d(
                x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
            ),
            torch.conv_transpose3d(
                x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
            ),
        )

    def in_tensorflow(
        x: Tensor, w: Tensor, b: Tensor = Absent, stride: Size3 = 1, padding: Size3 = 0, more: Size3 = 0, groups: Int = 1,
        dilation: Size3 = 1,
    ):  # fmt: skip
        return convolve_transposed(
            x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
        )

    def rank(x, w, b, stride, padding, more, groups, dilation):
        return rank(x)

    samples = (
        cases(x=[floats(1, 4, 3, 2, 3), floats(4, 3, 2, 3)], w=floats(4, 6, 2, 3, 2), b=[Absent, floats(6)])
        + cases(x=floats(1, 4, 3, 2, 3), w=floats(4, 3, 2, 3, 2), stride=2, padding=[0, 1], more=[0, 1], groups=2)
        + cases(x=floats(1, 4, 3, 2, 3), w=floats(4, 3, 2, 3, 2), dilation=2, padding=1)
    )
