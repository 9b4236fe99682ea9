"""The standby process: it has imported its framework, touched no device, and forks one child for each run of a
claim.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import os
import platform
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any, Optional

from .channel import Channel, Closed, Folder
from .child import run_child
from .spares import IDLE, Spares, end

SIDES = {"torch": "torch_side", "tensorflow": "tensorflow_side"}
FORKED: set[int] = set()  # the children that run


def serve(framework: str, control: socket.socket) -> None:
    """Answer the server on ``control`` until it closes.

    Requests: ``{"do": "hello"}`` -> versions; ``{"do": "fork"}`` with two descriptors (the child's socket, its output
    pipe) -> ``{"pid"}``; ``{"do": "wait", "pid"}`` -> ``{"status"}``, where a signal is negative; ``{"do":
    "devices"}`` -> their names; ``{"do": "become"}``, where forking is not safe: this very process is the child.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lifeline = _lifeline()
    _adopt()
    channel = Channel(control)
    side: Any = None
    try:
        side = importlib.import_module("." + SIDES[framework], __package__)
        ready: dict[str, Any] = {"ok": True, "versions": {"python": platform.python_version(), **side.versions()}}
    except ModuleNotFoundError as error:
        ready = {"ok": False, "missing": error.name or str(error), "error": str(error)}
    except Exception as error:
        ready = {"ok": False, "missing": None, "error": f"{type(error).__name__}: {error}"}
        traceback.print_exc()
    spares = Spares(side, control, functools.partial(_serve_claim, side))
    try:
        channel.send(ready)
        later = [*side.EXTRAS] if ready["ok"] else []
        while ready["ok"]:
            while later and not _asked(control, 0.02):
                _preload(later.pop(0))
            gc.freeze()  # what is there now is neither looked through nor, once forked, copied by a collection
            while not FORKED and (kind := spares.missing()) and not _asked(control, IDLE):
                spares.add(kind)
            request = channel.receive()
            if request["do"] == "fork":
                _fork(spares, control, channel, request)
            elif request["do"] == "become":
                _end_with(lifeline)
                _run(side, control, None, request)
            elif request["do"] == "devices here":
                channel.send({"devices": side.devices()})
            elif request["do"] == "wait":
                channel.send({"status": _wait(request["pid"], spares)})
            elif request["do"] == "devices":
                channel.send({"devices": _devices(side, spares)})
    except Closed:
        pass
    finally:
        spares.close()
        _kill_strays()


def _asked(control: socket.socket, seconds: float) -> bool:
    """Whether the server asks for something within so long."""
    return bool(select.select([control], [], [], seconds)[0])


def _lifeline() -> int:
    """The end of a pipe that the server holds open as long as it lives, kept apart from stdin."""
    kept = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return kept


def _end_with(lifeline: int) -> None:
    """End this process, whatever it does, when the server ends."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(lifeline, 1):
                pass
        os._exit(70)

    threading.Thread(target=watch, daemon=True).start()


def _fork(spares: Spares, control: socket.socket, channel: Channel, request: dict[str, Any]) -> None:
    _, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = spares.hand_over(request, descriptors)
    if pid is None:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            spares.leave()
            spares.serve(request, descriptors, None)
    FORKED.add(pid)
    for descriptor in descriptors:
        os.close(descriptor)
    channel.send({"pid": pid})


def _serve_claim(side: Any, request: dict[str, Any], descriptors: list[int], setup: Optional[dict[str, Any]]) -> None:
    _run(side, socket.socket(fileno=descriptors[0]), descriptors[1], request, setup)


def _run(
    side: Any,
    connection: socket.socket,
    output: Optional[int],
    request: dict[str, Any],
    setup: Optional[dict[str, Any]] = None,
) -> None:
    code = 70
    try:
        if output is not None:
            _print_to(output)
        folder = Folder(request["arrays"], f"from-{request['name']}-")
        code = run_child(side, Channel(connection, bytes.fromhex(request["mark"]), folder), request, setup)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _devices(side: Any, spares: Spares) -> list[str]:
    """Ask in a child: this process must not touch a device."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, "\n".join(side.devices()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        names = stream.read().split("\n")
    _wait(pid, spares)
    return names


def _preload(name: str) -> None:
    """Do, while idle, what the framework itself would do at its first gradient or optimizer: a child then has it."""
    with contextlib.suppress(Exception):
        module, _, function = name.partition(":")
        found = importlib.import_module(module, __package__)
        if function:
            getattr(found, function)()


def _print_to(output: int) -> None:
    """Send what the child prints to the server, apart from the protocol."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def _wait(pid: int, spares: Spares) -> int:
    """The exit code of a child that is ending; one that only closed its socket is killed after two seconds."""
    try:
        if not _ends(pid, 2.0):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    except OSError:
        return 0
    finally:
        FORKED.discard(pid)
        if not FORKED:  # what was left behind can then belong to nobody that runs
            _kill_strays(spares.pids())
    return os.waitstatus_to_exitcode(status)


def _ends(pid: int, seconds: float) -> bool:
    """Whether a child ends within so long. Raises ``ChildProcessError`` where there is none."""
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(pid)
            try:
                return bool(select.select([descriptor], [], [], seconds)[0])
            finally:
                os.close(descriptor)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        time.sleep(0.005)
    return False


def _adopt() -> None:
    """On Linux, become the parent of what a child starts and leaves behind, so that it can be ended."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def _kill_strays(others: Collection[int] = ()) -> None:
    """Kill what was left behind: the children of this process but these ``others``."""
    for pid in _children():
        if pid not in others:
            end(pid)


def _children() -> list[int]:
    """The processes whose parent this one is, where the system has ``/proc``."""
    own = [*Path("/proc/self/task").glob("*/children")]
    if own:
        return [int(pid) for path in own for pid in path.read_text().split()]
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(path.parent.name))
    return found
