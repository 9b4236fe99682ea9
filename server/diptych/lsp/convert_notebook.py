"""``diptych/convertNotebook``: the twin of each code cell of a notebook, or of one cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from diptych.lsp.convert import located, part_of
from diptych.lsp.messages import CONVERT_NOTEBOOK, REQUEST_FAILED, convert_params
from diptych.lsp.progress import reported
from diptych.text.lines import split_lines
from diptych.text.magics import blanked

if TYPE_CHECKING:
    from diptych.conversion.excerpt import Excerpt
    from diptych.conversion.result import Conversion
    from diptych.lsp.notebooks import Cell, Joined
    from diptych.lsp.server import DiptychServer

IMPORTS = re.compile(r"^(?:import|from)\s", re.MULTILINE)
LEFT = "# diptych: not converted: "


def register(server: DiptychServer) -> None:
    """Offer the request."""
    server.feature(CONVERT_NOTEBOOK)(convert_notebook)


async def convert_notebook(ls: DiptychServer, values: dict[str, Any] | None) -> dict[str, Any]:
    """Answer with the twins of the cells of a notebook, given by its address, or of one cell, given by its own.

    A cell by itself brings the imports and helpers that it needs. Of all cells together, imports stand in the first
    that imports anything and each helper in the first that uses it.
    """
    params = convert_params(values)
    placed = ls.cell(params.uri)
    joined = placed[0] if placed is not None else ls.notebook(params.uri)
    if joined is None:
        raise JsonRpcException("This is no cell of an open notebook.", code=REQUEST_FAILED)
    async with reported(ls, "Converting", params.token):
        conversion = await located(ls, params.uri, params.to, params.layout)
    wanted = [placed[1]] if placed is not None else list(joined.cells)
    down = {cell.uri: (cell.down, cell.down + cell.height) for cell in wanted}
    leftovers = [item for item in conversion.leftovers if any(a < item.line <= b for a, b in down.values())]
    return {
        "framework": conversion.framework,
        "to": conversion.to,
        "leftovers": [vars(item) for item in leftovers],
        "cells": [
            {"uri": cell.uri, "text": text}
            for cell, text in zip(wanted, twins(conversion, joined, wanted), strict=True)
        ],
    }


@dataclass(frozen=True)
class Twin:
    """What a cell becomes: what must stay at its top, then its code. ``imports`` and ``helpers`` go between them."""

    code: str
    top: str = ""
    imports: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    converted: bool = True


def twins(conversion: Conversion, joined: Joined, cells: Sequence[Cell]) -> list[str]:
    """The text of each cell's twin, with its comments and commands. A cell that cannot be read stays and says why."""
    parts = [_twin(conversion, joined, cell) for cell in cells]
    imports = sorted({text for part in parts for text in part.imports})
    home = next(
        (at for at, part in enumerate(parts) if part.imports or (part.converted and IMPORTS.search(cells[at].text))),
        None,
    )
    told: set[str] = set()
    texts = []
    for at, part in enumerate(parts):
        added = "".join(f"{text}\n" for text in imports) if at == home else ""
        helpers = [text for text in part.helpers if text not in told]
        told.update(helpers)
        added += "".join(f"\n\n{text}\n" for text in helpers)
        space = "\n\n" if helpers else "\n" if added and not IMPORTS.match(part.code) else ""
        texts.append((part.top + added + space * bool(part.code) + part.code).rstrip())
    return texts


def _twin(conversion: Conversion, joined: Joined, cell: Cell) -> Twin:
    own = [line if line.endswith("\n") else f"{line}\n" for line in split_lines(cell.text)]
    if cell.error is not None:
        return Twin(f"{LEFT}{cell.error.msg}\n{cell.text}", converted=False)
    if not ast.parse(blanked(cell.text)[0]).body:
        return Twin(cell.text, converted=False)
    part = part_of(conversion, cell.down + 1, cell.down + cell.height)
    first, last = part.first - cell.down, part.last - cell.down
    hidden = sorted(line - cell.down for line in joined.hidden if cell.down < line <= cell.down + cell.height)
    code = _with_commands(part, cell, own, [line for line in hidden if first <= line <= last])
    if code is None:
        return Twin(f"{LEFT}a command stands where the twin has no place for it\n{cell.text}", converted=False)
    top = max((line for line in hidden if line < first), default=0)
    above = "".join(own[top : first - 1]) + "".join(_marks(conversion, part))
    return Twin(above + code + "".join(own[last:]), "".join(own[:top]), part.imports, part.helpers)


def _with_commands(part: Excerpt, cell: Cell, own: Sequence[str], hidden: Sequence[int]) -> str | None:
    """The code with the cell's commands where they stood between its statements; ``None`` if they find no place."""
    lines = split_lines(part.text)
    pairs = {source - cell.down: twin for source, twin in part.lines}
    for line in reversed(hidden):
        if line in pairs:
            lines[pairs[line] - 1] = own[line - 1]
        else:
            below = [pairs[other] for other in pairs if other > line]
            blank = re.sub(r"[^\n]", " ", own[line - 1])
            place = next((at for at in reversed(range(min(below, default=0))) if lines[at] == blank), None)
            if place is None:
                return None
            lines[place] = own[line - 1]
    text = "".join(lines)
    return text if _tree(blanked(text)[0]) == _tree(part.text) else None


def _tree(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _marks(conversion: Conversion, part: Excerpt) -> list[str]:
    """The remarks over the first statement of a part, which the source does not have."""
    places = dict(conversion.lines)
    top = next((places[source] - twin + 1 for source, twin in part.lines if source in places), 1)
    lines = split_lines(conversion.twin)
    begin = top - 1
    while begin > 0 and lines[begin - 1].startswith(LEFT):
        begin -= 1
    return lines[begin : top - 1]
