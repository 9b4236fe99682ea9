"""Ranges of numbers and tensors made of Python's numbers, with the dtype that each framework gives them."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def tensor(data):
    """A tensor of `data`; of Python integers int64, as in PyTorch."""
    value = tf.convert_to_tensor(data)
    return tf.cast(value, tf.int64) if value.dtype == tf.int32 and not hasattr(data, "dtype") else value


@helper
def constant(data):
    """A tensor of `data`; of Python integers int32, as in TensorFlow."""
    value = torch.as_tensor(data).clone()
    return value.int() if value.dtype == torch.int64 and not hasattr(data, "dtype") else value


@helper
def arange(start, end, step, dtype):
    """Integers from a start to below an end in steps that may be given as floats, cut where PyTorch cuts them."""
    if dtype == tf.int64:
        return tf.range(int(start), int(end), int(step), dtype=dtype)
    return int(start) + tf.range(math.ceil((end - start) / step), dtype=dtype) * int(step)


class Arange(Equivalence):
    """The numbers below an end: int64 of an integer in PyTorch, int32 in TensorFlow."""

    def in_torch(end: Number):
        return torch.arange(end)

    def in_tensorflow(end: Number):
        if isinstance(end, float):
            return tf.range(end)
        return general(spellings(tf.range(end, dtype=tf.int64), tf.cast(tf.range(end), tf.int64)))

    dtype = "end"
    default_dtype = "int64"

    def rank(end):
        return 1

    samples = cases(end=[5, 4.5])


class ArangeBetween(Equivalence):
    """The numbers from a start to below an end: int64 of integers in PyTorch, int32 in TensorFlow."""

    def in_torch(start: Number, end: Number):
        return torch.arange(start, end)

    def in_tensorflow(start: Number, end: Number):
        if isinstance(start, float) or isinstance(end, float):
            return tf.range(start, end)
        return general(tf.range(start, end, dtype=tf.int64))

    def rank(start, end):
        return 1

    dtype = "start"
    default_dtype = "int64"
    samples = cases(start=[2, 0.5], end=[7, 4.5])


class ArangeStep(Equivalence):
    """The numbers from a start to below an end in steps; PyTorch computes float steps in float64."""

    def in_torch(start: Number, end: Number, step: Number):
        return torch.arange(start, end, step)

    def in_tensorflow(start: Number, end: Number, step: Number):
        if isinstance(start, float) or isinstance(end, float) or isinstance(step, float):
            return tf.cast(tf.range(start, end, step, dtype=tf.float64), tf.float32)
        return general(tf.range(start, end, step, dtype=tf.int64))

    def rank(start, end, step):
        return 1

    dtype = "step"
    samples = cases(start=[0, 0.5], end=[7, 4.5], step=[2, 0.25]) + cases(start=7, end=0, step=-2)


class ArangeTyped(Equivalence):
    """The numbers below an end, of a given dtype."""

    dtype = "dtype"

    def in_torch(end: Number, dtype: Dtype):
        return torch.arange(end, dtype=dtype)

    def in_tensorflow(end: Number, dtype: Dtype):
        if known_integer(dtype) and isinstance(end, float):
            return arange(0, end, 1, dtype)
        return general(spellings(tf.range(end, dtype=dtype), tf.cast(tf.range(end), dtype)))

    def rank(end, dtype):
        return 1

    samples = cases(end=[5, 4.5], dtype=[torch.float32, torch.int32, torch.int64, torch.float64])


class ArangeBetweenTyped(Equivalence):
    """The numbers from a start to below an end, of a given dtype."""

    dtype = "dtype"

    def in_torch(start: Number, end: Number, dtype: Dtype):
        return torch.arange(start, end, dtype=dtype)

    def in_tensorflow(start: Number, end: Number, dtype: Dtype):
        if known_integer(dtype) and (isinstance(start, float) or isinstance(end, float)):
            return arange(start, end, 1, dtype)
        return general(tf.range(start, end, dtype=dtype))

    def rank(start, end, dtype):
        return 1

    samples = cases(start=[2, -1.5], end=[7, 6.5], dtype=[torch.float32, torch.int32, torch.int64, torch.float64])


class ArangeStepTyped(Equivalence):
    """The numbers from a start to below an end in steps, of a given dtype; PyTorch computes float steps in float64."""

    dtype = "dtype"

    def in_torch(start: Number, end: Number, step: Number, dtype: Dtype):
        return torch.arange(start, end, step, dtype=dtype)

    def in_tensorflow(start: Number, end: Number, step: Number, dtype: Dtype):
        if known_integer(dtype) and (isinstance(start, float) or isinstance(end, float) or isinstance(step, float)):
            return arange(start, end, step, dtype)
        if isinstance(step, float):
            return spellings(
                tf.cast(tf.range(start, end, step, dtype=tf.float64), dtype), tf.range(start, end, step, dtype=dtype)
            )
        return general(tf.range(start, end, step, dtype=dtype))

    def rank(start, end, step, dtype):
        return 1

    samples = (
        cases(start=0, end=7, step=2, dtype=[torch.float32, torch.int32, torch.float64])
        + cases(start=0, end=1, step=0.1, dtype=[torch.float32, torch.float64])
        + cases(start=0.5, end=[6.5, 6.0], step=2.0, dtype=[torch.int32, torch.int64])
        + cases(start=6.5, end=-0.5, step=-2, dtype=[torch.int32, torch.int64])
    )


class RangeInt32(Equivalence):
    """The integers below an end as int32, which TensorFlow gives."""

    dtype = "int32"

    def in_torch(end: Number):
        return torch.arange(end, dtype=torch.int32)

    def in_tensorflow(end: Number):
        if isinstance(end, float):
            return refuse("of a float the range is float32")
        return general(tf.range(end))

    def rank(end):
        return 1

    one_way = "tensorflow"
    samples = cases(end=5)


class RangeBetweenInt32(Equivalence):
    """The integers from a start to below an end as int32, which TensorFlow gives."""

    dtype = "int32"

    def in_torch(start: Number, end: Number):
        return torch.arange(start, end, dtype=torch.int32)

    def in_tensorflow(start: Number, end: Number):
        if isinstance(start, int) and isinstance(end, int):
            return tf.range(start, end)
        return refuse("it is not known whether these are integers, so neither is the dtype")

    def rank(start, end):
        return 1

    one_way = "tensorflow"
    samples = cases(start=2, end=7)


class RangeStepInt32(Equivalence):
    """The integers from a start to below an end in steps as int32, which TensorFlow gives."""

    dtype = "int32"

    def in_torch(start: Number, end: Number, step: Number):
        return torch.arange(start, end, step, dtype=torch.int32)

    def in_tensorflow(start: Number, end: Number, step: Number):
        if isinstance(start, int) and isinstance(end, int) and isinstance(step, int):
            return tf.range(start, end, step)
        return refuse("it is not known whether these are integers, so neither is the dtype")

    def rank(start, end, step):
        return 1

    one_way = "tensorflow"
    samples = cases(start=2, end=7, step=2)


class Linspace(Equivalence):
    """Numbers at equal distances. Of integers PyTorch makes float32, TensorFlow float64."""

    dtype = "float32"

    def in_torch(start: Number, end: Number, steps: Int):
        return torch.linspace(start, end, steps)

    def in_tensorflow(start: Number, end: Number, steps: Int):
        if isinstance(start, float) and isinstance(end, float):
            return spellings(tf.linspace(start, end, steps), keras.ops.linspace(start, end, steps))
        return general(keras.ops.linspace(start, end, steps, dtype=tf.float32))

    def rank(start, end, steps):
        return 1

    samples = cases(start=[0.5, 0], end=[2.5, 4], steps=5)


class LinspaceOfIntegers(Equivalence):
    """Numbers at equal distances between integers, as float64, which TensorFlow makes of them."""

    dtype = "float64"

    def in_torch(start: Int, end: Int, steps: Int):
        return torch.linspace(start, end, steps, dtype=torch.float64)

    def in_tensorflow(start: Int, end: Int, steps: Int):
        if isinstance(start, int) and isinstance(end, int):
            return tf.linspace(start, end, steps)
        return refuse("it is not known whether these are integers, so neither is the dtype")

    def rank(start, end, steps):
        return 1

    one_way = "tensorflow"
    samples = cases(start=0, end=4, steps=5)


class SequenceMask(Equivalence):
    """Where each row's positions are below its length; PyTorch has no function for it."""

    dtype = "bool"

    def in_torch(lengths: Tensor, most: Int):
        return torch.arange(most) < lengths[..., None]

    def in_tensorflow(lengths: Tensor, most: Int):
        return tf.sequence_mask(lengths, most)

    def rank(lengths, most):
        return rank(lengths) + 1

    one_way = "tensorflow"
    samples = cases(lengths=[ints(4, high=6), ints(2, 3, high=6)], most=5)


