"""The quick fix that writes a ``# diptych:`` comment with guessed inputs above a definition that cannot be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from diptych.conversion.result import Conversion, Entry
    from diptych.lsp.server import DiptychServer


async def edit(ls: DiptychServer, uri: str, position: types.Position) -> tuple[str, types.TextEdit] | None:
    """A title and the edit for the entry whose header is at a position; ``None`` where its inputs are known.

    Raises ``ParseError``.
    """
    source = ls.source(uri)
    line, _ = source.lines.place(position)
    definition = (await ls.analysis.scout(source.text)).definition_at(line)
    if definition is None:
        return None
    conversion = await ls.conversion(uri)
    inside = range(definition.first, definition.header + 1)
    entry = next((e for e in conversion.entries if e.line in inside and e.name == definition.name), None)
    if entry is None:
        return None
    comment = await ls.analysis.once(("inputs", source.text, entry.name), lambda: _proposal(entry, conversion))
    if comment is None or source.lines.why_not(definition.first, entry.line) is not None:
        return None
    index = source.lines.index
    indent = index.line(definition.first)
    indent = indent[: len(indent) - len(indent.lstrip())]
    above = source.lines.position(definition.first, 0)
    text = f"{indent}# diptych: {comment}{index.newline(definition.first)}"
    return f"Add `# diptych: {comment}` to `{entry.name}`", types.TextEdit(types.Range(above, above), text)


def _proposal(entry: Entry, conversion: Conversion) -> str | None:
    from diptych.verification.guessing import proposal

    return proposal(entry, conversion.source, conversion.framework)
