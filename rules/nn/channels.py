"""Channels moved into space and back, shuffled, dropped, and scaled where they are negative."""

import keras
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def pixel_unshuffle(x, factor):
    """Move space into channels (group, row, column): (batch, h * f, w * f, c) -> (batch, h, w, c * f * f)."""
    batch, height, width = tf.unstack(tf.shape(x)[:3])
    parts = tf.reshape(x, (batch, height // factor, factor, width // factor, factor, x.shape[-1]))
    parts = tf.transpose(parts, (0, 1, 3, 5, 2, 4))
    return tf.reshape(parts, (batch, height // factor, width // factor, x.shape[-1] * factor**2))


@helper
def channel_shuffle(x, groups):
    """Take the channels (axis 1) from the groups in turn."""
    shape = tf.shape(x)
    parts = tf.reshape(x, tf.concat([shape[:1], [groups, shape[1] // groups], shape[2:]], 0))
    return tf.reshape(keras.ops.swapaxes(parts, 1, 2), shape)


@helper
def prelu(x, weight):
    """Scale negative elements, those of each channel (axis 1) by its weight."""
    shape = [-1] + [1] * (x.shape.rank - 2) if x.shape.rank > 1 else []
    return tf.where(x > 0, x, x * tf.reshape(weight, shape))


@helper
def rrelu(x, lower=0.125, upper=0.3333333333333333, training=False):
    """Scale negative elements by random slopes while training, else by the middle one."""
    slopes = tf.random.uniform(tf.shape(x), lower, upper, x.dtype) if training else (lower + upper) / 2
    return tf.where(x >= 0, x, x * slopes)


@helper
def channel_dropout(x, p=0.5, training=True, batch_rank=0):
    """Drop whole channels at random; they are axis 0 where x has fewer axes than `batch_rank`, else axis 1."""
    if not training or p == 0:
        return tf.identity(x)
    lead = 1 if x.shape.rank < batch_rank else 2
    shape = tf.concat([tf.shape(x)[:lead], tf.ones([x.shape.rank - lead], tf.int32)], 0)
    kept = tf.random.uniform(shape, dtype=x.dtype) >= p
    return tf.where(kept, x / (1 - p or 1), tf.zeros_like(x))


@helper
def alpha_dropout(x, p=0.5, training=False, channels=False):
    """Dropout that keeps mean and variance of SELU networks; of whole channels, if told so."""
    if not training or p == 0:
        return tf.identity(x)
    if p == 1:
        return tf.zeros_like(x)
    shape = tf.shape(x)
    shape = tf.concat([shape[:2], tf.ones_like(shape[2:])], 0) if channels else shape
    kept = tf.random.uniform(shape, dtype=x.dtype) >= p
    low = -1.7580993408473766
    scale = ((1 - p) * (1 + p * low**2)) ** -0.5
    return scale * tf.where(kept, x, low) - scale * p * low


class PixelUnshuffleFunction(Equivalence):
    """Space moved into channels. TensorFlow's ``space_to_depth`` puts them into another order."""

    layout = {"x": (NCHW, NHWC), "result": (NCHW, NHWC)}
    one_way = "torch"

    def in_torch(x: Tensor, factor: Int):
        return spellings(F.pixel_unshuffle(x, factor), torch.pixel_unshuffle(x, factor))

    def in_tensorflow(x: Tensor, factor: Int):
        return pixel_unshuffle(x, factor)

    def rank(x, factor):
        return 4

    samples = cases(x=floats(2, 3, 4, 6), factor=[1, 2])


class PixelUnshuffle(LayerEquivalence):
    """Space moved into channels. TensorFlow's ``space_to_depth`` puts them into another order."""

    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}
    unbatched = 3
    one_way = "torch"

    def in_torch(factor: Int):
        return nn.PixelUnshuffle(factor)

    def in_tensorflow(factor: Int):
        return keras.layers.Lambda(lambda x: pixel_unshuffle(x, factor))

    samples = cases(factor=2, call=floats(2, 3, 4, 6))


class ChannelShuffleFunction(Equivalence):
    """Channels taken from groups in turn."""

    one_way = "torch"

    def in_torch(x: Tensor, groups: Int):
        return spellings(F.channel_shuffle(x, groups), torch.channel_shuffle(x, groups))

    def in_tensorflow(x: Tensor, groups: Int):
        return channel_shuffle(x, groups)

    def rank(x, groups):
        return rank(x)

    samples = cases(x=[floats(2, 6, 3, 4), floats(2, 6, 3)], groups=[2, 3])


class ChannelShuffle(LayerEquivalence):
    """Channels taken from groups in turn."""

    one_way = "torch"

    def in_torch(groups: Int):
        return nn.ChannelShuffle(groups)

    def in_tensorflow(groups: Int):
        return keras.layers.Lambda(lambda x: channel_shuffle(x, groups))

    samples = cases(groups=[2, 3], call=floats(2, 6, 3, 4))


class PreluFunction(Equivalence):
    """Negative elements scaled, those of each channel by a weight of its own."""

    one_way = "torch"

    def in_torch(x: Tensor, weight: Tensor):
        return spellings(F.prelu(x, weight), torch.prelu(x, weight), x.prelu(weight))

    def in_tensorflow(x: Tensor, weight: Tensor):
        return prelu(x, weight)

    def rank(x, weight):
        return rank(x)

    samples = cases(x=[floats(2, 3, 4), floats(2, 3)], weight=[floats(3), floats(1)]) + cases(
        x=floats(4), weight=floats(1)
    )


class RreluFunction(Equivalence):
    """Negative elements scaled by random slopes while training, else by the middle one."""

    one_way = "torch"
    random = True

    def in_torch(x: Tensor, lower: Float = 0.125, upper: Float = 0.3333333333333333, training: Flag = False):
        return spellings(
            F.rrelu(x, lower=lower, upper=upper, training=training),
            torch.rrelu(x, lower=lower, upper=upper, training=training),
        )

    def in_tensorflow(x: Tensor, lower: Float = 0.125, upper: Float = 0.3333333333333333, training: Flag = False):
        return rrelu(x, lower=lower, upper=upper, training=training)

    def rank(x, lower, upper, training):
        return rank(x)

    samples = cases(x=floats(2, 3), training=[False, True], lower=[Absent, 0.25], upper=[Absent, 0.5])


class Dropout1dFunction(Equivalence):
    """Whole channels of sequences dropped at random, unless ``training`` is false."""

    hands_back = "x"
    one_way = "torch"
    random = True

    def in_torch(x: Tensor, p: Float = 0.5, training: Flag = True):
        return F.dropout1d(x, p=p, training=training)

    def in_tensorflow(x: Tensor, p: Float = 0.5, training: Flag = True):
        return channel_dropout(x, p, training=training, batch_rank=3)

    def rank(x, p, training):
        return rank(x)

    samples = cases(x=[floats(2, 3, 4), floats(3, 4)], p=[Absent, 0.2], training=[Absent, False])


class Dropout2dFunction(Equivalence):
    """Whole channels of images dropped at random, unless ``training`` is false."""

    hands_back = "x"
    one_way = "torch"
    random = True

    def in_torch(x: Tensor, p: Float = 0.5, training: Flag = True):
        return F.dropout2d(x, p=p, training=training)

    def in_tensorflow(x: Tensor, p: Float = 0.5, training: Flag = True):
        return channel_dropout(x, p, training=training)

    def rank(x, p, training):
        return rank(x)

    samples = cases(x=floats(2, 3, 4, 4), p=[Absent, 0.2], training=[Absent, False])


class Dropout3dFunction(Equivalence):
    """Whole channels of volumes dropped at random, unless ``training`` is false."""

    hands_back = "x"
    one_way = "torch"
    random = True

    def in_torch(x: Tensor, p: Float = 0.5, training: Flag = True):
        return F.dropout3d(x, p=p, training=training)

    def in_tensorflow(x: Tensor, p: Float = 0.5, training: Flag = True):
        return channel_dropout(x, p, training=training, batch_rank=5)

    def rank(x, p, training):
        return rank(x)

    samples = cases(x=[floats(2, 3, 2, 4, 4), floats(3, 2, 4, 4)], p=[Absent, 0.2], training=[Absent, False])


class AlphaDropoutFunction(Equivalence):
    """Dropout that keeps mean and variance; it drops nothing unless ``training`` is true."""

    hands_back = "x"
    one_way = "torch"
    random = True

    def in_torch(x: Tensor, p: Float = 0.5, training: Flag = False):
        return spellings(F.alpha_dropout(x, p=p, training=training), torch.alpha_dropout(x, p, training))

    def in_tensorflow(x: Tensor, p: Float = 0.5, training: Flag = False):
        return alpha_dropout(x, p, training=training)

    def rank(x, p, training):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), p=0.2, training=[False, True])


class FeatureAlphaDropoutFunction(Equivalence):
    """Dropout of whole channels that keeps mean and variance; it drops nothing unless ``training`` is true."""

    hands_back = "x"
    one_way = "torch"
    random = True

    def in_torch(x: Tensor, p: Float = 0.5, training: Flag = False):
        return spellings(
            F.feature_alpha_dropout(x, p=p, training=training), torch.feature_alpha_dropout(x, p, training)
        )

    def in_tensorflow(x: Tensor, p: Float = 0.5, training: Flag = False):
        return alpha_dropout(x, p, training=training, channels=True)

    def rank(x, p, training):
        return rank(x)

    samples = cases(x=floats(2, 3, 4), p=0.2, training=[False, True])