class MakeTensor(Equivalence):
    """A tensor of Python numbers. Of integers PyTorch makes int64, TensorFlow int32; of floats both float32."""

    def in_torch(data: Any):
        return spellings(torch.tensor(data), torch.as_tensor(data))

    def in_tensorflow(data: Any):
        if holds_floats(data) or holds_bools(data):
            return spellings(tf.constant(data), tf.convert_to_tensor(data), keras.ops.convert_to_tensor(data))
        if holds_integers(data):
            return tf.constant(data, dtype=tf.int64)
        return general(tensor(data))

    samples = cases(
        data=[2.5, ([1.5, 2.0],), ([[1, 2], [3, 4]],), ([True, False],), 7, ([1, 2.5],), ints(3), int32s(3)]
    )


class MakeTensorTyped(Equivalence):
    """A tensor of a given dtype."""

    dtype = "dtype"

    def in_torch(data: Any, dtype: Dtype):
        return spellings(torch.tensor(data, dtype=dtype), torch.as_tensor(data, dtype=dtype))

    def in_tensorflow(data: Any, dtype: Dtype):
        return spellings(
            tf.constant(data, dtype=dtype), tf.convert_to_tensor(data, dtype=dtype),
            keras.ops.convert_to_tensor(data, dtype=dtype),
        )  # fmt: skip

    samples = cases(data=[3, ([[1, 2], [3, 4]],)], dtype=[torch.float32, torch.int32, torch.float64])


