"""``diptych/verify``: run both sides of a document's entries, with progress, until done or cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from diptych.lsp.convert import located
from diptych.lsp.diagnostics import divergence_diagnostic
from diptych.lsp.messages import REQUEST_FAILED, VERIFY, VerifyParams, verify_params

if TYPE_CHECKING:
    from diptych.conversion.result import Conversion
    from diptych.lsp.server import DiptychServer
    from diptych.verification import Verdict


def register(server: DiptychServer) -> None:
    """Offer the request."""
    server.feature(VERIFY)(verify)


async def verify(ls: DiptychServer, values: dict[str, Any] | None) -> dict[str, Any]:
    """Answer with a verdict for each entry. Runs the code in other processes, and only in a trusted workspace."""
    params = verify_params(values)
    if ls.option("workspaceTrusted") is False:
        raise JsonRpcException("Verifying runs the code, so it needs a trusted workspace.", code=REQUEST_FAILED)
    conversion = await located(ls, params.uri, params.to, params.layout)
    if params.entry is not None and params.entry not in {entry.name for entry in conversion.entries}:
        raise JsonRpcException(f"There is no entry named {params.entry}.", code=REQUEST_FAILED)
    verdicts = await _in_thread(ls, params, conversion)
    ls.verdicts.remember(params.uri, conversion.source, verdicts)
    if ls.text(params.uri) == conversion.source:  # else its lines are no longer these
        notebook = ls.workspace.get_notebook_document(cell_uri=params.uri)
        whole = notebook.uri if notebook is not None else params.uri
        index = ls.lines(whole)
        ls.publisher.show_parted(
            whole, {v.entry: v.divergence and divergence_diagnostic(v.divergence, v.entry, index) for v in verdicts}
        )
    ls.refresh_views()
    lines = {entry.name: entry.line for entry in conversion.entries}
    return {"entries": [{**verdict.to_json(), "line": lines.get(verdict.entry, 1)} for verdict in verdicts]}


async def _in_thread(ls: DiptychServer, params: VerifyParams, conversion: Conversion) -> list[Verdict]:
    """Verify in a thread. Cancelling the request, or its progress, stops the processes that run the code."""
    loop, stopped = asyncio.get_running_loop(), threading.Event()
    report = _progress(ls, params.token, asyncio.current_task())

    def step(done: int, total: int, text: str) -> None:
        loop.call_soon_threadsafe(report, done, total, text)

    def work() -> list[Verdict]:
        from diptych.verification import verify as run

        entries = None if params.entry is None else [params.entry]
        options = replace(ls.verification_options(params.uri, params.device), trace=params.lines)
        return run(conversion, entries, options, step, stopped.is_set)

    future = ls.running[stopped] = ls.verifications.submit(work)
    future.add_done_callback(lambda done: ls.running.pop(stopped, None))
    try:
        return await asyncio.wrap_future(future)
    finally:
        stopped.set()
        if params.token is not None:
            ls.work_done_progress.end(params.token, types.WorkDoneProgressEnd())
            ls.work_done_progress.tokens.pop(params.token, None)


def _progress(ls: DiptychServer, token: int | str | None, task: asyncio.Task[Any] | None) -> Callable[..., None]:
    """Begin progress under the client's token and return what reports a step; without a token there is none."""
    if token is None:
        return lambda *step: None
    progress = ls.work_done_progress
    progress.begin(token, types.WorkDoneProgressBegin("Verifying", cancellable=True, percentage=0))

    def cancelled(future: Future[Any]) -> None:
        if future.cancelled() and task is not None:
            task.cancel()

    progress.tokens[token].add_done_callback(cancelled)

    def report(done: int, total: int, label: str) -> None:
        if token in progress.tokens:
            percentage = round(100 * done / max(total, 1))
            progress.report(token, types.WorkDoneProgressReport(message=label, percentage=percentage))

    return report
