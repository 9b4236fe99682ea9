"""Repairs of pygls 2.1: each has a test in ``tests/protocol`` that shows the protocol's own rule kept."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Generator
from contextlib import suppress
from threading import Event, Thread
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest
from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.server import LanguageServer
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import RPCRequest

from diptych.lsp.documents import Documents
from diptych.lsp.messages import METHODS, CustomRequest

logger = logging.getLogger(__name__)
CHUNK = 2**16  # bytes taken at once of what comes in
LONGEST_LINE = 2**30  # bytes of a header that are waited for


class Protocol(LanguageServerProtocol):
    """The protocol's state machine with its gaps closed."""

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Answer ``initialize`` and keep the documents in our own class, which counts lines as the editor does.

        Columns are counted in UTF-16 units with every editor, as each must be able to; pygls would promise an editor
        that prefers UTF-8 to count bytes.
        """
        result = yield from super().lsp_initialize(params)
        result.capabilities.position_encoding = types.PositionEncodingKind.Utf16
        self._workspace = Documents(
            self.workspace.root_uri,
            self._server._text_document_sync_kind,
            params.workspace_folders or [],
            types.PositionEncodingKind.Utf16,
        )
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Cancel what is running and answer.

        pygls fails here with a request in flight, because its table changes while it goes through it.
        """
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        own = self.msg_id
        for identifier, future in list(self._request_futures.items()):
            if identifier != own and not future.done():
                future.cancel()
        self._shutdown = True

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Decode a message.

        A request that does not decode is answered at once; pygls leaves its sender waiting forever.
        """
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" not in data or "id" not in data:
                raise
            self._send_response(data["id"], error=error.to_response_error())
            return JsonRPCNotification(method="$/undecodable", jsonrpc="2.0", params=None)

    def get_message_type(  # pyright: ignore[reportIncompatibleVariableOverride]
        self, method: str
    ) -> type[Any] | None:
        """The type of a message; our own requests arrive with their parameters as plain values."""
        return CustomRequest if method in METHODS else super().get_message_type(method)

    def handle_message(self, message: Any) -> None:
        """Handle a message. After ``shutdown`` requests are refused, where pygls leaves them without an answer."""
        if self._shutdown and isinstance(message, RPCRequest) and message.method != types.EXIT:
            error = JsonRpcInvalidRequest("The server is shutting down.")
            self._send_response(message.id, error=error.to_response_error())
            return
        super().handle_message(message)


class Server(LanguageServer):
    """A language server whose reader has a thread of its own and whose exit code tells the truth."""

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log; pygls would open a message box in the editor for each malformed notification."""
        logger.error("%s: %s", getattr(source, "__name__", source), error)

    def run(self, stdin: BinaryIO, stdout: BinaryIO) -> int:
        """Serve until ``exit`` or the end of input; return the exit code: 0 only after ``shutdown``.

        pygls reads in the pool that runs threaded handlers, so that a few busy ones make it deaf, and its exit
        code is always 0.
        """
        self._stop_event = Event()
        self.protocol.set_writer(StdoutWriter(stdout))
        try:
            asyncio.run(self._serve(stdin))
        except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError):
            logger.error("The editor went away.")
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            self.shutdown()
            sys.stderr.flush()
        return 0 if self.protocol._shutdown else 1

    async def _serve(self, stdin: BinaryIO) -> None:
        assert self._stop_event is not None
        await run_async(
            stop_event=self._stop_event,
            reader=incoming(stdin),
            protocol=self.protocol,
            logger=logger,
            error_handler=self._report_server_error,
        )


def incoming(stdin: BinaryIO) -> asyncio.StreamReader:
    """What comes in, read by a thread as it comes.

    pygls has each line and each body of a message read by a thread, and waits for that. Going there and back takes
    longer than most answers, and far longer while a thread converts.
    """
    loop = asyncio.get_running_loop()
    stream = asyncio.StreamReader(LONGEST_LINE)

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended
            while data := _next(stdin):
                loop.call_soon_threadsafe(stream.feed_data, data)
            loop.call_soon_threadsafe(stream.feed_eof)

    Thread(target=read, name="stdin", daemon=True).start()
    return stream


def _next(stdin: BinaryIO) -> bytes:
    """What has come in since, at least a byte; nothing at the end."""
    try:
        return stdin.read1(CHUNK)  # type: ignore[attr-defined,no-any-return]
    except (OSError, ValueError):  # closed
        return b""
