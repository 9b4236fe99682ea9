"""Converting loops: a name may hold one thing in the first round, and another in those that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import eager_values, rates, references, statements, structure
from diptych.conversion.expressions import bind_target, iterated
from diptych.conversion.layouts import differing, in_source_order, restored
from diptych.inference.values import DATA, Value
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

Statements = list[Any]


def _loop(
    c: Converter, node: Any, bind: Callable[[], None], bound: frozenset[str] = frozenset()
) -> tuple[Statements, Any]:
    """Convert a loop's body knowing what its names may hold at its start; also what must stand before it and at its
    end. Each round binds the names ``bound`` anew: what layer is in them after the last one is not told.
    """
    later, c.scope.later = c.scope.later, c.scope.later | c.reads(node)
    before = c.scope.snapshot()
    mark = c.journal.mark()
    returned = len(c.scope.returned)
    gradients, taken = dict(c.scope.gradients), dict(c.scope.tapes)
    c.scope.loops += 1
    bind()
    statements.suite(c, node.body)
    after = c.scope.snapshot()
    c.journal.back_to(mark)
    del c.scope.returned[returned:]
    c.scope.gradients, c.scope.tapes = gradients, taken
    moved = [
        name
        for name in differing(c, before[0], after[0])
        if name not in bound or (name in later and after[0][name].kind != "module")
    ]
    first = restored(c, moved, before[0])
    for names in (before[0], after[0]):
        names |= {name: in_source_order(names[name]) for name in moved}
    c.scope.restore(before)
    c.scope.merge((after[0], after[1]))
    entry = c.scope.snapshot()
    bind()
    body = statements.suite(c, node.body)
    end = c.scope.snapshot()
    last = [name for name in moved if name in end[0]]
    body = statements.appended(body, restored(c, last, end[0]))
    end[0].update({name: in_source_order(end[0][name]) for name in last})
    c.scope.restore(end)
    c.scope.merge(entry)
    c.scope.later = later
    c.scope.loops -= 1
    return first, body


def for_(c: Converter, node: cst.For) -> Statements:
    """``for a in b:``."""
    c.scope.here = c.counted(node.iter)
    frozen = structure.frozen(c, node)
    if frozen is not None:
        return [frozen]
    rate = rates.in_every_group(c, node)
    if rate is not None:
        return rate
    code, value = iterated(c, node.iter)
    item = value.item or Value()
    if item.kind == "unknown":
        item = replace(item, api=DATA)
    if not isinstance(node.target, cst.Name):
        references.left_in(c, node.target)
    bound = frozenset(part.value for part in walk(node.target) if isinstance(part, cst.Name))
    first, body = _loop(c, node, lambda: bind_target(c, node.target, item), bound)
    orelse = statements.orelse_of(c, node.orelse)
    new = node
    if code is not node.iter or body is not node.body or orelse is not node.orelse:
        new = node.with_changes(iter=code, body=body, orelse=orelse)
    return statements.moved_lines(first, new)


def while_(c: Converter, node: cst.While) -> Statements:
    """``while a:``."""
    saved, c.scope.prefix = c.scope.prefix, None
    test = c.code(node.test)
    eager_values.condition(c, node.test)
    c.scope.prefix = saved
    first, body = _loop(c, node, lambda: None)
    orelse = statements.orelse_of(c, node.orelse)
    new = (
        node
        if test is node.test and body is node.body and orelse is node.orelse
        else node.with_changes(test=test, body=body, orelse=orelse)
    )
    return statements.moved_lines(first, new)
