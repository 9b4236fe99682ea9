"""The server looks for garbage while nobody waits, and only then."""

from __future__ import annotations

import asyncio
import threading

import pytest

from diptych.lsp import garbage
from diptych.lsp.analysis import Analysis


def test_garbage_is_not_looked_for_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    monkeypatch.setattr(garbage, "IDLE", 0.05)
    monkeypatch.setattr(garbage, "WORTH", -1)
    analysis, goes_on = Analysis(), threading.Event()
    monkeypatch.setattr(garbage.gc, "collect", lambda: looks.append("long" if not goes_on.is_set() else "idle"))

    async def work() -> None:
        long = asyncio.ensure_future(analysis.once(("long",), goes_on.wait))
        await analysis.once(("short",), lambda: None)  # its end is no reason to look while the other goes on
        await asyncio.sleep(0.2)
        before = list(looks)
        goes_on.set()
        await long
        assert before == []
        await asyncio.sleep(0.2)
        assert looks == ["idle"]

    asyncio.run(work())
