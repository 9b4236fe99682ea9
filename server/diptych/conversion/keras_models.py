"""What Keras' models tell of themselves, and what PyTorch's modules are asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import environment
from diptych.conversion.metrics import helper, named
from diptych.inference.layers import Layer
from diptych.inference.values import FOREIGN, NONE, Value
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

WEIGHTS = {
    "weights": "", "variables": "", "trainable_weights": " if weight.requires_grad",
    "trainable_variables": " if weight.requires_grad", "non_trainable_weights": " if not weight.requires_grad",
    "non_trainable_variables": " if not weight.requires_grad",
}  # fmt: skip
METHODS = {
    "adapt",
    "save",
    "summary",
    "build",
    "get_weights",
    "set_weights",
    "count_params",
    "save_weights",
    "load_weights",
}
ADAPTED = "AdaptedNormalization"
FILES = "assumes that the file is the twin's own: PyTorch reads and writes no weights of Keras"


def _text(code: cst.BaseExpression) -> str:
    return code_of(code)


def _weights(c: Converter, code: cst.BaseExpression) -> cst.Call:
    return call(helper(c, "weights_of"), [cst.Arg(argument(code))])


def attribute(c: Converter, name: str, base: cst.BaseExpression) -> Code | None:
    """``model.weights`` and ``model.losses``; ``None`` for anything else."""
    if name == "losses":
        return call(helper(c, "penalties_of"), [cst.Arg(argument(base))]), Value("list", item=Value("tensor", rank=0))
    if name not in WEIGHTS:
        return None
    found: cst.BaseExpression = _weights(c, base)
    if WEIGHTS[name]:
        found = cst.parse_expression(f"[weight for weight in {_text(found)}{WEIGHTS[name]}]")
    return found, Value("list", item=c.fresh(Value("tensor", dtype="float")))


def method(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """One of the methods that need neither data nor training."""
    name = function.attr.value
    if name == "adapt":
        return _adapted(c, node, function, code, value)
    if name == "summary":
        c.journal.note("print(model) lists the layers; Keras' summary shows shapes and numbers of weights as well.")
        return call(cst.Name("print"), [cst.Arg(argument(code))]), NONE
    if name == "get_weights" and not node.args:
        listed = f"[weight.detach().clone().numpy() for weight in {_text(_weights(c, code))}]"
        return cst.parse_expression(listed), Value("list", item=FOREIGN)
    if name == "count_params" and not node.args:
        return cst.parse_expression(f"sum(weight.numel() for weight in {_text(_weights(c, code))})"), Value("int")
    if len(node.args) != 1 or node.args[0].star:
        return c.leave(node, f"Model.{name}", c.why(f"Model.{name}", "its arguments are not known here"))
    given = cst.Arg(argument(c.code(node.args[0].value)))
    if name == "build":
        layer = value.layer
        orders = [] if layer is None else [layer.takes]
        if layer is not None and layer.definition is not None and layer.definition.signature is not None:
            orders = list(layer.definition.signature.orders.values())
        more = [named(node_of(orders[0]), "axes")] if orders and orders[0] is not None else []
        return call(helper(c, "build"), [cst.Arg(argument(code)), given, *more]), NONE
    if name == "set_weights":
        return call(helper(c, "set_weights"), [cst.Arg(argument(code)), given]), NONE
    if name == "save":
        return environment.save(c, node, "Model.save", code, given)
    c.journal.assume(node, f"Model.{name}", FILES, ("files", c.scope.name))
    if name == "save_weights":
        state = call(cst.Attribute(atom(code), cst.Name("state_dict")), [])
        return call(c.name("torch.save"), [cst.Arg(state), given]), NONE
    loaded = call(c.name("torch.load"), [given])
    return call(cst.Attribute(atom(code), cst.Name("load_state_dict")), [cst.Arg(loaded)]), NONE


def normalization(c: Converter, node: cst.Call) -> Code | None:
    """``keras.layers.Normalization()`` without statistics, which it gets from ``adapt``; ``None`` for one with them."""
    named_ones = [each.keyword.value for each in node.args if each.keyword is not None]
    if {"mean", "variance", "invert"} & set(named_ones) or len(node.args) - len(named_ones) > 1:
        return None
    axis = next((c.literal(a.value) for a in node.args if a.keyword is None or a.keyword.value == "axis"), -1)
    if axis not in (-1, None):
        return c.leave(node, "keras.layers.Normalization", "only the last axis, or none, keeps statistics of its own")
    args = [] if axis == -1 else [named(node_of(None), "axis")]
    layer = Layer(ADAPTED, mode=False, keeps_rank=True, keeps_width=True, inputs=1)
    return call(helper(c, "Normalization"), args), Value("module", layer=layer)


def _adapted(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    """``layer.adapt(data)``."""
    key = "Layer.adapt"
    if value.layer is None or value.layer.name != ADAPTED or len(node.args) != 1:
        reason = "only the statistics of a Normalization are learnt: compute others and give them to the layer"
        return c.leave(node, key, reason)
    data, known = c.expr(node.args[0].value)
    if known.kind == "dataset":
        return c.leave(node, key, "it is adapted to one tensor or array: join the batches")
    attribute = function if code is function.value else function.with_changes(value=atom(code))
    return node.with_changes(func=attribute, args=[cst.Arg(argument(c.plain(data, known)))]), NONE
