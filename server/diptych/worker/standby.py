"""The standby process: it has imported its framework, touched no device, and forks one child for each run of a
claim.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any

from .channel import Channel, Closed

SIDES = {"torch": "torch_side", "tensorflow": "tensorflow_side"}


def serve(framework: str, descriptor: int) -> None:
    """Answer the server on ``descriptor`` until it closes.

    Requests: ``{"do": "hello"}`` -> versions; ``{"do": "fork"}`` with two descriptors (the child's socket, its output
    pipe) -> ``{"pid"}``; ``{"do": "wait", "pid"}`` -> ``{"status"}``, where a signal is negative; ``{"do":
    "devices"}`` -> their names.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
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
            request = channel.receive()
            if request["do"] == "fork":
                _fork(side, child, control, channel, request)
            elif request["do"] == "become":
                _become(side, child, control, channel, request)
            elif request["do"] == "wait":
                channel.send({"status": _wait(request["pid"])})
            elif request["do"] == "devices":
                channel.send({"devices": _devices(side)})
    except Closed:
        pass


def _fork(side: Any, child: Any, control: socket.socket, channel: Channel, request: dict[str, Any]) -> None:
    _, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    theirs, output = descriptors
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        control.close()
        _run(side, child, theirs, output, request)
    os.close(theirs)
    os.close(output)
    channel.send({"pid": pid})


def _become(side: Any, child: Any, control: socket.socket, channel: Channel, request: dict[str, Any]) -> None:
    """Where forking is not safe, this very process is the child, and the server starts another standby."""
    _, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    channel.send({"pid": os.getpid()})
    control.close()
    _run(side, child, descriptors[0], descriptors[1], request)


def _run(side: Any, child: Any, theirs: int, output: int, request: dict[str, Any]) -> None:
    code = 70
    try:
        _quiet(output)
        code = child.run_child(side, Channel(socket.socket(fileno=theirs)), request)
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


def _quiet(output: int) -> None:
    """Give the child an empty stdin and send what it prints to the server, apart from the protocol."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)
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
    return os.waitstatus_to_exitcode(status)
