"""``textDocument/completion``: a name of the other framework, as it is typed, offers what it is in this one.

Silent everywhere else: in strings, comments and imports, after names that the file binds, and in files of both
frameworks or neither.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.hover import card_text
from diptych.lsp.positions import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diptych.catalog.equivalents import Equivalent
    from diptych.lsp.server import DiptychServer
    from diptych.syntax.scout import Scout

LIMIT = 100  # items; more are told once more is typed
# What a name begins with, as people write it, and what it means by itself.
BEGINNINGS = {
    "torch": ("torch", "torch"), "nn": ("torch", "torch.nn"), "F": ("torch", "torch.nn.functional"),
    "optim": ("torch", "torch.optim"), "tf": ("tensorflow", "tf"), "tensorflow": ("tensorflow", "tf"),
    "keras": ("tensorflow", "keras"), "layers": ("tensorflow", "keras.layers"),
}  # fmt: skip
_TYPED = re.compile(rf"(?<![\w.)\]])(?P<root>{'|'.join(BEGINNINGS)})(?P<rest>(?:\.\w*)+)$")
_STRING = re.compile(r"'''|\"\"\"|'|\"")


def register(server: DiptychServer) -> None:
    """Offer completion after a dot; the card of the rule is added when an item is looked at."""
    options = types.CompletionOptions(trigger_characters=["."], resolve_provider=True)
    server.feature(types.TEXT_DOCUMENT_COMPLETION, options)(completion)
    server.feature(types.COMPLETION_ITEM_RESOLVE)(resolve)


async def completion(ls: DiptychServer, params: types.CompletionParams) -> types.CompletionList | None:
    """The equivalents of what is being typed."""
    uri = params.text_document.uri
    if not ls.settings.get("completion.equivalents", uri):
        return None
    source = ls.source(uri)
    lines = source.lines
    line, column = lines.place(params.position)
    whole = lines.index.line(line)
    typed = _TYPED.search(whole[:column])
    if typed is None or not _is_code(source.text, lines.index.offset(line, typed.start()), whole[: typed.start()]):
        return None
    side, meaning = BEGINNINGS[typed["root"]]
    scout = await ls.analysis.scout(_without(source.text, lines.index.offset(line, 0), whole))
    framework = scout.framework()
    if framework in (None, side) or typed["root"] in scout.aliases or _is_bound(source.text, typed["root"]):
        return None
    prefix = f"{meaning}{typed['rest']}"
    shown = typed["root"]
    if prefix.startswith("tf.keras."):
        prefix, shown, meaning = prefix.removeprefix("tf."), f"{shown}.keras", "keras"
    found = await ls.analysis.once(("equivalents", side, prefix), lambda: _beginning(side, prefix))
    place = lines.range(line, typed.start(), line, column)
    items = [_item(ls, scout, lines, item, shown + item.name.removeprefix(meaning), place) for item in found[:LIMIT]]
    return types.CompletionList(is_incomplete=len(found) > LIMIT, items=items)


def _beginning(side: str, prefix: str) -> list[Equivalent]:
    from diptych.catalog.equivalents import beginning

    return list(beginning(side, prefix))


def _item(
    ls: DiptychServer, scout: Scout, lines: Lines, found: Equivalent, label: str, place: types.Range
) -> types.CompletionItem:
    from diptych.catalog.equivalents import written

    document = ls.client_capabilities.text_document
    asked = document.completion.completion_item if document and document.completion else None
    snippet = bool(asked and asked.snippet_support) and not found.is_name
    code = written(found, scout.aliases, snippet=snippet)
    is_class = label.rpartition(".")[2][:1].isupper()
    return types.CompletionItem(
        label=label,
        kind=types.CompletionItemKind.Class if is_class else types.CompletionItemKind.Function,
        detail=f"→ {written(found, scout.aliases, snippet=False).text}",
        filter_text=label,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(place, code.text),
        additional_text_edits=_imports(scout, lines, code.imports),
        data={"name": found.name},
    )


def _imports(scout: Scout, lines: Lines, statements: Iterable[str]) -> list[types.TextEdit] | None:
    place = lines.position(scout.last_import + 1, 0)
    newline = lines.index.newline(1)
    return [types.TextEdit(types.Range(place, place), f"{statement}{newline}") for statement in statements] or None


def _without(text: str, start: int, line: str) -> str:
    """The text without the line that is being typed, which seldom parses: the same for every key on that line."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{text[:start]}{indent}pass{text[start + len(line) :]}"


def _is_code(text: str, offset: int, before: str) -> bool:
    """Whether a place on a line, after ``before``, is neither in a string nor in a comment nor in an import."""
    if before.lstrip().startswith(("import ", "from ")):
        return False
    if text.count('"""', 0, offset) % 2 or text.count("'''", 0, offset) % 2:
        return False
    place, quote = 0, ""
    while place < len(before):
        if not quote and before[place] == "#":
            return False
        found = _STRING.match(before, place)
        if before[place] == "\\":
            place += 2
            continue
        if found and (not quote or found[0] == quote):
            quote = "" if quote else found[0]
            place = found.end()
            continue
        place += 1
    return not quote


def _is_bound(text: str, name: str) -> bool:
    """Whether a file may bind a name itself: as a variable, a parameter, or by an import of something else."""
    binding = rf"\bas {name}\b|\bimport [^\n#]*\b{name}\b|(?<![\w.]){name}\s*(?:=(?!=)|:(?!\s*\n)|,|\))"
    return re.search(binding, text) is not None


async def resolve(ls: DiptychServer, item: types.CompletionItem) -> types.CompletionItem:
    """Add the card of the rule."""
    name = item.data.get("name") if isinstance(item.data, dict) else None
    if isinstance(name, str):
        card = await ls.analysis.once(("card", name, None, None, None), lambda: card_text(name, None, None))
        if card is not None:
            item.documentation = types.MarkupContent(types.MarkupKind.Markdown, card)
    return item
