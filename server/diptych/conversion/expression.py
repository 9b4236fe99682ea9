"""Single calls and names of a text in the other framework: what a hover shows, what "convert this call" puts in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.result import Framework, Leftover
from diptych.syntax.source import Positions, Span, code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


@dataclass(frozen=True)
class Rewritten:
    """A call or dotted name of the source at ``span``, and its code in the twin."""

    span: Span
    text: str


@dataclass(frozen=True)
class Definition:
    """What a conversion makes of one definition at the top of a file: calls and names that it changes, and what it
    leaves over.
    """

    to: Framework
    expressions: tuple[Rewritten, ...]
    leftovers: tuple[Leftover, ...]


def rewritten(c: Converter, positions: Positions, places: Positions) -> list[Rewritten]:
    """Every call and dotted name that a conversion changed, as it was changed last, in the order of the text.

    ``positions`` are those of the source, ``places`` those of the twin. Names that the conversion bound before the
    statement may occur in the code.
    """
    found: dict[int, tuple[cst.CSTNode, cst.CSTNode]] = {}
    for pair in c.alive:
        if isinstance(pair, tuple) and isinstance(pair[0], (cst.Call, cst.Attribute)):
            node = c.journal.origin(pair[0])
            if positions.known(node):
                found[id(node)] = (node, pair[1])
    changed = []
    for node, twin in found.values():
        start, end = positions.offsets(node)
        if twin is not node and (text := _code(twin, places)) != positions.code[start:end]:
            changed.append(Rewritten(positions.span(node), text))
    return sorted(changed, key=lambda item: (item.span.line, item.span.column))


def _code(node: cst.CSTNode, places: Positions) -> str:
    """The code of a node by itself, cut out of the twin where it stands there on one line."""
    if isinstance(node, cst.BaseExpression) and not node.lpar and places.known(node):
        start, end = places.offsets(node)
        if "\n" not in (text := places.code[start:end]):
            return text
    return code_of(node)
