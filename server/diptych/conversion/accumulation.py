"""Gradients that add up over several calls of ``backward()``: kept by a name from ``zero_grad()`` to ``step()``.

PyTorch adds each gradient to what a parameter has, until it is set to zero. Where ``backward()``, ``step()`` and
``zero_grad()`` stand in different blocks, the twin keeps the sum by itself: ``zero_grad()`` makes it ``None``, each
``backward()`` adds to it, ``step()`` applies it. What a function leaves for its next call is kept with the optimizer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import checkpoints, slices, tapes
from diptych.syntax.source import code_of
from diptych.syntax.walk import children

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

KEPT = "accumulated"
OTHERS = "assumes that gradients of what the optimizer updates are made and set to zero by this function only"
Path = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Event:
    """A call that makes, takes or clears gradients; ``path`` names the blocks around it and its place in each."""

    kind: str
    of: cst.BaseExpression
    path: Path
    blocks: tuple[Sequence[Any], ...]

    @property
    def text(self) -> str:
        """What it is called on."""
        return code_of(self.of)


@dataclass
class Accumulation:
    """The gradients of one optimizer that add up in a function, at ``place`` in the twin.

    They are set to ``None`` before the statement ``first``, a block and a place in it, where that is not ``None``.
    ``alone`` says whether the function makes what they belong to, ``refused`` why they cannot be converted.
    """

    step: cst.BaseExpression
    events: list[Event]
    place: str = ""
    first: tuple[int, int] | None = None
    alone: bool = False
    refused: str | None = None

    @property
    def kept(self) -> bool:
        """Whether they are kept with the optimizer."""
        return "." in self.place

    @property
    def now(self) -> cst.BaseExpression:
        """What there is so far."""
        if not self.kept:
            return cst.Name(self.place)
        owner = self.place.removesuffix(f".{KEPT}")
        return cst.parse_expression(f'getattr({owner}, "{KEPT}", None)')


def kept_in(text: str) -> cst.Name | cst.Attribute:
    """The name or attribute that holds gradients."""
    node = cst.parse_expression(text)
    assert isinstance(node, (cst.Name, cst.Attribute))
    return node


def _blocks(statement: Any) -> Iterator[Sequence[Any]]:
    """The blocks that belong to a statement, without those of definitions."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef, cst.SimpleStatementLine)):
        return
    for child in children(statement):
        if isinstance(child, cst.IndentedBlock):
            yield child.body
        elif isinstance(child, cst.SimpleStatementSuite):
            yield [cst.SimpleStatementLine([small]) for small in child.body]
        elif isinstance(child, (cst.If, cst.Else, cst.ExceptHandler, cst.Finally, cst.MatchCase)):
            yield from _blocks(child)


def events(statements: Sequence[Any], path: Path = (), outer: tuple[Sequence[Any], ...] = ()) -> Iterator[Event]:
    """The calls of ``backward()``, ``step()`` and ``zero_grad()`` in a block and those in it, in order."""
    blocks = (*outer, statements)
    for position, statement in enumerate(statements):
        here = (*path, (id(statements), position))
        several = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1
        for line in [cst.SimpleStatementLine([small]) for small in statement.body] if several else [statement]:
            taken = tapes.backward(line)
            if taken is not None:
                yield Event("backward", taken.value, here, blocks)
            for kind in ("step", "zero_grad"):
                target, found = slices.method(line, kind), slices.only_call(line)
                if target is not None and found is not None:
                    yield Event(kind, stepped(target, found) if kind == "step" else target, here, blocks)
        for block in _blocks(statement):
            yield from events(block, here, blocks)


def stepped(target: cst.BaseExpression, found: cst.Call) -> cst.BaseExpression:
    """The optimizer of ``optimizer.step()`` and of ``scaler.step(optimizer)``."""
    return found.args[0].value if found.args and "scaler" in code_of(target).lower() else target


def current(c: Converter) -> Accumulation | None:
    """The gradients that add up in the function being converted; ``None`` if none do, or they are not converted."""
    found = known(c)
    return None if found is None or found.refused else found


def known(c: Converter) -> Accumulation | None:
    """The same, also where they are not converted."""
    if c.source != "torch" or not c.scope.around:
        return None
    mark = c.journal.mark()
    try:
        return _found(c, c.scope.around[0][0])
    finally:
        c.journal.back_to(mark)


