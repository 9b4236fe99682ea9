"""An editor with one document of its own in a server that several tests share."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from lsprotocol import types
from pytest_lsp import LanguageClient

NUMBERS = itertools.count(1)


@dataclass
class Editor:
    """A client and the address of the test's document."""

    client: LanguageClient
    uri: str = field(default_factory=lambda: f"file:///nowhere/model{next(NUMBERS)}.py")

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)
