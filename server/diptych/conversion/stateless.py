"""Keras layers without weights or modes that are made and called at once: ``layers.ReLU()(x)`` is ``F.relu(x)``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.literals import node_of, value_of
from diptych.syntax.precedence import argument
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PLAIN = {"ReLU": "tf.nn.relu", "ELU": "tf.nn.elu"}
POOLS = {"MaxPooling2D": "tf.nn.max_pool2d", "AveragePooling2D": "tf.nn.avg_pool2d"}
OVER_ALL = {"Average": "tf.reduce_mean", "Max": "tf.reduce_max"}
PARAMETERS = {
    "Softmax": ("axis",), "Activation": ("activation",), "MaxPooling2D": ("pool_size", "strides"),
    "AveragePooling2D": ("pool_size", "strides"), "Reshape": ("target_shape",), "Permute": ("dims",),
    "LeakyReLU": ("negative_slope",),
}  # fmt: skip


def function_of(qualified: str, made: cst.Call) -> tuple[str, list[cst.Arg]] | None:
    """The function of TensorFlow that a layer is, and its arguments after the tensor; ``None`` where it has none."""
    layer = qualified.removeprefix("keras.layers.")
    given = _arguments(made, PARAMETERS.get(layer, ()))
    if layer == qualified or given is None:
        return None
    if layer in PLAIN:
        return None if given else (PLAIN[layer], [])
    if layer == "Flatten":
        return None if given else ("flatten", [])
    if layer == "Softmax":
        return "tf.nn.softmax", [keyword("axis", node_of(given.get("axis", -1)))]
    if layer == "LeakyReLU" and MISSING not in given.values():
        return "tf.nn.leaky_relu", [keyword("alpha", node_of(given.get("negative_slope", 0.3)))]
    if layer == "Activation" and isinstance(given.get("activation"), str):
        return f"keras.activations.{given['activation']}", []
    if layer in POOLS and MISSING not in given.values():
        size = given.get("pool_size", 2)
        strides = given.get("strides")
        return POOLS[layer], [_plain(size), _plain(size if strides is None else strides), _plain("VALID")]
    if layer == "Reshape" and _sizes(given.get("target_shape")):
        return "tf.reshape", [_plain((-1, *given["target_shape"]))]
    if layer == "Permute" and isinstance(given.get("dims"), tuple):
        return "tf.transpose", [_plain((0, *given["dims"]))]
    if layer.startswith("Global") and not given:
        kind, _, dims = layer.removeprefix("Global").partition("Pooling")
        axes = tuple(range(1, int(dims[0]) + 1))
        return OVER_ALL[kind], [keyword("axis", node_of(axes if len(axes) > 1 else 1))]
    return None


def _sizes(shape: Any) -> bool:
    return isinstance(shape, tuple) and all(isinstance(n, int) and n > 0 for n in shape)


def _arguments(made: cst.Call, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Literal arguments by name, ``MISSING`` for what is not literal; ``None`` where there are others."""
    given = by_name(made, names, also=("name",))
    return None if given is None else {name: value_of(value) for name, value in given.items() if name != "name"}


def _plain(value: Any) -> cst.Arg:
    return cst.Arg(node_of(value))


def convert(c: Converter, node: cst.Call) -> Code | None:
    """A layer that is made and called at once; ``None`` where it is no such layer."""
    made = node.func
    if c.source != "tensorflow" or not isinstance(made, cst.Call) or len(node.args) != 1 or node.args[0].keyword:
        return None
    qualified = c.qualified(made.func)
    found = function_of(qualified, made) if qualified else None
    if found is None:
        return None
    tensor = node.args[0].value
    if found[0] == "flatten":
        code, value = c.expr(tensor)
        flat = call(c.name("torch.flatten"), [cst.Arg(argument(c.plain(code, value))), _plain(1)])
        return flat, replace(value, kind="tensor", permutation=None, rank=2, width=None, of=None)
    function = c.source_call(found[0], [cst.Arg(tensor), *found[1]])
    c.journal.origins[id(function)] = node
    code, value = c.expr(function)
    return (node, Value()) if code is function else (code, value)