def _found(c: Converter, top: Sequence[Any]) -> Accumulation | None:
    from diptych.conversion import training

    found = list(events(top))
    needed = False
    for event in found:
        if event.kind == "backward":
            position = event.path[-1][1]
            if tapes.graded(event.blocks[-1], position):
                return None
            step = training.step_of(c, event.blocks[-1], position)
            needed = needed or not training.zeroed(event.blocks[-1], position, step)
    steps = [event for event in found if event.kind == "step" and _may_be_optimizer(c, event, found)]
    if not needed or not steps or not any(event.kind == "zero_grad" for event in found):
        return None
    result = Accumulation(steps[0].of, [event for event in found if event.kind != "step" or event in steps])
    if len({event.text for event in steps}) > 1:
        result.refused = "gradients of several optimizers add up: each backward() may make some for all of them"
        return result
    optimizer = c.expr(result.step)[1]
    owner = training.owner_of(c, result.step, optimizer)
    cleared = {event.text for event in found if event.kind == "zero_grad"} - {steps[0].text}
    if cleared - {owner}:
        result.refused = f"it is not known whether `{min(cleared)}` has exactly what the optimizer updates"
        return result
    _place(c, result, owner)
    return result


def _place(c: Converter, result: Accumulation, owner: str | None) -> None:
    """Say where the gradients are kept, and where there are none yet."""
    first = result.events[0]
    shared = [step for step in first.path if all(any(p[0] == step[0] for p in e.path) for e in result.events)]
    if first.kind == "zero_grad" and shared[-1] == first.path[-1]:
        result.place, result.alone = c.twin.fresh("gradients"), True
        return
    made = set[str]()
    for (_, position), block in zip(shared, first.blocks, strict=False):
        made |= _made(block[:position])
    result.alone = owner is not None and {each.split(".")[0] for each in owner.split(";")} <= made
    for (_, position), block in reversed(list(zip(shared, first.blocks, strict=False))):
        if isinstance(result.step, cst.Name) and result.step.value in _made(block[:position]):
            result.place, result.first = c.twin.fresh("gradients"), (id(block), position)
            return
    result.place = f"{code_of(c.code(result.step))}.{KEPT}"


def _may_be_optimizer(c: Converter, event: Event, found: Sequence[Event]) -> bool:
    value = c.expr(event.of)[1]
    if value.kind != "unknown":
        return value.kind == "optimizer"
    text = event.text
    named = "opt" in text.rpartition(".")[2].lower()
    return "sched" not in text.lower() and (named or any(e.kind == "zero_grad" and e.text == text for e in found))


def _made(statements: Sequence[Any]) -> set[str]:
    """Names that are bound by the statements themselves, not only in a block of theirs."""
    return slices.assigned_by([each for each in statements if isinstance(each, cst.SimpleStatementLine)])


def before(c: Converter, statements: Sequence[Any], position: int) -> list[Any]:
    """What stands before a statement of a block: there are no gradients yet."""
    statement = statements[position]
    if c.source != "torch" or all(event.kind != "backward" for event in events([statement])):
        return []
    found = current(c)
    if found is None or found.first != (id(statements), position):
        return []
    line = cst.SimpleStatementLine([cleared_to(found)])
    c.origin[line] = statement
    c.alive.append(line)
    return [line]


def cleared_to(found: Accumulation) -> cst.Assign:
    """``gradients = None``."""
    return cst.Assign([cst.AssignTarget(kept_in(found.place))], cst.Name("None"))


def added(c: Converter, found: Accumulation, gradients: cst.BaseExpression) -> cst.BaseExpression:
    """What there is with more gradients."""
    return checkpoints.helper(c, "summed", [cst.Arg(found.now), cst.Arg(gradients)])


def surely_some(c: Converter, found: Accumulation) -> bool:
    """Whether there are gradients wherever the statement being converted is reached: some were added before it, and
    none cleared since.
    """
    clearing = {event.path for event in found.events if event.kind == "zero_grad"}
    adding = {event.path for event in found.events if event.kind == "backward"}
    path: Path = tuple((id(block), position) for block, position in c.scope.around)
    for depth in range(len(path), 0, -1):
        block, position = path[depth - 1]
        for earlier in range(position - 1, -1, -1):
            here = (*path[: depth - 1], (block, earlier))
            if here in adding:
                return True
            if any(each[:depth] == here for each in clearing):
                return False
    return False


def where_some(c: Converter, found: Accumulation, applied: cst.BaseExpression) -> cst.If:
    """The step, which does nothing in PyTorch where no parameter has a gradient."""
    some = cst.Comparison(found.now, [cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))])
    lines = getattr(c.scope.statement, "leading_lines", ())
    body = cst.IndentedBlock([cst.SimpleStatementLine([cst.Expr(applied)])])
    return cst.If(some, body, leading_lines=lines)
