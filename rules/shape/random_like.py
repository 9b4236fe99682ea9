"""Random tensors in the shape of another, in a dtype of their own or as integers."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


class RandomUniformLikeTyped(Equivalence):
    """Uniform between 0 and 1 in the shape of a tensor, in a dtype of its own."""

    random = True
    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype):
        return torch.rand_like(x, dtype=dtype)

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return tf.random.uniform(tf.shape(x), dtype=dtype)

    def rank(x, dtype):
        return rank(x)

    samples = cases(x=floats(2, 3), dtype=[torch.float64, torch.float32])


class RandomUniformLikeBetween(Equivalence):
    """Uniform between two numbers in the shape and dtype of a tensor."""

    random = True
    dtype = "x"
    one_way = "tensorflow"

    def in_torch(x: Tensor, low: Number, high: Number):
        if low == 0 and high == 1:
            return torch.rand_like(x)
        return torch.rand_like(x) * (high - low) + low

    def in_tensorflow(x: Tensor, low: Number = 0, high: Number = 1):
        return tf.random.uniform(tf.shape(x), minval=low, maxval=high, dtype=x.dtype)

    def rank(x, low, high):
        return rank(x)

    samples = cases(x=floats(2, 3), low=[0, -1.0], high=[1, 2.0])


class RandomNormalLikeTyped(Equivalence):
    """Normally distributed in the shape of a tensor, in a dtype of its own."""

    random = True
    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype):
        return torch.randn_like(x, dtype=dtype)

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return tf.random.normal(tf.shape(x), dtype=dtype)

    def rank(x, dtype):
        return rank(x)

    samples = cases(x=floats(2, 3), dtype=[torch.float64, torch.float32])


class RandomIntegersLike(Equivalence):
    """Random integers below a number, in the shape and dtype of a tensor."""

    random = True

    def in_torch(x: Tensor, high: Int):
        return torch.randint_like(x, high)

    def in_tensorflow(x: Tensor, high: Int):
        return tf.cast(tf.random.uniform(tf.shape(x), maxval=high, dtype=tf.int64), x.dtype)

    def rank(x, high):
        return rank(x)

    one_way = "torch"
    samples = cases(x=[floats(2, 3), ints(4)], high=9)


class RandomIntegersLikeBetween(Equivalence):
    """Random integers from one number up to another, in the shape and dtype of a tensor."""

    random = True

    def in_torch(x: Tensor, low: Int, high: Int):
        return torch.randint_like(x, low, high)

    def in_tensorflow(x: Tensor, low: Int, high: Int):
        return tf.cast(tf.random.uniform(tf.shape(x), low, high, dtype=tf.int64), x.dtype)

    def rank(x, low, high):
        return rank(x)

    one_way = "torch"
    samples = cases(x=[floats(2, 3), ints(4)], low=2, high=9)


class RandomIntegersLikeTyped(Equivalence):
    """Random integers from one number, 0 unless told otherwise, up to another, in the shape of a tensor."""

    random = True
    dtype = "dtype"

    def in_torch(x: Tensor, low: Int, high: Int, dtype: Dtype):
        if low == 0:
            return spellings(torch.randint_like(x, high, dtype=dtype), torch.randint_like(x, 0, high, dtype=dtype))
        return general(torch.randint_like(x, low, high, dtype=dtype))

    def in_tensorflow(x: Tensor, low: Int, high: Int, dtype: Dtype):
        return tf.cast(tf.random.uniform(tf.shape(x), low, high, dtype=tf.int64), dtype)

    def rank(x, low, high, dtype):
        return rank(x)

    one_way = "torch"
    samples = cases(x=[floats(2, 3), ints(4)], low=[0, 2], high=9, dtype=torch.float64)
