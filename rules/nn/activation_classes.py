"""Activation layers as values: see layer_classes.py."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class TorchReLU(keras.layers.Activation):
    """The layer of max(x, 0), made as PyTorch's."""

    def __init__(self, inplace=False):
        super().__init__("relu")


class ReLUClass(LayerEquivalence, Elementwise):
    """The class of the layer of max(x, 0)."""

    result = "class"

    def in_torch():
        return nn.ReLU

    def in_tensorflow():
        return TorchReLU

    samples = cases(made=[expression("made()"), expression("made(inplace=False)")], call=floats(2, 3))


@helper
class TorchReLU6(keras.layers.Activation):
    """The layer of min(max(x, 0), 6), made as PyTorch's."""

    def __init__(self, inplace=False):
        super().__init__("relu6")


class ReLU6Class(LayerEquivalence, Elementwise):
    """The class of the layer of min(max(x, 0), 6)."""

    result = "class"

    def in_torch():
        return nn.ReLU6

    def in_tensorflow():
        return TorchReLU6

    samples = cases(made=expression("made()"), call=floats(2, 3))


@helper
class TorchLeakyReLU(keras.layers.Activation):
    """The layer of x above zero and a small multiple of it below, made as PyTorch's."""

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__(lambda x: keras.activations.leaky_relu(x, negative_slope=negative_slope))


class LeakyReLUClass(LayerEquivalence, Elementwise):
    """The class of the layer of x above zero and a small multiple of it below."""

    result = "class"

    def in_torch():
        return nn.LeakyReLU

    def in_tensorflow():
        return TorchLeakyReLU

    samples = cases(made=[expression("made()"), expression("made(0.2)")], call=floats(2, 3))


@helper
class TorchELU(keras.layers.Activation):
    """The layer of ELU, made as PyTorch's."""

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(lambda x: keras.activations.elu(x, alpha=alpha))


class ELUClass(LayerEquivalence, Elementwise):
    """The class of the layer of ELU."""

    result = "class"

    def in_torch():
        return nn.ELU

    def in_tensorflow():
        return TorchELU

    samples = cases(made=[expression("made()"), expression("made(alpha=0.5)")], call=floats(2, 3))


@helper
class TorchGELU(keras.layers.Activation):
    """The layer of GELU, made as PyTorch's."""

    def __init__(self, approximate="none"):
        super().__init__(lambda x: keras.activations.gelu(x, approximate=approximate == "tanh"))


class GELUClass(LayerEquivalence, Elementwise):
    """The class of the layer of GELU."""

    result = "class"

    def in_torch():
        return nn.GELU

    def in_tensorflow():
        return TorchGELU

    samples = cases(made=[expression("made()"), expression("made(approximate='tanh')")], call=floats(2, 3))


@helper
class TorchSiLU(keras.layers.Activation):
    """The layer of x * sigmoid(x), made as PyTorch's."""

    def __init__(self, inplace=False):
        super().__init__("silu")


class SiLUClass(LayerEquivalence, Elementwise):
    """The class of the layer of x * sigmoid(x)."""

    result = "class"

    def in_torch():
        return nn.SiLU

    def in_tensorflow():
        return TorchSiLU

    samples = cases(made=expression("made()"), call=floats(2, 3))


@helper
class TorchMish(keras.layers.Activation):
    """The layer of x * tanh(softplus(x)), made as PyTorch's."""

    def __init__(self, inplace=False):
        super().__init__("mish")


class MishClass(LayerEquivalence, Elementwise):
    """The class of the layer of x * tanh(softplus(x))."""

    result = "class"

    def in_torch():
        return nn.Mish

    def in_tensorflow():
        return TorchMish

    samples = cases(made=expression("made()"), call=floats(2, 3))


@helper
class TorchSigmoid(keras.layers.Activation):
    """The layer of 1 / (1 + exp(-x)), made as PyTorch's."""

    def __init__(self):
        super().__init__("sigmoid")


class SigmoidClass(LayerEquivalence, Elementwise):
    """The class of the layer of 1 / (1 + exp(-x))."""

    result = "class"

    def in_torch():
        return nn.Sigmoid

    def in_tensorflow():
        return TorchSigmoid

    samples = cases(made=expression("made()"), call=floats(2, 3))


@helper
class TorchTanh(keras.layers.Activation):
    """The layer of the hyperbolic tangent, made as PyTorch's."""

    def __init__(self):
        super().__init__("tanh")


class TanhClass(LayerEquivalence, Elementwise):
    """The class of the layer of the hyperbolic tangent."""

    result = "class"

    def in_torch():
        return nn.Tanh

    def in_tensorflow():
        return TorchTanh

    samples = cases(made=expression("made()"), call=floats(2, 3))


@helper
class TorchHardsigmoid(keras.layers.Activation):
    """The layer of relu6(x + 3) / 6, made as PyTorch's."""

    def __init__(self, inplace=False):
        super().__init__("hard_sigmoid")


class HardsigmoidClass(LayerEquivalence, Elementwise):
    """The class of the layer of relu6(x + 3) / 6."""

    result = "class"

    def in_torch():
        return nn.Hardsigmoid

    def in_tensorflow():
        return TorchHardsigmoid

    samples = cases(made=expression("made()"), call=floats(2, 3))


@helper
class TorchHardswish(keras.layers.Activation):
    """The layer of x * relu6(x + 3) / 6, made as PyTorch's."""

    def __init__(self, inplace=False):
        super().__init__("hard_silu")


class HardswishClass(LayerEquivalence, Elementwise):
    """The class of the layer of x * relu6(x + 3) / 6."""

    result = "class"

    def in_torch():
        return nn.Hardswish

    def in_tensorflow():
        return TorchHardswish

    samples = cases(made=expression("made()"), call=floats(2, 3))
