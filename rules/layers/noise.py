"""Keras' layers that disturb their input while training."""

import keras
import torch
from torch import nn

from diptych.catalog.language import *


@helper
class GaussianNoise(nn.Module):
    """Adds normal noise while training."""

    def __init__(self, stddev):
        super().__init__()
        self.stddev = stddev

    def forward(self, x):
        return x + self.stddev * torch.randn_like(x) if self.training else x


class GaussianNoiseLayer(LayerEquivalence, Elementwise):
    """Adds normal noise while training."""

    one_way = "tensorflow"
    random = True
    train = False

    def in_torch(stddev: Float):
        return GaussianNoise(stddev)

    def in_tensorflow(stddev: Float):
        return keras.layers.GaussianNoise(stddev)

    samples = cases(stddev=[0.5, 0.1], call=floats(2, 3))


@helper
class GaussianDropout(nn.Module):
    """Multiplies with normal noise around 1 while training."""

    def __init__(self, rate):
        super().__init__()
        self.stddev = (rate / (1 - rate)) ** 0.5

    def forward(self, x):
        return x * (1 + self.stddev * torch.randn_like(x)) if self.training else x


class GaussianDropoutLayer(LayerEquivalence, Elementwise):
    """Multiplies with normal noise around 1 while training."""

    one_way = "tensorflow"
    random = True
    train = False

    def in_torch(rate: Float):
        return GaussianDropout(rate)

    def in_tensorflow(rate: Float):
        return keras.layers.GaussianDropout(rate)

    samples = cases(rate=[0.5, 0.1], call=floats(2, 3))


@helper
class SharedDropout(nn.Module):
    """Drops elements at random while training, the same along axes where ``shape`` is 1."""

    def __init__(self, rate, shape):
        super().__init__()
        self.rate, self.shape = rate, shape

    def forward(self, x):
        if not self.training:
            return x
        shape = [n if wanted is None else wanted for wanted, n in zip(self.shape, x.shape, strict=True)]
        return x * torch.bernoulli(torch.full(shape, 1 - self.rate, dtype=x.dtype, device=x.device)) / (1 - self.rate)


class DropoutOfShape(LayerEquivalence):
    """Drops elements at random while training, the same along some axes."""

    one_way = "tensorflow"
    random = True
    train = False
    dtype = "call"

    def in_torch(rate: Float, shape: Shape):
        return SharedDropout(rate, shape)

    def in_tensorflow(rate: Float, shape: Shape):
        return keras.layers.Dropout(rate, noise_shape=shape)

    samples = cases(rate=0.3, shape=[(None, 1, 4), (2, 1, 4)], call=floats(2, 3, 4))


class ActivityRegularizationLayer(LayerEquivalence):
    """A penalty on what passes through."""

    one_way = "tensorflow"

    def in_torch(l1: Float = 0.0, l2: Float = 0.0):
        return refuse("PyTorch's modules keep no losses: add the penalty on the activations to the loss")

    def in_tensorflow(l1: Float = 0.0, l2: Float = 0.0):
        return keras.layers.ActivityRegularization(l1=l1, l2=l2)

    samples = cases(l2=0.01, call=floats(2, 3))


class MaskingLayer(LayerEquivalence):
    """Steps to be skipped by the layers that follow."""

    one_way = "tensorflow"

    def in_torch(mask_value: Float = 0.0):
        return refuse(
            "a Keras mask travels with the tensor to all layers that follow: "
            "hand a mask on yourself, or pack the sequences (torch.nn.utils.rnn)"
        )

    def in_tensorflow(mask_value: Float = 0.0):
        return keras.layers.Masking(mask_value=mask_value)

    samples = cases(mask_value=1.0, call=floats(2, 3, 4))


class MaskedEmbedding(LayerEquivalence):
    """An embedding whose zeros are to be skipped by the layers that follow."""

    one_way = "tensorflow"

    def in_torch(rows: Int, width: Int, masked: Flag):
        return refuse(
            "mask_zero=True sends a mask to all layers that follow, PyTorch knows none: hand a mask on yourself, "
            "or pack the sequences (torch.nn.utils.rnn)"
        )

    def in_tensorflow(rows: Int, width: Int, masked: Flag):
        return keras.layers.Embedding(rows, width, mask_zero=masked)

    samples = cases(rows=10, width=4, masked=True, call=ints(2, 3))
