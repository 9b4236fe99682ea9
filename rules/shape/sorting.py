"""Sorting, the k largest, unique elements."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def unique_inverse(x):
    """For each element of x, its place among the sorted unique elements."""
    values = tf.unique(tf.sort(tf.reshape(x, (-1,)))).y
    return tf.reshape(tf.searchsorted(values, tf.reshape(x, (-1,)), out_type=tf.int64), tf.shape(x))


class Sort(Equivalence):
    """Sorted elements and where they were. PyTorch puts NaN last; TensorFlow does not sort where NaN is among them."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    axes = ("dim",)
    result = ("values", "indices")

    def in_torch(x: Tensor, dim: Axis = -1, descending: Flag = False):
        return spellings(
            torch.sort(x, dim=dim, descending=descending), x.sort(dim=dim, descending=descending),
            torch.sort(x, dim=dim, descending=descending, stable=True),
            x.sort(dim=dim, descending=descending, stable=True),
            torch.sort(x, dim=dim, descending=descending, stable=False),
            x.sort(dim=dim, descending=descending, stable=False),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, dim: Axis = -1, descending: Flag = False):
        if known_bool(x) and descending:
            return parts(
                values=tf.cast(tf.sort(tf.cast(x, tf.int32), axis=dim, direction="DESCENDING"), tf.bool),
                indices=tf.cast(
                    tf.argsort(tf.cast(x, tf.int32), axis=dim, direction="DESCENDING", stable=True), tf.int64
                ),
            )
        if known_bool(x):
            return parts(
                values=tf.cast(tf.sort(tf.cast(x, tf.int32), axis=dim), tf.bool),
                indices=tf.cast(tf.argsort(tf.cast(x, tf.int32), axis=dim, stable=True), tf.int64),
            )
        if rank(x) > 0 and length(x, dim) == 0:
            return parts(values=tf.identity(x), indices=tf.zeros_like(x, tf.int64))
        if descending:
            return general(
                parts(
                    values=tf.sort(x, axis=dim, direction="DESCENDING"),
                    indices=tf.cast(tf.argsort(x, axis=dim, direction="DESCENDING", stable=True), tf.int64),
                )
            )
        return general(
            parts(values=tf.sort(x, axis=dim), indices=tf.cast(tf.argsort(x, axis=dim, stable=True), tf.int64))
        )

    samples = cases(x=[floats(3, 4), bools(3, 4)], dim=[Absent, 0, -1], descending=[Absent, True]) + cases(
        x=floats(3, 0)
    )


class SortedValues(Equivalence):
    """Sorted elements alone; PyTorch gives their places too."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis = -1):
        return torch.sort(x, dim=dim).values

    def in_tensorflow(x: Tensor, dim: Axis = -1):
        return spellings(tf.sort(x, axis=dim), keras.ops.sort(x, axis=dim))

    samples = cases(x=floats(3, 4), dim=[Absent, 0, -1])


class SortedValuesDescending(Equivalence):
    """Elements sorted from the largest on; PyTorch gives their places too."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis = -1):
        return torch.sort(x, dim=dim, descending=True).values

    def in_tensorflow(x: Tensor, dim: Axis = -1):
        return tf.sort(x, axis=dim, direction="DESCENDING")

    samples = cases(x=floats(3, 4), dim=[Absent, 0, -1])


class Argsort(Equivalence):
    """The order that would sort, int64 in PyTorch and int32 in TensorFlow. At ties the order is free unless stable."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    axes = ("dim",)
    dtype = "int64"
    gradient = False

    def in_torch(x: Tensor, dim: Axis = -1, descending: Flag = False, stable: Flag = False):
        return spellings(
            torch.argsort(x, dim=dim, descending=descending, stable=stable),
            x.argsort(dim=dim, descending=descending, stable=stable),
        )

    def in_tensorflow(x: Tensor, dim: Axis = -1, descending: Flag = False, stable: Flag = False):
        if descending:
            return tf.cast(tf.argsort(x, axis=dim, direction="DESCENDING", stable=stable), tf.int64)
        return tf.cast(tf.argsort(x, axis=dim, stable=stable), tf.int64)

    promotes = "number"
    samples = cases(x=floats(3, 4), dim=[Absent, 0, -1], descending=[Absent, True], stable=[Absent, True]) + cases(
        x=bools(5), stable=True
    )


class ArgsortInt32(Equivalence):
    """The order that would sort, as int32, which TensorFlow gives."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    axes = ("dim",)
    dtype = "int32"
    gradient = False

    def in_torch(x: Tensor, dim: Axis = -1):
        return torch.argsort(x, dim=dim).int()

    def in_tensorflow(x: Tensor, dim: Axis = -1):
        return tf.argsort(x, axis=dim)

    samples = cases(x=floats(3, 4), dim=[Absent, 0, -1])


