"""TensorFlow's numpy, whose defaults are numpy's: float64 and int64."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


class NumpyOnes(Equivalence):
    """Ones, in float64 where no dtype is said."""

    one_way = "tensorflow"
    dtype = "dtype"
    default_dtype = "float64"

    def in_torch(shape: Shape, dtype: Dtype = Absent):
        if given(dtype):
            return torch.ones(*shape, dtype=dtype)
        return torch.ones(*shape, dtype=torch.float64)

    def in_tensorflow(shape: Shape, dtype: Dtype = Absent):
        return tf.experimental.numpy.ones(shape, dtype=dtype)

    def rank(shape, dtype):
        return len(shape)

    samples = cases(shape=[(2, 3), (4,)], dtype=[Absent, torch.float32])


class NumpyExpandDims(View):
    """An axis of length 1."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, dim: Axis):
        return x.unsqueeze(dim)

    def in_tensorflow(x: Tensor, dim: Axis):
        return tf.experimental.numpy.expand_dims(x, dim)

    def rank(x, dim):
        return rank(x) + 1

    samples = cases(x=floats(2, 3), dim=[0, 1, -1])


class NumpySum(Reduction):
    """Sum over one axis or several."""

    one_way = "tensorflow"

    def in_torch(x: Tensor, dim: Axes = None, keepdim: Flag = False):
        if dim is None:
            return torch.sum(x)
        return torch.sum(x, dim=dim, keepdim=keepdim)

    def in_tensorflow(x: Tensor, dim: Axes = None, keepdim: Flag = False):
        return tf.experimental.numpy.sum(x, axis=dim, keepdims=keepdim)

    samples = cases(x=floats(2, 3, 4), dim=[0, -1, (0, 2)], keepdim=[False, True]) + cases(x=floats(2, 3))
