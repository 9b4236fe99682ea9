"""In which order of axes the twin holds what a line assigns or returns: verification compares these values, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.result import Held
from diptych.inference.values import Value
from diptych.syntax.source import Positions

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

KNOWN = ("tensor", "tuple", "list")


def note(c: Converter, node: Any) -> None:
    """Note what is known of the values that a statement has just assigned or returned."""
    if isinstance(node, cst.Return):
        found = {"return": c.scope.returned[-1]} if c.scope.returned else {}
    else:
        found = {name: c.scope.names[name] for name in _assigned(node) if name in c.scope.names}
    known = {name: tuple(permutations_of(value)) for name, value in found.items() if _is_known(value)}
    if known:
        c.held[id(node)] = node, known


def _is_known(value: Value) -> bool:
    return value.kind in KNOWN and all(_is_known(item) or item.kind != "unknown" for item in value.items or ())


def _assigned(node: Any) -> Iterator[str]:
    targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else []
    if isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        targets = [node.target]
    while targets:
        target = targets.pop()
        while isinstance(target, cst.Subscript):
            target = target.value
        if isinstance(target, (cst.Tuple, cst.List)):
            targets += [element.value for element in target.elements]
        elif isinstance(target, cst.Name):
            yield target.value


def permutations_of(value: Value) -> list[Any]:
    """The permutation of each tensor in a value, in order."""
    if value.items is not None:
        return [axes for item in value.items for axes in permutations_of(item)]
    return [value.permutation]


def held(c: Converter, source: Positions) -> list[Held]:
    """The notes with their lines, in order."""
    found = []
    for node, known in c.held.values():
        origin = c.journal.origin(node)
        if source.known(origin):
            line = source.span(origin).line
            found += [Held(line, name, permutations) for name, permutations in known.items()]
    return found
