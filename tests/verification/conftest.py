"""Standby workers are shared by all tests here and end with them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from diptych.verification import shutdown

sys.path.insert(0, str(Path(__file__).parent))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a GPU, what needs one is skipped."""
    if shutil.which("nvidia-smi") is None:
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(scope="session", autouse=True)
def workers():
    yield
    shutdown()
