from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from raw import RawClient

from editor import Editor


@pytest.fixture
def raw() -> Iterator[RawClient]:
    """A server that has been initialized."""
    client = RawClient()
    client.initialize()
    yield client
    client.close()


@pytest.fixture
def slow() -> Iterator[RawClient]:
    """A server whose verifications last until they are cancelled, with one document open."""
    client = RawClient([sys.executable, str(Path(__file__).parent / "slow_server.py")])
    client.initialize()
    client.open("file:///nowhere/model.py", "import torch\n\n\ndef f():\n    return torch.ones(2)\n")
    yield client
    client.close()


@pytest_lsp.fixture(
    config=ClientServerConfig(server_command=[sys.executable, "-m", "diptych", "lsp"]),
    scope="module",
    loop_scope="module",
)
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    """An editor's connection to a server, through its whole life."""
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    parameters = types.InitializeParams(
        capabilities=client_capabilities("visual-studio-code"), process_id=os.getpid(), root_uri=None
    )
    result = await lsp_client.initialize_session(parameters)
    assert result.server_info is not None and result.server_info.name == "diptych"
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    """An editor with a document that no other test touches."""
    return Editor(client)
