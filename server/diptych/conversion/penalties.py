"""Regularizers of Keras' layers: functions of weights that are kept with PyTorch's, and added to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.metrics import helper, named
from diptych.conversion.names import dotted
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

WEIGHTS = {
    "kernel_regularizer": "weight", "bias_regularizer": "bias", "embeddings_regularizer": "weight",
    "gamma_regularizer": "weight", "beta_regularizer": "bias", "depthwise_regularizer": "weight",
}  # fmt: skip


def added(c: Converter, node: cst.Call, code: cst.BaseExpression) -> cst.BaseExpression:
    """The layer with the penalties that its constructor names; an assumption where they cannot be kept with it."""
    found: list[cst.Arg] = []
    for each in node.args:
        name = each.keyword.value if each.keyword else ""
        if name not in WEIGHTS or c.literal(each.value) is None:
            continue
        function = _function(c, each.value)
        kept = isinstance(code, cst.Call) and (dotted(code.func) or "").rpartition(".")[2] != "Sequential"
        if function is None or not kept:
            layer = (c.qualified(node.func) or "").rpartition(".")[2]
            text = f"assumes that the penalty of {name} is added to the loss elsewhere"
            c.journal.assume(node, f"keras.layers.{layer}", text, ("penalty", c.scope.name, layer, name))
            continue
        found.append(named(function, WEIGHTS[name]))
    return call(helper(c, "penalised"), [cst.Arg(argument(code)), *found]) if found else code


def _function(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    literal = c.literal(node)
    if literal in ("l1", "l2"):
        return call(helper(c, "l1_l2"), [named(node_of(0.01), str(literal))])
    code, value = c.expr(node)
    return code if value.kind == "penalty" else None
