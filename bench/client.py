"""A language client that measures: JSON-RPC over a process's standard streams, one request at a time."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any


class Client:
    """A server process. ``request`` and ``wait_for`` read until the answer or notification comes; a server that is
    silent for longer than ``patience`` seconds is ended.
    """

    def __init__(self, command: list[str], patience: float = 600) -> None:
        self.patience = patience
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._last = 0
        self.deadline = time.monotonic() + patience
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while self.process.poll() is None and time.monotonic() < self.deadline:
            time.sleep(1)
        self.process.kill()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    def initialize(self, folder: str | None = None) -> float:
        """Seconds from the start of the process to the answer of ``initialize``."""
        capabilities = {"textDocument": {"publishDiagnostics": {"versionSupport": True}, "hover": {}, "codeAction": {}}}
        workspace = [{"uri": folder, "name": "bench"}] if folder else None
        params = {"processId": None, "rootUri": folder, "capabilities": capabilities, "workspaceFolders": workspace}
        self.request("initialize", params)
        seconds = time.perf_counter() - self.started
        self.notify("initialized", {})
        return seconds

    def request(self, method: str, params: Any) -> Any:
        """The result of a request. Raises ``RuntimeError`` where the server answers with an error or ends."""
        self._last += 1
        wanted = self._last
        self._send({"jsonrpc": "2.0", "id": wanted, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == wanted and "method" not in message:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error'].get('message')}")
                return message.get("result")

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request, or ``None`` where the server does not offer it."""
        try:
            return self.request(method, params)
        except RuntimeError:
            if self.process.poll() is not None:
                raise
            return None

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def wait_for_diagnostics(self, version: int) -> None:
        """Read until diagnostics of this version of a document are published; some servers name no version."""
        while True:
            message = self._read()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"].get("version") in (
                version,
                None,
            ):
                return

    def memory(self) -> float:
        """Resident memory of the server and the processes that it started, in MiB."""
        return sum(_resident(pid) for pid in _family(self.process.pid))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream is not None
        self.deadline = time.monotonic() + self.patience
        message = self._next(stream)
        if "method" in message and "id" in message:  # the server asks: nothing is known here
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message

    def _next(self, stream: IO[bytes]) -> dict[str, Any]:
        length = 0
        while (header := stream.readline()) != b"\r\n":
            if not header:
                raise RuntimeError("the server has ended")
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(stream.read(length))


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [each for child in tasks.read_text().split() for each in _family(int(child))]
    return found


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not tell the memory of a process")
