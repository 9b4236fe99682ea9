"""What is computed before a ``tf.GradientTape`` and used under it: constants there, and so under ``no_grad`` here.

TensorFlow differentiates what a tape saw, PyTorch whatever was computed where gradients are on. A statement that runs
a model, or reads a variable, before the tape that uses its result would let gradients through in PyTorch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import effects, slices, untaped
from diptych.conversion.names import dotted
from diptych.conversion.variables import TRAINED
from diptych.matching.emit import call
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

TAPE = "tf.GradientTape"
OPENS = re.compile(r"^([ \t]*)with\b.*\bGradientTape\(.*$", re.MULTILINE)
DEFINES = re.compile(r"^([ \t]*)def[ \t]+(\w+)", re.MULTILINE)
CALLED = re.compile(r"\b(\w+)\s*\(")


def facts_of(text: str) -> set[str]:
    """Facts "under a tape: NAME" of functions that are called under a tape of the text, or by such functions."""
    if "GradientTape" not in text:
        return set()
    bodies: dict[str, set[str]] = {}
    for found in DEFINES.finditer(text):
        bodies.setdefault(found.group(2), set()).update(CALLED.findall(_indented(text, found)))
    waiting = set().union(*(CALLED.findall(_indented(text, found)) for found in OPENS.finditer(text)))
    called: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in bodies and name not in called:
            called.add(name)
            waiting |= bodies[name]
    return {f"under a tape: {name}" for name in called}


def _indented(text: str, opening: re.Match[str]) -> str:
    """The lines below one that stand further in than it does."""
    deep = rf"(?:[ \t]*(?:#[^\n]*)?\n|{opening.group(1)}[ \t]+[^\n]*(?:\n|\Z))*"
    found = re.compile(deep).match(text, min(opening.end() + 1, len(text)))
    return found.group() if found else ""


def candidates(c: Converter, statements: Sequence[Any]) -> set[int]:
    """The statements of a block from which something under a tape further down in it is computed."""
    if c.source != "tensorflow" or c.open_tapes or not any(_has_tape(c, each) for each in statements):
        return set()
    found: set[int] = set()
    for position, statement in enumerate(statements):
        if position and _has_tape(c, statement):
            computed = slices.Slice.of(c, statement, statements[:position])
            found |= {p for p in range(position - 1, -1, -1) if computed.before(c, statements[p])}
    return {position for position in found if not _has_tape(c, statements[position])}


def _has_tape(c: Converter, statement: Any) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return False
    return any(isinstance(node, cst.Call) and c.qualified(node.func) == TAPE for node in walk(statement))


def left(c: Converter, statement: Any) -> list[Any]:
    """The statement as it is, for a function with a tape that is itself called under one."""
    reason = "computed before the tape of a function that is called under another tape, which may see it"
    c.journal.error(statement, TAPE, reason)
    return [statement]


def under_another(c: Converter) -> bool:
    """Whether the function being converted is called under a tape somewhere."""
    return f"under a tape: {c.scope.name.rpartition('.')[2]}" in c.facts


def may_have_gradient(c: Converter, statement: Any) -> bool:
    """Whether PyTorch may follow what a statement computes back to weights."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return False
    if untaped.runs_model(c, statement):
        return True
    for node in walk(statement):
        place = dotted(node) if isinstance(node, (cst.Name, cst.Attribute)) else None
        if place is not None and effects.value_at(c, place).api == TRAINED:
            return True
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and _unknown(c, node.func.value):
            return True
    return False


def _unknown(c: Converter, name: str) -> bool:
    """Whether a function's argument, of which nothing is known, may be a model."""
    known = c.scope.lookup(name)
    return known is not None and known.kind == "unknown" and name in c.scope.parameters


def stored(c: Converter, node: cst.With) -> str | None:
    """Why what a tape reads of ``self`` was computed by a model where the tape does not see it; ``None`` if not so."""
    places = slices.Slice.of(c, node, ()).places
    return next(filter(None, (untaped.stored(c, place) for place in sorted(places))), None)


def under_no_grad(c: Converter, converted: Sequence[Any], before: list[Any], wrapped: set[int]) -> list[Any]:
    """Statements under ``with torch.no_grad():``, together with those right before them, by ``wrapped``, that are."""
    last = before[-1] if before else None
    if id(last) in wrapped and isinstance(last, cst.With) and isinstance(last.body, cst.IndentedBlock):
        before.pop()
        made = last.with_changes(body=last.body.with_changes(body=[*last.body.body, *converted]))
    else:
        lines: Sequence[cst.EmptyLine] = getattr(converted[0], "leading_lines", ())
        body = [converted[0].with_changes(leading_lines=[]), *converted[1:]] if lines else list(converted)
        c.origin[body[0]] = c.origin.get(converted[0]) or converted[0]
        item = cst.WithItem(call(c.name("torch.no_grad"), []))
        made = cst.With([item], cst.IndentedBlock(body), leading_lines=lines)
    wrapped.add(id(made))
    c.alive += [made, last]
    return [made]
