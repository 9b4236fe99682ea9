"""``textDocument/hover``: the user's own call in the other framework, and the card of its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.analysis import as_parse_error

if TYPE_CHECKING:
    from diptych.conversion.result import Leftover
    from diptych.lsp.server import DiptychServer

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
CARDS = 2  # overloads shown for one name
LATE = "*Still being converted: this call's own twin is shown when you point at it again.*"


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
    code: str | None = None
    left: list[Leftover] = []
    to: str | None = None
    late = False
    try:
        at = await ls.analysis.soon_at(text, call.span, await ls.rules(uri))
        late = at is None
        if at is not None:
            code, left, to = at.code, at.left, at.to if at.code is not None else None
    except Exception as error:
        if as_parse_error(error) is None:  # libcst is stricter in places than the scout
            raise
    if code is None and call.is_method and not left:
        return None  # no evidence that the receiver is a tensor
    why = f"`{left[0].api}`: {left[0].reason}." if left else None
    key = ("card", call.name, to, code, why)
    markdown = await ls.analysis.once(key, lambda: card_text(call.name, to, code, why))
    if markdown is None:
        return None
    if late:
        markdown = f"{LATE}\n\n---\n\n{markdown}"
    span = call.span
    place = lines.range(span.line, span.column, span.end_line, span.end_column)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown), place)


def card_text(name: str, to: str | None, code: str | None, why: str | None = None) -> str | None:
    """The hover's text: the user's call as ``code`` in the framework ``to``, or ``why`` it was not converted, then the
    cards of its name's rules.
    """
    from diptych.catalog.card import card
    from diptych.catalog.index import load
    from diptych.catalog.lookup import reason_named, rules_named

    parts = []
    if why is None and to is None and not rules_named(load(), name):
        reason = reason_named(load(), name)
        why = reason and f"`{name}`: {reason.text}."
    if why is not None:
        parts.append(f"**Not converted**\n\n{why}")
    if to is not None:
        parts.append(f"**In {TITLES[to]}**\n\n```python\n{code}\n```")
    parts += [card(rule, side) for rule, side in rules_named(load(), name)[:CARDS]]
    return "\n\n---\n\n".join(parts) or None
