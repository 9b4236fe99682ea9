"""``textDocument/codeLens``: over each function and class that converts, its twin, its verification, and the verdict.

The lenses call commands of the editor's own extension, with the document's address and the entry's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.analysis import as_parse_error
from diptych.lsp.carrying import carried

if TYPE_CHECKING:
    from diptych.conversion.result import Conversion
    from diptych.lsp.server import DiptychServer

SHOW_TWIN, VERIFY, SHOW_RESULTS = "diptych.showTwin", "diptych.verify", "diptych.showResults"


@dataclass(frozen=True)
class Place:
    """An entry at its line, and how much of it was left over."""

    name: str
    line: int
    end_line: int
    left: int


@dataclass(frozen=True)
class Places:
    """The entries of the last text that parsed."""

    text: str
    found: tuple[Place, ...] = ()


def register(server: DiptychServer) -> None:
    """Offer lenses; they come with their commands, so that none is resolved."""
    server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))(code_lens)


async def code_lens(ls: DiptychServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """The lenses of a document. While its text does not parse they stay as they were, moved along."""
    uri = params.text_document.uri
    if not ls.settings.get("codeLens.enabled", uri):
        return []
    source = ls.source(uri)
    try:
        places = Places(source.text, tuple(_places(await ls.conversion(uri))))
        ls.places[uri] = places
    except Exception as error:
        if as_parse_error(error) is None:
            raise
        places = ls.places.get(uri, Places(source.text))
    verdicts = ls.verdicts.of(uri)
    lenses: list[types.CodeLens] = []
    for place in carried(places.text, source.text, places.found):
        if source.lines.why_not(place.line, place.line) is not None:
            continue  # of another cell
        where = source.lines.range(place.line, 0, place.line, 0)
        arguments = [uri, place.name]
        if place.left:
            title = f"Twin ({place.left} left over)"
            lenses.append(types.CodeLens(where, types.Command(title, SHOW_TWIN, arguments=arguments)))
            continue
        commands = [types.Command("Twin", SHOW_TWIN, arguments=arguments)]
        commands.append(types.Command("Verify", VERIFY, arguments=arguments))
        if place.name in verdicts:
            title = verdicts[place.name].title(source.text)
            commands.append(types.Command(title, SHOW_RESULTS, arguments=arguments))
        lenses += [types.CodeLens(where, command) for command in commands]
    return lenses


def _places(conversion: Conversion) -> Iterator[Place]:
    """The entries, each with the leftovers up to the next one."""
    starts = [entry.line for entry in conversion.entries]
    for entry in conversion.entries:
        below = min((line for line in starts if line > entry.line), default=float("inf"))
        left = sum(item.severity == "error" and entry.line <= item.line < below for item in conversion.leftovers)
        yield Place(entry.name, entry.line, entry.line, left)
