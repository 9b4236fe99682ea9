"""The order of the axes."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


class Permute(View):
    """All axes in another order."""

    def in_torch(x: Tensor, dims: Shape):
        return spellings(x.permute(*dims), torch.permute(x, dims), torch.permute_copy(x, dims))

    def in_tensorflow(x: Tensor, dims: Shape):
        if len(dims) > 0 and min(dims) < 0:
            return tf.transpose(x, tuple(dim % len(dims) for dim in dims))
        return general(spellings(tf.transpose(x, dims), keras.ops.transpose(x, dims)))

    def rank(x, dims):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), dims=[(0, 2, 1), (2, 0, 1), (0, -1, -2)])


class MatrixTranspose(View):
    """The last two axes exchanged. `tf.transpose` without an order reverses all axes."""

    def in_torch(x: Tensor):
        return spellings(
            x.mT, x.transpose(-2, -1), x.transpose(-1, -2), torch.transpose(x, -2, -1), torch.transpose(x, -1, -2),
            x.swapaxes(-1, -2), x.swapaxes(-2, -1), torch.adjoint(x), x.adjoint(), x.mH,
        )  # fmt: skip

    def in_tensorflow(x: Tensor):
        return tf.linalg.matrix_transpose(x)

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 3, 4), floats(3, 4)])


class Transpose(View):
    """Two axes exchanged; TensorFlow wants the order of all axes."""

    def in_torch(x: Tensor, a: Axis, b: Axis):
        return spellings(
            x.transpose(a, b), torch.transpose(x, a, b), x.swapaxes(a, b), torch.swapaxes(x, a, b), x.swapdims(a, b),
            torch.swapdims(x, a, b), torch.transpose_copy(x, a, b),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, a: Axis, b: Axis):
        if rank(x) > 0 and is_literal(a) and is_literal(b):
            return tf.transpose(x, swapped_axes(rank(x), a, b))
        if rank(x) == 0:
            return tf.identity(x)
        return general(spellings(keras.ops.swapaxes(x, a, b), tf.experimental.numpy.swapaxes(x, a, b)))

    def rank(x, a, b):
        return rank(x)

    samples = cases(x=[floats(2, 3, 4), unranked(2, 3, 4)], a=[0, 1], b=[2, -1]) + cases(x=floats(), a=0, b=-1)


class ReverseAxes(View):
    """All axes in reverse order: the transpose of a matrix."""

    def in_torch(x: Tensor):
        if rank(x) == 3:
            return x.permute(2, 1, 0)
        if rank(x) == 4:
            return x.permute(3, 2, 1, 0)
        return general(spellings(x.T, x.t(), torch.t(x), torch.t_copy(x)))

    def in_tensorflow(x: Tensor):
        return spellings(tf.transpose(x), keras.ops.transpose(x))

    def rank(x):
        return rank(x)

    samples = cases(x=[floats(2, 3), floats(4), floats(2, 3, 4), floats(2, 3, 4, 5)])


class TransposeOfMatrix(View):
    """The two axes of a matrix exchanged; complex numbers would be conjugated too."""

    def in_torch(x: Tensor):
        return x.H

    def in_tensorflow(x: Tensor):
        return tf.transpose(x)

    def rank(x):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3))


class MoveAxis(View):
    """An axis moved to another place, which Keras has and raw TensorFlow has not."""

    def in_torch(x: Tensor, source: Axes, destination: Axes):
        return spellings(
            torch.movedim(x, source, destination), x.movedim(source, destination), torch.moveaxis(x, source, destination),
            x.moveaxis(source, destination),
        )  # fmt: skip

    def in_tensorflow(x: Tensor, source: Axes, destination: Axes):
        return keras.ops.moveaxis(x, source, destination)

    def rank(x, source, destination):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), source=[0, -1], destination=[1, 2]) + cases(
        x=floats(2, 3, 4), source=[(0, 1)], destination=[(1, 2)]
    )


class Flip(Equivalence):
    """The order along axes reversed."""

    axes = ("dims",)

    def in_torch(x: Tensor, dims: Shape):
        return spellings(torch.flip(x, dims), x.flip(*dims))

    def in_tensorflow(x: Tensor, dims: Shape):
        return spellings(tf.reverse(x, dims), keras.ops.flip(x, axis=dims))

    samples = cases(x=floats(2, 3, 4), dims=[(0,), (-1,), (0, 2)])


class FlipLeftRight(Equivalence):
    """The order along the second axis reversed."""

    def in_torch(x: Tensor):
        return spellings(torch.fliplr(x), x.fliplr())

    def in_tensorflow(x: Tensor):
        return tf.reverse(x, (1,))

    def rank(x):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4))


class FlipUpDown(Equivalence):
    """The order along the first axis reversed."""

    def in_torch(x: Tensor):
        return spellings(torch.flipud(x), x.flipud())

    def in_tensorflow(x: Tensor):
        return tf.reverse(x, (0,))

    def rank(x):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3))


class QuarterTurns(Equivalence):
    """A plane turned by right angles. Two of them Keras gets wrong."""

    def in_torch(x: Tensor, k: Int = 1, dims: Any = (0, 1)):
        return spellings(torch.rot90(x, k=k, dims=dims), x.rot90(k=k, dims=dims))

    def in_tensorflow(x: Tensor, k: Int = 1, dims: Any = (0, 1)):
        if k % 4 == 2:
            return tf.reverse(x, tuple(dims))
        if k % 4 != 2:
            return keras.ops.rot90(x, k=k, axes=tuple(dims))
        return refuse("how many turns, must be known: Keras is wrong for two")

    def rank(x, k, dims):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), k=[Absent, 2, 3, -1], dims=[Absent, (1, 2)])


class Roll(Equivalence):
    """Elements moved along axes, round the end."""

    def in_torch(x: Tensor, shifts: Axes, dims: Axes):
        return spellings(torch.roll(x, shifts=shifts, dims=dims), x.roll(shifts=shifts, dims=dims))

    def in_tensorflow(x: Tensor, shifts: Axes, dims: Axes):
        return spellings(tf.roll(x, shift=shifts, axis=dims), keras.ops.roll(x, shift=shifts, axis=dims))

    def rank(x, shifts, dims):
        return rank(x)

    samples = cases(x=floats(3, 4, 5), shifts=[1, -2], dims=[0, -1]) + cases(
        x=floats(3, 4, 5), shifts=(1, 2), dims=(0, 1)
    )


class RollFlattened(Equivalence):
    """Elements moved through the flattened tensor, which PyTorch does where no axis is given; TensorFlow wants an axis."""

    def in_torch(x: Tensor, shift: Int):
        return spellings(torch.roll(x, shift), x.roll(shift))

    def in_tensorflow(x: Tensor, shift: Int):
        return tf.reshape(tf.roll(tf.reshape(x, (-1,)), shift, 0), tf.shape(x))

    def rank(x, shift):
        return rank(x)

    samples = cases(x=floats(3, 4), shift=[1, -2])
