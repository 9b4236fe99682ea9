"""Children where a process that has imported a framework may not be forked (Windows, macOS): each is a fresh process,
and spare ones import the framework ahead of their use.

They are reached over the loopback interface, with a secret that the environment tells them, since descriptors cannot be
handed on everywhere.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diptych.verification.processes import Output, environment, kill_group, own_group
from diptych.worker.channel import Channel, Closed

SECRET_SIZE = 32
START_SECONDS = 180.0
WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"


class Fresh:
    """One process, importing its framework. Raises ``OSError`` where the interpreter cannot be started."""

    def __init__(self, interpreter: str, framework: str, device: str) -> None:
        self.secret = secrets.token_bytes(SECRET_SIZE)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.channel: Channel | None = None
        self.hello: dict[str, Any] | None = None
        port = self.server.getsockname()[1]
        try:
            self.process = subprocess.Popen(
                [interpreter, str(WORKER), framework, f"port:{port}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**environment(device), "DIPTYCH_SECRET": self.secret.hex()},
                bufsize=0,
                **own_group(),
            )
        except OSError:
            self.server.close()
            raise
        self.pid = self.process.pid
        self.output = Output(self.process.stdout)

    def greet(self, cancelled: Callable[[], bool]) -> dict[str, Any]:
        """Wait until the framework is imported: what the process says. Raises ``Closed`` or ``TimeoutError``."""
        if self.hello is not None:
            return self.hello
        deadline = time.monotonic() + START_SECONDS

        def check() -> None:
            if cancelled() or time.monotonic() > deadline:
                raise TimeoutError("cancelled" if cancelled() else f"no answer in {START_SECONDS:.0f} s")
            if self.process.poll() is not None:
                raise Closed(f"exit code {self.process.returncode}")

        sock = self._accepted(check)
        self.channel = Channel(sock)

        def wait(_: bool) -> None:
            while not select.select([sock], [], [], 0.1)[0]:
                check()

        self.hello = hello = self.channel.receive(wait)
        return hello

    def _accepted(self, check: Callable[[], None]) -> socket.socket:
        """The connection that knows the secret."""
        self.server.settimeout(0.1)
        with self.server:
            while True:
                check()
                with contextlib.suppress(TimeoutError, OSError):
                    sock, _ = self.server.accept()
                    sock.settimeout(5.0)
                    if secrets.compare_digest(_exactly(sock, SECRET_SIZE), self.secret):
                        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        return sock
                    sock.close()

    def begin(self, request: dict[str, Any]) -> socket.socket:
        """Make the process the child of a claim; the socket to speak to it by."""
        assert self.channel is not None
        self.channel.send({"do": "become", **request})
        return self.channel.sock

    def devices(self) -> list[str]:
        """The devices that the framework sees. Looking may initialise them: the process is for nothing else then."""
        assert self.channel is not None
        self.channel.send({"do": "devices here"})
        return self.channel.receive()["devices"]

    def last_line(self) -> str:
        """The last line that the process printed."""
        lines = [line for line in self.output.text().splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    def wait(self) -> int:
        """The exit code; a process that only closed its connection is killed after two seconds."""
        try:
            return self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            kill_group(self.pid)
            return self.process.wait()

    def end(self) -> None:
        """Kill the process and give everything back."""
        kill_group(self.pid)
        self.process.wait()
        self.server.close()
        if self.channel is not None:
            self.channel.close()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        self.output.finish()


def _exactly(sock: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count and (part := sock.recv(count - len(parts))):
        parts += part
    return parts
