"""Standby workers are shared by all tests here and end with them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from diptych.verification import shutdown

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def workers():
    yield
    shutdown()
