"""Spaced numbers, triangles of places, tensors laid out in memory, and writing by masks."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def logspace(start, end, steps, base=10.0, dtype=tf.float32):
    """Numbers whose logarithms are evenly spaced, both ends included."""
    if steps == 0:
        return tf.zeros((0,), dtype)
    if dtype.is_integer:  # PyTorch cuts the exponents to integers first
        start, end = tf.cast(start, dtype), tf.cast(end, dtype)
    powers = tf.linspace(tf.cast(start, tf.float64), tf.cast(end, tf.float64), steps)
    return tf.cast(tf.cast(base, tf.float64) ** powers, dtype)


@helper
def linspace(start, end, steps, dtype=tf.float32):
    """Evenly spaced numbers, both ends included, counted from either end up to the middle as PyTorch does."""
    ends = [tf.cast(tf.cast(end, dtype) if dtype.is_integer else end, tf.float64) for end in (start, end)]
    places = tf.range(steps, dtype=tf.float64)
    step = (ends[1] - ends[0]) / max(steps - 1, 1)
    rising, falling = ends[0] + step * places, ends[1] - step * (steps - 1 - places)
    return tf.cast(tf.where(places < max(steps // 2, 1), rising, falling), dtype)


@helper
def triangle_indices(rows, columns, offset=0, upper=False, dtype=tf.int64):
    """Row and column numbers of one triangle of a matrix."""
    distance = tf.range(columns)[None] - tf.range(rows)[:, None]
    return tf.cast(tf.transpose(tf.where(distance >= offset if upper else distance <= offset)), dtype)


@helper
def sum_to_size(x, size):
    """The sums over the axes along which a tensor of this size would be broadcast to x."""
    first = x.shape.rank - len(size)
    ones = [first + a for a, n in enumerate(size) if n == 1]
    if first or ones or not size:
        x = tf.reduce_sum(tf.cast(x, tf.int64) if x.dtype == tf.bool else x, axis=ones, keepdims=True)
        x = tf.reduce_sum(x, axis=list(range(first)))
    return x


class LogSpace(Equivalence):
    """Numbers whose logarithms are evenly spaced, both ends included; of tensors or numbers."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(start: Operand, end: Operand, steps: Int, base: Operand = 10.0, dtype: Dtype = Absent):
        return torch.logspace(start, end, steps, base=base, dtype=dtype)

    def in_tensorflow(start: Operand, end: Operand, steps: Int, base: Operand = 10.0, dtype: Dtype = Absent):
        return logspace(start, end, steps, base=base, dtype=dtype)

    def rank(start, end, steps, base, dtype):
        return 1

    samples = cases(start=0, end=[2, 1.5], steps=[0, 4], base=[Absent, 2.0]) + cases(
        start=floats(), end=2, steps=3, dtype=torch.float64
    )


class LinSpaceOfTensors(Equivalence):
    """Evenly spaced numbers between tensors without axes."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(start: Tensor, end: Operand, steps: Int, dtype: Dtype = Absent):
        return torch.linspace(start, end, steps, dtype=dtype)

    def in_tensorflow(start: Tensor, end: Operand, steps: Int, dtype: Dtype = Absent):
        return linspace(start, end, steps, dtype=dtype)

    def rank(start, end, steps, dtype):
        return 1

    samples = cases(start=floats(), end=[floats(), 2], steps=[0, 4], dtype=[Absent, torch.float64])


class LinSpaceToTensor(Equivalence):
    """Evenly spaced numbers from a number to a tensor without axes."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(start: Number, end: Tensor, steps: Int, dtype: Dtype = Absent):
        return torch.linspace(start, end, steps, dtype=dtype)

    def in_tensorflow(start: Number, end: Tensor, steps: Int, dtype: Dtype = Absent):
        return linspace(start, end, steps, dtype=dtype)

    def rank(start, end, steps, dtype):
        return 1

    samples = cases(start=1, end=floats(), steps=[0, 4], dtype=[Absent, torch.float64])


class LinspaceTyped(Equivalence):
    """Numbers at equal distances, of a given dtype; of integers PyTorch cuts both ends first, and then the numbers."""

    dtype = "dtype"

    def in_torch(start: Number, end: Number, steps: Int, dtype: Dtype):
        return torch.linspace(start, end, steps, dtype=dtype)

    def in_tensorflow(start: Number, end: Number, steps: Int, dtype: Dtype):
        if known_integer(dtype):
            return linspace(start, end, steps, dtype=dtype)
        return general(keras.ops.linspace(start, end, steps, dtype=dtype))

    def rank(start, end, steps, dtype):
        return 1

    samples = cases(start=[0.5, 0], end=2.5, steps=5, dtype=[torch.float32, torch.float64]) + cases(
        start=-2.5, end=[-9, 7.9], steps=[1, 12], dtype=torch.int64
    )


