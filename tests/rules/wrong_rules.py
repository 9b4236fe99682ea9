"""Rules that are wrong, each in its own way, and some that are right: what the test of samples must find."""
# ruff: noqa: F403, F405, N805, RUF012

import keras
import tensorflow as tf
import torch
from torch import nn

from diptych.catalog.language import *


@helper
def ending(x):
    """Ends the process."""
    __import__("os")._exit(3)


@helper
def known_size(x):
    """The elements in a row, by a size that is not known under `tf.function`."""
    return tf.reshape(x, (x.shape[0] * x.shape[1],))


class Right(Equivalence):
    """Right."""

    def in_torch(x: Tensor):
        return torch.exp(x)

    def in_tensorflow(x: Tensor):
        return tf.exp(x)

    samples = cases(x=floats(2, 3))


class RightMean(Reduction):
    """Right: the training step of optimizers needs it."""

    def in_torch(x: Tensor):
        return x.mean()

    def in_tensorflow(x: Tensor):
        return tf.reduce_mean(x)

    samples = cases(x=floats(2, 3))


class RightLayer(LayerEquivalence):
    """Right: the training step of optimizers needs it."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel", permute(1, 0)), "bias": at("bias")}

    def in_torch(c_in: Int, c_out: Int):
        return nn.Linear(c_in, c_out)

    def in_tensorflow(c_in, c_out):
        return keras.layers.Dense(c_out)

    samples = cases(c_in=4, c_out=3, call=floats(2, 4))


class WrongValues(Reduction):
    """A mean for a sum."""

    def in_torch(x: Tensor, dim: Axes):
        return torch.sum(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axes):
        return tf.reduce_mean(x, axis=dim)

    samples = cases(x=floats(2, 3), dim=1)


class WrongDtype(Reduction):
    """An index of 32 bits for one of 64."""

    dtype = "int"

    def in_torch(x: Tensor, dim: Axis):
        return torch.argmax(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axis):
        return tf.argmax(x, axis=dim, output_type=tf.int32)

    samples = cases(x=floats(2, 3), dim=1)


class WrongShape(Reduction):
    """Keeps the axis on one side."""

    def in_torch(x: Tensor, dim: Axes):
        return torch.logsumexp(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axes):
        return tf.reduce_logsumexp(x, axis=dim, keepdims=True)

    samples = cases(x=floats(2, 3), dim=1)


class WrongGradient(Equivalence):
    """Stops the gradient on one side."""

    def in_torch(x: Tensor):
        return torch.tanh(x)

    def in_tensorflow(x: Tensor):
        return tf.stop_gradient(tf.tanh(x))

    samples = cases(x=floats(2, 3))


class WrongCall(Equivalence):
    """Raises on one side."""

    def in_torch(x: Tensor):
        return torch.sin(x)

    def in_tensorflow(x: Tensor):
        return tf.sin(tf.reshape(x, (-1, 7)))

    samples = cases(x=floats(2, 3))


class WrongLayer(LayerEquivalence):
    """Another epsilon."""

    torch_only = ("size",)
    weights = {"weight": at("gamma"), "bias": at("beta")}

    def in_torch(size: Int):
        return nn.LayerNorm(size)

    def in_tensorflow(size):
        return keras.layers.LayerNormalization(epsilon=1e-3)

    samples = cases(size=4, call=floats(2, 4))


class WrongSpelling(Equivalence):
    """The second way to write it is another function."""

    def in_torch(x: Tensor):
        return spellings(torch.cos(x), torch.cosh(x))

    def in_tensorflow(x: Tensor):
        return tf.cos(x)

    samples = cases(x=floats(2, 3))


class Unseen(Equivalence):
    """Claims a difference that is none."""

    def in_torch(x: Tensor):
        return torch.abs(x)

    def in_tensorflow(x: Tensor):
        return tf.abs(x)

    samples = cases(x=floats(2, 3))
    differs = cases(x=ints(4), because="they are said to differ")


class Unreached(Equivalence):
    """Has a branch without a sample."""

    def in_torch(x: Tensor, p: Number):
        return torch.pow(x, p)

    def in_tensorflow(x: Tensor, p: Number):
        if p == 2:
            return tf.square(x)
        return tf.pow(x, p)

    samples = cases(x=floats(2, 3), p=3)


class Unconverted(Equivalence):
    """Needs what is not known when the code is converted."""

    def in_torch(x: Tensor, y: Tensor):
        return torch.maximum(x, y)

    def in_tensorflow(x: Tensor, y: Tensor):
        if x == 2:
            return tf.minimum(x, y)
        return tf.maximum(x, y)

    samples = cases(x=floats(2, 3), y=floats(2, 3))


class Ending(Equivalence):
    """Ends the process on one side."""

    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.sqrt(x)

    def in_tensorflow(x: Tensor):
        return ending(x)

    samples = cases(x=drawn(2, 3))


class WrongRandom(Equivalence):
    """Draws another number of values."""

    random = True

    def in_torch(x: Tensor):
        return torch.rand_like(x)

    def in_tensorflow(x: Tensor):
        return tf.random.uniform((4,))

    one_way = "torch"
    samples = cases(x=floats(2, 3))


class WrongOptimizer(OptimizerEquivalence):
    """Twice the learning rate."""

    def in_torch(params: Any, lr: Float):
        return torch.optim.SGD(params, lr=lr)

    def in_tensorflow(lr: Float):
        return keras.optimizers.SGD(2 * lr)

    one_way = "torch"
    samples = cases(lr=0.1)


class WrongWeightMap(LayerEquivalence):
    """Says that the kernel has the weight's own axes."""

    torch_only = ("c_in",)
    width = "c_out"
    weights = {"weight": at("kernel"), "bias": at("bias")}
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(c_in: Int, c_out: Int, k: Int):
        return nn.Conv1d(c_in, c_out, k)

    def in_tensorflow(c_in, c_out, k):
        return keras.layers.Conv1D(c_out, k)

    samples = cases(c_in=4, c_out=3, k=2, call=floats(2, 4, 5))


class WrongPrecision(Equivalence):
    """Takes float32 for granted."""

    def in_torch(x: Tensor):
        return torch.log(x)

    def in_tensorflow(x: Tensor):
        return tf.math.log(tf.cast(x, tf.float32))

    samples = cases(x=drawn(2, 3))


class WrongTrace(Equivalence):
    """Needs the batch size when the code is traced."""

    one_way = "torch"

    def in_torch(x: Tensor):
        return torch.flatten(x)

    def in_tensorflow(x: Tensor):
        return known_size(x)

    def rank(x):
        return 1

    samples = cases(x=floats(2, 3))
