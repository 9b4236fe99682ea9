"""Classes derived from ``nn.Sequential`` or ``keras.Sequential``: what their constructor hands to ``super().__init__``
is what they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

from diptych.conversion import keras_sequences, sequences
from diptych.inference.layers import ClassInfo, Layer, Signature
from diptych.inference.values import Value
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

BASES = {"torch": "torch.nn.Sequential", "tensorflow": "keras.Sequential"}
NAMES = {"torch": ("forward", "nn.Module"), "tensorflow": ("call", "keras.Model")}
INPUT = "input"
FORWARD = (("self", None, None), (INPUT, None, None))


def why_not(c: Converter, node: cst.ClassDef) -> str | None:
    """Why a class derived from ``nn.Sequential`` cannot be followed; ``None`` if it can."""
    base, call, module = BASES[c.source], *NAMES[c.source]
    methods = {part.name.value: part for part in node.body.body if isinstance(part, cst.FunctionDef)}
    if call in methods:
        return f"a class derived from {base} with a {call} of its own is not converted: derive it from {module}"
    constructor = methods.get("__init__")
    calls = [part for part in walk(constructor) if _is_start(part)] if constructor is not None else []
    return (
        None
        if len([call for call in calls if call.args]) == 1
        else f"a class derived from {base} converts where its constructor names its layers"
    )


def _is_start(node: cst.CSTNode) -> bool:
    return m.matches(node, m.Call(m.Attribute(m.Call(m.Name("super")), m.Name("__init__"))))


def constructed(c: Converter, node: cst.Call, owner: ClassInfo) -> Code:
    """``super().__init__(a, b)`` -> ``super().__init__([a, b])``; from here on it is known what the class takes."""
    if not node.args:
        return node.with_changes(func=call_of_super(node)), Value("none")  # one with the layers follows
    made = node.with_changes(func=c.source_call(BASES[c.source], []).func)
    c.stands_for(made, node)
    layout = c.layout
    if owner.name in c.passed_on:
        c.layout = "preserve"
    try:
        found = (sequences.of_torch if c.source == "torch" else keras_sequences.of_keras)(c, made)
    finally:
        c.layout = layout
    if found is None or found[0] is made or not isinstance(found[0], cst.Call):
        return node, Value("none")
    code, value = found
    layer = value.layer or Layer("Sequential", fresh=False)
    owner.signature = Signature(
        [INPUT],
        {INPUT: Value("tensor", rank=layer.rank, permutation=layer.takes)},
        Value("tensor", rank=layer.gives_rank, width=layer.width, permutation=layer.gives),
        {INPUT} if layer.mutates else set(),
    )
    owner.mode, owner.forward = layer.mode, FORWARD
    start = call_of_super(node)
    return code.with_changes(func=start), Value("none")


def call_of_super(node: cst.Call) -> cst.Attribute:
    """``super().__init__``, whatever ``super`` was given."""
    assert isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Call)
    return node.func.with_changes(value=node.func.value.with_changes(args=[]))
