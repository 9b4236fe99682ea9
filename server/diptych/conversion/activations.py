"""Keras's ``activation=`` arguments, which PyTorch writes as calls of their own: the rules for activations apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value
from diptych.syntax.literals import node_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def applied(c: Converter, activation: Any, code: cst.BaseExpression, value: Value) -> Code:
    """``F.relu(code)``: ``activation`` is a name that Keras knows, or the source's expression for a function."""
    given = cst.Name("activated")
    c.remember(given, (code, value))
    argument = [cst.Arg(given)]
    if isinstance(activation, str):
        return c.expr(c.source_call(f"keras.activations.{activation}", argument))
    qualified = c.qualified(activation)
    if qualified is not None:
        return c.expr(c.source_call(qualified, argument))
    call = cst.Call(activation, argument)
    c.alive.append(call)
    return c.expr(call)


def layer(c: Converter, activation: Any) -> Code:
    """``nn.ReLU()``."""
    argument = node_of(activation) if isinstance(activation, str) else activation
    return c.expr(c.source_call("keras.layers.Activation", [cst.Arg(argument)]))
