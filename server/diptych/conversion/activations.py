"""Keras's ``activation=`` arguments, which PyTorch writes as calls of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.matching.emit import call
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

FUNCTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "relu": ("torch.nn.functional.relu", {}),
    "sigmoid": ("torch.sigmoid", {}),
    "tanh": ("torch.tanh", {}),
    "softmax": ("torch.nn.functional.softmax", {"dim": "-1"}),
    "gelu": ("torch.nn.functional.gelu", {}),
    "elu": ("torch.nn.functional.elu", {}),
    "selu": ("torch.nn.functional.selu", {}),
    "silu": ("torch.nn.functional.silu", {}),
    "swish": ("torch.nn.functional.silu", {}),
    "mish": ("torch.nn.functional.mish", {}),
    "relu6": ("torch.nn.functional.relu6", {}),
    "leaky_relu": ("torch.nn.functional.leaky_relu", {"negative_slope": "0.2"}),
    "hard_sigmoid": ("torch.nn.functional.hardsigmoid", {}),
    "log_softmax": ("torch.nn.functional.log_softmax", {"dim": "-1"}),
}
LAYERS: dict[str, tuple[str, dict[str, str]]] = {
    "relu": ("torch.nn.ReLU", {}), "sigmoid": ("torch.nn.Sigmoid", {}), "tanh": ("torch.nn.Tanh", {}),
    "softmax": ("torch.nn.Softmax", {"dim": "-1"}), "gelu": ("torch.nn.GELU", {}), "elu": ("torch.nn.ELU", {}),
    "selu": ("torch.nn.SELU", {}), "silu": ("torch.nn.SiLU", {}), "swish": ("torch.nn.SiLU", {}),
    "mish": ("torch.nn.Mish", {}),
    "relu6": ("torch.nn.ReLU6", {}), "leaky_relu": ("torch.nn.LeakyReLU", {"negative_slope": "0.2"}),
    "hard_sigmoid": ("torch.nn.Hardsigmoid", {}), "log_softmax": ("torch.nn.LogSoftmax", {"dim": "-1"}),
}  # fmt: skip


def channels_matter(name: str) -> bool:
    """Whether the activation works along the last axis rather than on each element."""
    return name in ("softmax", "log_softmax")


def applied(c: Converter, name: str, code: cst.BaseExpression) -> cst.BaseExpression:
    """``F.relu(code)``."""
    qualified, keywords = FUNCTIONS[name]
    return call(c.name(qualified), [cst.Arg(argument(code)), *_keywords(keywords)])


def layer(c: Converter, name: str) -> cst.BaseExpression:
    """``nn.ReLU()``."""
    qualified, keywords = LAYERS[name]
    return call(c.name(qualified), _keywords(keywords))


def _keywords(keywords: dict[str, str]) -> list[cst.Arg]:
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return [
        cst.Arg(cst.parse_expression(value), keyword=cst.Name(name), equal=equal) for name, value in keywords.items()
    ]
