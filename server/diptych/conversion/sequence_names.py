"""``nn.Sequential(OrderedDict([("conv", a), ("norm", b)]))``: a row of layers that have names. Keras numbers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.names import dotted
from diptych.inference.values import Value
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

DICTS = ("OrderedDict", "collections.OrderedDict")


def spelled_out(c: Converter, node: cst.Call) -> tuple[cst.Call, tuple[str, ...]] | None:
    """The call with the layers as arguments, and their names; ``None`` where they are not written out."""
    made = node.args[0].value if len(node.args) == 1 and not node.args[0].star else None
    if not isinstance(made, cst.Call) or dotted(made.func) not in DICTS or not made.args:
        return None
    known = c.scope.lookup((dotted(made.func) or "").split(".")[0])
    if known is None or known.kind != "foreign":
        return None
    pairs = _pairs(made)
    names = [c.literal(name) for name, _, _ in pairs]
    if not pairs or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    args = [cst.Arg(value, comma=comma) for _, value, comma in pairs]
    listed = made.args[0].value
    spelled = node.with_changes(args=args)
    if isinstance(listed, cst.List):
        args[-1] = cst.Arg(pairs[-1][1], whitespace_after_arg=listed.rbracket.whitespace_before)
        spelled = node.with_changes(args=args, whitespace_before_args=listed.lbracket.whitespace_after)
    c.stands_for(spelled, node)
    return spelled, tuple(names)


def _pairs(made: cst.Call) -> list[tuple[cst.BaseExpression, cst.BaseExpression, Any]]:
    """Names and layers, with the comma after each; none where some are not written out."""
    default = cst.MaybeSentinel.DEFAULT
    if all(argument.keyword is not None for argument in made.args):
        return [(node_of(a.keyword.value), a.value, default) for a in made.args if a.keyword is not None]
    listed = made.args[0].value
    if len(made.args) != 1 or made.args[0].keyword is not None or made.args[0].star:
        return []
    found: list[tuple[cst.BaseExpression, cst.BaseExpression, Any]] = []
    if isinstance(listed, cst.Dict):
        for entry in listed.elements:
            if not isinstance(entry, cst.DictElement):
                return []
            found.append((entry.key, entry.value, default))
    elif isinstance(listed, (cst.List, cst.Tuple)):
        for element in listed.elements:
            pair = element.value
            if isinstance(element, cst.StarredElement) or not isinstance(pair, (cst.Tuple, cst.List)):
                return []
            if len(pair.elements) != 2 or any(isinstance(e, cst.StarredElement) for e in pair.elements):
                return []
            found.append((pair.elements[0].value, pair.elements[1].value, element.comma))
    return found


def part(c: Converter, node: cst.Attribute, base: cst.BaseExpression, value: Value) -> Code | None:
    """``model.conv`` of such a row; ``None`` for anything else."""
    layer = value.layer
    if c.source != "torch" or layer is None or layer.names is None or layer.parts is None:
        return None
    if node.attr.value not in layer.names:
        return None
    place = layer.names.index(node.attr.value)
    index = cst.SubscriptElement(cst.Index(node_of(place)))
    return cst.Subscript(cst.Attribute(atom(base), cst.Name("layers")), [index]), Value(
        "module", layer=layer.parts[place]
    )
