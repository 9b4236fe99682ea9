"""Standby worker processes, one for each interpreter and framework: started with the first verification, gone when
idle.
"""

from __future__ import annotations

import atexit
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diptych.worker.channel import Channel, Closed

WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"
FORKS = sys.platform.startswith("linux")
"""Whether a process that has imported a framework may be forked; elsewhere every child is a fresh process."""
IDLE_SECONDS = 300.0
START_SECONDS = 180.0
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "USER", "LOGNAME")
KEPT_PREFIXES = ("LC_", "CUDA", "NVIDIA", "CONDA_", "OMP_", "MKL_", "TORCH_HOME", "KERAS_HOME", "XDG_CACHE", "HF_HOME")


class Unavailable(Exception):
    """The interpreter or its framework cannot be used; the text says what to do."""


def environment(device: str) -> dict[str, str]:
    """What a worker sees of this process's environment: paths and device settings, no tokens or passwords."""
    kept = {key: value for key, value in os.environ.items() if key in KEPT or key.startswith(KEPT_PREFIXES)}
    kept.update(TF_CPP_MIN_LOG_LEVEL="3", PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1", KERAS_BACKEND="tensorflow")
    kept.update(NVIDIA_TF32_OVERRIDE="0", CUBLAS_WORKSPACE_CONFIG=":4096:8", TF_FORCE_GPU_ALLOW_GROWTH="true")
    if device == "cpu":
        kept["CUDA_VISIBLE_DEVICES"] = "-1"
    return kept


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
        self.became: dict[int, subprocess.Popen[bytes]] = {}

    def alive(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def start(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Start the process unless it runs, and wait until its framework is imported."""
        with self.lock:
            self.used = time.monotonic()
            if self.alive():
                return
            ours, theirs = socket.socketpair()
            command = [self.interpreter, str(WORKER), self.framework, str(theirs.fileno())]
            try:
                self.process = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env=environment(self.device),
                    cwd=os.sep,
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise Unavailable(
                    f"the interpreter {self.interpreter} cannot be started: {error.strerror or error}"
                ) from None
            finally:
                theirs.close()
            self.channel = Channel(ours)
            try:
                hello = self._hello(ours, cancelled)
            except (Closed, TimeoutError) as error:
                text = self._end() if isinstance(error, Closed) else ""
                raise Unavailable(
                    f"the worker for {self.framework} did not start in {self.interpreter}: {text or error}"
                ) from None
            if not hello["ok"]:
                self._end()
                raise Unavailable(_missing(self.interpreter, self.framework, hello))
            assert self.process.stderr is not None
            threading.Thread(target=_drain, args=(self.process.stderr,), daemon=True).start()
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
        _, text = self.process.communicate()
        lines = [line for line in (text or b"").decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"exit code {self.process.returncode}"

    def fork(self, request: dict[str, Any], descriptors: list[int]) -> int:
        """Fork a child that serves ``descriptors`` (its socket, its output pipe); gives its process id."""
        with self.lock:
            self.used = time.monotonic()
            assert self.channel is not None
            try:
                self.channel.send({"do": "fork" if FORKS else "become", **request})
                socket.send_fds(self.channel.sock, [b"."], descriptors)
                pid = self.channel.receive()["pid"]
            except (Closed, OSError) as error:
                raise Closed(f"the standby worker for {self.framework} is gone") from error
            if not FORKS:
                assert self.process is not None
                self.became[pid], self.process = self.process, None
                self.channel.close()
            return pid

    def wait(self, pid: int) -> int:
        """The exit code of a child that has ended; a signal is negative."""
        with self.lock:
            if pid in self.became:
                return self.became.pop(pid).wait()
            assert self.channel is not None
            self.channel.send({"do": "wait", "pid": pid})
            return self.channel.receive()["status"]

    def devices(self) -> list[str]:
        """The devices that the framework sees; asked in a child, since looking may initialise them."""
        with self.lock:
            assert self.channel is not None
            try:
                self.channel.send({"do": "devices"})
                return self.channel.receive()["devices"]
            except Closed as error:
                raise Unavailable(f"the worker for {self.framework} is gone") from error

    def stop(self) -> None:
        """Let the process go; its children die with it."""
        with self.lock:
            if self.channel is not None:
                self.channel.close()
            if self.process is not None:
                self.process.kill()
                self.process.wait()
                self.process = None


def _drain(stream: Any) -> None:
    for _ in stream:
        pass


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
    if not hasattr(socket, "send_fds") or sys.platform == "win32":
        raise Unavailable("verification runs on Linux and macOS; on Windows, use the Windows Subsystem for Linux")
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
