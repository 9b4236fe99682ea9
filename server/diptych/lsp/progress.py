"""Work-done progress for whatever takes longer than a moment: under the editor's token, else under one of our own."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer

DELAY = 0.2  # seconds that pass without anything being shown


@contextlib.asynccontextmanager
async def reported(ls: DiptychServer, title: str, token: int | str | None) -> AsyncIterator[None]:
    """Show progress while the block runs, from ``DELAY`` on. Whoever cancels the progress cancels the request."""
    showing = asyncio.create_task(_show(ls, title, token, asyncio.current_task()))
    try:
        yield
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError, JsonRpcException):
            await showing


async def _show(ls: DiptychServer, title: str, token: int | str | None, task: asyncio.Task[Any] | None) -> None:
    await asyncio.sleep(DELAY)
    progress = ls.work_done_progress
    if token is None:
        window = ls.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token = f"diptych-{uuid.uuid4()}"
        await progress.create_async(token)
    progress.begin(token, types.WorkDoneProgressBegin(title, cancellable=True))

    def cancelled(future: Future[Any]) -> None:
        if future.cancelled() and task is not None:
            task.cancel()

    progress.tokens[token].add_done_callback(cancelled)
    try:
        await asyncio.Event().wait()
    finally:
        progress.end(token, types.WorkDoneProgressEnd())
        progress.tokens.pop(token, None)
