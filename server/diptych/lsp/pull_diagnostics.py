"""``textDocument/diagnostic``: diagnostics for an editor that asks for them.

An editor is either told or asked, never both, since it would show everything twice. It is told wherever it can be:
findings then arrive without waiting for the conversion. ``initializationOptions.diagnostics`` = "pull" chooses asking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import converters, types

from diptych.lsp.diagnostics import of_cell

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer

OPTIONS = types.DiagnosticOptions(
    inter_file_dependencies=False, workspace_diagnostics=False, identifier="diptych", work_done_progress=False
)


def offer(ls: DiptychServer) -> None:
    """Offer the request before the editor is told what there is, if it wants to ask."""
    document = ls.client_capabilities.text_document
    can_ask = document is not None and document.diagnostic is not None
    can_be_told = document is not None and document.publish_diagnostics is not None
    if can_ask and (ls.option("diagnostics") == "pull" or not can_be_told):
        ls.publisher.pulled = True
        ls.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS)(diagnostic)


async def diagnostic(ls: DiptychServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """All diagnostics of a document or cell, or that they are the same as before."""
    uri = params.text_document.uri
    placed = ls.cell(uri)
    notebook = ls.workspace.get_notebook_document(cell_uri=uri) if placed else None
    whole = notebook.uri if notebook is not None else uri
    if whole not in ls.publisher.sent and whole not in ls.publisher.tasks:
        ls.source(whole)
        ls.publisher.refresh(whole, pause=0)  # a file that is not open
    await ls.publisher.settled(whole)
    found = ls.publisher.shown(whole)
    if placed is not None:
        found = of_cell(*placed, found)
    import hashlib  # OpenSSL, 3 MiB, which an editor that is told does without

    told = repr(converters.get_converter().unstructure(found))
    result = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    if params.previous_result_id == result:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result)
    return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=result)
