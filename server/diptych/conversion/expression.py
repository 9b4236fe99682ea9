"""Single calls and names of a text in the other framework: what a hover shows, what "convert this call" puts in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from diptych.syntax.source import Positions, Span

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


@dataclass(frozen=True)
class Rewritten:
    """A call or dotted name of the source at ``span``, and its code in the twin."""

    span: Span
    text: str


def rewritten(c: Converter, positions: Positions) -> list[Rewritten]:
    """Every call and dotted name that a conversion changed, as it was changed last, in the order of the text.

    Names that the conversion bound before the statement may occur in the code.
    """
    code = cst.Module([]).code_for_node
    found: dict[int, tuple[cst.CSTNode, cst.CSTNode]] = {}
    for pair in c.alive:
        if isinstance(pair, tuple) and isinstance(pair[0], (cst.Call, cst.Attribute)):
            node = c.journal.origin(pair[0])
            if positions.known(node):
                found[id(node)] = (node, pair[1])
    changed = []
    for node, twin in found.values():
        start, end = positions.offsets(node)
        if twin is not node and (text := code(twin)) != positions.code[start:end]:
            changed.append(Rewritten(positions.span(node), text))
    return sorted(changed, key=lambda item: (item.span.line, item.span.column))
