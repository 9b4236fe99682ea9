"""einops, which works on both frameworks: its functions stay, its layers come from another module.

``unpack`` alone is told which sizes are known.

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
from diptych.syntax.precedence import operand
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

LAYERS = {
    "torch": {"einops.layers.torch"},
    "tensorflow": {"einops.layers.keras", "einops.layers.tensorflow"},
}
PARAMETER = "torch.nn.Parameter"
UNPACK = "einops.unpack"
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
    return [a.with_changes(value=_tensor(c, a.value, given.value)) for a, given in zip(args, node.args, strict=True)]


def _tensor(c: Converter, code: cst.BaseExpression, given: cst.BaseExpression) -> cst.BaseExpression:
    """An argument as a tensor where it is a variable, and a list of arguments with its variables as tensors."""
    if isinstance(given, (cst.List, cst.Tuple)) and isinstance(code, (cst.List, cst.Tuple)):
        if len(given.elements) != len(code.elements):
            return code
        pairs = zip(code.elements, given.elements, strict=True)
        elements = [each.with_changes(value=_tensor(c, each.value, one.value)) for each, one in pairs]
        return code.with_changes(elements=elements)
    if variable(c, given) or c.expr(given)[1].api == PARAMETER:
        return call(c.name("tf.convert_to_tensor"), [cst.Arg(code)])
    return code


def known_sizes(c: Converter, node: cst.Call, called: Value, args: list[cst.Arg]) -> list[cst.Arg]:
    """The arguments of ``unpack`` with -1 for sizes that are tensors, as that of an unknown batch is in a graph:
    einops compares them with -1, which a graph cannot do. Converted back, the shapes are as they were.
    """
    places = [
        place
        for place, a in enumerate(node.args)
        if (a.keyword.value == "packed_shapes" if a.keyword is not None else place == 1)
    ]
    if called.api != UNPACK or len(places) != 1 or any(a.star for a in node.args):
        return args
    [place] = places
    stated, shapes = node.args[place].value, args[place].value
    if c.target == "torch":
        found = shapes.for_in.iter if isinstance(shapes, cst.ListComp) and _is_known(c, stated) else shapes
    elif c.literal(stated) is not MISSING or any(isinstance(part, cst.NamedExpr) for part in walk(shapes)):
        return args
    else:
        found = _known(c.name("tf.is_tensor"), shapes)
    return [*args[:place], args[place].with_changes(value=found), *args[place + 1 :]]


def _known(is_tensor: cst.BaseExpression, shapes: cst.BaseExpression) -> cst.ListComp:
    made = cst.parse_expression(f"[[-1 if {code_of(is_tensor)}(size) else size for size in sizes] for sizes in _]")
    assert isinstance(made, cst.ListComp)
    return made.with_changes(for_in=made.for_in.with_changes(iter=operand(shapes, None, "left")))


def _is_known(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this is what :func:`_known` makes."""
    asked = next((part.func for part in walk(node) if isinstance(part, cst.Call)), None)
    if not isinstance(node, cst.ListComp) or asked is None or c.qualified(asked) != "tf.is_tensor":
        return False
    return code_of(node) == code_of(_known(asked, node.for_in.iter))


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
