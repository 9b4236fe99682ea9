"""Standby worker processes, one for each interpreter and framework: started with the first verification, gone when
idle.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from diptych.verification.fresh import START_SECONDS, WORKER, Fresh
from diptych.verification.processes import Output, environment, kill_group, own_group
from diptych.worker.channel import Channel, Closed

FORKS = sys.platform.startswith("linux")
"""Whether a process that has imported a framework may be forked; elsewhere every child is a fresh process."""
IDLE_SECONDS = 300.0
SPARES = 2
"""How many processes wait where every child is a fresh one: source and twin are run in two precisions each."""


class Unavailable(Exception):
    """The interpreter or its framework cannot be used; the text says what to do."""


class Link(Protocol):
    """A child process as the server holds it: the socket is reached by ``begin``, what it prints by ``output``."""

    pid: int
    output: Output

    def begin(self, request: dict[str, Any]) -> socket.socket:
        """Make it serve a claim. Raises ``Closed``."""
        ...

    def wait(self) -> int:
        """The exit code of a process that ends; a signal is negative. Raises ``Closed``."""
        ...

    def end(self) -> None:
        """Kill it and all that it started, and give everything back."""
        ...


class Forked:
    """A child forked by a standby process."""

    def __init__(self, parent: Standby) -> None:
        self.parent = parent
        self.pid = 0
        self.ended = False
        self.reader, self.writer = os.pipe()
        self.output = Output(os.fdopen(self.reader, "rb", buffering=0))
        self.sock: socket.socket | None = None

    def begin(self, request: dict[str, Any]) -> socket.socket:
        """Fork."""
        self.sock, theirs = socket.socketpair()
        try:
            self.pid = self.parent.fork(request, [theirs.fileno(), self.writer])
        finally:
            theirs.close()
            os.close(self.writer)
        return self.sock

    def wait(self) -> int:
        """The exit code, asked of the parent."""
        status = self.parent.wait(self.pid)
        self.ended = True
        return status

    def end(self) -> None:
        """Kill the child's group."""
        if self.pid:
            kill_group(self.pid)
            if not self.ended:
                with contextlib.suppress(Closed, OSError, KeyError):
                    self.parent.wait(self.pid)
        if self.sock is not None:
            self.sock.close()
        self.output.finish()


