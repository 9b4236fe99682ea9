"""Names of dtypes."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


class Float32(Equivalence):
    """32-bit floating point, the default of both frameworks."""

    result = "dtype"

    def in_torch():
        return spellings(torch.float32, torch.float)

    def in_tensorflow():
        return tf.float32

    samples = cases()


class Float64(Equivalence):
    """64-bit floating point."""

    result = "dtype"

    def in_torch():
        return spellings(torch.float64, torch.double)

    def in_tensorflow():
        return spellings(tf.float64, tf.double)

    samples = cases()


class Float16(Equivalence):
    """16-bit floating point."""

    result = "dtype"

    def in_torch():
        return spellings(torch.float16, torch.half)

    def in_tensorflow():
        return spellings(tf.float16, tf.half)

    samples = cases()


class BFloat16(Equivalence):
    """16-bit floating point with the range of float32."""

    result = "dtype"

    def in_torch():
        return torch.bfloat16

    def in_tensorflow():
        return tf.bfloat16

    samples = cases()


class Int64(Equivalence):
    """64-bit integers, the default of PyTorch."""

    result = "dtype"

    def in_torch():
        return spellings(torch.int64, torch.long)

    def in_tensorflow():
        return tf.int64

    samples = cases()


class Int32(Equivalence):
    """32-bit integers, the default of TensorFlow."""

    result = "dtype"

    def in_torch():
        return spellings(torch.int32, torch.int)

    def in_tensorflow():
        return tf.int32

    samples = cases()


class Int16(Equivalence):
    """16-bit integers."""

    result = "dtype"

    def in_torch():
        return spellings(torch.int16, torch.short)

    def in_tensorflow():
        return tf.int16

    samples = cases()


class Int8(Equivalence):
    """8-bit integers."""

    result = "dtype"

    def in_torch():
        return torch.int8

    def in_tensorflow():
        return tf.int8

    samples = cases()


class UInt8(Equivalence):
    """8-bit integers without sign."""

    result = "dtype"

    def in_torch():
        return torch.uint8

    def in_tensorflow():
        return tf.uint8

    samples = cases()


class Bool(Equivalence):
    """Truth values."""

    result = "dtype"

    def in_torch():
        return torch.bool

    def in_tensorflow():
        return tf.bool

    samples = cases()


class Complex64(Equivalence):
    """Complex numbers of two float32."""

    result = "dtype"

    def in_torch():
        return spellings(torch.complex64, torch.cfloat)

    def in_tensorflow():
        return tf.complex64

    samples = cases()


class Complex128(Equivalence):
    """Complex numbers of two float64."""

    result = "dtype"

    def in_torch():
        return spellings(torch.complex128, torch.cdouble)

    def in_tensorflow():
        return tf.complex128

    samples = cases()
