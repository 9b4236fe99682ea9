"""Gradients of several losses that one step takes."""

import tensorflow as tf

from diptych.catalog.language import *


@helper
def summed(first, second):
    """Gradients added up, as PyTorch adds those of each loss; ``None`` stands for no gradient."""
    if first is None:
        return second
    pairs = zip(first, second, strict=True)
    return [b if a is None else a if b is None else tf.convert_to_tensor(a) + b for a, b in pairs]
