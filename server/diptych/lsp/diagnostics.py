"""``textDocument/publishDiagnostics``: findings at once, conversion's leftovers after a pause in typing."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.analysis import as_parse_error
from diptych.lsp.carrying import carried
from diptych.lsp.positions import Lines

if TYPE_CHECKING:
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
        self._send(uri, None, [])
        self.sent.pop(uri, None)

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

    def _done(self, uri: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get(uri) is task:
            del self.tasks[uri]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("The diagnostics of %s failed", uri, exc_info=error)

    async def _publish(self, uri: str, pause: float) -> None:
        document = self.server.document(uri)
        text, version, lines = document.source, document.version, document.index
        known = self.known.get(uri) or Known(text)
        leftovers = carried(known.text, text, known.leftovers)
        try:
            findings = await self.server.analysis.findings(text)
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
        self.known[uri] = Known(text, tuple(findings), tuple(leftovers))
        await asyncio.sleep(pause)
        conversion = await self.server.analysis.conversion(text)
        self.known[uri] = Known(text, tuple(findings), conversion.leftovers)
        if conversion.leftovers != tuple(leftovers):
            self._send(uri, version, remarks + [leftover_diagnostic(item, lines) for item in conversion.leftovers])

    def _send(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.sent[uri] = version, diagnostics
        shown = [*diagnostics, *filter(None, self.parted.get(uri, {}).values())]
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, version))


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
        publisher.forget(params.text_document.uri)


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
        source=SOURCE,
    )


def parse_error_diagnostic(error: ParseError, lines: Lines) -> types.Diagnostic:
    """Where reading stopped. Information only: whoever runs Python's own tools sees the error already."""
    return types.Diagnostic(
        range=lines.range(error.line, error.column, error.line, error.column + 1),
        message=f"Not read beyond here, because {error.message}",
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
