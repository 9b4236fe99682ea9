"""einops, which works on both frameworks: its functions stay, its layers come from another module.

A pattern such as ``"b c h w -> b (h w) c"`` names the axes, so it says how many there are before and after.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.elements import variable
from diptych.conversion.names import dotted
from diptych.inference.layers import Layer
from diptych.inference.values import Value
from diptych.matching.emit import call

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

LAYERS = {
    "torch": {"einops.layers.torch"},
    "tensorflow": {"einops.layers.keras", "einops.layers.tensorflow"},
}
PARAMETER = "torch.nn.Parameter"
TWINS = {"tensorflow": "einops.layers.keras", "torch": "einops.layers.torch"}


def api(module: str, name: str = "") -> str | None:
    """The name under which something of einops is known; ``None`` for other libraries."""
    if module.split(".")[0] != "einops":
        return None
    return f"{module}.{name}" if name else module


def imported(c: Converter, node: cst.Import | cst.ImportFrom) -> cst.Import | cst.ImportFrom:
    """The import with the layers of the other framework."""
    if isinstance(node, cst.ImportFrom) and node.module is not None and dotted(node.module) in LAYERS[c.source]:
        return node.with_changes(module=cst.parse_expression(TWINS[c.target]))
    return node


def tensors(c: Converter, node: cst.Call, args: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments without Keras variables, which einops does not take."""
    if c.target != "tensorflow":
        return args
    found = []
    for a, given in zip(args, node.args, strict=True):
        if variable(c, given.value) or c.expr(given.value)[1].api == PARAMETER:
            a = a.with_changes(value=call(c.name("tf.convert_to_tensor"), [cst.Arg(a.value)]))
        found.append(a)
    return found


def result(c: Converter, node: cst.Call, called: Value, values: list[Value]) -> Value | None:
    """What a call of einops gives; ``None`` where it is something else."""
    if called.kind != "foreign" or called.api is None:
        return None
    module, _, name = called.api.rpartition(".")
    if module in LAYERS[c.source] | {TWINS[c.target]}:
        return _layer(c, node, name)
    if module != "einops" or not values:
        return None
    memory = frozenset().union(*(v.memory for v in values))
    if name in ("rearrange", "repeat", "reduce", "einsum"):
        pattern = _pattern(c, node, -1 if name == "einsum" else 1)
        return Value("tensor", dtype=_dtype(values[0]), rank=_rank(pattern, -1), memory=memory)
    if name == "pack":  # it joins even one tensor, which makes a new one
        return Value(
            "tuple", items=(c.fresh(Value("tensor", dtype=_dtype(values[0]))), Value("list", item=Value("shape")))
        )
    if name == "unpack":
        return Value("list", item=Value("tensor", dtype=values[0].dtype, memory=memory))
    return None


def _dtype(value: Value) -> str | None:
    inside = value.item or (value.items[0] if value.items else None)
    return inside.dtype if inside is not None else value.dtype


def _pattern(c: Converter, node: cst.Call, place: int) -> str | None:
    positional = [a.value for a in node.args if a.keyword is None and not a.star]
    named = [a.value for a in node.args if a.keyword is not None and a.keyword.value == "pattern"]
    chosen = named or (positional[place:][:1] if place < 0 or place < len(positional) else [])
    literal = c.literal(chosen[0]) if chosen else None
    return literal if isinstance(literal, str) and "->" in literal else None


def _rank(pattern: str | None, side: int) -> int | None:
    """The number of axes on one side of a pattern; ``None`` where ``...`` hides it."""
    if pattern is None or "..." in pattern:
        return None
    return len(re.sub(r"\([^)]*\)", "()", pattern.split("->")[side]).split())


def _layer(c: Converter, node: cst.Call, name: str) -> Value | None:
    if name not in ("Rearrange", "Reduce"):
        return Value("module", layer=Layer(name, fresh=False, mode=False)) if name == "EinMix" else None
    pattern = _pattern(c, node, 0)
    before, after = _rank(pattern, 0), _rank(pattern, -1)
    layer = Layer(name, rank=before, gives_rank=after, dtype="same", mode=False, fresh=name == "Reduce", inputs=1)
    return Value("module", layer=layer)
