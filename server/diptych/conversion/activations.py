"""Keras's ``activation=`` arguments, which PyTorch writes as calls of their own: the rules for activations apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.layers import Layer
from diptych.inference.values import Value
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


GET = "keras.activations.get"


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
    given = node_of(activation) if isinstance(activation, str) else activation
    return c.expr(c.source_call("keras.layers.Activation", [cst.Arg(given)]))


def is_looked_up(c: Converter, activation: Any) -> bool:
    """Whether an activation is an expression of which it is not known whether it is a name, a function or ``None``."""
    if not isinstance(activation, cst.BaseExpression) or c.literal(activation) is not MISSING:
        return False
    if c.qualified(getattr(activation, "func", activation)) == GET:
        return True
    return c.qualified(activation) is None and c.expr(activation)[1].kind in ("unknown", "str")


def looked_up(c: Converter, node: cst.Call) -> Code | None:
    """``keras.activations.get(name)``: what the name stands for when the program runs."""
    if len(node.args) != 1 or node.args[0].star:
        return None
    return helper(c, "activation_of", [cst.Arg(argument(c.code(node.args[0].value)))]), Value()


def named_layer(c: Converter, node: cst.Call) -> Code | None:
    """``keras.layers.Activation(name)`` with such a name; rules know the others."""
    given = [each for each in node.args if each.keyword is None or each.keyword.value == "activation"]
    if len(given) != 1 or given[0].star or not is_looked_up(c, given[0].value):
        return None
    name = given[0].value
    if isinstance(name, cst.Call) and c.qualified(name.func) == GET and len(name.args) == 1:
        name = name.args[0].value
    code = helper(c, "NamedActivation", [cst.Arg(argument(c.code(name)))])
    known = Layer("NamedActivation", keeps_rank=True, keeps_width=True, mode=False, fresh=False, inputs=1)
    return code, Value("module", layer=known)
