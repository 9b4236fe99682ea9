"""Activations that Keras looks up by a name which is known only when the program runs."""

import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalog.language import *


@helper
def activation_of(name):
    """The function that Keras knows by a name; a function is handed back, and ``None`` changes nothing."""
    if callable(name):
        return name
    known = {
        "celu": F.celu, "elu": F.elu, "exponential": torch.exp, "gelu": F.gelu, "hard_shrink": F.hardshrink,
        "hard_sigmoid": F.hardsigmoid, "hard_silu": F.hardswish, "hard_swish": F.hardswish, "hard_tanh": F.hardtanh,
        "leaky_relu": lambda x: F.leaky_relu(x, 0.2), "linear": lambda x: x, "log_sigmoid": F.logsigmoid,
        "log_softmax": lambda x: F.log_softmax(x, dim=-1), "mish": F.mish, "relu": F.relu, "relu6": F.relu6,
        "selu": F.selu, "sigmoid": torch.sigmoid, "silu": F.silu, "soft_shrink": F.softshrink,
        "softmax": lambda x: F.softmax(x, dim=-1), "softplus": F.softplus, "softsign": F.softsign, "swish": F.silu,
        "tanh": torch.tanh, "tanh_shrink": F.tanhshrink,
    }  # fmt: skip
    return known["linear" if name is None else name]


@helper
class NamedActivation(nn.Module):
    """An activation by its name in Keras, or a function, as a layer."""

    def __init__(self, name):
        super().__init__()
        self.function = activation_of(name)

    def forward(self, x):
        return self.function(x)
