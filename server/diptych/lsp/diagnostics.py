"""``textDocument/publishDiagnostics``: findings of the checks at once, what conversion leaves over after a pause in typing."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from diptych.lsp.carrying import carried
from diptych.lsp.positions import Lines

if TYPE_CHECKING:
    from diptych.checks.finding import Finding
    from diptych.conversion.result import Conversion, Leftover
    from diptych.lsp.server import DiptychServer

logger = logging.getLogger(__name__)

SOURCE = "diptych"
PAUSE = 0.2  # seconds without a key before the file is converted again

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
}
TAGS = {"deprecated": types.DiagnosticTag.Deprecated, "unnecessary": types.DiagnosticTag.Unnecessary}


class Publisher:
    """Keeps one task for each open document; a new text ends the task for the old one."""

    def __init__(self, server: DiptychServer) -> None:
        self.server = server
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.leftovers: dict[str, tuple[str, tuple[Leftover, ...]]] = {}

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
        self.leftovers.pop(uri, None)
        self._send(uri, None, [])

    def _done(self, uri: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get(uri) is task:
            del self.tasks[uri]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("The diagnostics of %s failed", uri, exc_info=error)

    async def _publish(self, uri: str, pause: float) -> None:
        document = self.server.document(uri)
        text, version = document.source, document.version
        lines = document.index
        findings = [finding_diagnostic(finding, lines) for finding in await self.server.analysis.findings(text)]
        before, leftovers = self.leftovers.get(uri, (text, ()))
        moved = carried(before, text, leftovers)
        self._send(uri, version, findings + [leftover_diagnostic(item, lines) for item in moved])
        if pause:
            await asyncio.sleep(pause)
        try:
            conversion = await self.server.analysis.conversion(text)
        except ValueError as error:
            if not _is_parse_error(error):
                raise
            return  # what was known stays, moved along, until the text parses again
        self.leftovers[uri] = (text, conversion.leftovers)
        if conversion.leftovers != tuple(moved):
            self._send(uri, version, findings + [leftover_diagnostic(item, lines) for item in conversion.leftovers])

    def _send(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))


def register(server: DiptychServer) -> None:
    """Publish on open and change, take away on close."""
    publisher = Publisher(server)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: DiptychServer, params: types.DidOpenTextDocumentParams) -> None:
        publisher.refresh(params.text_document.uri, pause=0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: DiptychServer, params: types.DidChangeTextDocumentParams) -> None:
        publisher.refresh(params.text_document.uri, pause=PAUSE)

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


def _is_parse_error(error: ValueError) -> bool:
    from diptych.conversion import ParseError

    return isinstance(error, ParseError)