class Standby:
    """A process that has imported ``framework``. Raises :class:`Unavailable` from :meth:`start` when it cannot."""

    def __init__(self, interpreter: str, framework: str, device: str) -> None:
        self.interpreter, self.framework, self.device = interpreter, framework, device
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: Channel | None = None
        self.versions: dict[str, str] = {}
        self.used = time.monotonic()
        self.busy = 0
        self.printed: Output | None = None
        self.spares: list[Fresh] = []

    def alive(self) -> bool:
        """Whether a process is there."""
        if self.spares:
            return self.spares[0].process.poll() is None
        return self.process is not None and self.process.poll() is None

    def child(self, cancelled: Callable[[], bool]) -> Link:
        """A child for one side of a claim, to be begun. Raises :class:`Unavailable`."""
        if FORKS:
            return Forked(self)
        with self.lock:
            self._greet_spare(cancelled)
            taken = self.spares.pop(0)
            self._fill_up()
            return taken

    def _fill_up(self) -> None:
        while len(self.spares) < SPARES:
            self.spares.append(Fresh(self.interpreter, self.framework, self.device))

    def _greet_spare(self, cancelled: Callable[[], bool]) -> None:
        """Have a spare process that has imported its framework. Raises :class:`Unavailable`."""
        gone = [one for one in self.spares if one.process.poll() is not None and one.hello is not None]
        for one in gone:
            self.spares.remove(one)
            one.end()
        try:
            self._fill_up()
        except OSError as error:
            raise Unavailable(_cannot_start(self.interpreter, error)) from None
        try:
            hello = self.spares[0].greet(cancelled)
        except (Closed, TimeoutError) as error:
            one = self.spares.pop(0)
            one.end()
            raise Unavailable(_did_not_start(self, one.last_line() or str(error))) from None
        if not hello["ok"]:
            raise Unavailable(_missing(self.interpreter, self.framework, hello))
        self.versions = hello["versions"]

    def start(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Start the process unless it runs, and wait until its framework is imported."""
        with self.lock:
            self.used = time.monotonic()
            if not FORKS:
                self._greet_spare(cancelled)
                return
            if self.alive():
                return
            self._close()
            ours, theirs = socket.socketpair()
            command = [self.interpreter, str(WORKER), self.framework, f"fd:{theirs.fileno()}"]
            try:
                process: Any = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env=environment(self.device),
                    cwd=os.sep,
                    bufsize=0,
                    **own_group(),
                )
            except OSError as error:
                ours.close()
                raise Unavailable(_cannot_start(self.interpreter, error)) from None
            finally:
                theirs.close()
            self.process, self.printed = process, Output(process.stderr)
            self.channel = Channel(ours)
            try:
                hello = self._hello(ours, cancelled)
            except (Closed, TimeoutError) as error:
                text = self._end() if isinstance(error, Closed) else ""
                raise Unavailable(_did_not_start(self, text or str(error))) from None
            if not hello["ok"]:
                self._end()
                raise Unavailable(_missing(self.interpreter, self.framework, hello))
            self.versions = hello["versions"]

    def _hello(self, ours: socket.socket, cancelled: Callable[[], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + START_SECONDS
        assert self.channel is not None
        while not select.select([ours], [], [], 0.1)[0]:
            if cancelled() or time.monotonic() > deadline:
                self._end()
                raise TimeoutError("cancelled" if cancelled() else f"no answer in {START_SECONDS:.0f} s")
        return self.channel.receive()

    def _end(self) -> str:
        """Kill the process; gives the last line that it wrote to stderr."""
        if self.process is None:
            return ""
        self.process.kill()
        self.process.wait()
        printed, code = self.printed, self.process.returncode
        self._close()
        lines = [line for line in (printed.text() if printed else "").splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"exit code {code}"

    def _close(self) -> None:
        """Give back what is left of a process that has ended or is to end."""
        if self.channel is not None:
            self.channel.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        if self.printed is not None:
            self.printed.finish()
        self.channel, self.process, self.printed = None, None, None

    def fork(self, request: dict[str, Any], descriptors: list[int]) -> int:
        """Fork a child that serves ``descriptors`` (its socket, its output pipe); gives its process id."""
        with self.lock:
            self.used = time.monotonic()
            if self.channel is None:
                raise Closed(f"the standby worker for {self.framework} is gone")
            try:
                self.channel.send({"do": "fork", **request})
                socket.send_fds(self.channel.sock, [b"."], descriptors)
                return self.channel.receive()["pid"]
            except (Closed, OSError) as error:
                self._close()
                raise Closed(f"the standby worker for {self.framework} is gone") from error

    def wait(self, pid: int) -> int:
        """The exit code of a forked child that has ended; a signal is negative."""
        with self.lock:
            return self._asked({"do": "wait", "pid": pid})["status"]

    def devices(self) -> list[str]:
        """The devices that the framework sees; asked in a child, since looking may initialise them."""
        try:
            if FORKS:
                with self.lock:
                    return self._asked({"do": "devices"})["devices"]
            one = self.child(lambda: False)
            assert isinstance(one, Fresh)
            try:
                return one.devices()
            finally:
                one.end()
        except Closed as error:
            raise Unavailable(f"the worker for {self.framework} is gone") from error

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.channel is None:
            raise Closed(f"the standby worker for {self.framework} is gone")
        self.channel.send(request)
        return self.channel.receive()

    def stop(self) -> None:
        """Let the processes go; forked children die with their parent."""
        with self.lock:
            self._close()
            while self.spares:
                self.spares.pop().end()


def _cannot_start(interpreter: str, error: OSError) -> str:
    return f"the interpreter {interpreter} cannot be started: {error.strerror or error}"


def _did_not_start(one: Standby, why: str) -> str:
    return f"the worker for {one.framework} did not start in {one.interpreter}: {why}"


def _missing(interpreter: str, framework: str, hello: dict[str, Any]) -> str:
    package = {"torch": "torch", "tensorflow": "tensorflow"}[framework]
    if hello.get("missing"):
        name = hello["missing"]
        return f"{interpreter} has no {name}; install it there with: {interpreter} -m pip install {package}"
    return f"{framework} cannot be imported in {interpreter}: {hello['error']}"


_pool: dict[tuple[str, str, str], Standby] = {}
_guard = threading.Lock()
_janitor: threading.Thread | None = None


def standby(interpreter: str, framework: str, device: str) -> Standby:
    """The standby process for these, started or not."""
    global _janitor
    with _guard:
        if _janitor is None:
            _janitor = threading.Thread(target=_sweep, daemon=True)
            _janitor.start()
            atexit.register(shutdown)
        return _pool.setdefault((interpreter, framework, device), Standby(interpreter, framework, device))


def leave_if_idle(seconds: float) -> list[Standby]:
    """Stop the standby processes that nobody has used for so long; gives those that went."""
    with _guard:
        idle = [key for key, one in _pool.items() if not one.busy and time.monotonic() - one.used >= seconds]
        gone = [_pool.pop(key) for key in idle]
    for one in gone:
        one.stop()
    return gone


def _sweep() -> None:
    while True:
        time.sleep(10.0)
        leave_if_idle(IDLE_SECONDS)


def shutdown() -> None:
    """Stop every standby process."""
    with _guard:
        gone = list(_pool.values())
        _pool.clear()
    for one in gone:
        one.stop()
