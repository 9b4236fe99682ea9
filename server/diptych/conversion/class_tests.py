"""``isinstance(m, nn.Linear)``: what PyTorch's layer classes are in the twin where a layer is asked for its own.

A class is named where one class of Keras stands for it and for little else. Where a layer of it may become several
layers of Keras, or another class, the answer could change: that is refused of a layer that is known to have, and
assumed of others not to. A walk over all layers of a model comes by the ones inside others, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import keras_classes, layer_values
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
    if c.source == "tensorflow":
        keras_classes.settle(c, asked, node)
        return
    qualified = c.qualified(node)
    if qualified is None:
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


# --- The name of a class ------------------------------------------------------------------------------------------

NAME, LOWER = "name of a class", "name of a class in lower case"
NAMED = "Keras' classes have other names than PyTorch's: ask with isinstance"
METHODS = {
    "find": str.__contains__, "count": str.__contains__, "index": str.__contains__, "rfind": str.__contains__,
    "startswith": str.startswith, "endswith": str.endswith,
}  # fmt: skip


def name_of(c: Converter, node: cst.Attribute) -> Value | None:
    """What ``type(m).__name__`` and ``m.__class__.__name__`` are; ``None`` for other attributes."""
    of = node.value
    typed = isinstance(of, cst.Call) and isinstance(of.func, cst.Name) and of.func.value == "type" and len(of.args) == 1
    held = isinstance(of, cst.Attribute) and of.attr.value == "__class__"
    return Value("str", api=NAME) if c.source == "torch" and node.attr.value == "__name__" and (typed or held) else None


def name_method(c: Converter, node: cst.Call, name: str, value: Value) -> tuple[bool, Value] | None:
    """Whether a method of a class's name gives something else in the twin, and what it gives; ``None`` if it is as any
    other string's.
    """
    if value.api not in (NAME, LOWER):
        return None
    if name == "lower":
        return False, Value("str", api=LOWER)
    test = METHODS.get(name)
    tells = test is not None and bool(node.args) and _tells(c, value, node.args[0].value, test)
    return (True, Value()) if tells else None


def compares_names(c: Converter, node: cst.Comparison, values: list[Value]) -> bool:
    """Whether ``type(m).__name__ == "Linear"`` or ``"Norm" in name`` would come out otherwise in the twin."""
    nodes = [node.left, *(part.comparator for part in node.comparisons)]
    for place, part in enumerate(node.comparisons):
        inside = isinstance(part.operator, (cst.In, cst.NotIn))
        for name, other in ((place, place + 1), (place + 1, place)):
            if values[name].api in (NAME, LOWER):
                test = str.__contains__ if inside and name > other else str.__eq__
                if _tells(c, values[name], nodes[other], test):
                    return True
    return False


def _tells(c: Converter, value: Value, asked: cst.BaseExpression, test: Callable[[str, str], bool]) -> bool:
    """Whether some layer's name passes a test in PyTorch and not in the twin."""
    literal = c.literal(asked)
    words = [literal] if isinstance(literal, str) else literal if isinstance(literal, (tuple, list, set)) else []
    for qualified in c.index.entries["torch"]:
        if not qualified.startswith("torch.nn.") or qualified.count(".") != 2:
            continue
        name = qualified.rpartition(".")[2]
        for word in words:
            if isinstance(word, str) and name[0].isupper() and test(_cased(name, value), word):
                twins = layer_values.keras_classes(c, qualified) or [None]
                if not all(twin and test(_cased(twin.rpartition(".")[2], value), word) for twin in twins):
                    return True
    return False


def _cased(name: str, value: Value) -> str:
    return name.lower() if value.api == LOWER else name
