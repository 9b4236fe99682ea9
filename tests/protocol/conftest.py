from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw import RawClient


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
