"""Keras' initialisers: those that a layer is told of are dropped, as in its constructor; PyTorch's functions fill a
variable that is assigned what one of them draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PREFIX = "keras.initializers."
DROPPED = "Initialisers were dropped: carry the weights over, or initialise the PyTorch layers yourself."
WEIGHTS = (
    "kernel", "bias", "gamma", "beta", "embeddings", "depthwise", "pointwise", "recurrent", "moving_mean",
    "moving_variance", "alpha",
)  # fmt: skip
# PyTorch's functions, with the arguments of Keras' initialisers by position, and their defaults.
FILLING: dict[str, tuple[str, dict[str, Any]]] = {
    "Zeros": ("zeros_", {}),
    "Ones": ("ones_", {}),
    "Constant": ("constant_", {"value": 0.0}),
    "RandomNormal": ("normal_", {"mean": 0.0, "stddev": 0.05}),
    "RandomUniform": ("uniform_", {"minval": -0.05, "maxval": 0.05}),
}
# Scale, mode and distribution of those that look at how many inputs and outputs there are.
SCALED = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"), "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"), "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"), "LecunNormal": (1.0, "fan_in", "truncated_normal"),
}  # fmt: skip
SCALING = {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"}


def statement(c: Converter, node: cst.Call) -> Any:
    """``initialize(layer, "kernel", ...)``, which is dropped; ``None`` for anything else."""
    if c.qualified(node.func) != "helper.initialize" or len(node.args) != 3:
        return None
    if not _is_made(c, node.args[2].value):
        return None
    c.journal.note(DROPPED)
    return True


def told(c: Converter, node: cst.Assign) -> bool:
    """Whether a statement tells a layer of an initialiser, ``layer.kernel_initializer = ...``; such are dropped."""
    target = node.targets[0].target
    if c.source != "tensorflow" or len(node.targets) > 1 or not isinstance(target, cst.Attribute):
        return False
    name = target.attr.value
    if name.removesuffix("_initializer") not in WEIGHTS or name in WEIGHTS or c.expr(target.value)[1].kind == "self":
        return False
    if not _is_made(c, node.value) and not isinstance(node.value, cst.SimpleString):
        return False
    c.journal.note(DROPPED)
    return True


def _is_made(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this makes an initialiser, and does nothing else."""
    return isinstance(node, cst.Call) and (c.qualified(node.func) or "").startswith(PREFIX)


def drawn(c: Converter, variable: cst.BaseExpression, given: cst.BaseExpression) -> Code | None:
    """The call that fills a variable as ``initializer(shape, dtype)`` would; ``None`` for other values."""
    if not isinstance(given, cst.Call) or not isinstance(given.func, cst.Call) or not _is_made(c, given.func):
        return None
    if not 1 <= len(given.args) <= 2 or any(each.star for each in given.args):
        return None
    made = given.func
    name = (c.qualified(made.func) or "").removeprefix(PREFIX)
    known, defaults = FILLING.get(name, (None, SCALING if name == "VarianceScaling" else {}))
    if known is None and name not in SCALED and name != "VarianceScaling":
        return None
    told = _arguments(c, made, defaults)
    if told is None:
        return None
    if known is not None:
        filled = call(c.name(f"torch.nn.init.{known}"), [cst.Arg(variable), *map(cst.Arg, told)])
        return filled, Value("none")
    scaling = told if name == "VarianceScaling" else [node_of(each) for each in SCALED[name]]
    return helper(c, "scaled_", [cst.Arg(variable), *map(cst.Arg, scaling)]), Value("none")


def _arguments(c: Converter, made: cst.Call, defaults: dict[str, Any]) -> list[cst.BaseExpression] | None:
    """The arguments of an initialiser in the order of ``defaults``, without a seed; ``None`` where there are others."""
    names = list(defaults)
    found = {name: node_of(value) for name, value in defaults.items()}
    for position, given in enumerate(made.args):
        name = given.keyword.value if given.keyword else names[position] if position < len(names) else ""
        if given.star or name not in (*names, "seed"):
            return None
        if name != "seed":
            found[name] = argument(c.code(given.value))
    return list(found.values())
