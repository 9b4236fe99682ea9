"""Other dtypes, other containers, copies and detachment."""

import math

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class TypeAs(Elementwise):
    """The dtype of another tensor."""

    hands_back = "x"
    dtype = "other"

    def in_torch(x: Tensor, other: Tensor):
        return spellings(x.type_as(other), x.to(other.dtype), x.to(dtype=other.dtype), x.type(other.dtype), x.to(other))

    def in_tensorflow(x: Tensor, other: Tensor):
        return spellings(tf.cast(x, other.dtype), tf.cast(x, dtype=other.dtype), keras.ops.cast(x, other.dtype))

    samples = cases(x=ints(2, 3), other=floats(4)) + cases(x=floats(2), other=ints(2))


class ToFloat(Elementwise):
    """A float32 tensor of the same values."""

    hands_back = "x"
    dtype = "float32"

    def in_torch(x: Tensor):
        return spellings(x.float(), x.to(torch.float32), x.type(torch.float32))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.float32), keras.ops.cast(x, tf.float32), keras.ops.cast(x, "float32"), tf.cast(x, "float32")
        )

    samples = cases(x=[ints(2, 3), floats(2)])


class ToLong(Elementwise):
    """A int64 tensor of the same values."""

    hands_back = "x"
    dtype = "int64"

    def in_torch(x: Tensor):
        return spellings(x.long(), x.to(torch.int64), x.type(torch.int64))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.int64), keras.ops.cast(x, tf.int64), keras.ops.cast(x, "int64"), tf.cast(x, "int64")
        )

    samples = cases(x=[ints(2, 3), floats(2)])


class ToInt(Elementwise):
    """A int32 tensor of the same values."""

    hands_back = "x"
    dtype = "int32"

    def in_torch(x: Tensor):
        return spellings(x.int(), x.to(torch.int32), x.type(torch.int32))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.int32), keras.ops.cast(x, tf.int32), keras.ops.cast(x, "int32"), tf.cast(x, "int32")
        )

    samples = cases(x=[ints(2, 3), floats(2)])


class ToBool(Elementwise):
    """A bool tensor of the same values."""

    hands_back = "x"
    dtype = "bool"

    def in_torch(x: Tensor):
        return spellings(x.bool(), x.to(torch.bool), x.type(torch.bool))

    def in_tensorflow(x: Tensor):
        return spellings(tf.cast(x, tf.bool), keras.ops.cast(x, tf.bool), keras.ops.cast(x, "bool"), tf.cast(x, "bool"))

    samples = cases(x=[ints(2, 3, high=2), floats(2)])


class ToDouble(Elementwise):
    """A float64 tensor of the same values."""

    hands_back = "x"
    dtype = "float64"

    def in_torch(x: Tensor):
        return spellings(x.double(), x.to(torch.float64), x.type(torch.float64))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.float64), keras.ops.cast(x, tf.float64), keras.ops.cast(x, "float64"), tf.cast(x, "float64")
        )

    samples = cases(x=[ints(2, 3), floats(2)])


class ToHalf(Elementwise):
    """A float16 tensor of the same values."""

    hands_back = "x"
    dtype = "float16"

    def in_torch(x: Tensor):
        return spellings(x.half(), x.to(torch.float16), x.type(torch.float16))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.float16), keras.ops.cast(x, tf.float16), keras.ops.cast(x, "float16"), tf.cast(x, "float16")
        )

    samples = cases(x=[ints(2, 3), floats(2)])


class ToByte(Elementwise):
    """A uint8 tensor of the same values."""

    hands_back = "x"
    dtype = "uint8"

    def in_torch(x: Tensor):
        return spellings(x.byte(), x.to(torch.uint8), x.type(torch.uint8))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.uint8), keras.ops.cast(x, tf.uint8), keras.ops.cast(x, "uint8"), tf.cast(x, "uint8")
        )

    samples = cases(x=ints(2, 3))


class ToShort(Elementwise):
    """A int16 tensor of the same values."""

    hands_back = "x"
    dtype = "int16"

    def in_torch(x: Tensor):
        return spellings(x.short(), x.to(torch.int16), x.type(torch.int16))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.cast(x, tf.int16), keras.ops.cast(x, tf.int16), keras.ops.cast(x, "int16"), tf.cast(x, "int16")
        )

    samples = cases(x=[ints(2, 3), floats(2)])


