"""The standby process: it has imported its framework, touched no device, and forks one child for each run of a
claim.
"""

from __future__ import annotations

import contextlib
import ctypes
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
from pathlib import Path
from typing import Any, Optional

from .channel import Channel, Closed, Folder

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
    child: Any = None
    try:
        side = importlib.import_module("." + SIDES[framework], __package__)
        child = importlib.import_module(".child", __package__)
        ready: dict[str, Any] = {"ok": True, "versions": {"python": platform.python_version(), **side.versions()}}
    except ModuleNotFoundError as error:
        ready = {"ok": False, "missing": error.name or str(error), "error": str(error)}
    except Exception as error:
        ready = {"ok": False, "missing": None, "error": f"{type(error).__name__}: {error}"}
        traceback.print_exc()
    try:
        channel.send(ready)
        later = [*side.EXTRAS] if ready["ok"] else []
        while ready["ok"]:
            while later and not select.select([control], [], [], 0.02)[0]:
                _preload(later.pop(0))
            gc.freeze()  # what is there now is neither looked through nor, once forked, copied by a collection
            request = channel.receive()
            if request["do"] == "fork":
                _fork(side, child, control, channel, request)
            elif request["do"] == "become":
                _end_with(lifeline)
                _run(side, child, control, None, request)
            elif request["do"] == "devices here":
                channel.send({"devices": side.devices()})
            elif request["do"] == "wait":
                channel.send({"status": _wait(request["pid"])})
            elif request["do"] == "devices":
                channel.send({"devices": _devices(side)})
    except Closed:
        pass
    finally:
        _kill_strays(everything=True)


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


def _fork(side: Any, child: Any, control: socket.socket, channel: Channel, request: dict[str, Any]) -> None:
    _, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    theirs, output = descriptors
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        control.close()
        _run(side, child, socket.socket(fileno=theirs), output, request)
    FORKED.add(pid)
    os.close(theirs)
    os.close(output)
    channel.send({"pid": pid})


def _run(side: Any, child: Any, connection: socket.socket, output: Optional[int], request: dict[str, Any]) -> None:
    code = 70
    try:
        if output is not None:
            _print_to(output)
        folder = Folder(request["arrays"], f"from-{request['name']}-")
        code = child.run_child(side, Channel(connection, bytes.fromhex(request["mark"]), folder), request)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _devices(side: Any) -> list[str]:
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
    _wait(pid)
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


def _wait(pid: int) -> int:
    """The exit code of a child that is ending; one that only closed its socket is killed after two seconds."""
    deadline = time.monotonic() + 2
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.005)
            ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return 0
    finally:
        FORKED.discard(pid)
        _kill_strays()
    return os.waitstatus_to_exitcode(status)


def _adopt() -> None:
    """On Linux, become the parent of what a child starts and leaves behind, so that it can be ended."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def _kill_strays(everything: bool = False) -> None:
    """Kill what was left behind, once no child runs that it may belong to."""
    if FORKED and not everything:
        return
    for pid in _children():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _children() -> list[int]:
    """The processes whose parent this one is, where the system has ``/proc``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(path.parent.name))
    return found
