"""What one round of a loop hands to the next one's tape: a constant there, so detached before it in PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import slices
from diptych.conversion.names import dotted
from diptych.conversion.variables import TRAINED
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def detached(c: Converter, node: cst.With) -> list[cst.SimpleStatementLine]:
    """``state = state.detach()`` for each tensor that a tape reads and an earlier round computed; an assumption for
    what a tape gives to the next one and may hold tensors.
    """
    body: Sequence[Any] = node.body.body
    lines: list[cst.SimpleStatementLine] = []
    for name in sorted(_read(c, node, body) & _from_before(c)):
        known = c.scope.lookup(name) or Value()
        if known.is_tensor:
            cut = call(cst.Attribute(cst.Name(name), cst.Name("detach")), [])
            lines.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], cut)]))
        elif known.kind in ("unknown", "list", "tuple", "dict", "none") and name in slices.assigned_by(body):
            reason = f"assumes that no gradient flows through `{name}` from one round of the loop to the next"
            c.journal.assume(node.items[0].item, "tf.GradientTape", reason, ("carried", c.scope.name, name))
    return lines


def kept(c: Converter, node: cst.With) -> str | None:
    """Why what a tape differentiates reads of ``self`` what the same lines wrote in an earlier call, under its tape."""
    body: Sequence[Any] = node.body.body
    statements, position = c.scope.around[-1]
    again = _written_again(node)
    for target in _differentiated(node, statements[position + 1 :]):
        computed = slices.Slice.of(c, target, body)
        for statement in reversed(body):
            computed.before(c, statement)
        for place in sorted(computed.places & again):
            if _may_be_tensor(c, place):
                return f"`{place}` is what the tape of an earlier call left, a constant for this one"
    return None


def _written_again(node: cst.With) -> set[str]:
    """The attributes that code reads before it writes them."""
    read, written, again = set[str](), set[str](), set[str]()
    for part in walk(node.body):
        if not isinstance(part, (cst.Assign, cst.AugAssign, cst.Expr)):
            continue
        targets = [each.target for each in part.targets] if isinstance(part, cst.Assign) else []
        if isinstance(part, cst.AugAssign):
            read |= _attributes(part.target) - written
            targets = [part.target]
        read |= _attributes(part.value) - written
        given = set[str]().union(*map(_attributes, targets))
        again |= given & read
        written |= given
    return again


def _attributes(node: cst.CSTNode) -> set[str]:
    places = (dotted(part) for part in walk(node) if isinstance(part, cst.Attribute))
    return {place for place in places if place is not None}


def _may_be_tensor(c: Converter, place: str) -> bool:
    """Whether an attribute of ``self`` may hold a tensor that is no variable."""
    first, _, name = place.partition(".")
    known, owner = c.scope.lookup(first), c.scope.owner
    if known is None or known.kind != "self" or owner is None or name in owner.variables:
        return False
    held = owner.attributes.get(name, Value())
    return held.api != TRAINED and held.kind in ("tensor", "unknown", "list", "tuple", "dict", "none")


def _read(c: Converter, node: cst.With, body: Sequence[Any]) -> set[str]:
    """The names that what a tape differentiates is computed from, as they are where the tape opens."""
    found: set[str] = set()
    statements, position = c.scope.around[-1]
    filled = sorted(name for name in c.reads(node) if _kept_for_all(c, name))
    for name in filled:
        reason = f"assumes that no gradient is wanted of what `{name}` was filled with before"
        c.journal.assume(node.items[0].item, "tf.GradientTape", reason, ("stored", c.scope.name, name))
    for target in _differentiated(node, statements[position + 1 :]):
        computed = slices.Slice.of(c, target, body)
        for statement in reversed(body):
            computed.before(c, statement)
        found |= computed.names
    return found


def _kept_for_all(c: Converter, name: str) -> bool:
    """Whether a name is an empty list or dictionary of the file, which functions may fill with what a model gave."""
    function, scope = c.scope.function, c.scope
    if function is None or name in slices.assigned(function) | c.scope.parameters:
        return False
    while scope.parent is not None:
        scope = scope.parent
    known = scope.lookup(name)
    return (
        known is not None and known.kind in ("list", "dict") and not known.items and known.literal in (MISSING, [], {})
    )


def _differentiated(node: cst.With, after: Sequence[Any]) -> list[cst.BaseExpression]:
    """What the tape of a ``with`` statement is asked for the gradient of."""
    tapes = {item.asname.name.value for item in node.items if item.asname and isinstance(item.asname.name, cst.Name)}
    return [
        part.args[0].value
        for statement in after
        for part in walk(statement)
        if isinstance(part, cst.Call) and isinstance(part.func, cst.Attribute) and part.func.attr.value == "gradient"
        if isinstance(part.func.value, cst.Name) and part.func.value.value in tapes and part.args
    ]


def _from_before(c: Converter) -> set[str]:
    """The names that an earlier round of a loop may have given their value at this place."""
    found: set[str] = set()
    around = c.scope.around
    for (outer, place), (inner, position) in itertools.pairwise(around):
        if isinstance(outer[place], (cst.For, cst.While)):
            anew = slices.assigned_by([s for s in inner[:position] if isinstance(s, cst.SimpleStatementLine)])
            found |= slices.assigned_by(inner) - anew
    return found
