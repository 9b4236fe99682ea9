"""Activation functions; their layers are in activation_layers.py."""

import keras
import tensorflow as tf
import torch
from torch.nn import functional as F

from diptych.catalog.language import *


class Relu(Elementwise):
    """max(x, 0)."""

    def in_torch(x: Tensor):
        return spellings(F.relu(x), torch.relu(x), x.relu())

    def in_tensorflow(x: Tensor):
        return spellings(tf.nn.relu(x), keras.activations.relu(x), keras.ops.relu(x))

    samples = cases(x=floats(2, 3))


class Relu6(Elementwise):
    """min(max(x, 0), 6)."""

    def in_torch(x: Tensor):
        return F.relu6(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.nn.relu6(x), keras.activations.relu6(x), keras.ops.relu6(x))

    samples = cases(x=floats(2, 3))


class LeakyRelu(Elementwise):
    """x above zero, a small multiple of it below. The default slopes differ: 0.01 in PyTorch, 0.2 in TensorFlow."""

    def in_torch(x: Tensor, slope: Float = 0.01):
        return F.leaky_relu(x, negative_slope=slope)

    def in_tensorflow(x: Tensor, slope: Float = 0.2):
        return spellings(
            tf.nn.leaky_relu(x, alpha=slope),
            keras.activations.leaky_relu(x, negative_slope=slope),
            keras.ops.leaky_relu(x, negative_slope=slope),
        )

    samples = cases(x=floats(2, 3), slope=[Absent, 0.01, 0.2, 0.3])


class Elu(Elementwise):
    """x above zero, alpha * (exp(x) - 1) below. ``tf.nn.elu`` has no alpha; Keras has."""

    def in_torch(x: Tensor, alpha: Float = 1.0):
        return F.elu(x, alpha=alpha)

    def in_tensorflow(x: Tensor, alpha: Float = 1.0):
        if alpha == 1:
            return spellings(tf.nn.elu(x), keras.activations.elu(x), keras.ops.elu(x))
        return general(spellings(keras.activations.elu(x, alpha=alpha), keras.ops.elu(x, alpha=alpha)))

    samples = cases(x=floats(2, 3), alpha=[Absent, 1.0, 0.5])


class Celu(Elementwise):
    """max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)."""

    def in_torch(x: Tensor, alpha: Float = 1.0):
        return spellings(F.celu(x, alpha=alpha), torch.celu(x, alpha=alpha))

    def in_tensorflow(x: Tensor, alpha: Float = 1.0):
        return spellings(keras.activations.celu(x, alpha=alpha), keras.ops.celu(x, alpha=alpha))

    samples = cases(x=floats(2, 3), alpha=[Absent, 0.7])


class Selu(Elementwise):
    """Scaled ELU, with the same constants in both frameworks."""

    def in_torch(x: Tensor):
        return spellings(F.selu(x), torch.selu(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.nn.selu(x), keras.activations.selu(x), keras.ops.selu(x))

    samples = cases(x=floats(2, 3))


class Silu(Elementwise):
    """x * sigmoid(x), also called swish."""

    def in_torch(x: Tensor):
        return F.silu(x)

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.nn.silu(x),
            tf.nn.swish(x),
            keras.activations.silu(x),
            keras.activations.swish(x),
            keras.ops.silu(x),
            keras.ops.swish(x),
        )

    samples = cases(x=floats(2, 3))


class Gelu(Elementwise):
    """The exact GELU. ``keras.ops.gelu`` takes the tanh approximation unless told otherwise; the others are exact."""

    def in_torch(x: Tensor):
        return F.gelu(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.nn.gelu(x), keras.activations.gelu(x), keras.ops.gelu(x, approximate=False))

    samples = cases(x=floats(2, 3))


class GeluTanh(Elementwise):
    """GELU by its tanh approximation."""

    def in_torch(x: Tensor):
        return F.gelu(x, approximate="tanh")

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.nn.gelu(x, approximate=True), keras.activations.gelu(x, approximate=True), keras.ops.gelu(x)
        )

    samples = cases(x=floats(2, 3))


