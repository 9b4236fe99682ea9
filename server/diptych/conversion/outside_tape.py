"""What is computed before a ``tf.GradientTape`` and used under it: constants there, and so under ``no_grad`` here.

TensorFlow differentiates what a tape saw, PyTorch whatever was computed where gradients are on. A statement that runs
a model, or reads a variable, before the tape that uses its result would let gradients through in PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import carried, effects, slices, untaped
from diptych.conversion.names import dotted
from diptych.conversion.variables import TRAINED
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

TAPE = "tf.GradientTape"
# Methods that compute nothing with weights, whatever has them.
METHODS = {
    "append", "apply_gradients", "as_list", "astype", "copy", "format", "get", "get_next", "items", "join", "keys",
    "next", "numpy", "predict", "read", "reset", "sample", "step", "take", "uniform", "normal", "update", "values",
}  # fmt: skip
# Methods of a model that train or measure it, or only say how.
TRAINING = {"compile", "evaluate", "fit", "predict"}
# What has no gradient, or would lose what it is for under no_grad.
NO_TENSORS = {"module", "modules", "optimizer", "schedule", "dataset", "metric", "int", "float", "bool", "str", "class"}


def candidates(c: Converter, statements: Sequence[Any]) -> set[int]:
    """The statements of a block from which something under a tape further down in it is computed, or what is given to
    a function with a tape.
    """
    if c.source != "tensorflow" or c.open_tapes:
        return set()
    taped = {position for position, statement in enumerate(statements) if _has_tape(c, statement)}
    found: set[int] = set()
    for position in sorted(taped - {0}):
        computed = slices.Slice.of(c, statements[position], statements[:position])
        found |= {p for p in range(position - 1, -1, -1) if computed.before(c, statements[p])}
    return found - taped


def _has_tape(c: Converter, statement: Any) -> bool:
    """Whether a statement opens a tape, or calls a function of the file that does."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return not isinstance(statement, cst.ClassDef) and _opens(c, statement)
    return _opens(c, statement) or any(_takes(c, node) for node in walk(statement))


def _opens(c: Converter, statement: Any) -> bool:
    """Whether a statement writes a tape, or has an optimizer open one of its own."""
    return any(
        isinstance(node, cst.Call) and (c.qualified(node.func) == TAPE or _last(node.func) == "minimize")
        for node in walk(statement)
    )


def _takes(c: Converter, node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and f"takes gradients: {_last(node.func)}" in c.facts


def _last(function: cst.BaseExpression) -> str | None:
    """The name by which something is called, of an attribute its own."""
    place = function.attr if isinstance(function, cst.Attribute) else function
    return place.value if isinstance(place, cst.Name) else None


def _given_away(c: Converter, statement: Any) -> cst.Call | None:
    """A model's call that stands among the arguments of a function with a tape, which no line of its own computes."""
    if c.open_tapes or not isinstance(statement, cst.SimpleStatementLine):
        return None
    for node in walk(statement):
        if isinstance(node, cst.Call) and _takes(c, node) and any(untaped.runs_model(c, a.value) for a in node.args):
            return node
    return None


def treated(c: Converter, statement: Any, *, computes: bool) -> tuple[tuple[Any, str] | None, bool]:
    """What of a statement cannot be converted and why, if so; and whether it is computed without gradients.
    ``computes`` says whether something under a tape is computed from it.
    """
    if c.source != "tensorflow":
        return None, False
    given = _given_away(c, statement)
    if given is not None:
        return (given, "a model computes an argument, where no tape sees it: give it a name on a line before"), False
    if not computes or not _may_have_gradient(c, statement):
        return None, False
    if f"under a tape: {c.scope.name.rpartition('.')[2]}" in c.facts:
        reason = "computed before the tape of a function that is called under another tape, which may see it"
        return (statement, reason), False
    return None, True


def left(c: Converter, refused: tuple[Any, str], statement: Any) -> list[Any]:
    """The statement as it is."""
    c.journal.error(refused[0], TAPE, refused[1])
    return [statement]


def _may_have_gradient(c: Converter, statement: Any) -> bool:
    """Whether PyTorch may follow what a statement computes back to weights."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return False
    if untaped.runs_model(c, statement):
        return True
    for node in walk(statement):
        place = dotted(node) if isinstance(node, (cst.Name, cst.Attribute)) else None
        if place is not None and effects.value_at(c, place).api == TRAINED:
            return True
        if isinstance(node, cst.Call) and c.qualified(node.func) is None and _may_compute(c, node.func):
            return True
    return False


def only_makes(c: Converter, statement: Any) -> bool:
    """Whether a statement that has been converted gave names nothing that has a gradient: models, numbers, data."""
    names = slices.assigned(statement) if isinstance(statement, cst.SimpleStatementLine) else set()
    return bool(names) and all((c.scope.lookup(name) or Value()).kind in NO_TENSORS for name in names)


def _may_compute(c: Converter, function: cst.BaseExpression) -> bool:
    """Whether what is called may be a model, or a function that calls one or reads a variable."""
    if isinstance(function, (cst.Subscript, cst.Call)):
        return True
    name, place = _last(function), dotted(function)
    if place is None or effects.is_builtin(c, function):
        return False
    if f"computes: {name}" in c.facts:
        return True
    if isinstance(function, cst.Name):
        return effects.value_at(c, place).kind == "unknown"
    held = effects.value_at(c, place.rpartition(".")[0])
    if held.kind == "self" and c.scope.sets_modes:
        return effects.value_at(c, place).kind == "unknown"
    if held.kind == "module" and name in TRAINING:
        return False
    return held.kind == "module" or (held.kind == "unknown" and held.api is None and name not in METHODS)


def stored(c: Converter, node: cst.With) -> str | None:
    """Why what a tape reads of ``self`` was computed by a model where the tape does not see it; ``None`` if not so."""
    kept = carried.kept(c, node)
    if kept is not None:
        return kept
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
