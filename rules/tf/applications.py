"""What Keras' pretrained models want their images to be."""

import keras
import torch

from diptych.catalog.language import *


class ScaledToOne(Elementwise):
    """Colours 0..255 as -1..1. Right for Keras' weights; those of torchvision want other scales."""

    one_way = "tensorflow"
    dtype = "x"
    promotes = "float"

    def in_torch(x: Tensor):
        return x / 127.5 - 1.0

    def in_tensorflow(x: Tensor):
        return spellings(
            keras.applications.mobilenet_v2.preprocess_input(x),
            keras.applications.mobilenet.preprocess_input(x),
            keras.applications.inception_v3.preprocess_input(x),
            keras.applications.inception_resnet_v2.preprocess_input(x),
            keras.applications.xception.preprocess_input(x),
            keras.applications.resnet_v2.preprocess_input(x),
        )

    samples = cases(x=[floats(2, 3), ints(2, 3)])


@helper
def blue_first(x):
    """Images [..., red green blue] of 0..255 as blue, green, red, less the means of ImageNet."""
    x = x if x.is_floating_point() else x.float()
    return x.flip(-1) - x.new_tensor([103.939, 116.779, 123.68])


class BlueFirst(Equivalence):
    """Colours as blue, green, red, less their means. Right for Keras' weights; torchvision's want other scales."""

    one_way = "tensorflow"
    dtype = "x"

    def in_torch(x: Tensor):
        return blue_first(x)

    def in_tensorflow(x: Tensor):
        return spellings(
            keras.applications.vgg19.preprocess_input(x),
            keras.applications.vgg16.preprocess_input(x),
            keras.applications.resnet.preprocess_input(x),
        )

    def rank(x):
        return rank(x)

    samples = cases(x=floats(2, 4, 4, 3))
