"""Layer classes as values: as a default (``norm_layer=nn.BatchNorm2d``), in a table, in ``partial``, or called with
starred arguments. Each stands for a class that is made as PyTorch's is, and takes and gives axes as PyTorch does.
"""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


@helper
class TorchLinear(keras.layers.Dense):
    """A fully connected layer that is made as PyTorch's."""

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__(out_features, use_bias=bool(bias), dtype=dtype)


@helper
class LinearBase(TorchLinear):
    """A fully connected layer to derive from, with attributes as PyTorch's has them."""

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__(in_features, out_features, bias, device, dtype)
        self.in_features, self.out_features = in_features, out_features

    def build(self, shape):
        super().build((None, self.in_features))
        self.input_spec = None

    weight = property(lambda self: tf.transpose(self.kernel))


class LinearClass(LayerEquivalence):
    """The class of fully connected layers."""

    result = "class"
    derive_from = "LinearBase"
    derived = {"in_features": "int", "out_features": "int", "weight": "tensor", "bias": "tensor or none"}

    def in_torch():
        return nn.Linear

    def in_tensorflow():
        return TorchLinear

    samples = cases(made=[expression("made(4, 3)"), expression("made(4, 3, bias=False)")], call=floats(2, 5, 4))


@helper
class TorchConv2d(keras.Sequential):
    """A convolution of images that is made as PyTorch's, with the channels on axis 1."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None):  # fmt: skip
        if padding_mode != "zeros":
            raise NotImplementedError(f"padding_mode={padding_mode!r}")
        layers = [keras.layers.Permute((2, 3, 1), dtype=dtype)]
        if not isinstance(padding, str):
            layers.append(keras.layers.ZeroPadding2D(padding, dtype=dtype))
        options = {
            "strides": stride,
            "dilation_rate": dilation,
            "groups": groups,
            "use_bias": bool(bias),
            "dtype": dtype,
        }
        padding = padding if isinstance(padding, str) else "valid"
        layers.append(keras.layers.Conv2D(out_channels, kernel_size, padding=padding, **options))
        super().__init__([*layers, keras.layers.Permute((3, 1, 2), dtype=dtype)])


class Conv2dClass(LayerEquivalence):
    """The class of convolutions of images."""

    result = "class"

    def in_torch():
        return nn.Conv2d

    def in_tensorflow():
        return TorchConv2d

    samples = cases(
        made=[
            expression("made(4, 6, 3)"),
            expression("made(4, 6, (3, 2), stride=2, padding=(1, 0), bias=False)"),
            expression("made(4, 8, kernel_size=3, padding='same', dilation=2, groups=2)"),
        ],
        call=floats(2, 4, 9, 8),
    )


@helper
class TorchBatchNorm2d(UnbiasedBatchNormalization):
    """Batch normalisation of images that is made as PyTorch's, with the channels on axis 1."""

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None
    ):
        if momentum is None or not track_running_stats:
            raise NotImplementedError("batch normalisation without running averages")
        super().__init__(axis=1, momentum=1 - momentum, epsilon=eps, center=affine, scale=affine, dtype=dtype)


class BatchNorm2dClass(LayerEquivalence):
    """The class of batch normalisation of images."""

    result = "class"

    def in_torch():
        return nn.BatchNorm2d

    def in_tensorflow():
        return TorchBatchNorm2d

    samples = cases(
        made=[expression("made(3)"), expression("made(3, eps=1e-3, momentum=0.3, affine=False)")],
        call=floats(4, 3, 5, 6),
    )


@helper
class TorchLayerNorm(keras.layers.LayerNormalization):
    """Normalisation over the last axes that is made as PyTorch's."""

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None, dtype=None):
        axes = 1 if isinstance(normalized_shape, int) else len(normalized_shape)
        axis = -1 if axes == 1 else list(range(-axes, 0))
        shifts = bool(elementwise_affine and bias)
        super().__init__(axis=axis, epsilon=eps, center=shifts, scale=elementwise_affine, dtype=dtype)


@helper
class LayerNormBase(TorchLayerNorm):
    """Normalisation over the last axes to derive from, with attributes as PyTorch's has them."""

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None, dtype=None):
        super().__init__(normalized_shape, eps, elementwise_affine, bias, device, dtype)
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine

    def build(self, shape):
        super().build((None, *self.normalized_shape))

    weight = property(lambda self: self.gamma)
    bias = property(lambda self: self.beta)


class LayerNormClass(LayerEquivalence):
    """The class of normalisation over the last axes."""

    result = "class"
    derive_from = "LayerNormBase"
    derived = {
        "normalized_shape": "tuple", "eps": "float", "elementwise_affine": "bool", "weight": "tensor", "bias": "tensor",
    }  # fmt: skip

    def in_torch():
        return nn.LayerNorm

    def in_tensorflow():
        return TorchLayerNorm

    samples = cases(
        made=[
            expression("made(4)"),
            expression("made((3, 4), eps=1e-3)"),
            expression("made(4, bias=False)"),
            expression("made(4, elementwise_affine=False)"),
        ],
        call=floats(2, 3, 4),
    )


