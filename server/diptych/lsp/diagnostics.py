"""``textDocument/publishDiagnostics``: findings at once, conversion's leftovers after a pause in typing.

An editor that asks for diagnostics instead of taking them (``pull_diagnostics.py``) is sent none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import attrs
from lsprotocol import types

from diptych.lsp.analysis import as_parse_error
from diptych.lsp.carrying import carried
from diptych.lsp.notebooks import Cell, CellLines, Joined
from diptych.lsp.positions import Lines

if TYPE_CHECKING:
    from diptych.catalog.user_rules import Problem
    from diptych.checks.finding import Finding
    from diptych.conversion.result import Leftover
    from diptych.lsp.server import DiptychServer
    from diptych.syntax.source import ParseError
    from diptych.verification.divergence import Divergence

logger = logging.getLogger(__name__)

SOURCE = "diptych"
PAUSE = 0.2  # seconds without a key before the file is converted again

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
}
SEARCHES = {
    "torch": "https://docs.pytorch.org/docs/stable/search.html?q=",
    "tf": "https://www.tensorflow.org/s/results?q=",
    "keras": "https://keras.io/search.html?query=",
}
TAGS = {"deprecated": types.DiagnosticTag.Deprecated, "unnecessary": types.DiagnosticTag.Unnecessary}


@dataclass(frozen=True)
class Known:
    """What was found in the last text of a document that parsed."""

    text: str
    findings: tuple[Finding, ...] = ()
    leftovers: tuple[Leftover, ...] = ()


class Publisher:
    """Keeps one task for each open document; a new text ends the task for the old one."""

    def __init__(self, server: DiptychServer) -> None:
        self.server = server
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.known: dict[str, Known] = {}
        self.sent: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self.parted: dict[str, dict[str, types.Diagnostic | None]] = {}
        self.problems: dict[str, list[types.Diagnostic]] = {}  # in files of rules
        self.pulled = False  # whether the editor asks instead of being told

    def shown(self, uri: str) -> list[types.Diagnostic]:
        """What is known of a document now."""
        _, diagnostics = self.sent.get(uri, (None, []))
        parted = filter(None, self.parted.get(uri, {}).values())
        return [*diagnostics, *parted, *self.problems.get(uri, ())]

    def is_left_over(self, uri: str, line: int) -> bool:
        """Whether something on a line of a document is known to be left over."""
        notebook = self.server.workspace.get_notebook_document(cell_uri=uri)
        known = self.known.get(notebook.uri if notebook is not None else uri)
        return known is not None and any(
            item.severity == "error" and item.line <= line <= item.end_line for item in known.leftovers
        )

    async def settled(self, uri: str) -> None:
        """Wait until all is known of the text that a document has now."""
        if uri not in self.tasks:
            return
        self.refresh(uri, pause=0)
        await asyncio.wait([self.tasks[uri]])

    def refresh(self, uri: str, pause: float) -> None:
        """Compute and publish the diagnostics of a document."""
        self.stop(uri)
        task = asyncio.get_running_loop().create_task(self._publish(uri, pause))
        self.tasks[uri] = task
        task.add_done_callback(lambda done: self._done(uri, done))

    def stop(self, uri: str) -> None:
        """End the task of a document."""
        task = self.tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    def forget(self, uri: str) -> None:
        """Take a closed document's diagnostics away."""
        self.stop(uri)
        self.known.pop(uri, None)
        self.parted.pop(uri, None)
        self.sent.pop(uri, None)
        self.clear(uri)

    def clear(self, uri: str) -> None:
        """Show nothing at a document or cell."""
        if not self.pulled:
            self._tell(uri, [], None)

    def edited(self, uri: str) -> None:
        """A new text: where the old one parted from its twin says nothing of it."""
        self.parted.pop(uri, None)
        self.refresh(uri, pause=PAUSE)

    def show_parted(self, uri: str, found: dict[str, types.Diagnostic | None]) -> None:
        """Add to an open document's diagnostics where a verification saw its entries part from their twins, if they
        did.
        """
        if uri in self.sent:
            self.parted.setdefault(uri, {}).update(found)
            self._send(uri, *self.sent[uri])

    def show_problems(self, project: Path, problems: Sequence[Problem]) -> None:
        """Show what is wrong with the rules of a project, in their files; what was shown of its other files goes."""
        own = project.as_uri() + "/"
        found: dict[str, list[types.Diagnostic]] = {uri: [] for uri in self.problems if uri.startswith(own)}
        for problem in problems:
            place = types.Range(types.Position(problem.line - 1, 0), types.Position(problem.line - 1, 999))
            diagnostic = types.Diagnostic(place, problem.text, types.DiagnosticSeverity.Error, "rule", source=SOURCE)
            found.setdefault(problem.path.as_uri(), []).append(diagnostic)
        changed = [uri for uri, diagnostics in found.items() if self.problems.get(uri) != diagnostics]
        self.problems = {uri: diagnostics for uri, diagnostics in (self.problems | found).items() if diagnostics}
        for uri in changed if not self.pulled else ():
            self._tell(uri, self.shown(uri), None)

    def _done(self, uri: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get(uri) is task:
            del self.tasks[uri]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("The diagnostics of %s failed", uri, exc_info=error)

    async def _publish(self, uri: str, pause: float) -> None:
        source = self.server.source(uri)
        text, version, lines = source.text, source.version, source.lines
        known = self.known.get(uri) or Known(text)
        leftovers = carried(known.text, text, known.leftovers)
        try:
            findings = await self.server.findings(uri, text)
        except Exception as error:
            parse_error = as_parse_error(error)
            if parse_error is None:
                raise
            # What was known stays, moved along, until the text parses again.
            remarks = [finding_diagnostic(item, lines) for item in carried(known.text, text, known.findings)]
            remarks += [leftover_diagnostic(item, lines) for item in leftovers]
            self._send(uri, version, [*remarks, parse_error_diagnostic(parse_error, lines)])
            return
        remarks = [finding_diagnostic(item, lines) for item in findings]
        self._send(uri, version, remarks + [leftover_diagnostic(item, lines) for item in leftovers])
        self.server.analysis.foresee(text)
        self.known[uri] = Known(text, tuple(findings), tuple(leftovers))
        await asyncio.sleep(pause)
        try:
            conversion = await self.server.analysis.conversion(text, rules=await self.server.rules(uri))
        except Exception as error:
            parse_error = as_parse_error(error)
            if parse_error is None:
                raise
            from diptych.checks import mentions_framework

            if mentions_framework(text):
                remarks += [leftover_diagnostic(item, lines) for item in leftovers]
                self._send(uri, version, [*remarks, parse_error_diagnostic(parse_error, lines)])
            return
        self.known[uri] = Known(text, tuple(findings), conversion.leftovers)
        if conversion.leftovers != tuple(leftovers):
            self._send(uri, version, remarks + [leftover_diagnostic(item, lines) for item in conversion.leftovers])

    def _send(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.sent[uri] = version, diagnostics
        if self.pulled:
            return
        joined = self.server.notebook(uri)
        if joined is None:
            self._tell(uri, self.shown(uri), version)
            return
        for cell in joined.cells:
            self._tell(cell.uri, of_cell(joined, cell, self.shown(uri)), None)

    def _tell(self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))


def of_cell(joined: Joined, cell: Cell, diagnostics: Sequence[types.Diagnostic]) -> list[types.Diagnostic]:
    """Those diagnostics of a notebook that stand in one cell, in the cell's own lines."""
    lines = CellLines(joined, cell)
    found = []
    for item in diagnostics:
        start, end = item.range.start, item.range.end
        if cell.down <= start.line < cell.down + cell.height:
            last = min(end.line, cell.down + cell.height - 1)
            moved = types.Range(
                types.Position(start.line - cell.down, start.character),
                types.Position(last - cell.down, end.character if last == end.line else 0),
            )
            found.append(attrs.evolve(item, range=moved))
    if cell.error is not None:
        error = cell.error
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        found.append(_unread(error.msg, lines.own.range(line, column, line, column + 1)))
    return found


def register(server: DiptychServer) -> None:
    """Publish on open and change, take away on close."""
    publisher = server.publisher = Publisher(server)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: DiptychServer, params: types.DidOpenTextDocumentParams) -> None:
        publisher.refresh(params.text_document.uri, pause=0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: DiptychServer, params: types.DidChangeTextDocumentParams) -> None:
        publisher.edited(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: DiptychServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.forget(params.text_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def notebook_did_open(ls: DiptychServer, params: types.DidOpenNotebookDocumentParams) -> None:
        publisher.refresh(params.notebook_document.uri, pause=0)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def notebook_did_change(ls: DiptychServer, params: types.DidChangeNotebookDocumentParams) -> None:
        structure = params.change.cells.structure if params.change.cells else None
        for cell in (structure.did_close if structure else None) or ():
            publisher.clear(cell.uri)
        publisher.edited(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def notebook_did_close(ls: DiptychServer, params: types.DidCloseNotebookDocumentParams) -> None:
        ls.forget(params.notebook_document.uri)
        for cell in params.cell_text_documents:
            ls.forget(cell.uri)


def finding_diagnostic(finding: Finding, lines: Lines) -> types.Diagnostic:
    """A finding of a check as the protocol has it."""
    return types.Diagnostic(
        range=lines.range(finding.line, finding.column, finding.end_line, finding.end_column),
        message=finding.message,
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(finding.url) if finding.url else None,
        source=SOURCE,
        tags=[TAGS[tag] for tag in finding.tags] or None,
    )


def leftover_diagnostic(leftover: Leftover, lines: Lines) -> types.Diagnostic:
    """A leftover as information, an assumption as a hint: the code is not wrong, its twin is incomplete."""
    missing = leftover.severity == "error"
    return types.Diagnostic(
        range=lines.range(leftover.line, leftover.column, leftover.end_line, leftover.end_column),
        message=f"{'Not converted' if missing else 'Assumed'}: {leftover.api}: {leftover.reason}",
        severity=types.DiagnosticSeverity.Information if missing else types.DiagnosticSeverity.Hint,
        code="not-converted" if missing else "assumption",
        code_description=_documentation(leftover.api),
        source=SOURCE,
    )


def _documentation(api: str) -> types.CodeDescription | None:
    """Where to read of a framework's name; ``None`` for what is none. Not every name has a page, so it is searched."""
    root = api.partition(".")[0]
    return types.CodeDescription(SEARCHES[root] + quote(api)) if root in SEARCHES and root != api else None


def parse_error_diagnostic(error: ParseError, lines: Lines) -> types.Diagnostic:
    """Where reading stopped."""
    return _unread(error.message, lines.range(error.line, error.column, error.line, error.column + 1))


def _unread(why: str, place: types.Range) -> types.Diagnostic:
    """Information only: whoever runs Python's own tools sees the error already."""
    return types.Diagnostic(
        range=place,
        message=f"Not read beyond here, because {why}",
        severity=types.DiagnosticSeverity.Information,
        code="syntax",
        source=SOURCE,
    )


def divergence_diagnostic(divergence: Divergence, entry: str, lines: Lines) -> types.Diagnostic | None:
    """The line of the source on which it first parts from its twin."""
    place = divergence.source
    if place is None:
        return None
    text = lines.index.line(place.line)
    return types.Diagnostic(
        range=lines.range(place.line, len(text) - len(text.lstrip()), place.line, len(text.rstrip())),
        message="\n".join([f"{entry} differs from its twin, first here", *divergence.lines()]),
        severity=types.DiagnosticSeverity.Warning,
        code="divergence",
        source=SOURCE,
    )
