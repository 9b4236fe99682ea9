"""Keras functions that join tensors; their layers are settled where they are called."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class AddFunction(Elementwise):
    """The sum of two tensors."""

    one_way = "tensorflow"

    def in_torch(a: Tensor, b: Tensor):
        return a + b

    def in_tensorflow(a: Tensor, b: Tensor):
        return keras.layers.add([a, b])

    samples = cases(a=floats(2, 3), b=floats(2, 3))


class SubtractFunction(Elementwise):
    """The difference of two tensors."""

    one_way = "tensorflow"

    def in_torch(a: Tensor, b: Tensor):
        return a - b

    def in_tensorflow(a: Tensor, b: Tensor):
        return keras.layers.subtract([a, b])

    samples = cases(a=floats(2, 3), b=floats(2, 3))


class MultiplyFunction(Elementwise):
    """The product of two tensors."""

    one_way = "tensorflow"

    def in_torch(a: Tensor, b: Tensor):
        return a * b

    def in_tensorflow(a: Tensor, b: Tensor):
        return keras.layers.multiply([a, b])

    samples = cases(a=floats(2, 3), b=floats(2, 3))


class AverageFunction(Elementwise):
    """The mean of two tensors."""

    one_way = "tensorflow"

    def in_torch(a: Tensor, b: Tensor):
        return (a + b) / 2

    def in_tensorflow(a: Tensor, b: Tensor):
        return keras.layers.average([a, b])

    samples = cases(a=floats(2, 3), b=floats(2, 3))


class MaximumFunction(Elementwise):
    """The larger of two tensors, element by element."""

    one_way = "tensorflow"

    def in_torch(a: Tensor, b: Tensor):
        return torch.maximum(a, b)

    def in_tensorflow(a: Tensor, b: Tensor):
        return keras.layers.maximum([a, b])

    samples = cases(a=floats(2, 3), b=floats(2, 3))


class MinimumFunction(Elementwise):
    """The smaller of two tensors, element by element."""

    one_way = "tensorflow"

    def in_torch(a: Tensor, b: Tensor):
        return torch.minimum(a, b)

    def in_tensorflow(a: Tensor, b: Tensor):
        return keras.layers.minimum([a, b])

    samples = cases(a=floats(2, 3), b=floats(2, 3))


class ConcatenateFunction(Equivalence):
    """Tensors joined along an axis, the last unless told otherwise."""

    one_way = "tensorflow"
    axes = ("axis",)

    def in_torch(tensors: Tensors, axis: Axis):
        return torch.cat(tensors, dim=axis)

    def in_tensorflow(tensors: Tensors, axis: Axis = -1):
        return keras.layers.concatenate(tensors, axis=axis)

    samples = cases(tensors=[(floats(2, 3), floats(2, 4))], axis=[Absent, 1])
