"""``textDocument/codeAction``: fixes of the checks, and conversion of a call, a selection or a definition.

Conversions are offered without computing them; ``codeAction/resolve`` computes the one that was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from diptych.lsp.analysis import as_parse_error
from diptych.lsp.convert import REQUEST_FAILED, located, part_of
from diptych.lsp.diagnostics import finding_diagnostic
from diptych.lsp.positions import Lines

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer
    from diptych.syntax.source import Span

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
REWRITE = types.CodeActionKind.RefactorRewrite
QUICK_FIX = types.CodeActionKind.QuickFix


def register(server: DiptychServer) -> None:
    """Offer code actions, resolved when chosen."""
    options = types.CodeActionOptions([QUICK_FIX, REWRITE], resolve_provider=True)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)
    server.feature(types.CODE_ACTION_RESOLVE)(resolve)


async def code_action(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The fixes and conversions that make sense at a range."""
    only = params.context.only
    found: list[types.CodeAction] = []
    try:
        if _wanted(QUICK_FIX, only):
            found += await _fixes(ls, params)
        if _wanted(REWRITE, only):
            found += await _rewrites(ls, params)
    except ValueError as error:
        if as_parse_error(error) is None:
            raise
        return []  # what does not parse is said by a diagnostic
    return found


def _wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a kind is asked for: itself, or a kind above it (``refactor`` asks for ``refactor.rewrite``)."""
    return only is None or any(asked == "" or kind == asked or kind.startswith(f"{asked}.") for asked in only)


async def _fixes(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    text, lines = ls.text(uri), ls.lines(uri)
    first, last = params.range.start, params.range.end
    actions = []
    for finding in await ls.analysis.findings(text):
        diagnostic = finding_diagnostic(finding, lines)
        if finding.fix is None or _key(diagnostic.range.end) < _key(first) or _key(last) < _key(diagnostic.range.start):
            continue
        edits = [
            types.TextEdit(lines.range(edit.line, edit.column, edit.end_line, edit.end_column), edit.text)
            for edit in finding.fix.edits
        ]
        actions.append(
            types.CodeAction(
                title=finding.fix.title,
                kind=QUICK_FIX,
                diagnostics=[diagnostic],
                is_preferred=finding.fix.safety == "safe",
                edit=_workspace_edit(ls, uri, edits),
            )
        )
    return actions


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


async def _rewrites(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    text, lines = ls.text(uri), ls.lines(uri)
    scout = await ls.analysis.scout(text)
    framework = scout.framework()
    if framework is None:
        return []
    title = TITLES["tensorflow" if framework == "torch" else "torch"]
    first, column = lines.place(params.range.start)
    last, end = lines.place(params.range.end)
    data = {"uri": uri, "version": ls.document(uri).version}
    actions = []
    if (first, column) != (last, end):
        last -= end == 0
        where = {"what": "lines", "first": first, "last": last}
        actions.append(_offer(f"Convert selection to {title}", data | where))
        return actions
    call = scout.call_at(first, column)
    if call is not None and (not call.is_method or await ls.analysis.is_known_method(call.name)):
        span = call.span
        where = {"what": "call", "span": [span.line, span.column, span.end_line, span.end_column]}
        actions.append(_offer(f"Convert this call to {title}", data | where))
    definition = scout.definition_at(first)
    if definition is not None:
        where = {"what": "lines", "first": definition.first, "last": definition.last}
        actions.append(_offer(f"Convert `{definition.name}` to {title}", data | where))
    return actions


def _offer(title: str, data: dict[str, Any]) -> types.CodeAction:
    return types.CodeAction(title=title, kind=REWRITE, data=data)


async def resolve(ls: DiptychServer, action: types.CodeAction) -> types.CodeAction:
    """Compute the edit of a chosen conversion. Where nothing can be converted the request fails with the reason."""
    data = action.data
    if not isinstance(data, dict) or action.edit is not None:
        return action
    uri = data["uri"]
    if data["version"] != ls.document(uri).version:
        raise JsonRpcException("The file has changed since; ask again.", code=REQUEST_FAILED)
    edits = await (_call_edits(ls, uri, data) if data["what"] == "call" else _line_edits(ls, uri, data))
    action.edit = _workspace_edit(ls, uri, edits)
    return action


async def _call_edits(ls: DiptychServer, uri: str, data: dict[str, Any]) -> list[types.TextEdit]:
    text, lines = ls.text(uri), ls.lines(uri)
    await located(ls, text)
    from diptych.conversion.excerpt import needs
    from diptych.syntax.source import Span

    span = Span(*data["span"])
    rewritten = await ls.analysis.rewritten(text, span)
    if rewritten is None:
        conversion = await located(ls, text)
        reasons = [item.reason for item in conversion.leftovers if _holds(span, item.line, item.column)]
        raise JsonRpcException(f"Not converted: {reasons[0] if reasons else 'no rule knows it'}.", code=REQUEST_FAILED)
    conversion, code = rewritten
    start, end = lines.index.offset(span.line, span.column), lines.index.offset(span.end_line, span.end_column)
    needed = needs(conversion, text[start:end], code)
    if needed.bound:
        message = "This call needs a statement of its own before it: select the whole statement and convert that."
        raise JsonRpcException(message, code=REQUEST_FAILED)
    edit = types.TextEdit(lines.range(span.line, span.column, span.end_line, span.end_column), code)
    return [*await _preamble(ls, text, lines, needed.imports, needed.helpers), edit]


def _holds(span: Span, line: int, column: int) -> bool:
    return (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)


async def _line_edits(ls: DiptychServer, uri: str, data: dict[str, Any]) -> list[types.TextEdit]:
    text, lines = ls.text(uri), ls.lines(uri)
    part = part_of(await located(ls, text), data["first"], data["last"])
    end = types.Position(part.last, 0)
    if part.last >= len(lines.index):
        end = lines.position(part.last, len(lines.index.line(part.last)))
    edit = types.TextEdit(types.Range(types.Position(part.first - 1, 0), end), part.text)
    return [*await _preamble(ls, text, lines, part.imports, part.helpers), edit]


async def _preamble(
    ls: DiptychServer, text: str, lines: Lines, imports: Iterable[str], helpers: Iterable[str]
) -> list[types.TextEdit]:
    """The edit that adds imports and helpers after the imports of the file; none if nothing is needed."""
    newline = lines.index.newline(1)
    added = "".join(f"{statement}\n" for statement in imports)
    added += "".join(f"\n\n{definition}\n" for definition in helpers)
    if not added:
        return []
    scout = await ls.analysis.scout(text)
    after = scout.last_import
    place = (
        lines.position(after + 1, 0)
        if after < len(lines.index)
        else lines.position(after, len(lines.index.line(after)))
    )
    return [types.TextEdit(types.Range(place, place), added.replace("\r\n", "\n").replace("\n", newline))]


def _workspace_edit(ls: DiptychServer, uri: str, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
    """Edits of one document, tied to its version where the editor can check that."""
    workspace = ls.client_capabilities.workspace
    if workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes:
        document = types.OptionalVersionedTextDocumentIdentifier(uri, ls.document(uri).version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
    return types.WorkspaceEdit(changes={uri: edits})
