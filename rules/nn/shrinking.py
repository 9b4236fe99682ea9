"""Activation layers that Keras lacks, and those that TensorFlow has as functions with other parameters."""

import keras
import tensorflow as tf
from torch import nn

from diptych.catalog.language import *


class HardshrinkLayer(LayerEquivalence, Elementwise):
    """Sets what lies near zero to zero."""

    one_way = "torch"

    def in_torch(bound: Float = 0.5):
        return nn.Hardshrink(bound)

    def in_tensorflow(bound: Float = 0.5):
        return keras.layers.Activation(lambda x: tf.where(tf.abs(x) > bound, x, 0))

    samples = cases(bound=[Absent, 0.2], call=floats(3, 4))


class SoftshrinkLayer(LayerEquivalence, Elementwise):
    """Moves everything towards zero by the same amount."""

    one_way = "torch"

    def in_torch(bound: Float):
        return nn.Softshrink(bound)

    def in_tensorflow(bound: Float):
        return keras.layers.Activation(lambda x: tf.sign(x) * tf.nn.relu(tf.abs(x) - bound))

    samples = cases(bound=[0.2, 1], call=floats(3, 4))


class CeluLayerOfScale(LayerEquivalence, Elementwise):
    """The ELU that stays smooth for any alpha."""

    one_way = "torch"

    def in_torch(alpha: Float):
        return nn.CELU(alpha=alpha)

    def in_tensorflow(alpha: Float):
        return keras.layers.Activation(lambda x: tf.nn.relu(x) + alpha * tf.math.expm1(tf.minimum(x, 0) / alpha))

    samples = cases(alpha=[2.0, 0.5], call=floats(3, 4))


class SoftminLayer(LayerEquivalence):
    """The softmax of what is negated."""

    unbatched = 0
    one_way = "torch"

    def in_torch(dim: Int):
        return nn.Softmin(dim=dim)

    def in_tensorflow(dim: Int):
        return keras.layers.Activation(lambda x: tf.nn.softmax(-x, axis=dim))

    samples = cases(dim=[0, 1, -1], call=floats(3, 4))


class Softmax2dLayer(LayerEquivalence):
    """The softmax over the channels of images."""

    ranks = "any"
    one_way = "torch"
    unbatched = 3
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch():
        return nn.Softmax2d()

    def in_tensorflow():
        return keras.layers.Softmax()

    samples = cases(call=floats(2, 3, 4, 5))


class RReLULayer(LayerEquivalence):
    """A leaky ReLU whose slope is drawn at random while training."""

    one_way = "torch"

    def in_torch():
        return nn.RReLU()

    def in_tensorflow():
        return refuse("Keras has no activation with a random slope: use nn.LeakyReLU")

    samples = cases(call=floats(3, 4))
