"""Layers that a functional Keras model holds though nothing keeps them: a PyTorch module holds only its attributes.

Such a model becomes a class whose attributes are the layers that its own block makes. What is made elsewhere, or by a
function that the block calls, would not be trained, or be made anew with each call.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

from diptych.text import blocks

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

# Layers with weights of which no rule says so.
WEIGHTED = ("MultiHeadAttention", "GroupQueryAttention", "Normalization")
INPUT = "keras.Input"
LEFT = "it is called on what stands for the input of a functional model, which is not converted"
LOST = "a PyTorch module only its attributes: write the model as a class"


def facts_of(text: str) -> set[str]:
    """Facts "NAME makes: CLASS" of the functions of a file with functional models, of whatever they make themselves or
    by functions that they call.
    """
    if "Input(" not in text or "Model(" not in text:
        return set()
    calls = {name: blocks.called(body) for name, body in blocks.functions(text).items()}
    return {
        f"{name} makes: {made}"
        for name in calls
        for inner in blocks.reached({name}, calls)
        for made in calls[inner]
        if made[:1].isupper() and not hasattr(builtins, made)
    }


def on_input(c: Converter, node: cst.Call) -> bool:
    """Whether a call is given what stands for a functional model's input where that model is left over."""
    return c.source == "tensorflow" and any(c.expr(argument.value)[1].api == INPUT for argument in node.args)


def layer_lost(c: Converter, node: cst.Call) -> str | None:
    """Why a layer that is called would not belong to the twin's model; ``None`` if it does, or stands in none."""
    made = node.func.func if isinstance(node.func, cst.Call) else None
    if not _in_functional(c) or isinstance(node.func, cst.Attribute):
        return None
    if made is not None and c.qualified(made) is not None:
        return None
    return f"the functional model holds this layer, {LOST}"


def made_lost(c: Converter, name: str) -> str | None:
    """Why what a function of the file makes would not belong to the twin's model; ``None`` as for ``layer_lost``."""
    if not _in_functional(c):
        return None
    start = f"{name} makes: "
    made = sorted(fact.removeprefix(start) for fact in c.facts if fact.startswith(start))
    lost = next((each for each in made if _has_weights(c, each)), None)
    return None if lost is None else f"the functional model holds the {lost} that {name}() makes, {LOST}"


def _in_functional(c: Converter) -> bool:
    """Whether this is the method that a functional model became."""
    function = c.scope.function
    if c.source != "tensorflow" or function is None or not c.scope.in_module:
        return False
    return isinstance(c.journal.origins.get(id(function)), cst.SimpleStatementLine)


def _has_weights(c: Converter, name: str) -> bool:
    rules = [rule for rule, _, _ in c.index.candidates(c.source, f"keras.layers.{name}")]
    return not rules or name in WEIGHTED or any(rule.attributes.get("weights") for rule in rules)
