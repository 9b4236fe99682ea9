"""Classes derived from PyTorch's layer classes, such as ``class LayerNorm2d(nn.LayerNorm)``.

In the twin they derive from the class that stands for the layer class, which is made as PyTorch's is, takes and gives
axes in the source's order, and has those attributes under PyTorch's names that its rule lists.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.catalog.rule import Rule
from diptych.conversion import layer_classes
from diptych.inference.layers import ClassInfo
from diptych.inference.values import Value
from diptych.syntax.precedence import operand
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# In ``api`` of a tensor: an attribute that holds one or none, by what the layer was made with.
OPTIONAL = "tensor or none"
FUNCTIONS = "torch.nn.functional."
UNMADE = "Keras makes the weights of a layer at its first call: they are not there while it is made"
# Methods of PyTorch's layer classes that its own code calls: another one in their place changes what the layer does.
CALLED = {
    "reset_parameters", "reset_running_stats", "_conv_forward", "_check_input_dim", "_load_from_state_dict",
    "_save_to_state_dict",
}  # fmt: skip
REPLACED = "PyTorch's layer calls it by itself, the layer that stands for it in the twin does not"
HELD = "the layer that stands for it in the twin makes it by itself"


def refuse_replaced(c: Converter, node: cst.ClassDef, info: ClassInfo) -> None:
    """Leave over methods and weights that a class puts in the place of those of the layer class."""
    if not info.layer:
        return
    weights = [name for name in ("weight", "bias") if info.attributes.get(name, Value()).is_tensor]
    for member in node.body.body:
        if isinstance(member, cst.FunctionDef) and member.name.value in CALLED:
            c.journal.error(member.name, member.name.value, REPLACED)
    for part in walk(node):
        if isinstance(part, cst.AssignTarget) and isinstance(part.target, cst.Attribute):
            name = part.target.attr.value
            if name in weights and isinstance(part.target.value, cst.Name) and part.target.value.value == "self":
                c.journal.error(part.target, name, HELD)


def base(c: Converter, qualified: str) -> ClassInfo | None:
    """What a class takes from the layer class that it derives from; ``None`` where none may derive from it."""
    rule = _rule(c, qualified)
    if rule is None or "derive_from" not in rule.attributes:
        return None
    held = {name: _held(c, kind) for name, kind in rule.attributes["derived"].items()}
    return ClassInfo(qualified, attributes=held, elsewhere=True, layer=True)


def twin_base(c: Converter, qualified: str) -> cst.BaseExpression:
    """The class of which a class derived from a layer class is in the twin."""
    rule = _rule(c, qualified)
    assert rule is not None
    if c.target == "torch":
        return c.name(rule.side("torch").branches[0].spellings[0][1])
    name = rule.attributes["derive_from"]
    c.helpers.add(name)
    return c.name(f"helper.{name}")


def _rule(c: Converter, qualified: str) -> Rule | None:
    """The rule of a layer class, or of the class that a twin has to derive from in its place."""
    if c.source == "torch":
        return layer_classes.rule_of(c, qualified)
    name = qualified.removeprefix("helper.")
    above = re.match(r"class \w+\((\w+)\):", c.index.helpers.get(name, ""))
    found = c.index.candidates("tensorflow", f"helper.{above[1]}") if above and name != qualified else []
    return next((rule for rule, _, _ in found if rule.attributes.get("derive_from") == name), None)


def _held(c: Converter, kind: str) -> Value:
    if kind not in ("tensor", OPTIONAL):
        return Value(kind)
    return c.fresh(Value("tensor", dtype="float", api=OPTIONAL if kind == OPTIONAL else None))


def unmade(c: Converter, name: str) -> bool:
    """Whether ``self.name`` is a weight that is not there yet where it is read."""
    owner, function = c.scope.owner, c.scope.function
    if owner is None or not owner.layer or function is None or function.name.value not in owner.constructing:
        return False
    return name in ("weight", "bias") and owner.attributes.get(name, Value()).is_tensor


def without_optional(c: Converter, node: cst.Call, qualified: str) -> Code | None:
    """``F.linear(x, self.weight, self.bias)`` where the bias may be missing: a call with it and one without.

    ``None`` where no argument may be missing.
    """
    if not qualified.startswith(FUNCTIONS):
        return None
    place = next((p for p, a in enumerate(node.args) if c.expr(a.value)[1].api == OPTIONAL), None)
    if place is None or node.args[place].star:
        return None
    argument = node.args[place]
    code, value = c.expr(argument.value)
    without = node.with_changes(args=[*node.args[:place], *node.args[place + 1 :]])
    c.stands_for(without, node)
    there = argument.with_changes(value=cst.Attribute(*_parts(argument.value)))
    c.remember(there.value, (code, replace(value, api=None)))
    whole = node.with_changes(args=[*node.args[:place], there, *node.args[place + 1 :]])
    c.stands_for(whole, node)
    saved, c.scope.prefix = c.scope.prefix, None
    try:
        less, _ = c.expr(without)
        more, result = c.expr(whole)
    finally:
        c.scope.prefix = saved
    if less is without or more is whole:
        return node, result
    asked = cst.Comparison(code, [cst.ComparisonTarget(cst.Is(), cst.Name("None"))])
    return cst.IfExp(asked, operand(less, None, "left"), operand(more, None, "left")), result


def _parts(node: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.Name]:
    assert isinstance(node, cst.Attribute)
    return node.value, node.attr
