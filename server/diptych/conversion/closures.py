"""Names that a function made here would find changed when it is called.

A rule may stand for a layer by a lambda. What the source gave the layer was taken when the layer was made, so a name
that is bound again, as a loop's is, becomes a default of the lambda. What the source itself calls later looks its names
up then, so that what is known of them where it is defined may no longer be true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import slices
from diptych.inference.values import MIXED, Value
from diptych.syntax.walk import children, names_read

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.scope import Scope

LOOPS = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
BINDING = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.NamedExpr, cst.For, cst.CompFor)


def rebound(c: Converter) -> frozenset[str]:
    """The names that may hold something else later, seen from what is being converted."""
    found: set[str] = set()
    scope: Scope | None = c.scope
    while scope is not None:
        if scope.function is not None:
            times = Counter(parameter.name.value for parameter in _parameters(scope.function))
            _count(scope.function.body, 1, times)
            found |= {name for name in times if times[name] > 1}
        elif scope is c.scope and (scope.loops or scope.prefix is None):
            found |= set(scope.names)
        scope = scope.parent
    return frozenset(found | c.rebound_again)


@contextmanager
def called_later(c: Converter, node: cst.CSTNode) -> Iterator[None]:
    """Let code that runs when it is called know of the names bound again until then only that they are there."""
    names = c.scope.names
    again = _bound_after(c) & c.reads(node) if c.scope.kind == "function" else set[str]()
    c.scope.names = {**names, **{name: _unsure(c, names[name]) for name in again if name in names}}
    try:
        yield
    finally:
        for name in again & names.keys():
            c.scope.names[name] = names[name]
        names.update(c.scope.names)
        c.scope.names = names


def _unsure(c: Converter, value: Value) -> Value:
    if not value.is_tensor:
        return value if value.kind in ("module", "api", "class", "function", "foreign") else Value(memory=value.memory)
    return Value("tensor", memory=value.memory, api=MIXED if c.moves_axes and c.layout != "preserve" else None)


def _bound_after(c: Converter) -> set[str]:
    """The names that the function's statements may bind after the one being converted."""
    found: set[str] = set()
    repeats = False
    for statements, position in c.scope.around:
        found |= slices.assigned_by(statements if repeats else statements[position + 1 :])
        repeats = repeats or isinstance(statements[position], (cst.For, cst.While))
    return found


def _parameters(node: cst.FunctionDef) -> list[cst.Param]:
    return [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]


def _count(node: cst.CSTNode, weight: int, times: Counter[str]) -> None:
    """How often names are bound; what a loop binds counts twice."""
    weight = 2 if isinstance(node, LOOPS) else weight
    if isinstance(node, BINDING):
        for name in names_read(node.target):
            times[name] += weight
    for child in children(node):
        _count(child, weight, times)
