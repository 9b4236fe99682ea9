"""``textDocument/inlayHint``: dtype and shape of what a line assigns, where inference knows them, and the inputs of the
last verification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.analysis import as_parse_error

if TYPE_CHECKING:
    from diptych.conversion.result import Conversion
    from diptych.lsp.server import DiptychServer, Source


def register(server: DiptychServer) -> None:
    """Offer hints."""
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(inlay_hint)


async def inlay_hint(ls: DiptychServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """The hints of a part of a document."""
    uri = params.text_document.uri
    if not ls.settings.get("inlayHints.shapes", uri):
        return None
    source = ls.source(uri)
    try:
        conversion = await ls.conversion(uri)
    except Exception as error:
        if as_parse_error(error) is None:
            raise
        return None
    first, last = source.lines.place(params.range.start)[0], source.lines.place(params.range.end)[0]
    found = [*_known(conversion, source), *_verified(ls, uri, conversion, source)]
    return [hint for line, hint in found if first <= line <= last and source.lines.why_not(line, line) is None]


def _known(conversion: Conversion, source: Source) -> Iterator[tuple[int, types.InlayHint]]:
    """After each name that a line assigns: what is known of it."""
    for held in conversion.held:
        line = source.lines.index.line(held.line)
        name = re.search(rf"(?<![\w.]){re.escape(held.name)}\b", line)
        if "[" in held.known and held.name != "return" and name is not None:
            place = source.lines.position(held.line, name.end())
            yield held.line, types.InlayHint(place, f": {held.known}", types.InlayHintKind.Type)


def _verified(
    ls: DiptychServer, uri: str, conversion: Conversion, source: Source
) -> Iterator[tuple[int, types.InlayHint]]:
    """At the header of each entry: what it was verified on, where no comment says so and nothing has changed since."""
    verdicts = ls.verdicts.of(uri)
    for entry in conversion.entries:
        known = verdicts.get(entry.name)
        if known is None or known.text != source.text or entry.comment is not None:
            continue
        inputs = ", ".join(f"{name}={spec}" for name, spec in known.verdict.evidence.inputs.items())
        if inputs:
            place = source.lines.position(entry.line, len(source.lines.index.line(entry.line)))
            tooltip = "The inputs of the last verification"
            yield entry.line, types.InlayHint(place, inputs, tooltip=tooltip, padding_left=True)