@helper
class TorchGroupNorm(keras.layers.GroupNormalization):
    """Normalisation over groups of channels that is made as PyTorch's, with the channels on axis 1."""

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None):
        super().__init__(num_groups, axis=1, epsilon=eps, center=affine, scale=affine, dtype=dtype)


@helper
class GroupNormBase(TorchGroupNorm):
    """Normalisation over groups of channels to derive from, with attributes as PyTorch's has them."""

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None):
        super().__init__(num_groups, num_channels, eps, affine, device, dtype)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine

    def build(self, shape):
        super().build((None, self.num_channels))
        self.input_spec = None

    weight = property(lambda self: self.gamma)
    bias = property(lambda self: self.beta)


class GroupNormClass(LayerEquivalence):
    """The class of normalisation over groups of channels."""

    result = "class"
    derive_from = "GroupNormBase"
    derived = {
        "num_groups": "int", "num_channels": "int", "eps": "float", "affine": "bool", "weight": "tensor",
        "bias": "tensor",
    }  # fmt: skip

    def in_torch():
        return nn.GroupNorm

    def in_tensorflow():
        return TorchGroupNorm

    samples = cases(
        made=[expression("made(2, 4)"), expression("made(1, 4, eps=1e-3, affine=False)")],
        call=[floats(2, 4, 5), floats(2, 4, 3, 5)],
    )


@helper
class TorchDropout(keras.layers.Dropout):
    """Dropout that is made as PyTorch's."""

    def __init__(self, p=0.5, inplace=False):
        super().__init__(p)


class DropoutClass(LayerEquivalence):
    """The class of dropout."""

    result = "class"

    def in_torch():
        return nn.Dropout

    def in_tensorflow():
        return TorchDropout

    train = False
    samples = cases(made=[expression("made()"), expression("made(p=0.1)")], call=floats(2, 3))


@helper
class TorchIdentity(keras.layers.Identity):
    """A layer that gives what it is given, whatever it is made with, as PyTorch's."""

    def __init__(self, *args, **kwargs):
        super().__init__()


class IdentityClass(LayerEquivalence):
    """The class of the layer that does nothing."""

    result = "class"
    derive_from = "TorchIdentity"
    derived: dict = {}

    def in_torch():
        return nn.Identity

    def in_tensorflow():
        return TorchIdentity

    samples = cases(made=[expression("made()"), expression("made(4, bias=False)")], call=floats(2, 3))


@helper
class TorchMaxPool2d(keras.Sequential):
    """Max pooling of images that is made as PyTorch's, with the channels on axis 1."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        if dilation not in (1, (1, 1)) or return_indices or ceil_mode:
            raise NotImplementedError("max pooling with dilation, indices or ceil_mode")
        sides = [InfinityPadding2D(padding)] if padding not in (0, (0, 0)) else []
        pool = keras.layers.MaxPooling2D(kernel_size, strides=stride)
        super().__init__([keras.layers.Permute((2, 3, 1)), *sides, pool, keras.layers.Permute((3, 1, 2))])


class MaxPool2dClass(LayerEquivalence):
    """The class of max pooling of images."""

    result = "class"

    def in_torch():
        return nn.MaxPool2d

    def in_tensorflow():
        return TorchMaxPool2d

    samples = cases(
        made=[expression("made(2)"), expression("made(3, stride=2, padding=1)"), expression("made((3, 2), 1, (1, 0))")],
        call=floats(2, 3, 7, 8),
    )


@helper
class TorchAvgPool2d(keras.Sequential):
    """Average pooling of images that is made as PyTorch's, with the channels on axis 1."""

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        padded = padding not in (0, (0, 0))
        if ceil_mode or divisor_override or (padded and not count_include_pad):
            raise NotImplementedError("average pooling with ceil_mode, a divisor, or that leaves its padding out")
        sides = [keras.layers.ZeroPadding2D(padding)] if padded else []
        pool = keras.layers.AveragePooling2D(kernel_size, strides=stride)
        super().__init__([keras.layers.Permute((2, 3, 1)), *sides, pool, keras.layers.Permute((3, 1, 2))])


class AvgPool2dClass(LayerEquivalence):
    """The class of average pooling of images."""

    result = "class"

    def in_torch():
        return nn.AvgPool2d

    def in_tensorflow():
        return TorchAvgPool2d

    samples = cases(
        made=[expression("made(2)"), expression("made(3, stride=2, padding=1)"), expression("made((3, 2), 1, (1, 0))")],
        call=floats(2, 3, 7, 8),
    )