class Mish(Elementwise):
    """x * tanh(softplus(x))."""

    def in_torch(x: Tensor):
        return F.mish(x)

    def in_tensorflow(x: Tensor):
        return keras.activations.mish(x)

    samples = cases(x=floats(2, 3))


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x)). PyTorch takes integers too, TensorFlow only floating tensors."""

    def in_torch(x: Tensor):
        return spellings(torch.sigmoid(x), x.sigmoid(), F.sigmoid(x), torch.special.expit(x))

    def in_tensorflow(x: Tensor):
        return spellings(
            tf.sigmoid(x), tf.nn.sigmoid(x), tf.math.sigmoid(x), keras.activations.sigmoid(x), keras.ops.sigmoid(x)
        )

    dtype = "float"
    promotes = "float"
    samples = cases(x=[floats(2, 3), ints(4), bools(4)])


class Tanh(Elementwise):
    """Hyperbolic tangent. PyTorch takes integers too, TensorFlow only floating tensors."""

    def in_torch(x: Tensor):
        return spellings(torch.tanh(x), x.tanh(), F.tanh(x))

    def in_tensorflow(x: Tensor):
        return spellings(tf.tanh(x), tf.math.tanh(x), tf.nn.tanh(x), keras.activations.tanh(x), keras.ops.tanh(x))

    dtype = "float"
    promotes = "float"
    samples = cases(x=[floats(2, 3), ints(4), bools(4)])


class LogSigmoid(Elementwise):
    """log(sigmoid(x)), without overflow."""

    def in_torch(x: Tensor):
        return F.logsigmoid(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.math.log_sigmoid(x), keras.activations.log_sigmoid(x), keras.ops.log_sigmoid(x))

    samples = cases(x=floats(2, 3))


class Softplus(Elementwise):
    """log(1 + exp(x)). PyTorch returns x itself where beta * x is above 20, which float64 shows; TensorFlow has no beta."""

    def in_torch(x: Tensor, beta: Float = 1, threshold: Float = 20):
        return F.softplus(x, beta=beta, threshold=threshold)

    def in_tensorflow(x: Tensor, beta: Float = 1, threshold: Float = 40):
        if beta == 1 and threshold == 40:
            return spellings(
                tf.nn.softplus(x), tf.math.softplus(x), keras.activations.softplus(x), keras.ops.softplus(x)
            )
        if beta == 1:
            return tf.where(x > threshold, x, tf.nn.softplus(x))
        return general(tf.where(x * beta > threshold, x, tf.nn.softplus(x * beta) / beta))

    samples = cases(x=floats(2, 3), beta=[1, 2], threshold=[Absent, 1, 40])


class Softsign(Elementwise):
    """x / (1 + |x|)."""

    def in_torch(x: Tensor):
        return F.softsign(x)

    def in_tensorflow(x: Tensor):
        return spellings(tf.nn.softsign(x), keras.activations.softsign(x), keras.ops.softsign(x))

    promotes = "float"
    samples = cases(x=[floats(2, 3), ints(2, 3)])


class HardSigmoid(Elementwise):
    """relu6(x + 3) / 6, in Keras 3 as in PyTorch; Keras 2 had another slope."""

    def in_torch(x: Tensor):
        return F.hardsigmoid(x)

    def in_tensorflow(x: Tensor):
        return spellings(keras.activations.hard_sigmoid(x), keras.ops.hard_sigmoid(x))

    samples = cases(x=floats(2, 3))


class HardSwish(Elementwise):
    """x * relu6(x + 3) / 6."""

    def in_torch(x: Tensor):
        return F.hardswish(x)

    def in_tensorflow(x: Tensor):
        return spellings(
            keras.activations.hard_swish(x),
            keras.activations.hard_silu(x),
            keras.ops.hard_swish(x),
            keras.ops.hard_silu(x),
        )

    samples = cases(x=floats(2, 3))


class HardTanh(Elementwise):
    """x between two bounds, the bounds beyond."""

    def in_torch(x: Tensor, low: Float = -1.0, high: Float = 1.0):
        return F.hardtanh(x, min_val=low, max_val=high)

    def in_tensorflow(x: Tensor, low: Float = -1.0, high: Float = 1.0):
        if known_integer(x):
            return tf.clip_by_value(x, int(low), int(high))
        if low == -1 and high == 1:
            return spellings(keras.activations.hard_tanh(x), keras.ops.hard_tanh(x))
        return general(keras.ops.clip(x, low, high))

    one_way = "torch"
    samples = cases(x=[floats(2, 3), ints(2, 3)], low=[Absent, -0.5], high=[Absent, 0.5])


class HardTanhOfKeras(Elementwise):
    """x between -1 and 1, the bounds beyond; Keras cannot move the bounds."""

    def in_torch(x: Tensor):
        return F.hardtanh(x)

    def in_tensorflow(x: Tensor):
        return spellings(keras.activations.hard_tanh(x), keras.ops.hard_tanh(x))

    one_way = "tensorflow"
    samples = cases(x=floats(2, 3))


class SoftShrink(Elementwise):
    """x moved towards zero by ``bound``, zero within it."""

    def in_torch(x: Tensor, bound: Float = 0.5):
        return F.softshrink(x, lambd=bound)

    def in_tensorflow(x: Tensor, bound: Float = 0.5):
        return spellings(keras.activations.soft_shrink(x, threshold=bound), keras.ops.soft_shrink(x, threshold=bound))

    samples = cases(x=floats(2, 3), bound=[Absent, 0.2])


class HardShrink(Elementwise):
    """x, but zero where its absolute value is within ``bound``."""

    def in_torch(x: Tensor, bound: Float = 0.5):
        return F.hardshrink(x, lambd=bound)

    def in_tensorflow(x: Tensor, bound: Float = 0.5):
        return spellings(keras.activations.hard_shrink(x, threshold=bound), keras.ops.hard_shrink(x, threshold=bound))

    samples = cases(x=floats(2, 3), bound=[Absent, 0.2])


class TanhShrink(Elementwise):
    """x - tanh(x)."""

    def in_torch(x: Tensor):
        return F.tanhshrink(x)

    def in_tensorflow(x: Tensor):
        return spellings(keras.activations.tanh_shrink(x), keras.ops.tanh_shrink(x))

    promotes = "float"
    samples = cases(x=[floats(2, 3), ints(2, 3)])


class Threshold(Elementwise):
    """x above a threshold, a fixed value at it and below."""

    not_finite = "PyTorch keeps NaN, Keras puts the value in its place"

    def in_torch(x: Tensor, threshold: Float, value: Float):
        return F.threshold(x, threshold, value)

    def in_tensorflow(x: Tensor, threshold: Float, value: Float):
        return spellings(keras.activations.threshold(x, threshold, value), keras.ops.threshold(x, threshold, value))

    samples = cases(x=floats(2, 3), threshold=0.2, value=5.0)


class Softmax(Equivalence):
    """exp(x) divided by its sum along one axis. TensorFlow takes the last axis unless told otherwise."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, dtype: Dtype = Absent):
        return spellings(
            F.softmax(x, dim=dim, dtype=dtype),
            torch.softmax(x, dim=dim, dtype=dtype),
            x.softmax(dim=dim, dtype=dtype),
        )

    def in_tensorflow(x: Tensor, dim: Axis = -1, dtype: Dtype = Absent):
        if given(dtype):
            return tf.nn.softmax(tf.cast(x, dtype), axis=dim)
        return spellings(
            tf.nn.softmax(x, axis=dim), keras.activations.softmax(x, axis=dim), keras.ops.softmax(x, axis=dim)
        )

    def rank(x, dim, dtype):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), dim=[0, 1, -1]) + cases(x=floats(2, 3), dim=1, dtype=torch.float64)