class ArgsortDescendingInt32(Equivalence):
    """The order that would sort from the largest on, as int32, which TensorFlow gives."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    axes = ("dim",)
    dtype = "int32"
    gradient = False

    def in_torch(x: Tensor, dim: Axis = -1):
        return torch.argsort(x, dim=dim, descending=True).int()

    def in_tensorflow(x: Tensor, dim: Axis = -1):
        return tf.argsort(x, axis=dim, direction="DESCENDING")

    samples = cases(x=floats(3, 4), dim=[Absent, 0, -1])


class TopK(Equivalence):
    """The k largest (or smallest) along an axis and where they are. TensorFlow knows the last axis and the largest only."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    axes = ("dim",)
    result = ("values", "indices")

    def in_torch(x: Tensor, k: Int, dim: Axis = -1, largest: Flag = True):
        return spellings(torch.topk(x, k, dim=dim, largest=largest), x.topk(k, dim=dim, largest=largest))

    def in_tensorflow(x: Tensor, k: Int, dim: Axis = -1, largest: Flag = True):
        if largest and (dim == -1 or dim == rank(x) - 1):
            return parts(values=tf.math.top_k(x, k).values, indices=tf.math.top_k(x, k, index_type=tf.int64).indices)
        if dim == -1 or dim == rank(x) - 1:
            return parts(values=-tf.math.top_k(-x, k).values, indices=tf.math.top_k(-x, k, index_type=tf.int64).indices)
        if largest:
            return general(
                parts(
                    values=keras.ops.swapaxes(tf.math.top_k(keras.ops.swapaxes(x, dim, -1), k).values, dim, -1),
                    indices=keras.ops.swapaxes(
                        tf.math.top_k(keras.ops.swapaxes(x, dim, -1), k, index_type=tf.int64).indices, dim, -1
                    ),
                )
            )
        return general(
            parts(
                values=-keras.ops.swapaxes(tf.math.top_k(keras.ops.swapaxes(-x, dim, -1), k).values, dim, -1),
                indices=keras.ops.swapaxes(
                    tf.math.top_k(keras.ops.swapaxes(-x, dim, -1), k, index_type=tf.int64).indices, dim, -1
                ),
            )
        )

    samples = cases(x=floats(3, 4, 5), k=[1, 2], dim=[Absent, 2, 0, 1], largest=[Absent, False]) + cases(
        x=floats(), k=1
    )


class TopKInt64(Equivalence):
    """The k largest along the last axis and where they are, as int64, where TensorFlow is asked for that: then it has no
    gradient.
    """

    gradient = False
    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    result = ("values", "indices")

    def in_torch(x: Tensor, k: Int):
        return parts(values=torch.topk(x, k).values, indices=torch.topk(x, k).indices)

    def in_tensorflow(x: Tensor, k: Int = 1):
        return spellings(tf.math.top_k(x, k, index_type=tf.int64), tf.nn.top_k(x, k, index_type=tf.int64))

    def rank(x, k):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(3, 5), k=[1, 2])


class TopKInt32(Equivalence):
    """The k largest along the last axis and where they are, as int32, which TensorFlow gives."""

    not_finite = "PyTorch takes NaN for the largest, TensorFlow puts it where the others leave a place"
    result = ("values", "indices")

    def in_torch(x: Tensor, k: Int):
        return parts(values=torch.topk(x, k).values, indices=torch.topk(x, k).indices.int())

    def in_tensorflow(x: Tensor, k: Int = 1):
        return spellings(tf.math.top_k(x, k), tf.nn.top_k(x, k), keras.ops.top_k(x, k))

    def rank(x, k):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(3, 5), k=[1, 2])


class Unique(Equivalence):
    """The unique elements, sorted in PyTorch, in order of appearance in TensorFlow."""

    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.unique(x), x.unique())

    def in_tensorflow(x: Tensor):
        return tf.unique(tf.sort(tf.reshape(x, (-1,)))).y

    def rank(x):
        return 1

    samples = cases(x=[ints(9, high=4), ints(3, 4, high=5)])


class UniqueCounts(Equivalence):
    """The unique elements, sorted, and how often each occurs."""

    result = ("values", "counts")
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.unique(x, return_counts=True), x.unique(return_counts=True))

    def in_tensorflow(x: Tensor):
        return parts(
            values=tf.unique(tf.sort(tf.reshape(x, (-1,)))).y,
            counts=tf.unique_with_counts(tf.sort(tf.reshape(x, (-1,))), out_idx=tf.int64).count,
        )

    def rank(x):
        return 1

    samples = cases(x=[ints(9, high=4), ints(3, 4, high=5)])


class UniqueInverse(Equivalence):
    """The unique elements, sorted, and for each element its place among them."""

    result = ("values", "inverse")
    gradient = False

    def in_torch(x: Tensor):
        return spellings(torch.unique(x, return_inverse=True), x.unique(return_inverse=True))

    def in_tensorflow(x: Tensor):
        return parts(values=tf.unique(tf.sort(tf.reshape(x, (-1,)))).y, inverse=unique_inverse(x))

    samples = cases(x=[ints(9, high=4), ints(3, 4, high=5)])
