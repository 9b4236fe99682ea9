"""Pooling functions of TensorFlow, which want channels last, strides and a padding by name."""

import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


class MaxPool1dFunction(Equivalence):
    """1-D max pooling. TensorFlow must be told the strides and the padding."""

    layout = {"x": (NCL, NLC), "result": (NCL, NLC)}
    one_way = "torch"

    def in_torch(x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0):
        return spellings(
            F.max_pool1d(x, k, stride=stride, padding=padding), torch.max_pool1d(x, k, stride=stride, padding=padding)
        )

    def in_tensorflow(x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0):
        if not every(padding, 0):
            return refuse("TensorFlow knows no padding by a number here")
        if not given(stride):
            return tf.nn.max_pool1d(x, k, k, "VALID")
        return tf.nn.max_pool1d(x, k, stride, "VALID")

    def rank(x, k, stride, padding):
        return 3

    samples = cases(x=floats(2, 3, 9), k=[2, 3], stride=[Absent, 1, 2])


class AvgPool1dFunction(Equivalence):
    """1-D average pooling; PyTorch counts the zeros of the padding. TensorFlow must be told the strides."""

    layout = {"x": (NCL, NLC), "result": (NCL, NLC)}
    one_way = "torch"

    def in_torch(x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0):
        return F.avg_pool1d(x, k, stride=stride, padding=padding)

    def in_tensorflow(x: Tensor, k: Size1, stride: Size1 = Absent, padding: Size1 = 0):
        if not given(stride) and every(padding, 0):
            return tf.nn.avg_pool1d(x, k, k, "VALID")
        if not given(stride):
            return tf.nn.avg_pool1d(tf.pad(x, ((0, 0), *size_pairs(padding, 1), (0, 0))), k, k, "VALID")
        if every(padding, 0):
            return tf.nn.avg_pool1d(x, k, stride, "VALID")
        return tf.nn.avg_pool1d(tf.pad(x, ((0, 0), *size_pairs(padding, 1), (0, 0))), k, stride, "VALID")

    def rank(x, k, stride, padding):
        return 3

    samples = cases(x=floats(2, 3, 9), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1])


class MaxPool3dFunction(Equivalence):
    """3-D max pooling. TensorFlow must be told the strides and the padding."""

    layout = {"x": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    one_way = "torch"
    narrow = True
    ties = (
        "of a window's largest elements each gets the whole gradient in TensorFlow on the CPU, one of them in PyTorch"
    )

    def in_torch(x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0):
        return spellings(
            F.max_pool3d(x, k, stride=stride, padding=padding), torch.max_pool3d(x, k, stride=stride, padding=padding)
        )

    def in_tensorflow(x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0):
        if not every(padding, 0):
            return refuse("TensorFlow knows no padding by a number here")
        if not given(stride):
            return tf.nn.max_pool3d(x, k, k, "VALID")
        return tf.nn.max_pool3d(x, k, stride, "VALID")

    def rank(x, k, stride, padding):
        return 5

    samples = cases(x=floats(1, 2, 5, 6, 5), k=[2, 3], stride=[Absent, 1, 2])


class AvgPool3dFunction(Equivalence):
    """3-D average pooling; PyTorch counts the zeros of the padding. TensorFlow must be told the strides."""

    layout = {"x": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}
    one_way = "torch"
    narrow = True

    def in_torch(x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0):
        return F.avg_pool3d(x, k, stride=stride, padding=padding)

    def in_tensorflow(x: Tensor, k: Size3, stride: Size3 = Absent, padding: Size3 = 0):
        if not given(stride) and every(padding, 0):
            return tf.nn.avg_pool3d(x, k, k, "VALID")
        if not given(stride):
            return tf.nn.avg_pool3d(tf.pad(x, ((0, 0), *size_pairs(padding, 3), (0, 0))), k, k, "VALID")
        if every(padding, 0):
            return tf.nn.avg_pool3d(x, k, stride, "VALID")
        return tf.nn.avg_pool3d(tf.pad(x, ((0, 0), *size_pairs(padding, 3), (0, 0))), k, stride, "VALID")

    def rank(x, k, stride, padding):
        return 5

    samples = cases(x=floats(1, 2, 5, 6, 5), k=[2, 3], stride=[Absent, 1, 2], padding=[0, 1])
