"""TensorFlow and Keras calls that are not patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import activations, merging, sequences
from diptych.inference.values import Value
from diptych.syntax.literals import value_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

INITIALISERS = {
    "kernel_initializer",
    "bias_initializer",
    "embeddings_initializer",
    "recurrent_initializer",
    "gamma_initializer",
    "beta_initializer",
}


def stripped(c: Converter, node: cst.Call) -> tuple[cst.Call, bool]:
    """The call without ``activation=``, names and initialisers, which PyTorch writes elsewhere or not at all."""
    qualified = c.qualified(node.func) or ""
    if not qualified.startswith(("keras.layers.", "tf.", "keras.ops.", "keras.optimizers.", "keras.losses.")):
        return node, False
    kept = []
    for argument in node.args:
        name = argument.keyword.value if argument.keyword else None
        if name == "name":
            continue
        if qualified.startswith("keras.layers."):
            if name == "activation" and activation_of(c, node) is not MISSING:
                continue
            if name in INITIALISERS:
                c.journal.note(
                    "Initialisers were dropped: carry the weights over, or initialise the PyTorch layers yourself."
                )
                continue
            if name in ("input_shape", "input_dim", "batch_input_shape"):
                continue
        kept.append(argument)
    if len(kept) == len(node.args):
        return node, False
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    new = node.with_changes(args=kept)
    c.alive.append(new)
    c.journal.origins[id(new)] = node
    return new, False


RECURRENT = ("keras.layers.LSTM", "keras.layers.GRU", "keras.layers.SimpleRNN")


def activation_of(c: Converter, node: cst.Call) -> str | None:
    """The layer's activation by name, ``None`` for none; ``MISSING`` where it is something else."""
    qualified = c.qualified(node.func) or ""
    if not qualified.startswith("keras.layers.") or qualified in RECURRENT or qualified == "keras.layers.Activation":
        return MISSING
    for argument in node.args:
        if argument.keyword and argument.keyword.value == "activation":
            literal = value_of(argument.value)
            if literal in (None, "linear"):
                return None
            if isinstance(literal, str):
                return literal if literal in activations.FUNCTIONS else MISSING
            api = c.qualified(argument.value) or ""
            name = api.rsplit(".", 1)[-1]
            if api.startswith(("keras.activations.", "tf.nn.", "keras.ops.", "tf.")) and name in activations.FUNCTIONS:
                if (name == "gelu" and api.startswith("keras.ops.")) or name == "leaky_relu":
                    return MISSING
                return name
            return MISSING
    return None


def with_activation(c: Converter, node: cst.Call, code: cst.BaseExpression, value: Value) -> Code:
    """Note the activation that the twin must apply after the layer."""
    if value.kind != "module" or value.layer is None:
        return code, value
    name = activation_of(c, node)
    if name is MISSING or name is None:
        return code, value
    return code, replace(value, layer=replace(value.layer, activation=name))


def _variable(c: Converter, node: cst.Call) -> Code | None:
    """``tf.Variable(x)`` inside a model is a parameter; elsewhere it is left."""
    if c.scope.owner is None or not node.args or node.args[0].keyword:
        return c.leave(node, c.qualified(node.func) or "", "a variable outside a model has no direct equivalent")
    trainable = True
    for argument in node.args[1:]:
        name = argument.keyword.value if argument.keyword else ""
        literal = c.literal(argument.value)
        if name == "trainable" and isinstance(literal, bool):
            trainable = literal
        elif name not in ("name", "dtype"):
            return c.leave(node, "tf.Variable", "its arguments are not known here")
    from diptych.matching.emit import call

    code, value = c.expr(node.args[0].value)
    if not value.is_tensor:
        return c.leave(node, "tf.Variable", "the initial value is not known to be a tensor")
    args = [cst.Arg(c.plain(code, value))]
    if not trainable:
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        args.append(cst.Arg(cst.Name("False"), keyword=cst.Name("requires_grad"), equal=equal))
    return call(c.name("torch.nn.Parameter"), args), replace(value, permutation=None, of=None)


def _input(c: Converter, node: cst.Call) -> Code:
    return c.leave(
        node,
        "keras.Input",
        "a functional model is converted only where inputs, layers and keras.Model stand in one block",
    )


def _model(c: Converter, node: cst.Call) -> Code:
    return c.leave(
        node,
        "keras.Model",
        "a functional model is converted only where inputs, layers and keras.Model stand in one block",
    )


SPECIAL: dict[str, Callable[[Converter, cst.Call], Code | None]] = {
    "keras.Sequential": sequences.of_keras,
    "tf.Variable": _variable,
    "keras.Variable": _variable,
    "keras.Input": _input,
    "keras.Model": _model,
} | dict.fromkeys(merging.LAYERS, merging.layer)
