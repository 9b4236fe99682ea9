"""Where elements would stand in sorted sequences."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def searchsorted(sequence, x, right=False, sorter=None, dtype=tf.int64):
    """Where the elements of x would be put into a sorted sequence, or each row of x into its row of sequences."""
    if sorter is not None:
        sequence = tf.gather(sequence, sorter, batch_dims=sequence.shape.rank - 1)
    x = tf.convert_to_tensor(x, sequence.dtype)
    values = tf.reshape(x, (-1,)) if sequence.shape.rank == 1 else x
    places = tf.searchsorted(sequence, values, side="right" if right else "left", out_type=dtype)
    return tf.reshape(places, tf.shape(x))


class SearchSorted(Equivalence):
    """Where elements would be put into a sorted sequence, int64 in PyTorch and int32 in TensorFlow."""

    dtype = "int64"
    gradient = False

    def in_torch(sequence: Tensor, x: Tensor, right: Flag = False):
        return torch.searchsorted(sequence, x, right=right)

    def in_tensorflow(sequence: Tensor, x: Tensor, right: Flag = False):
        if right and rank(sequence) == rank(x):
            return tf.searchsorted(sequence, x, side="right", out_type=tf.int64)
        if rank(sequence) == rank(x):
            return tf.searchsorted(sequence, x, out_type=tf.int64)
        return general(searchsorted(sequence, x, right=right))

    def rank(sequence, x, right):
        return rank(x)

    samples = cases(sequence=ints(1), x=[ints(9), ints(2, 3), ints()], right=[Absent, True]) + cases(
        sequence=ints(2, 1), x=ints(2, 3), right=[Absent, True]
    )


class SearchSortedAnyhow(Equivalence):
    """Where elements would be put into a sequence, sorted or with the order that sorts it, before or after equal ones."""

    dtype = "int"
    gradient = False
    one_way = "torch"

    def in_torch(
        sequence: Tensor, x: Operand, right: Flag = False, out_int32: Flag = False, side: Str = Absent,
        sorter: Any = Absent,
    ):  # fmt: skip
        return torch.searchsorted(sequence, x, out_int32=out_int32, right=right, side=side, sorter=sorter)

    def in_tensorflow(
        sequence: Tensor, x: Operand, right: Flag = False, out_int32: Flag = False, side: Str = Absent,
        sorter: Any = Absent,
    ):  # fmt: skip
        if out_int32 and (right or side == "right"):
            return searchsorted(sequence, x, right=True, sorter=sorter, dtype=tf.int32)
        if out_int32:
            return searchsorted(sequence, x, sorter=sorter, dtype=tf.int32)
        return searchsorted(sequence, x, right=right or side == "right", sorter=sorter)

    def rank(sequence, x, right, out_int32, side, sorter):
        if is_number(x):
            return 0
        return rank(x)

    samples = (
        cases(sequence=floats(1), x=[0.5, -9.5])
        + cases(sequence=ints(1), x=ints(9), side=["left", "right"], out_int32=[Absent, True])
        + cases(sequence=ints(1), x=ints(9), right=[Absent, True], sorter=ints(1, high=1))
        + cases(sequence=ints(2, 1), x=ints(2, 3), sorter=ints(2, 1, high=1), side="right")
    )


class SearchSortedInt32(Equivalence):
    """Where elements would be put into a sorted sequence, as int32, which TensorFlow gives."""

    dtype = "int32"
    gradient = False
    one_way = "tensorflow"

    def in_torch(sequence: Tensor, x: Tensor, right: Flag = False):
        return torch.searchsorted(sequence, x, right=right, out_int32=True)

    def in_tensorflow(sequence: Tensor, x: Tensor, right: Flag = False):
        if right:
            return spellings(
                tf.searchsorted(sequence, x, side="right"), keras.ops.searchsorted(sequence, x, side="right")
            )
        return spellings(tf.searchsorted(sequence, x), keras.ops.searchsorted(sequence, x))

    def rank(sequence, x, right):
        return rank(x)

    samples = cases(sequence=ints(1), x=ints(9), right=[Absent, True])


class Bucketize(Equivalence):
    """The bucket of each element between sorted boundaries. Keras's Discretization counts the boundary to the other side."""

    reads_back = False  # searching has the same helper, and takes rows as well
    dtype = "int"
    gradient = False

    def in_torch(x: Operand, boundaries: Tensor, right: Flag = False, out_int32: Flag = False):
        return torch.bucketize(x, boundaries, right=right, out_int32=out_int32)

    def in_tensorflow(x: Operand, boundaries: Tensor, right: Flag = False, out_int32: Flag = False):
        if out_int32:
            return searchsorted(boundaries, x, right=right, dtype=tf.int32)
        if is_number(x):
            return searchsorted(boundaries, x, right=right)
        if right and rank(x) == 1:
            return tf.searchsorted(boundaries, x, side="right", out_type=tf.int64)
        if rank(x) == 1:
            return tf.searchsorted(boundaries, x, out_type=tf.int64)
        return general(searchsorted(boundaries, x, right=right))

    def rank(x, boundaries, right, out_int32):
        if is_number(x):
            return 0
        return rank(x)

    one_way = "torch"
    samples = cases(
        x=[ints(9), ints(), ints(2, 3)], boundaries=ints(1), right=[Absent, True], out_int32=[Absent, True]
    ) + cases(x=0.5, boundaries=floats(1))
