"""``textDocument/hover``: the user's own call in the other framework, and the card of its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.analysis import Rewritten

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer
    from diptych.syntax.source import Span

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
CARDS = 2  # overloads shown for one name


def register(server: DiptychServer) -> None:
    """Offer hover."""
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)


async def hover(ls: DiptychServer, params: types.HoverParams) -> types.Hover | None:
    """What the framework call at a place is in the other framework; nothing elsewhere."""
    uri = params.text_document.uri
    text, lines = ls.text(uri), ls.lines(uri)
    line, column = lines.place(params.position)
    call = (await ls.analysis.scout(text)).call_at(line, column)
    if call is None:
        return None
    rewritten = await ls.analysis.rewritten(text, call.span.line, call.span.column)
    if rewritten is None and call.is_method:
        return None  # no evidence that the receiver is a tensor
    markdown = await ls.analysis.once(("card", call.name, rewritten), lambda: card_text(call.name, rewritten))
    if markdown is None:
        return None
    span: Span = rewritten.span if rewritten else call.span
    place = lines.range(span.line, span.column, span.end_line, span.end_column)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown), place)


def card_text(name: str, rewritten: Rewritten | None) -> str | None:
    """The hover's text: the user's call rewritten, then the cards of the rules of its name."""
    from diptych.catalog.card import card
    from diptych.catalog.index import load
    from diptych.catalog.lookup import rules_named

    parts = []
    if rewritten is not None:
        parts.append(f"**In {TITLES[rewritten.to]}**\n\n```python\n{rewritten.text}\n```")
    parts += [card(rule, side) for rule, side in rules_named(load(), name)[:CARDS]]
    return "\n\n---\n\n".join(parts) or None
