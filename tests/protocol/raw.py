"""A client that speaks the protocol byte by byte: for what a well-behaved client never does."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from typing import Any

COMMAND = [sys.executable, "-m", "diptych", "lsp"]


class RawClient:
    """A server process and its messages."""

    def __init__(self, command: list[str] | None = None, **options: Any) -> None:
        self.process = subprocess.Popen(
            command or COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.seen: list[dict[str, Any]] = []
        self.last_id = 0
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._drain, daemon=True).start()
        self.errors = b""
        self.options = options
        self.answers: dict[str, Any] = {}  # to what the server asks, by method

    def _drain(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.errors += line

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream
        while True:
            length = 0
            while (header := stream.readline()) not in (b"", b"\r\n"):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if header == b"":
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send_bytes(self, body: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any = None) -> None:
        self.send_bytes(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: Any = None) -> int:
        self.last_id += 1
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        self.send_bytes(json.dumps(message).encode())
        return self.last_id

    def wait(self, identifier: int, timeout: float = 120) -> dict[str, Any]:
        """The answer to a request; other messages are kept in ``seen``."""
        return self.until(lambda message: message.get("id") == identifier and "method" not in message, timeout)

    def until(self, wanted: Any, timeout: float = 120) -> dict[str, Any]:
        end = time.monotonic() + timeout
        while True:
            message = self.messages.get(timeout=max(0.01, end - time.monotonic()))
            assert message is not None, f"the server ended: {self.errors.decode()}"
            if "method" in message and "id" in message:
                result = self.answers.get(message["method"])
                result = result(message["params"]) if callable(result) else result
                self.send_bytes(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())
            if wanted(message):
                return message
            self.seen.append(message)

    def request(self, method: str, params: Any = None, timeout: float = 120) -> dict[str, Any]:
        return self.wait(self.ask(method, params), timeout)

    def initialize(self, folders: list[str] | None = None, **capabilities: Any) -> dict[str, Any]:
        known = {"window": {"workDoneProgress": True}, "general": {"positionEncodings": ["utf-16"]}}
        answer = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "capabilities": known | capabilities,
                "initializationOptions": self.options,
                "workspaceFolders": [{"uri": uri, "name": uri.rpartition("/")[2]} for uri in folders or ()],
            },
        )
        self.notify("initialized", {})
        return answer

    def open(self, uri: str, text: str, version: int = 1) -> None:
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "python", "version": version, "text": text}},
        )

    def change(self, uri: str, version: int, *changes: dict[str, Any]) -> None:
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)},
        )

    def end(self, timeout: float = 60) -> int:
        """The exit code."""
        return self.process.wait(timeout)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