class ToChar(Elementwise):
    """An int8 tensor of the same values."""

    hands_back = "x"
    dtype = "int8"

    def in_torch(x: Tensor):
        return spellings(x.char(), x.to(torch.int8), x.type(torch.int8))

    def in_tensorflow(x: Tensor):
        return tf.cast(x, tf.int8)

    samples = cases(x=ints(2, 3))


class ToBfloat16(Elementwise):
    """A bfloat16 tensor of the same values."""

    hands_back = "x"
    dtype = "bfloat16"

    def in_torch(x: Tensor):
        return spellings(x.bfloat16(), x.to(torch.bfloat16), x.type(torch.bfloat16))

    def in_tensorflow(x: Tensor):
        return tf.cast(x, tf.bfloat16)

    samples = cases(x=ints(2, 3))


class ToComplexFloat(Elementwise):
    """A complex64 tensor of the same values."""

    hands_back = "x"
    dtype = "complex64"

    def in_torch(x: Tensor):
        return spellings(x.cfloat(), x.to(torch.complex64), x.type(torch.complex64))

    def in_tensorflow(x: Tensor):
        return tf.cast(x, tf.complex64)

    samples = cases(x=ints(2, 3))


class ToComplexDouble(Elementwise):
    """A complex128 tensor of the same values."""

    hands_back = "x"
    dtype = "complex128"

    def in_torch(x: Tensor):
        return spellings(x.cdouble(), x.to(torch.complex128), x.type(torch.complex128))

    def in_tensorflow(x: Tensor):
        return tf.cast(x, tf.complex128)

    samples = cases(x=ints(2, 3))


class Cast(Elementwise):
    """Another dtype. PyTorch's `to` also moves to devices, which TensorFlow does by itself."""

    hands_back = "x"
    dtype = "dtype"

    def in_torch(x: Tensor, dtype: Dtype):
        return spellings(x.to(dtype), x.to(dtype=dtype), x.type(dtype))

    def in_tensorflow(x: Tensor, dtype: Dtype):
        return spellings(tf.cast(x, dtype), keras.ops.cast(x, dtype))

    samples = cases(x=[floats(2, 3), ints(2, 3)], dtype=[torch.int8, torch.float64, torch.complex64])


class CastAnything(Equivalence):
    """A tensor of a given dtype, whatever it is made of: `tf.cast` takes arrays and numbers as well."""

    dtype = "dtype"

    def in_torch(data: Any, dtype: Dtype):
        return torch.as_tensor(data, dtype=dtype)

    def in_tensorflow(data: Any, dtype: Dtype):
        return tf.cast(data, dtype)

    one_way = "tensorflow"
    samples = cases(data=[3, 2.5], dtype=[torch.float32, torch.int64])


class Clone(Elementwise):
    """A copy. TensorFlow's tensors never change, so the same tensor serves."""

    def in_torch(x: Tensor):
        return spellings(x.clone(), torch.clone(x), torch.alias_copy(x))

    def in_tensorflow(x: Tensor):
        return tf.identity(x)

    samples = cases(x=floats(2, 3))


class Contiguous(View):
    """The same tensor, its memory in order, which TensorFlow's tensors always are."""

    def in_torch(x: Tensor):
        return spellings(x.contiguous(), x.resolve_conj())

    def in_tensorflow(x: Tensor):
        return x

    def rank(x):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3))


class Detach(View):
    """The same values, through which no gradient flows."""

    def in_torch(x: Tensor):
        return x.detach()

    def in_tensorflow(x: Tensor):
        return spellings(tf.stop_gradient(x), keras.ops.stop_gradient(x))

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 3))


class ToNumpy(View):
    """A NumPy array. PyTorch's must come off the device and out of the graph; TensorFlow has none under `tf.function`."""

    result = "foreign"
    gradient = False

    def in_torch(x: Tensor):
        return spellings(
            x.detach().cpu().numpy(), x.cpu().detach().numpy(), x.detach().numpy(), x.cpu().numpy(), x.numpy()
        )

    def in_tensorflow(x: Tensor):
        return spellings(x.numpy(), keras.ops.convert_to_numpy(x))

    samples = cases(x=[floats(2, 3), ints(3)])