class Softmin(Equivalence):
    """Softmax of what is negated."""

    axes = ("dim",)
    one_way = "torch"

    def in_torch(x: Tensor, dim: Axis):
        return F.softmin(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axis):
        return tf.nn.softmax(-x, axis=dim)

    samples = cases(x=floats(2, 3, 4), dim=[0, 1, -1])


class SoftminInDtype(Equivalence):
    """Softmax of what is negated, computed in a given dtype."""

    axes = ("dim",)
    dtype = "dtype"
    one_way = "torch"

    def in_torch(x: Tensor, dim: Axis, dtype: Dtype):
        return F.softmin(x, dim=dim, dtype=dtype)

    def in_tensorflow(x: Tensor, dim: Axis, dtype: Dtype):
        return tf.nn.softmax(-tf.cast(x, dtype), axis=dim)

    samples = cases(x=[floats(2, 3), ints(2, 3)], dim=[0, -1], dtype=torch.float64)


class LogSoftmax(Equivalence):
    """The logarithm of softmax along one axis. TensorFlow takes the last axis unless told otherwise."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, dtype: Dtype = Absent):
        return spellings(
            F.log_softmax(x, dim=dim, dtype=dtype),
            torch.log_softmax(x, dim=dim, dtype=dtype),
            x.log_softmax(dim=dim, dtype=dtype),
        )

    def in_tensorflow(x: Tensor, dim: Axis = -1, dtype: Dtype = Absent):
        if given(dtype):
            return tf.nn.log_softmax(tf.cast(x, dtype), axis=dim)
        return spellings(
            tf.nn.log_softmax(x, axis=dim),
            tf.math.log_softmax(x, axis=dim),
            keras.activations.log_softmax(x, axis=dim),
            keras.ops.log_softmax(x, axis=dim),
        )

    def rank(x, dim, dtype):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), dim=[0, 1, -1]) + cases(x=floats(2, 3), dim=1, dtype=torch.float64)


class Glu(Equivalence):
    """The first half along one axis times the sigmoid of the second."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis = -1):
        return F.glu(x, dim=dim)

    def in_tensorflow(x: Tensor, dim: Axis = -1):
        return spellings(keras.activations.glu(x, axis=dim), keras.ops.glu(x, axis=dim))

    def rank(x, dim):
        return rank(x)

    samples = cases(x=floats(2, 6, 4), dim=[Absent, 1, -1])


