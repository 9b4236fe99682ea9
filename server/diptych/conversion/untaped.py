"""What a loss is computed from before its tape could open: gradients that PyTorch keeps and a tape never sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import effects, slices
from diptych.conversion.names import dotted
from diptych.conversion.variables import TRAINED
from diptych.inference.values import Value
from diptych.syntax.source import code_of
from diptych.syntax.walk import children, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

NO_GRADIENT = ("torch.no_grad", "torch.inference_mode")
CUT = (".detach()", ".item()", ".tolist()", ".numpy()")
NUMBERS = {"int", "float", "number", "bool", "str"}


def why_not(c: Converter, block: Sequence[Any], start: int, end: int, computed: slices.Slice) -> str | None:
    """Why a tape from ``start`` to ``end`` would lose gradients; ``None`` where it is not known to. ``computed`` is
    what the loss is computed from at the beginning of the block.
    """
    if c.scope.no_grad:
        return None
    for statements, position in reversed(c.scope.around):
        for statement in reversed(statements[:position]):
            if computed.before(c, statement) and runs_model(c, statement):
                return f"what it differentiates is partly computed before this block: {_line(statement)}"
    for place in sorted(computed.places - computed.filled):
        reason = stored(c, place)
        if reason is not None:
            return reason
    taped = block[start:end]
    if taped and not _runs_any(c, taped):
        given = {place for place in computed.places if c.scope.lookup(place) is not None}
        if given and all(place in c.scope.parameters and _is_tensor(c, place) for place in given):
            return f"what it differentiates comes from outside: how `{sorted(given)[0]}` is computed is not seen here"
    return None


def assume(c: Converter, node: cst.CSTNode, taped: Sequence[Any], computed: slices.Slice, made: set[str]) -> None:
    """Say of what others store that it is taken for data. ``made`` are names that the function binds itself."""
    runs = _runs_any(c, taped)
    for place in sorted(computed.places - computed.filled):
        first, _, rest = place.partition(".")
        known = c.scope.lookup(first)
        if first in made or known is None:
            continue
        owner = known.layer.definition if known.kind == "module" and known.layer is not None else None
        if owner is not None and rest not in owner.variables:
            known, first = owner.attributes.get(rest, Value()), place
        elif rest and known.kind == "module" and not runs:
            known, first = Value("list"), place
        elif rest:
            continue
        loss = first in c.scope.parameters and known.kind in ("tensor", "unknown") and "loss" in first.lower()
        numbers = bool(known.items) and all(item.kind in NUMBERS for item in known.items or ())
        if loss or (known.kind in ("list", "dict") and not numbers):
            reason = f"assumes that no gradient is wanted of what `{first}` was computed from before"
            c.journal.assume(node, "Tensor.backward", reason, ("stored", c.scope.name, first))


def runs_model(c: Converter, node: cst.CSTNode) -> bool:
    """Whether code calls a module, or something that is given one, where gradients are kept."""
    if isinstance(node, cst.With) and any(_switches_off(c, item) for item in node.items):
        return False
    if isinstance(node, (cst.Assign, cst.Expr)) and code_of(node.value).endswith(CUT):
        return False
    if isinstance(node, cst.Call) and c.qualified(node.func) is None:
        place = dotted(node.func)
        called = effects.value_at(c, place) if place is not None else Value()
        if called.kind == "module" or (place is not None and _method_runs_model(c, place)):
            return True
        given = [dotted(a.value) for a in node.args]
        if called.kind != "class" and any(g and effects.value_at(c, g).kind == "module" for g in given):
            return True
    return any(runs_model(c, child) for child in children(node))


def _method_runs_model(c: Converter, place: str) -> bool:
    first, _, name = place.partition(".")
    known, owner = c.scope.lookup(first), c.scope.owner
    if known is None or known.kind != "self" or owner is None or "." in name:
        return False
    method = next((m for m in owner.methods if m.name.value == name), None)
    return method is not None and any(
        isinstance(node, cst.Call) and effects.value_at(c, dotted(node.func) or "").kind == "module"
        for node in walk(method.body)
    )


def _switches_off(c: Converter, item: cst.WithItem) -> bool:
    return isinstance(item.item, cst.Call) and c.qualified(item.item.func) in NO_GRADIENT


def stored(c: Converter, place: str) -> str | None:
    """Why an attribute of ``self`` holds what another method computed with a model."""
    first, _, rest = place.partition(".")
    known, owner = c.scope.lookup(first), c.scope.owner
    name = rest.partition(".")[0]
    if known is None or known.kind != "self" or owner is None or not name or name in owner.variables:
        return None
    if owner.attributes.get(name, Value()).kind in effects.NEVER_FILLED[1:]:
        return None
    here = c.scope.name.rpartition(".")[2]
    for method in owner.methods:
        if method.name.value in owner.constructing or method.name.value == here:
            continue
        lines = [node for node in walk(method.body) if isinstance(node, cst.SimpleStatementLine)]
        for position, line in enumerate(lines):
            computed = _reads_trained(c, line) or _computed_by_model(c, line, lines[:position])
            if computed and effects.of(c, line).meet(f"{first}.{name}"):
                return f"`{first}.{name}` is computed in {method.name.value}(), where no tape sees it"
    return None


def _reads_trained(c: Converter, node: cst.CSTNode) -> bool:
    places = (dotted(part) for part in walk(node) if isinstance(part, (cst.Name, cst.Attribute)))
    return any(place is not None and effects.value_at(c, place).api == TRAINED for place in places)


def _computed_by_model(c: Converter, line: cst.SimpleStatementLine, before: list[cst.SimpleStatementLine]) -> bool:
    computed = slices.Slice.of(c, line, before)
    return runs_model(c, line) or any(computed.before(c, each) and runs_model(c, each) for each in reversed(before))


def _runs_any(c: Converter, taped: Sequence[Any]) -> bool:
    made = slices.assigned_by(taped)
    return any(_may_run_model(c, statement, made) for statement in taped)


def _may_run_model(c: Converter, node: cst.CSTNode, made: set[str]) -> bool:
    """Whether code may call something that has weights, or read one."""
    calls = [part for part in walk(node) if isinstance(part, cst.Call) and c.qualified(part.func) is None]
    for part in calls:
        if effects.is_builtin(c, part.func):
            continue
        root: Any = part.func
        while isinstance(root, (cst.Attribute, cst.Call, cst.Subscript)):
            root = root.func if isinstance(root, cst.Call) else root.value
        if not isinstance(part.func, cst.Attribute) or not isinstance(root, cst.Name):
            return True
        if root.value not in made and not _is_tensor(c, root.value) and c.qualified(root) is None:
            return True
    return False


def _is_tensor(c: Converter, name: str) -> bool:
    known = c.scope.lookup(name)
    return known is not None and known.is_tensor


def _line(statement: Any) -> str:
    text = code_of(statement).strip().splitlines()[0].strip()
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"
