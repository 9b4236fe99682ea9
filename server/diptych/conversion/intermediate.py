"""In which order of axes the twin holds what a line assigns or returns: verification compares these values, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.result import Framework, Held
from diptych.inference.values import MIXED, Value
from diptych.syntax.source import Positions

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

KNOWN = ("tensor", "tuple", "list")


def note(c: Converter, node: Any) -> None:
    """Note what is known of the values that a statement has just assigned or returned."""
    kind = type(node)
    if kind is cst.Expr:
        return
    if kind is cst.Return:
        found = {"return": c.scope.returned[-1]} if c.scope.returned else {}
    else:
        found = {name: c.scope.names[name] for name in _assigned(node) if name in c.scope.names}
    known = {
        name: (tuple(permutations_of(value)), described(value, c.source))
        for name, value in found.items()
        if _is_known(value)
    }
    if known:
        c.held[id(node)] = node, known


def described(value: Value, source: Framework) -> str:
    """What is known of a tensor's dtype and sizes, the way that a comment states them; "?" is an unknown size."""
    if value.kind != "tensor" or value.api == MIXED:
        return ""
    sizes: list[Any] = list(value.sizes) if value.sizes is not None else ["?"] * (value.rank or 0)
    sizes = ["?" if size is None else size for size in sizes]
    if value.sizes is None and value.width is not None and sizes:
        channels = value.permutation[-1] if value.permutation is not None and source == "torch" else -1
        sizes[channels] = value.width
    shape = f"[{','.join(map(str, sizes))}]" if value.rank is not None or value.sizes is not None else ""
    return f"{value.dtype or 'tensor'}{shape}" if value.dtype or shape else ""


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
        lines = source.lines(c.journal.origin(node))
        if lines is not None:
            found += [Held(lines[0], name, permutations, text) for name, (permutations, text) in known.items()]
    return found