class L2Normalize(Equivalence):
    """Each vector along one axis divided by its length. The eps bounds the length in PyTorch, its square in TensorFlow."""

    axes = ("dim",)

    def in_torch(x: Tensor, p: Float = 2.0, dim: Axis = 1, eps: Float = 1e-12):
        return F.normalize(x, p=p, dim=dim, eps=eps)

    def in_tensorflow(x: Tensor, p: Float = 2.0, dim: Axis = 1, eps: Float = 1e-12):
        if p == 2 and isinstance(eps, float):
            return tf.math.l2_normalize(x, axis=dim, epsilon=eps * eps)
        return refuse("TensorFlow normalises by the Euclidean length only")

    def rank(x, p, dim, eps):
        return rank(x)

    one_way = "torch"
    samples = cases(x=floats(2, 3, 4), dim=[Absent, 0, -1], eps=[Absent, 0.5])


class L2NormalizeOfTensorflow(Equivalence):
    """Each vector along one axis divided by its length; TensorFlow's epsilon bounds the square of the length."""

    axes = ("dim",)

    def in_torch(x: Tensor, dim: Axis, eps: Float = 1e-12):
        return F.normalize(x, dim=dim, eps=eps**0.5)

    def in_tensorflow(x: Tensor, dim: Axis, eps: Float = 1e-12):
        return spellings(tf.math.l2_normalize(x, axis=dim, epsilon=eps), tf.nn.l2_normalize(x, axis=dim, epsilon=eps))

    def rank(x, dim, eps):
        return rank(x)

    one_way = "tensorflow"
    samples = cases(x=floats(2, 3, 4), dim=[0, -1], eps=[Absent, 0.5])
