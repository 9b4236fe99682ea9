"""Linear layers."""

import keras
from torch import nn

from diptych.catalog.language import *


class Linear(LayerEquivalence):
    """A fully connected layer on the last axis."""

    reads = {"out_features": "units"}
    torch_only = ("c_in",)
    width = "c_out"
    unbatched = 1
    weights = {"weight": at("kernel", permute(1, 0)), "bias": at("bias")}

    def in_torch(c_in: Int, c_out: Int, bias: Flag = True):
        return nn.Linear(c_in, c_out, bias=bias)

    def in_tensorflow(c_in, c_out, bias=True):
        return keras.layers.Dense(c_out, use_bias=bias)

    samples = cases(c_in=4, c_out=3, bias=[True, False], call=[floats(2, 4), floats(2, 5, 4)])
