"""Tensors made by PyTorch's typed constructors."""

import tensorflow as tf

from diptych.catalog.language import *


@helper
def typed_tensor(dtype, *given):
    """What ``torch.FloatTensor(...)`` and the like give: of these sizes, where numbers are given, else of this data."""
    if len(given) != 1 or isinstance(given[0], int):
        return tf.zeros(given, dtype)
    return tf.cast(given[0], dtype)
