"""Names that a function made here would find changed when it is called.

A rule may stand for a layer by a lambda. What the source gave the layer was taken when the layer was made, so a name
that is bound again, as a loop's is, becomes a default of the lambda.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import libcst as cst

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
