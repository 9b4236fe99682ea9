"""``diptych/convert``: the twin of a document, or of the statements that a selection touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from diptych.lsp import frameworks
from diptych.lsp.analysis import as_parse_error
from diptych.lsp.messages import CONVERT, REQUEST_FAILED, convert_params
from diptych.lsp.positions import Lines
from diptych.lsp.progress import reported

if TYPE_CHECKING:
    from diptych.conversion.excerpt import Excerpt
    from diptych.conversion.result import Conversion
    from diptych.lsp.server import DiptychServer


def register(server: DiptychServer) -> None:
    """Offer the request."""
    server.feature(CONVERT)(convert)


async def convert(ls: DiptychServer, values: dict[str, Any] | None) -> dict[str, Any]:
    """Answer with the twin, what was left over, and which lines belong together. Lines count from 1, columns from 0."""
    params = convert_params(values)
    async with reported(ls, "Converting", params.token):
        conversion = await located(ls, params.uri, params.to, params.layout, params.text)
    ls.in_background(frameworks.warn(ls, params.uri, conversion.to))
    if params.range is None:
        return as_json(conversion)
    lines = ls.lines(params.uri) if params.text is None else Lines(params.text)
    first, _ = lines.place(params.range.start)
    last, column = lines.place(params.range.end)
    if column == 0 and last > first:
        last -= 1  # the selection ends where a line begins
    return as_json(part_of(conversion, first, last).as_conversion())


async def located(
    ls: DiptychServer, uri: str, to: Any = None, layout: Any = "channels-last", text: str | None = None
) -> Conversion:
    """The conversion of a document, or of a ``text`` of its own; one that does not parse fails the request with its
    place.
    """
    try:
        return await (ls.conversion(uri, to, layout) if text is None else ls.analysis.conversion(text, to, layout))
    except Exception as error:
        place = as_parse_error(error)
        if place is None:
            raise
        message = f"Line {place.line}, column {place.column + 1}: {place.message}"
        data = {"line": place.line, "column": place.column}
        raise JsonRpcException(message, code=REQUEST_FAILED, data=data) from error


def part_of(conversion: Conversion, first: int, last: int) -> Excerpt:
    """The part of a conversion that belongs to some lines; fails where this Python cannot read the file."""
    from diptych.conversion.excerpt import excerpt

    try:
        return excerpt(conversion, first, last)
    except SyntaxError as error:
        reason = f"Line {error.lineno} needs a newer Python than the server's"
        message = f"{reason} to convert a part of the file; convert it whole."
        raise JsonRpcException(message, code=REQUEST_FAILED) from error


def as_json(conversion: Conversion) -> dict[str, Any]:
    """The parts of a conversion that an editor shows."""
    return {
        "twin": conversion.twin,
        "framework": conversion.framework,
        "to": conversion.to,
        "leftovers": [vars(leftover) for leftover in conversion.leftovers],
        "notes": list(conversion.notes),
        "helpers": list(conversion.helpers),
        "entries": [{"name": entry.name, "kind": entry.kind, "line": entry.line} for entry in conversion.entries],
        "lines": [list(pair) for pair in conversion.lines],
    }
