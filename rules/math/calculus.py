"""Integrals and derivatives of sampled functions."""

import keras
import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def steps(y, x=None, dx=1.0, dim=-1):
    """The areas of the trapezia between neighbours along an axis, at the places x or `dx` apart."""
    y = tf.experimental.numpy.swapaxes(y, dim, -1)
    if x is not None:
        x = x if x.shape.rank < 2 else tf.experimental.numpy.swapaxes(x, dim, -1)
        dx = x[..., 1:] - x[..., :-1]
    return tf.experimental.numpy.swapaxes((y[..., 1:] + y[..., :-1]) / 2 * dx, dim, -1)


@helper
def gradient(y, spacing=None, dim=None, edge_order=1):
    """The derivatives along axes by differences to both sides, at the ends to one side, or to two points of it."""
    dims = range(y.shape.rank) if dim is None else [dim] if isinstance(dim, int) else dim
    spacing = 1.0 if spacing is None else spacing
    spacings = spacing if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    return [slope(y, step, axis, edge_order) for step, axis in zip(spacings, dims, strict=True)]


@helper
def slope(y, step, axis, edge_order):
    """The derivative along one axis, at places `step` apart or given as a vector."""
    y = tf.experimental.numpy.moveaxis(y, axis, -1)
    x = tf.cast(step, y.dtype) if tf.is_tensor(step) else tf.cast(tf.range(tf.shape(y)[-1]), y.dtype) * step
    h, rise = x[1:] - x[:-1], y[..., 1:] - y[..., :-1]
    a, b = h[:-1], h[1:]
    inner = (rise[..., 1:] / b * a + rise[..., :-1] / a * b) / (a + b)
    first, last = rise[..., :1] / h[:1], rise[..., -1:] / h[-1:]
    if edge_order == 2:
        first = 2 * first - (first * h[1] + rise[..., 1:2] / h[1] * h[0]) / (h[0] + h[1])
        last = 2 * last - (last * h[-2] + rise[..., -2:-1] / h[-2] * h[-1]) / (h[-2] + h[-1])
    return tf.experimental.numpy.moveaxis(tf.concat([first, inner, last], -1), -1, axis)


class TrapezoidAt(Equivalence):
    """The integral along an axis by trapezia between given places."""

    one_way = "torch"
    promotes = "float"

    def in_torch(y: Tensor, x: Tensor, dim: Axis = -1):
        return spellings(torch.trapezoid(y, x, dim=dim), torch.trapz(y, x, dim=dim))

    def in_tensorflow(y: Tensor, x: Tensor, dim: Axis = -1):
        return tf.reduce_sum(steps(y, x, dim=dim), axis=dim)

    def rank(y, x, dim):
        return rank(y) - 1

    samples = (
        cases(y=floats(2, 4), x=[floats(4), floats(2, 4)])
        + cases(y=floats(2, 4), x=floats(2), dim=0)
        + cases(y=ints(2, 4), x=ints(4))
    )


class Trapezoid(Equivalence):
    """The integral along an axis by trapezia of one width."""

    one_way = "torch"
    promotes = "float"

    def in_torch(y: Tensor, dx: Number = 1.0, dim: Axis = -1):
        return spellings(torch.trapezoid(y, dx=dx, dim=dim), torch.trapz(y, dx=dx, dim=dim))

    def in_tensorflow(y: Tensor, dx: Number = 1.0, dim: Axis = -1):
        return tf.reduce_sum(steps(y, dx=dx, dim=dim), axis=dim)

    def rank(y, dx, dim):
        return rank(y) - 1

    samples = cases(y=[floats(2, 4), ints(2, 4)], dx=[Absent, 0.5], dim=[Absent, 0])


class RunningTrapezoidAt(Equivalence):
    """The running integral along an axis by trapezia between given places."""

    one_way = "torch"
    promotes = "float"

    def in_torch(y: Tensor, x: Tensor, dim: Axis = -1):
        return torch.cumulative_trapezoid(y, x, dim=dim)

    def in_tensorflow(y: Tensor, x: Tensor, dim: Axis = -1):
        return tf.cumsum(steps(y, x, dim=dim), axis=dim)

    def rank(y, x, dim):
        return rank(y)

    samples = cases(y=floats(2, 4), x=[floats(4), floats(2, 4)]) + cases(y=floats(2, 4), x=floats(2), dim=0)


class RunningTrapezoid(Equivalence):
    """The running integral along an axis by trapezia of one width."""

    one_way = "torch"
    promotes = "float"

    def in_torch(y: Tensor, dx: Number = 1.0, dim: Axis = -1):
        return torch.cumulative_trapezoid(y, dx=dx, dim=dim)

    def in_tensorflow(y: Tensor, dx: Number = 1.0, dim: Axis = -1):
        return tf.cumsum(steps(y, dx=dx, dim=dim), axis=dim)

    def rank(y, dx, dim):
        return rank(y)

    samples = cases(y=floats(2, 4), dx=[Absent, 0.5], dim=[Absent, 0])


class Slopes(Equivalence):
    """The derivatives along axes by differences, one tensor for each axis."""

    result = "tensors"
    one_way = "torch"
    promotes = "float"

    def in_torch(y: Tensor, spacing: Any = Absent, dim: Axes = Absent, edge_order: Int = 1):
        return torch.gradient(y, spacing=spacing, dim=dim, edge_order=edge_order)

    def in_tensorflow(y: Tensor, spacing: Any = Absent, dim: Axes = Absent, edge_order: Int = 1):
        return gradient(y, spacing=spacing, dim=dim, edge_order=edge_order)

    def rank(y, spacing, dim, edge_order):
        return rank(y)

    samples = cases(y=floats(4, 3), spacing=[Absent, 0.5], dim=[Absent, 0], edge_order=[Absent, 2])


class Vandermonde(Equivalence):
    """The powers of each number, from 0 on."""

    promotes = "int64"
    one_way = "torch"

    def in_torch(x: Tensor, n: Int = Absent):
        return torch.linalg.vander(x, N=n)

    def in_tensorflow(x: Tensor, n: Int = Absent):
        if rank(x) == 0:
            return tf.reshape(x, (1, 1)) ** tf.cast(tf.range(n), x.dtype)
        if given(n) and n is not None:
            return tf.expand_dims(x, -1) ** tf.cast(tf.range(n), x.dtype)
        return tf.expand_dims(x, -1) ** tf.cast(tf.range(tf.shape(x)[-1]), x.dtype)

    def rank(x, n):
        return max(rank(x), 1) + 1

    samples = cases(x=[floats(4), ints(2, 3)], n=[Absent, 2]) + cases(x=floats(), n=2)


class VandermondeMatrix(Equivalence):
    """The powers of each number, the highest first."""

    promotes = "int64"
    gradient = False

    def in_torch(x: Tensor, n: Int = Absent, increasing: Flag = False):
        return torch.vander(x, N=n, increasing=increasing)

    def in_tensorflow(x: Tensor, n: Int = Absent, increasing: Flag = False):
        return keras.ops.vander(x, N=n, increasing=increasing)

    def rank(x, n, increasing):
        return 2

    samples = cases(x=floats(4), n=[Absent, 2], increasing=[Absent, True])
