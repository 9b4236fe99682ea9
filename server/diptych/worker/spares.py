"""Children forked ahead of their use: each is set up, has run a small model, and waits for a claim.

In a new process the first call costs as much as ten later ones: pages are copied, kernels looked up, code is met for
the first time. What was asked for once is likely to be asked for again, so this is done while the server is idle.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Optional

import numpy as np

from .child import Child, die_with_parent
from .draws import SESSION

IDLE = 0.3
"""Seconds without a request after which a child is forked ahead."""
READY, TAKEN, GONE = b"r", b"t", b""
"""What a child says when it can take a claim, when it has one, and once it has ended."""
Kind = tuple[str, str]  # precision and device
Serve = Callable[[dict[str, Any], list[int], Optional[dict[str, Any]]], None]


@dataclasses.dataclass
class Spare:
    """A waiting child, and this end of the connection over which it gets its claim."""

    pid: int
    sock: socket.socket


class Spares:
    """One waiting child for each kind that was asked for. ``serve`` is called in a child with its request, the
    descriptors that came with it, and what the side's ``setup`` said, if it was asked; it never returns. ``control``
    is the connection to the server, which is none of a child's business.
    """

    def __init__(self, side: Any, control: socket.socket, serve: Serve) -> None:
        self.side, self.control, self.serve = side, control, serve
        self.wanted: dict[Kind, None] = {}
        self.failed: set[Kind] = set()
        self.waiting: dict[Kind, Spare] = {}

    def pids(self) -> set[int]:
        """The children that wait."""
        return {spare.pid for spare in self.waiting.values()}

    def missing(self) -> Optional[Kind]:
        """A kind of which no child waits, where there should be one."""
        return next((kind for kind in self.wanted if kind not in self.waiting and kind not in self.failed), None)

    def add(self, kind: Kind) -> None:
        """Fork a child of this kind."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.leave()
            self._wait_for_claim(kind, theirs)
        theirs.close()
        self.waiting[kind] = Spare(pid, ours)

    def hand_over(self, request: dict[str, Any], descriptors: list[int]) -> Optional[int]:
        """Give a claim to a waiting child: its process id, or ``None`` where none is ready."""
        kind = request["precision"], request["device"]
        self.wanted.setdefault(kind)
        spare = self.waiting.pop(kind, None)
        if spare is None:
            return None
        with spare.sock:
            heard = _heard(spare.sock, 0.0)
            if heard == GONE:  # it could not get ready, nor would the next one
                self.failed.add(kind)
            if heard == READY:
                with contextlib.suppress(OSError):
                    socket.send_fds(spare.sock, [json.dumps(request).encode()], descriptors)
                    if _heard(spare.sock, 5.0) == TAKEN:
                        return spare.pid
        end(spare.pid)  # one that is not ready yet would compete with the claim
        return None

    def leave(self) -> None:
        """In a child: let go of what only its parent may write to."""
        self.control.close()
        for spare in self.waiting.values():
            spare.sock.close()

    def close(self) -> None:
        """End all that wait."""
        while self.waiting:
            _, spare = self.waiting.popitem()
            spare.sock.close()
            end(spare.pid)

    def _wait_for_claim(self, kind: Kind, sock: socket.socket) -> None:
        try:
            os.setsid()
            die_with_parent()
            ready = self.side.setup(*kind)
            if ready["device"] != "cpu":
                os._exit(0)  # a process that waits may not hold memory of a GPU
            warm_up(self.side)
            sock.send(READY)
            message, descriptors, _, _ = socket.recv_fds(sock, 1 << 16, 2)
            if message:
                sock.send(TAKEN)
                sock.close()
                self.serve(json.loads(message), descriptors, ready)
        finally:
            sys.stderr.flush()
            os._exit(0)


def warm_up(side: Any) -> None:
    """Run the side's small model as a claim would: recorded and replayed, with gradients and as a graph. Nothing that
    user code could see remains of it: claims seed the random numbers themselves.
    """
    with side.forgotten():
        child = Child(side)
        child.target, shape = side.example()
        tensor = {"tensor": np.ones(shape, np.float32), "dtype": "float32", "name": "x"}
        common: dict[str, Any] = {
            "arguments": [{"index": 0, "name": "x", "value": tensor}],
            "permutations": [],
            "outputs": [],
            "seed": 0,
        }
        child.do_run(training=True, draws=None, **common)
        child.do_run(training=False, draws=[], nudge=1e-3, **common)
        child.do_run(training=True, draws=[], traced="tf.function", shared_batch=True, gradients=False, **common)
        del child
    SESSION.forget()
    gc.collect()
    gc.freeze()


def _heard(sock: socket.socket, seconds: float) -> Optional[bytes]:
    """What the other end says within so long: ``GONE`` where it is not there any more, ``None`` where it is silent."""
    if not select.select([sock], [], [], seconds)[0]:
        return None
    try:
        return sock.recv(1)
    except OSError:
        return GONE


def end(pid: int) -> None:
    """Kill a child and reap it."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.waitpid(pid, 0)
