"""What TensorFlow's functions that take functions become."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def while_loop(condition, body, variables, most=None):
    """What ``body`` makes of the variables, again and again while ``condition`` holds, at most so many times."""
    count = 0
    while (most is None or count < most) and condition(*variables):
        result, count = body(*variables), count + 1
        variables = result if isinstance(result, (list, tuple)) else (result,)
    return variables


@helper
def map_first(function, x):
    """The function's results for each part along the first axis, stacked."""
    return torch.stack([function(part) for part in x])


class ShapeObject(Equivalence):
    """A shape as an object of its own."""

    one_way = "tensorflow"
    result = "shape"

    def in_torch(shape: Any):
        return torch.Size(shape)

    def in_tensorflow(shape: Any):
        return tf.TensorShape(shape)

    samples = cases(shape=[(2, 3)])