class LowerTriangleIndices(Equivalence):
    """Row and column numbers of the lower triangle of a matrix."""

    dtype = "dtype"
    default_dtype = "int64"
    one_way = "torch"
    gradient = False

    def in_torch(rows: Int, columns: Int, offset: Int = 0, dtype: Dtype = Absent):
        return torch.tril_indices(rows, columns, offset=offset, dtype=dtype)

    def in_tensorflow(rows: Int, columns: Int, offset: Int = 0, dtype: Dtype = Absent):
        return triangle_indices(rows, columns, offset=offset, dtype=dtype)

    def rank(rows, columns, offset, dtype):
        return 2

    samples = cases(rows=3, columns=[4, 2], offset=[Absent, 1, -1]) + cases(rows=2, columns=2, dtype=torch.int32)


class UpperTriangleIndices(Equivalence):
    """Row and column numbers of the upper triangle of a matrix."""

    dtype = "dtype"
    default_dtype = "int64"
    one_way = "torch"
    gradient = False

    def in_torch(rows: Int, columns: Int, offset: Int = 0, dtype: Dtype = Absent):
        return torch.triu_indices(rows, columns, offset=offset, dtype=dtype)

    def in_tensorflow(rows: Int, columns: Int, offset: Int = 0, dtype: Dtype = Absent):
        return triangle_indices(rows, columns, offset=offset, upper=True, dtype=dtype)

    def rank(rows, columns, offset, dtype):
        return 2

    samples = cases(rows=3, columns=[4, 2], offset=[Absent, 1, -1]) + cases(rows=2, columns=2, dtype=torch.int32)


class ScalarTensor(Equivalence):
    """A tensor of one number without axes, float32 unless told otherwise."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False

    def in_torch(value: Number, dtype: Dtype = Absent):
        return torch.scalar_tensor(value, dtype=dtype)

    def in_tensorflow(value: Number, dtype: Dtype = Absent):
        if given(dtype):
            return tf.cast(value, dtype)
        return tf.constant(value, tf.float32)

    def rank(value, dtype):
        return 0

    samples = cases(value=[3, 2.5], dtype=[Absent, torch.float64])


class EmptyInOrder(Equivalence):
    """A tensor of no particular values; how it lies in memory does not matter in TensorFlow."""

    dtype = "dtype"
    default_dtype = "float32"
    one_way = "torch"
    gradient = False
    random = True

    def in_torch(size: Any, order: Any, dtype: Dtype = Absent):
        return spellings(torch.empty_permuted(size, order, dtype=dtype), torch.empty_strided(size, order, dtype=dtype))

    def in_tensorflow(size: Any, order: Any, dtype: Dtype = Absent):
        return tf.zeros(size, dtype=dtype)

    def rank(size, order, dtype):
        return len(size)

    samples = cases(size=(2, 3), order=(1, 0), dtype=[Absent, torch.float64])


class NewEmptyStrided(Equivalence):
    """A tensor of no particular values and the dtype of another."""

    one_way = "torch"
    gradient = False
    random = True

    def in_torch(x: Tensor, size: Any, stride: Any):
        return x.new_empty_strided(size, stride)

    def in_tensorflow(x: Tensor, size: Any, stride: Any):
        return tf.zeros(size, dtype=x.dtype)

    def rank(x, size, stride):
        return len(size)

    samples = cases(x=[floats(2), ints(2)], size=(2, 3), stride=(3, 1))


class NewEmptyStridedInDtype(Equivalence):
    """A tensor of no particular values and a given dtype."""

    dtype = "dtype"
    one_way = "torch"
    gradient = False
    random = True

    def in_torch(x: Tensor, size: Any, stride: Any, dtype: Dtype):
        return x.new_empty_strided(size, stride, dtype=dtype)

    def in_tensorflow(x: Tensor, size: Any, stride: Any, dtype: Dtype):
        return tf.zeros(size, dtype=dtype)

    def rank(x, size, stride, dtype):
        return len(size)

    samples = cases(x=floats(2), size=(2, 3), stride=(3, 1), dtype=torch.float64)


class SumToSize(Equivalence):
    """The sums over the axes along which a smaller tensor would be broadcast."""

    hands_back = "x"
    one_way = "torch"

    def in_torch(x: Tensor, size: Shape):
        return x.sum_to_size(*size)

    def in_tensorflow(x: Tensor, size: Shape):
        return sum_to_size(x, size)

    def rank(x, size):
        return len(size)

    samples = cases(x=floats(2, 3, 4), size=[(3, 1), (1, 4), (2, 3, 4)])


class ViewAsComplex(Equivalence):
    """Complex numbers of pairs in the last axis."""

    views = "x"
    dtype = "complex"

    def in_torch(x: Tensor):
        return torch.view_as_complex(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.complex(x[..., 0], x[..., 1]), keras.ops.view_as_complex(x))

    def rank(x):
        return rank(x) - 1

    samples = cases(x=floats(3, 2))
