"""Dropout."""

import keras
import tensorflow as tf
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


class Dropout(LayerEquivalence, Elementwise):
    """Drops elements at random while training. A new PyTorch module trains; a Keras layer must be told so."""

    reads = {"p": "rate"}
    random = True
    train = False

    def in_torch(p: Float = 0.5):
        return nn.Dropout(p)

    def in_tensorflow(p: Float):
        return keras.layers.Dropout(p)

    samples = cases(p=[0.1, 0.5], call=floats(2, 3))


class Dropout2d(LayerEquivalence):
    """Drops whole channels of images at random while training."""

    random = True
    train = False
    layout = {"call": (NCHW, NHWC), "result": (NCHW, NHWC)}

    def in_torch(p: Float = 0.5):
        return nn.Dropout2d(p)

    def in_tensorflow(p: Float):
        return keras.layers.SpatialDropout2D(p)

    samples = cases(p=[0.1, 0.5], call=floats(2, 3, 4, 4))


class Dropout1d(LayerEquivalence):
    """Drops whole channels of sequences at random while training."""

    random = True
    train = False
    layout = {"call": (NCL, NLC), "result": (NCL, NLC)}

    def in_torch(p: Float = 0.5):
        return nn.Dropout1d(p)

    def in_tensorflow(p: Float):
        return keras.layers.SpatialDropout1D(p)

    samples = cases(p=[0.1, 0.5], call=floats(2, 3, 4))


class Dropout3d(LayerEquivalence):
    """Drops whole channels of volumes at random while training."""

    random = True
    train = False
    layout = {"call": (NCDHW, NDHWC), "result": (NCDHW, NDHWC)}

    def in_torch(p: Float = 0.5):
        return nn.Dropout3d(p)

    def in_tensorflow(p: Float):
        return keras.layers.SpatialDropout3D(p)

    samples = cases(p=[0.1, 0.5], call=floats(2, 3, 4, 4, 4))


class AlphaDropout(LayerEquivalence, Elementwise):
    """Dropout for SELU networks: it keeps mean and variance."""

    random = True
    train = False

    def in_torch(p: Float = 0.5):
        return nn.AlphaDropout(p)

    def in_tensorflow(p: Float):
        return keras.layers.AlphaDropout(p)

    samples = cases(p=[0.1, 0.5], call=floats(2, 3))


class DropoutFunction(Elementwise):
    """Drops elements at random. ``F.dropout`` drops in eval mode too, unless ``training`` is passed on."""

    hands_back = "x"
    random = True
    one_way = "torch"

    def in_torch(x: Tensor, p: Float = 0.5, training: Flag = True):
        return F.dropout(x, p=p, training=training)

    def in_tensorflow(x: Tensor, p: Float = 0.5, training: Flag = True):
        if training is False:
            return tf.identity(x)
        if known(training is True and p == 1):
            return tf.zeros_like(x)
        return general(tf.nn.dropout(x, rate=p) if training else x)

    samples = cases(x=floats(3, 4), p=[0.1, 0.5, 1.0], training=[Absent, False])


class DropoutOfTensorflow(Elementwise):
    """Drops elements at random, whatever the mode."""

    random = True
    one_way = "tensorflow"

    def in_torch(x: Tensor, p: Float):
        return F.dropout(x, p=p)

    def in_tensorflow(x: Tensor, p: Float):
        return spellings(tf.nn.dropout(x, rate=p), keras.random.dropout(x, rate=p))

    samples = cases(x=floats(3, 4), p=[0.1, 0.5])
