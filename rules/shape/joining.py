"""Tensors joined and taken apart."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def split(x, size, dim=0):
    """Cut x along `dim` into pieces of `size`; the last may be smaller."""
    whole, rest = divmod(x.shape[dim], size)
    return tf.split(x, [size] * whole + [rest] * (rest > 0), axis=dim)


@helper
def concat_filled(tensors, dim):
    """Join tensors along an axis; vectors among tensors with more axes, which must be empty, are left out."""
    most = max(each.shape.rank for each in tensors)
    return tf.concat([each for each in tensors if each.shape.rank == most], axis=dim)


@helper
def meshgrid(tensors, indexing="xy"):
    """Grids of coordinates of several vectors, or of one."""
    return tf.meshgrid(*([tensors] if tf.is_tensor(tensors) else tensors), indexing=indexing)


class Concatenate(Equivalence):
    """Tensors joined along an axis. PyTorch promotes dtypes; TensorFlow wants them equal."""

    axes = ("dim",)

    def in_torch(tensors: Tensors, dim: Axis = 0):
        return spellings(
            torch.cat(tensors, dim=dim), torch.concat(tensors, dim=dim), torch.concatenate(tensors, dim=dim)
        )

    def in_tensorflow(tensors: Tensors, dim: Axis):
        if differ_in_rank(tensors):
            return concat_filled(tensors, dim)
        return general(tf.concat(tensors, axis=dim))

    samples = cases(tensors=[(floats(0), floats(2, 3))], dim=1) + cases(
        tensors=[(floats(2, 3), floats(2, 3)), (floats(2, 3), floats(2, 3), floats(2, 3))], dim=[Absent, 1, -1]
    )


class ConcatenateLast(Equivalence):
    """Tensors joined along an axis; Keras takes the last axis unless told otherwise, PyTorch the first."""

    axes = ("dim",)

    def in_torch(tensors: Tensors, dim: Axis = 0):
        return torch.cat(tensors, dim=dim)

    def in_tensorflow(tensors: Tensors, dim: Axis = -1):
        return spellings(keras.layers.concatenate(tensors, axis=dim), keras.layers.Concatenate(axis=dim)(tensors))

    one_way = "tensorflow"
    samples = cases(tensors=(floats(2, 3), floats(2, 3)), dim=[1, -1])


class ConcatenateOps(Equivalence):
    """Tensors joined along an axis, the first unless told otherwise."""

    axes = ("dim",)

    def in_torch(tensors: Tensors, dim: Axis = 0):
        return torch.cat(tensors, dim=dim)

    def in_tensorflow(tensors: Tensors, dim: Axis = 0):
        return keras.ops.concatenate(tensors, axis=dim)

    one_way = "tensorflow"
    samples = cases(tensors=(floats(2, 3), floats(2, 3)), dim=[Absent, 1, -1])


class Stack(Equivalence):
    """Tensors joined along a new axis."""

    def in_torch(tensors: Tensors, dim: Axis = 0):
        return torch.stack(tensors, dim=dim)

    def in_tensorflow(tensors: Tensors, dim: Axis = 0):
        return spellings(tf.stack(tensors, axis=dim), keras.ops.stack(tensors, axis=dim))

    def rank(tensors, dim):
        return rank(tensors) + 1

    samples = cases(tensors=(floats(2, 3), floats(2, 3)), dim=[Absent, 1, -1])


class Chunk(View):
    """An axis cut into equal parts. PyTorch also takes a number that does not divide the size; TensorFlow raises then."""

    axes = ("dim",)
    result = "tensors"

    def in_torch(x: Tensor, chunks: Int, dim: Axis = 0):
        return spellings(
            torch.chunk(x, chunks, dim=dim), x.chunk(chunks, dim=dim), torch.unsafe_chunk(x, chunks, dim=dim),
            x.unsafe_chunk(chunks, dim=dim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, chunks: Int, dim: Axis = 0):
        if length(x, dim) % chunks != 0:
            return split(x, -(-length(x, dim) // chunks), dim=dim)
        return general(spellings(tf.split(x, chunks, axis=dim), keras.ops.split(x, chunks, axis=dim)))

    samples = cases(x=floats(4, 6), chunks=2, dim=[Absent, 1, -1]) + cases(x=floats(5, 7), chunks=3, dim=-1)


class SplitSizes(View):
    """An axis cut into parts of given sizes."""

    axes = ("dim",)
    result = "tensors"

    def in_torch(x: Tensor, sizes: Shape, dim: Axis = 0):
        return spellings(
            torch.split(x, sizes, dim=dim), x.split(sizes, dim=dim), torch.split_with_sizes_copy(x, sizes, dim=dim),
            torch.split_with_sizes(x, sizes, dim=dim), x.split_with_sizes(sizes, dim=dim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, sizes: Shape, dim: Axis = 0):
        if isinstance(sizes, (tuple, list)):
            return tf.split(x, sizes, axis=dim)
        return refuse("it is not known whether this is one size or several")

    samples = cases(x=floats(6, 6), sizes=[(1, 2, 3), (4, 2)], dim=[Absent, 1, -1])


class SplitSize(View):
    """An axis cut into parts of one size, the last smaller. `tf.split` takes the number of parts, not their size."""

    axes = ("dim",)
    result = "tensors"

    def in_torch(x: Tensor, size: Int, dim: Axis = 0):
        return spellings(
            torch.split(x, size, dim=dim), x.split(size, dim=dim), torch.unsafe_split(x, size, dim=dim),
            x.unsafe_split(size, dim=dim),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, size: Int, dim: Axis = 0):
        return split(x, size, dim=dim)

    samples = cases(x=floats(4, 7), size=[2, 3], dim=[1, -1])


class Unbind(View):
    """The slices along an axis, without it. TensorFlow must know the size when it traces."""

    result = "tensors"

    def in_torch(x: Tensor, dim: Axis = 0):
        return spellings(torch.unbind(x, dim=dim), x.unbind(dim=dim), torch.unbind_copy(x, dim=dim))

    def in_tensorflow(x: Tensor, dim: Axis = 0):
        return spellings(tf.unstack(x, axis=dim), keras.ops.unstack(x, axis=dim))

    def rank(x, dim):
        return rank(x) - 1

    samples = cases(x=floats(2, 3, 4), dim=[1, -1])


class Tile(Equivalence):
    """The whole tensor repeated along its last axes, as NumPy's `tile`."""

    def in_torch(x: Tensor, times: Shape):
        return spellings(torch.tile(x, times), x.tile(times))

    def in_tensorflow(x: Tensor, times: Shape):
        return keras.ops.tile(x, times)

    samples = cases(x=floats(2, 3), times=[(2, 1), (2,), (2, 3, 1)])