class Item(Equivalence):
    """The number in a tensor of one element; under `tf.function` there is none."""

    result = "number"
    one_way = "torch"

    def in_torch(x: Tensor):
        return x.item()

    def in_tensorflow(x: Tensor):
        return x.numpy().item()

    samples = cases(x=[floats(), floats(1), ints(1)])


class ToList(Equivalence):
    """Nested lists of numbers; under `tf.function` there are none."""

    result = "list"
    one_way = "torch"

    def in_torch(x: Tensor):
        return x.tolist()

    def in_tensorflow(x: Tensor):
        return x.numpy().tolist()

    samples = cases(x=[floats(2, 3), ints(3)])


class NumberOfElements(Equivalence):
    """How many elements there are. `tf.size` gives a tensor, PyTorch a number; PyTorch's `size` is the shape."""

    result = "int"

    def in_torch(x: Tensor):
        return spellings(x.numel(), torch.numel(x), x.nelement())

    def in_tensorflow(x: Tensor):
        return spellings(math.prod(keras.ops.shape(x)), tf.size(x), keras.ops.size(x))

    samples = cases(x=[floats(2, 3), ints(3)])


class ShapeOf(Equivalence):
    """The sizes of all axes. `tf.shape` gives a tensor, PyTorch and Keras numbers."""

    result = "shape"
    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return x.shape

    def in_tensorflow(x: Tensor):
        return keras.ops.shape(x)

    samples = cases(x=[floats(2, 3), ints(3)])


class ShapeTensor(Equivalence):
    """The sizes of all axes, a tensor in TensorFlow only."""

    result = "shape tensor"
    one_way = "tensorflow"

    def in_torch(x: Tensor):
        return torch.tensor(x.shape, dtype=torch.int32)

    def in_tensorflow(x: Tensor):
        return tf.shape(x)

    samples = cases(x=[floats(2, 3), ints(3)])


class NumberOfAxes(Equivalence):
    """How many axes there are."""

    result = "int"

    def in_torch(x: Tensor):
        return spellings(x.dim(), x.ndimension(), x.ndim)

    def in_tensorflow(x: Tensor):
        return spellings(x.ndim, tf.rank(x), keras.ops.ndim(x))

    samples = cases(x=[floats(2, 3), ints(3)])


class IsFloatingPoint(Equivalence):
    """Whether the dtype is a floating one."""

    result = "bool"
    one_way = "torch"

    def in_torch(x: Tensor):
        return spellings(x.is_floating_point(), torch.is_floating_point(x))

    def in_tensorflow(x: Tensor):
        return x.dtype.is_floating

    samples = cases(x=[floats(2, 3), ints(3)])


class IsTensor(Equivalence):
    """Whether something is a tensor."""

    result = "bool"

    def in_torch(data: Any):
        return torch.is_tensor(data)

    def in_tensorflow(data: Any):
        return spellings(tf.is_tensor(data), keras.ops.is_tensor(data))

    samples = cases(data=[3, floats(2)])


class SmallestOfDtype(Equivalence):
    """The lowest number that a floating dtype holds."""

    result = "float"
    one_way = "torch"

    def in_torch(dtype: Dtype):
        return torch.finfo(dtype).min

    def in_tensorflow(dtype: Dtype):
        return float(dtype.min)

    samples = cases(dtype=[torch.float32, torch.float16])


class LargestOfDtype(Equivalence):
    """The largest number that a floating dtype holds."""

    result = "float"
    one_way = "torch"

    def in_torch(dtype: Dtype):
        return torch.finfo(dtype).max

    def in_tensorflow(dtype: Dtype):
        return float(dtype.max)

    samples = cases(dtype=[torch.float32, torch.float16])


class LargestInteger(Equivalence):
    """The largest number that an integer dtype holds."""

    result = "int"
    one_way = "torch"

    def in_torch(dtype: Dtype):
        return torch.iinfo(dtype).max

    def in_tensorflow(dtype: Dtype):
        return dtype.max

    samples = cases(dtype=[torch.int32, torch.int64])
