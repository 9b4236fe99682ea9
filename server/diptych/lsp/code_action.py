"""``textDocument/codeAction``: fixes of the checks, one by one or all safe ones; inputs for verification; a rule for a
call that has none; and conversion of a call, a selection or a definition.

Conversions are offered without computing them; ``codeAction/resolve`` computes the one that was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from diptych.lsp import draft_rule, inputs_comment
from diptych.lsp.analysis import as_parse_error
from diptych.lsp.convert import located, part_of
from diptych.lsp.diagnostics import finding_diagnostic
from diptych.lsp.messages import REQUEST_FAILED
from diptych.lsp.positions import Lines
from diptych.text.edits import Edit, apply
from diptych.text.parsing import syntax_error

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer
    from diptych.syntax.source import Span

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
REWRITE = types.CodeActionKind.RefactorRewrite
QUICK_FIX = types.CodeActionKind.QuickFix
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.diptych"


def register(server: DiptychServer) -> None:
    """Offer code actions, resolved when chosen."""
    options = types.CodeActionOptions([QUICK_FIX, REWRITE, FIX_ALL], resolve_provider=True)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)
    server.feature(types.CODE_ACTION_RESOLVE)(resolve)


async def code_action(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The fixes and conversions that make sense at a range."""
    only = params.context.only
    found: list[types.CodeAction] = []
    try:
        if _wanted(QUICK_FIX, only):
            found += await _fixes(ls, params)
            found += await _inputs(ls, params)
            found += await _drafts(ls, params)
        if _wanted(FIX_ALL, only):
            found += await _fix_all(ls, params)
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
    first, last = lines.place(params.range.start), lines.place(params.range.end)
    actions = []
    for finding in await ls.findings(uri, text):
        if (finding.end_line, finding.end_column) < first or last < (finding.line, finding.column):
            continue
        if finding.fix is None or not _in_place(lines, finding.fix.edits):
            continue
        diagnostic = finding_diagnostic(finding, lines)
        edits = _text_edits(lines, finding.fix.edits)
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


def _in_place(lines: Lines, edits: Iterable[Edit]) -> bool:
    return all(lines.why_not(edit.line, edit.end_line) is None for edit in edits)


def _text_edits(lines: Lines, edits: Iterable[Edit]) -> list[types.TextEdit]:
    return [
        types.TextEdit(lines.range(edit.line, edit.column, edit.end_line, edit.end_column), edit.text) for edit in edits
    ]


async def _fix_all(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    findings = await ls.findings(uri, ls.text(uri))
    if not any(finding.fix is not None and finding.fix.safety == "safe" for finding in findings):
        return []
    data = {"uri": uri, "version": ls.document(uri).version, "what": "all"}
    return [types.CodeAction(title="Apply all safe fixes of Diptych", kind=FIX_ALL, data=data)]


async def _all_edits(ls: DiptychServer, uri: str, data: dict[str, Any]) -> list[types.TextEdit]:
    from diptych.checks.fixing import choose

    source = ls.source(uri)
    findings = await ls.findings(uri, source.text)
    _, edits = choose(item for item in findings if item.fix is not None and _in_place(source.lines, item.fix.edits))
    if syntax_error(apply(source.text, edits)) is not None:
        raise JsonRpcException("The result would not parse; apply the fixes one by one.", code=REQUEST_FAILED)
    return _text_edits(source.lines, edits)


async def _inputs(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    found = await inputs_comment.edit(ls, uri, params.range.start)
    if found is None:
        return []
    title, edit = found
    return [types.CodeAction(title=title, kind=QUICK_FIX, edit=_workspace_edit(ls, uri, [edit]))]


async def _drafts(ls: DiptychServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """A rule of one's own for a call that none knows, as a new file, where the editor can make one."""
    workspace = ls.client_capabilities.workspace
    can = workspace.workspace_edit if workspace else None
    if not (can and can.document_changes and types.ResourceOperationKind.Create in (can.resource_operations or ())):
        return []
    uri = params.text_document.uri
    if not ls.publisher.is_left_over(uri, ls.lines(uri).place(params.range.start)[0]):
        return []  # without waiting for a conversion
    draft = await draft_rule.at(ls, uri, params.range.start)
    if draft is None:
        return []
    start = types.Position(0, 0)
    document = types.OptionalVersionedTextDocumentIdentifier(draft.uri)
    changes = [
        types.CreateFile(draft.uri, options=types.CreateFileOptions(overwrite=False, ignore_if_exists=False)),
        types.TextDocumentEdit(document, [types.TextEdit(types.Range(start, start), draft.text)]),
    ]
    edit = types.WorkspaceEdit(document_changes=changes)
    return [types.CodeAction(title=f"Draft a rule for `{draft.api}`", kind=QUICK_FIX, edit=edit)]


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
    compute = {"call": _call_edits, "lines": _line_edits, "all": _all_edits}[data["what"]]
    edits = await compute(ls, uri, data)
    action.edit = _workspace_edit(ls, uri, edits)
    return action


async def _call_edits(ls: DiptychServer, uri: str, data: dict[str, Any]) -> list[types.TextEdit]:
    text, lines = ls.text(uri), ls.lines(uri)
    conversion = await located(ls, uri)
    from diptych.conversion.excerpt import needs
    from diptych.syntax.source import Span

    span = Span(*data["span"])
    _check_place(lines, span.line, span.end_line)
    rewritten = await ls.analysis.rewritten(text, span, await ls.rules(uri))
    if rewritten is None:
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


def _check_place(lines: Lines, first: int, last: int) -> None:
    why_not = lines.why_not(first, last)
    if why_not is not None:
        raise JsonRpcException(why_not, code=REQUEST_FAILED)


def _holds(span: Span, line: int, column: int) -> bool:
    return (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)


async def _line_edits(ls: DiptychServer, uri: str, data: dict[str, Any]) -> list[types.TextEdit]:
    text, lines = ls.text(uri), ls.lines(uri)
    _check_place(lines, data["first"], data["last"])
    part = part_of(await located(ls, uri), data["first"], data["last"])
    _check_place(lines, part.first, part.last)
    start, end = lines.position(part.first, 0), lines.position(part.last + 1, 0)
    new = part.text
    if end.character and new.endswith("\n"):  # the last line of a cell, which nothing ends
        new = new.removesuffix("\n").removesuffix("\r")
    edit = types.TextEdit(types.Range(start, end), new)
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
    place = lines.position(after + 1, 0)
    if place.character:  # the end of a last line that nothing ends
        added = f"\n{added}"
    return [types.TextEdit(types.Range(place, place), added.replace("\r\n", "\n").replace("\n", newline))]


def _workspace_edit(ls: DiptychServer, uri: str, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
    """Edits of one document, tied to its version where the editor can check that."""
    workspace = ls.client_capabilities.workspace
    if workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes:
        document = types.OptionalVersionedTextDocumentIdentifier(uri, ls.document(uri).version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
    return types.WorkspaceEdit(changes={uri: edits})