class Repeat(Equivalence):
    """The whole tensor repeated along each axis; PyTorch's `repeat` is TensorFlow's `tile`."""

    def in_torch(x: Tensor, times: Shape):
        return x.repeat(*times)

    def in_tensorflow(x: Tensor, times: Shape):
        if len(times) == rank(x):
            return tf.tile(x, times)
        return general(keras.ops.tile(x, times))

    def rank(x, times):
        return len(times)

    samples = cases(x=floats(2, 3), times=[(2, 1), (2, 3, 1)])


class RepeatInterleave(Equivalence):
    """Each element repeated in place; TensorFlow calls it `repeat`. Without an axis both flatten."""

    def in_torch(x: Tensor, repeats: Any, dim: Axis = Absent, output_size: Any = Absent):
        return spellings(
            torch.repeat_interleave(x, repeats, dim=dim, output_size=output_size),
            x.repeat_interleave(repeats, dim=dim, output_size=output_size),
        )

    def in_tensorflow(x: Tensor, repeats: Any, dim: Axis = Absent):
        return spellings(tf.repeat(x, repeats, axis=dim), keras.ops.repeat(x, repeats, axis=dim))

    def rank(x, repeats, dim):
        if given(dim):
            return rank(x)
        return 1

    torch_only = ("output_size",)
    samples = cases(x=floats(2, 3), repeats=2, dim=[Absent, 0, -1]) + cases(
        x=floats(2, 3), repeats=2, dim=1, output_size=6
    )


class Meshgrid(Equivalence):
    """Grids of coordinates, first axis first. TensorFlow takes "xy" unless told "ij", PyTorch the other way round."""

    views = ("x", "y")
    result = "tensors"

    def in_torch(x: Tensor, y: Tensor, indexing: Str = "ij"):
        return torch.meshgrid(x, y, indexing=indexing)

    def in_tensorflow(x: Tensor, y: Tensor, indexing: Str = "xy"):
        return tf.meshgrid(x, y, indexing=indexing)

    def rank(x, y, indexing):
        return 2

    samples = cases(x=floats(3), y=floats(4), indexing=["ij", "xy"])


class MeshgridOfList(Equivalence):
    """Grids of coordinates of a list of vectors. TensorFlow takes "xy" unless told "ij", PyTorch the other way round."""

    views = "tensors"
    result = "tensors"

    def in_torch(tensors: Tensors, indexing: Str = "ij"):
        return spellings(torch.meshgrid(tensors, indexing=indexing), torch.meshgrid(*tensors, indexing=indexing))

    def in_tensorflow(tensors: Tensors, indexing: Str = "xy"):
        if is_tensor(tensors):
            return meshgrid(tensors, indexing=indexing)
        return general(tf.meshgrid(*tensors, indexing=indexing))

    samples = cases(tensors=[(floats(3), floats(4)), (floats(3), floats(4), floats(2))], indexing=["ij", "xy"]) + cases(
        tensors=[(floats(3),), floats(3)]
    )
