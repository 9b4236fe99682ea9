"""Open documents whose lines and edits agree with the editor's.

pygls 2.1 splits lines wherever ``str.splitlines`` does, form feeds included, and cuts one character off an edit that
names a column beyond the end of the last line; after either, every later edit damages the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.workspace import TextDocument, Workspace

from diptych.lsp.messages import REQUEST_FAILED
from diptych.lsp.positions import Lines
from diptych.text.lines import split_lines


class Document(TextDocument):
    """A text document with lines as the protocol defines them."""

    _index: Lines | None = None

    @property
    def index(self) -> Lines:
        """The places of the current text, computed once for each text."""
        source = self.source
        if self._index is None or self._index.text is not source:
            self._index = Lines(source)
        return self._index

    @property
    def source(self) -> str:
        """The text. Raises ``JsonRpcException`` for a document that is not open and no file either."""
        try:
            return super().source
        except (OSError, ValueError) as error:
            message = f"{self.uri} is not open and cannot be read as a file."
            raise JsonRpcException(message, code=REQUEST_FAILED) from error

    @property
    def lines(self) -> Sequence[str]:
        """The lines, each with its line end."""
        return split_lines(self.source)

    def _apply_incremental_change(self, change: types.TextDocumentContentChangePartial) -> None:
        index = self.index
        start, end = index.offset(change.range.start), index.offset(change.range.end)
        self._source = index.text[:start] + change.text + index.text[max(start, end) :]


class Documents(Workspace):
    """The workspace, with ``Document`` for its documents."""

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Document:
        return Document(
            doc_uri,
            source=source,
            version=version,
            language_id=language_id,
            sync_kind=self._sync_kind,
            position_codec=self.position_codec,
        )

    def get_text_document(self, doc_uri: str) -> Document:
        """The open document, else one that reads the file."""
        document = super().get_text_document(doc_uri)
        assert isinstance(document, Document)
        return document
