"""``isinstance(m, nn.Linear)``: what PyTorch's layer classes are in the twin where a layer is asked for its own.

A class is named where one class of Keras stands for it and for little else. Where a layer of it may become several
layers of Keras, or another class, the answer could change: that is refused of a layer that is known to have, and
assumed of others not to. A walk over all layers of a model comes by the ones inside others, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import layer_values
from diptych.inference.values import Value
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

MODULE = "torch.nn.Module"
# What many of PyTorch's classes become.
GENERAL = ("Layer", "Lambda", "Activation", "Bidirectional")
APPLIED = re.compile(r"\.apply\(\s*(?:self\.)?(\w+)\s*\)")


def facts_of(text: str) -> set[str]:
    """Facts "applied: NAME" of functions that are run on all layers of a model."""
    return {f"applied: {name}" for name in APPLIED.findall(text)} if ".apply(" in text else set()


def settle(c: Converter, asked: cst.BaseExpression, node: cst.BaseExpression) -> None:
    """Decide what stands in the twin for the classes that a value is asked to be of; others convert as they do."""
    if isinstance(node, (cst.Tuple, cst.List)):
        for element in node.elements:
            settle(c, asked, element.value)
        return
    qualified = c.qualified(node)
    if c.source != "torch" or qualified is None:
        return
    twin = "keras.layers.Layer" if qualified == MODULE else _class(c, qualified)
    if twin is None:
        if layer_values.general_rules(c, qualified):
            c.journal.error(node, qualified, "no class of Keras stands for it alone, for which a layer could be asked")
            c.remember(node, (node, Value()))
        return
    if qualified != MODULE:
        value = c.expr(asked)[1]
        if value.layer is not None and value.layer.definition is None and (value.layer.within or "") != "":
            what = f"`{code_of(asked).strip()}` is several layers in the twin, not a {twin}"
            c.journal.error(node, qualified, what)
            c.remember(node, (node, Value()))
            return
        _assume(c, asked, node, qualified, twin, value)
    c.remember(node, (c.name(twin), Value()))


def _class(c: Converter, qualified: str) -> str | None:
    twin = layer_values.keras_class(c, qualified)
    return None if twin is None or twin.rpartition(".")[2] in GENERAL else twin


def _assume(
    c: Converter, asked: cst.BaseExpression, node: cst.BaseExpression, qualified: str, twin: str, value: Value
) -> None:
    name, short = qualified.rpartition(".")[2], twin.rpartition(".")[2]
    if not _walked(c, asked, value) and (value.layer is None or value.layer.within is None):
        others = set(layer_values.keras_classes(c, qualified)) - {twin}
        if others:
            reason = (
                f"assumes that `{code_of(asked).strip()}` is no nn.{name} that takes more than a {short} in the twin"
            )
            c.journal.assume(node, qualified, reason, ("stands for", c.scope.name, qualified))
    text = c.alive[0].code if isinstance(c.alive[0], cst.Module) else ""
    same = [other.rpartition(".")[2] for other in layer_values.same_class(c, qualified)]
    used = [other for other in same if other in c.twin.taken or re.search(rf"\b{other}\b", text)]
    if used:
        reason = f"assumes that no nn.{used[0]} is tested here: Keras has one class for both"
        c.journal.assume(node, qualified, reason, ("class", c.scope.name, qualified))


def _walked(c: Converter, asked: cst.BaseExpression, value: Value) -> bool:
    """Whether a value is one of all layers of a model, at any depth."""
    applied = f"applied: {c.scope.name.rpartition('.')[2]}" in c.facts
    return value.api == layer_values.WALKED or (
        applied and isinstance(asked, cst.Name) and asked.value in c.scope.parameters
    )