class MakeConstantInt32(Equivalence):
    """A tensor of Python integers as int32, which TensorFlow makes."""

    def in_torch(data: Any):
        if holds_integers(data):
            return torch.tensor(data, dtype=torch.int32)
        return general(constant(data))

    def in_tensorflow(data: Any):
        return spellings(tf.constant(data), tf.convert_to_tensor(data))

    one_way = "tensorflow"
    samples = cases(data=[([[1, 2], [3, 4]],), 7, ([1.5, 2],), ints(3), int32s(3)])


class FloatTensor(Equivalence):
    """A float32 tensor of nested lists; a number would mean a size."""

    dtype = "float32"

    def in_torch(data: Any):
        return spellings(torch.FloatTensor(data), torch.Tensor(data))

    def in_tensorflow(data: Any):
        if isinstance(data, (list, tuple)):
            return tf.constant(data, dtype=tf.float32)
        return refuse("a number is a size here, an array is data: it is not known which it is")

    one_way = "torch"
    samples = cases(data=[([1.5, 2.0],), ([[1, 2], [3, 4]],)])


class LongTensor(Equivalence):
    """An int64 tensor of nested lists; a number would mean a size."""

    dtype = "int64"

    def in_torch(data: Any):
        return torch.LongTensor(data)

    def in_tensorflow(data: Any):
        if isinstance(data, (list, tuple)):
            return tf.constant(data, dtype=tf.int64)
        return refuse("a number is a size here, an array is data: it is not known which it is")

    one_way = "torch"
    samples = cases(data=[([1, 2],), ([[1, 2], [3, 4]],)])


class NewTensor(Equivalence):
    """A tensor of data in the dtype of another tensor."""

    dtype = "x"

    def in_torch(x: Tensor, data: Any):
        return x.new_tensor(data)

    def in_tensorflow(x: Tensor, data: Any):
        return tf.constant(data, dtype=x.dtype)

    gradient = False
    samples = cases(x=[floats(2), ints(2)], data=([1, 2],))
