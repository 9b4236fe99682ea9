"""New tensors: constants, ranges, copies of a shape."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Zeros(Equivalence):
    """A tensor of zeros."""

    dtype = "dtype"
    default_dtype = "float32"
    takes_one_size = True

    def in_torch(shape: Shape, dtype: Dtype = Absent):
        return torch.zeros(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype = Absent):
        return spellings(tf.zeros(shape, dtype=dtype), keras.ops.zeros(shape, dtype=dtype))

    def rank(shape, dtype):
        return len(shape)

    samples = cases(shape=[(2, 3), (4,)], dtype=[Absent, torch.int64, torch.float64, torch.bool])


class Ones(Equivalence):
    """A tensor of ones."""

    dtype = "dtype"
    default_dtype = "float32"
    takes_one_size = True

    def in_torch(shape: Shape, dtype: Dtype = Absent):
        return torch.ones(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype = Absent):
        return spellings(tf.ones(shape, dtype=dtype), keras.ops.ones(shape, dtype=dtype))

    def rank(shape, dtype):
        return len(shape)

    samples = cases(shape=[(2, 3), (4,)], dtype=[Absent, torch.int64, torch.float64, torch.bool])


class Empty(Equivalence):
    """A tensor with arbitrary elements in PyTorch; TensorFlow has no such thing, zeros are as good."""

    dtype = "dtype"
    default_dtype = "float32"
    takes_one_size = True
    random = True
    one_way = "torch"

    def in_torch(shape: Shape, dtype: Dtype = Absent):
        return torch.empty(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype = Absent):
        return tf.zeros(shape, dtype=dtype)

    def rank(shape, dtype):
        return len(shape)

    samples = cases(shape=(2, 3), dtype=[Absent, torch.int64])


class Full(Equivalence):
    """A tensor of one number. PyTorch makes int64 of an integer, TensorFlow int32."""

    def in_torch(shape: Shape, value: Number):
        return torch.full(shape, value)

    def in_tensorflow(shape: Shape, value: Number):
        if isinstance(value, (float, bool)):
            return tf.fill(shape, value)
        if isinstance(value, int):
            return keras.ops.full(shape, value, dtype=tf.int64)
        return refuse("it is not known whether the number is an integer, so neither is the dtype")

    dtype = "value"

    def rank(shape, value):
        return len(shape)

    samples = cases(shape=[(2, 3), (4,)], value=[2.5, 7, True])


class FullTyped(Equivalence):
    """A tensor of one number, of a given dtype."""

    dtype = "dtype"

    def in_torch(shape: Shape, value: Number, dtype: Dtype):
        return torch.full(shape, value, dtype=dtype)

    def in_tensorflow(shape: Shape, value: Number, dtype: Dtype):
        return spellings(keras.ops.full(shape, value, dtype=dtype), tf.fill(shape, tf.cast(value, dtype)))

    def rank(shape, value, dtype):
        return len(shape)

    samples = cases(shape=(2, 3), value=3, dtype=[torch.int64, torch.float32, torch.float64])


class FillInt32(Equivalence):
    """A tensor of one integer as int32, which TensorFlow gives."""

    dtype = "int32"

    def in_torch(shape: Shape, value: Int):
        return torch.full(shape, value, dtype=torch.int32)

    def in_tensorflow(shape: Shape, value: Int):
        if isinstance(value, int):
            return tf.fill(shape, value)
        return refuse("it is not known whether the number is an integer, so neither is the dtype")

    def rank(shape, value):
        return len(shape)

    samples = cases(shape=(2, 3), value=3)


class Eye(Equivalence):
    """The identity matrix."""

    dtype = "dtype"
    default_dtype = "float32"

    def in_torch(n: Int, m: Int = Absent, dtype: Dtype = Absent):
        return torch.eye(n, m, dtype=dtype)

    def in_tensorflow(n: Int, m: Int = Absent, dtype: Dtype = Absent):
        return spellings(tf.eye(n, num_columns=m, dtype=dtype), keras.ops.eye(n, m, dtype=dtype))

    def rank(n, m, dtype):
        return 2

    samples = cases(n=3, m=[Absent, 4], dtype=[Absent, torch.int64, torch.float64])


class ZerosLike(Equivalence):
    """Zeros in the shape and dtype of another tensor."""

    def in_torch(x: Tensor):
        return spellings(torch.zeros_like(x), x.new_zeros(x.shape))

    def in_tensorflow(x: Tensor):
        return spellings(tf.zeros_like(x), keras.ops.zeros_like(x))

    def rank(x):
        return rank(x)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)])


class OnesLike(Equivalence):
    """Ones in the shape and dtype of another tensor."""

    def in_torch(x: Tensor):
        return spellings(torch.ones_like(x), x.new_ones(x.shape))

    def in_tensorflow(x: Tensor):
        return spellings(tf.ones_like(x), keras.ops.ones_like(x))

    def rank(x):
        return rank(x)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)])


class ZerosOfShape(Equivalence):
    """Zeros in the shape of another tensor, in float32 whatever its dtype."""

    dtype = "float32"

    def in_torch(x: Tensor):
        return spellings(torch.zeros(x.shape), torch.zeros(x.size()))

    def in_tensorflow(x: Tensor):
        return spellings(tf.zeros(tf.shape(x)), tf.zeros(x.shape))

    def rank(x):
        return rank(x)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)])


class OnesOfShape(Equivalence):
    """Ones in the shape of another tensor, in float32 whatever its dtype."""

    dtype = "float32"

    def in_torch(x: Tensor):
        return spellings(torch.ones(x.shape), torch.ones(x.size()))

    def in_tensorflow(x: Tensor):
        return spellings(tf.ones(tf.shape(x)), tf.ones(x.shape))

    def rank(x):
        return rank(x)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)])


class ZerosLikeTyped(Equivalence):
    """Zeros in the shape of another tensor, of a given dtype."""

    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype):
        return torch.zeros_like(x, dtype=dtype)

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return spellings(tf.zeros_like(x, dtype=dtype), keras.ops.zeros_like(x, dtype=dtype))

    def rank(x, dtype):
        return rank(x)

    gradient = False
    samples = cases(x=floats(2, 3), dtype=[torch.int64, torch.bool])


class OnesLikeTyped(Equivalence):
    """Ones in the shape of another tensor, of a given dtype."""

    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype):
        return torch.ones_like(x, dtype=dtype)

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return spellings(tf.ones_like(x, dtype=dtype), keras.ops.ones_like(x, dtype=dtype))

    def rank(x, dtype):
        return rank(x)

    gradient = False
    samples = cases(x=floats(2, 3), dtype=[torch.int64, torch.bool])


class EmptyLike(Equivalence):
    """Arbitrary elements in the shape and dtype of another tensor; TensorFlow gets zeros."""

    random = True
    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.empty_like(x)

    def in_tensorflow(x: Tensor):
        return tf.zeros_like(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 3), ints(4)])


class FullLike(Equivalence):
    """One number in the shape and dtype of another tensor, which Keras has and raw TensorFlow has not."""

    def in_torch(x: Tensor, value: Number):
        return spellings(torch.full_like(x, value), torch.fill(x, value), x.new_full(x.shape, value))

    def in_tensorflow(x: Tensor, value: Number):
        return keras.ops.full_like(x, value)

    def rank(x, value):
        return rank(x)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)], value=3)


class NewZeros(Equivalence):
    """Zeros of another shape in the dtype of a tensor."""

    def in_torch(x: Tensor, shape: Shape):
        return x.new_zeros(*shape)

    def in_tensorflow(x: Tensor, shape: Shape):
        return tf.zeros(shape, dtype=x.dtype)

    def rank(x, shape):
        return len(shape)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)], shape=[(5,), (2, 2)])


class NewOnes(Equivalence):
    """Ones of another shape in the dtype of a tensor."""

    def in_torch(x: Tensor, shape: Shape):
        return x.new_ones(*shape)

    def in_tensorflow(x: Tensor, shape: Shape):
        return tf.ones(shape, dtype=x.dtype)

    def rank(x, shape):
        return len(shape)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)], shape=[(5,), (2, 2)])


class NewEmpty(Equivalence):
    """Arbitrary elements of another shape in the dtype of a tensor; TensorFlow gets zeros."""

    random = True
    one_way = "torch"

    def in_torch(x: Tensor, shape: Shape):
        return x.new_empty(*shape)

    def in_tensorflow(x: Tensor, shape: Shape):
        return tf.zeros(shape, dtype=x.dtype)

    def rank(x, shape):
        return len(shape)

    samples = cases(x=[floats(2, 3), ints(4)], shape=[(5,), (2, 2)])


class NewFull(Equivalence):
    """One number in another shape and the dtype of a tensor."""

    def in_torch(x: Tensor, shape: Shape, value: Number):
        return x.new_full(shape, value)

    def in_tensorflow(x: Tensor, shape: Shape, value: Number):
        return keras.ops.full(shape, value, dtype=x.dtype)

    def rank(x, shape, value):
        return len(shape)

    gradient = False
    samples = cases(x=[floats(2, 3), ints(4)], shape=[(5,), (2, 2)], value=3)


class NewZerosTyped(Equivalence):
    """Zeros of another shape and dtype; the tensor only says where they are placed."""

    dtype = "dtype"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, shape: Shape, dtype: Dtype):
        return x.new_zeros(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype):
        return tf.zeros(shape, dtype=dtype)

    def rank(x, shape, dtype):
        return len(shape)

    samples = cases(x=floats(2, 3), shape=(2, 2), dtype=[torch.int64, torch.float64])


class NewOnesTyped(Equivalence):
    """Ones of another shape and dtype; the tensor only says where they are placed."""

    dtype = "dtype"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, shape: Shape, dtype: Dtype):
        return x.new_ones(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype):
        return tf.ones(shape, dtype=dtype)

    def rank(x, shape, dtype):
        return len(shape)

    samples = cases(x=floats(2, 3), shape=(2, 2), dtype=[torch.int64, torch.float64])


class NewEmptyTyped(Equivalence):
    """Arbitrary elements of another shape and dtype; TensorFlow gets zeros."""

    dtype = "dtype"
    random = True
    one_way = "torch"

    def in_torch(x: Tensor, shape: Shape, dtype: Dtype):
        return x.new_empty(*shape, dtype=dtype)

    def in_tensorflow(shape: Shape, dtype: Dtype):
        return tf.zeros(shape, dtype=dtype)

    def rank(x, shape, dtype):
        return len(shape)

    samples = cases(x=floats(2, 3), shape=(2, 2), dtype=[torch.int64, torch.float64])


class NewFullTyped(Equivalence):
    """One number in another shape and dtype; the tensor only says where it is placed."""

    dtype = "dtype"
    gradient = False
    one_way = "torch"

    def in_torch(x: Tensor, shape: Shape, value: Number, dtype: Dtype):
        return x.new_full(shape, value, dtype=dtype)

    def in_tensorflow(shape: Shape, value: Number, dtype: Dtype):
        return keras.ops.full(shape, value, dtype=dtype)

    def rank(x, shape, value, dtype):
        return len(shape)

    samples = cases(x=floats(2, 3), shape=(2, 2), value=3, dtype=[torch.int64, torch.float64])


class FullLikeTyped(Equivalence):
    """One number in the shape of another tensor, in a dtype of its own."""

    dtype = "dtype"
    gradient = False

    def in_torch(x: Tensor, value: Number, dtype: Dtype):
        return torch.full_like(x, value, dtype=dtype)

    def in_tensorflow(x: Tensor, value: Number, dtype: Dtype):
        return keras.ops.full_like(x, value, dtype=dtype)

    def rank(x, value, dtype):
        return rank(x)

    samples = cases(x=[floats(2, 3), ints(4)], value=3, dtype=[torch.int64, torch.float64])


class EmptyLikeTyped(Equivalence):
    """Arbitrary elements in the shape of another tensor, in a dtype of its own; TensorFlow gets zeros."""

    dtype = "dtype"
    random = True
    one_way = "torch"

    def in_torch(x: Tensor, dtype: Dtype):
        return torch.empty_like(x, dtype=dtype)

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return tf.zeros_like(x, dtype=dtype)

    def rank(x, dtype):
        return rank(x)

    samples = cases(x=[floats(2, 3), ints(4)], dtype=[torch.int64, torch.float64])
