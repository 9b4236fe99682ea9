"""What statements do besides giving names a value: what they write into, and what is read of names and attributes.

Places are dotted, such as ``self.saved`` or ``store``. What a function is called on counts as read and its own name
does not, so that ``model(x)`` reads ``x`` only, and ``model.saved`` is something that calling the model may have made.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.names import dotted
from diptych.inference.values import DATA, Value
from diptych.syntax.walk import children, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

# Methods that put something into what they are called on, also where their result is used.
FILLS = ("append", "appendleft", "extend", "insert", "add", "update", "setdefault", "push", "put", "__setitem__")
# What a statement calls without any effect on what is computed later.
QUIET = ("train", "eval", "zero_grad", "step", "backward", "to", "cuda", "cpu", "requires_grad_", "print", "clear")
NEVER_FILLED = ("tensor", "int", "float", "number", "bool", "str", "module", "optimizer", "parameters", "foreign")


@dataclass
class Effects:
    """``into``: places that are written into. ``made``: places, the attributes of which a call may have given."""

    into: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)

    def meet(self, place: str) -> bool:
        """Whether something may be written that is read at a place."""
        if any(place == own or place.startswith(f"{own}.") or own.startswith(f"{place}.") for own in self.into):
            return True
        return any(place.startswith(f"{own}.") for own in self.made)


def read(c: Converter, node: cst.CSTNode) -> set[str]:
    """The places that a piece of code reads."""
    found: set[str] = set()
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.AssignTarget) and isinstance(current.target, (cst.Name, cst.Attribute)):
            continue
        if isinstance(current, (cst.Name, cst.Attribute)):
            place = dotted(current)
            if place is not None and c.qualified(current) is None:
                found.add(place)
            elif place is None:
                stack.append(current.value)
            continue
        if isinstance(current, cst.Call):
            stack += [argument.value for argument in current.args]
            function = current.func
            if isinstance(function, cst.Attribute) and c.qualified(function) is None:
                if not _of_self(c, function):
                    stack.append(function.value)
            elif not isinstance(function, (cst.Name, cst.Attribute)):
                stack.append(function)
            continue
        stack += children(current)
    return found


def _of_self(c: Converter, function: cst.Attribute) -> bool:
    """Whether ``self.layer`` is called, which is an attribute, not a method that reads others."""
    known = c.scope.lookup(function.value.value) if isinstance(function.value, cst.Name) else None
    owner = c.scope.owner
    return known is not None and known.kind == "self" and owner is not None and function.attr.value in owner.attributes


def of(c: Converter, statement: cst.CSTNode) -> Effects:
    """What a statement, and all inside it, writes into."""
    found = Effects()
    alone = {
        id(node.value) for node in walk(statement) if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)
    }
    for node in walk(statement):
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign)):
            _target(node.target, found)
        elif isinstance(node, cst.Call) and c.qualified(node.func) is None:
            _call(c, node, found, alone=id(node) in alone)
    return found


def _target(target: Any, found: Effects) -> None:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            _target(element.value, found)
        return
    parts = isinstance(target, cst.Subscript)
    while isinstance(target, cst.Subscript):
        target = target.value
    place = dotted(target) if isinstance(target, (cst.Name, cst.Attribute)) else None
    if place is not None and (parts or isinstance(target, cst.Attribute)):
        found.into.add(place)


def _call(c: Converter, node: cst.Call, found: Effects, *, alone: bool) -> None:
    place = dotted(node.func)
    name = (place or "").rpartition(".")[2] or (node.func.attr.value if isinstance(node.func, cst.Attribute) else "")
    if name in QUIET or is_builtin(c, node.func):
        return
    if place is not None:
        found.made.add(place)
    if isinstance(node.func, cst.Attribute):
        held = dotted(node.func.value)
        if held is not None and not _of_self(c, node.func) and value_at(c, held).kind not in NEVER_FILLED:
            (found.into if alone or name in FILLS else found.made).add(held)
        elif held is not None and name.endswith("_"):
            found.into.add(held)
    for argument in node.args:
        given = dotted(argument.value)
        if given is not None:
            value = value_at(c, given)
            (found.into if alone and value.kind not in NEVER_FILLED and value.api != DATA else found.made).add(given)


def is_builtin(c: Converter, function: cst.BaseExpression) -> bool:
    """Whether a function is Python's own."""
    if not isinstance(function, cst.Name) or not hasattr(builtins, function.value):
        return False
    return c.scope.lookup(function.value) is None


def value_at(c: Converter, place: str) -> Value:
    """What is known of a place: of a name, or of an attribute of ``self``."""
    first, _, rest = place.partition(".")
    known = c.scope.lookup(first) or Value()
    if not rest:
        return known
    if known.kind == "self" and c.scope.owner is not None:
        return c.scope.owner.attributes.get(rest, Value())
    return Value()
