"""Children of the standby processes: one for each side and precision of a claim, watched and killed as a group."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.verification.standby import START_SECONDS, Standby
from diptych.worker.channel import Channel, Closed

OUTPUT_KEPT = 4000
TICK = 0.05


class Stopped(Exception):
    """The claim cannot go on: the user cancelled, time or memory ran out, or a process died. The text says which."""

    def __init__(self, reason: str, side: str, kind: str) -> None:
        super().__init__(reason)
        self.side, self.kind = side, kind


@dataclass
class Limits:
    """When to stop: ``seconds`` after :meth:`restart`, or at ``memory`` bytes of resident memory in one process."""

    seconds: float
    memory: int
    cancelled: Callable[[], bool]
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        """Allow for the start of the processes."""
        self.deadline = time.monotonic() + self.seconds + START_SECONDS

    def restart(self) -> None:
        """Start the clock: from here on it is the user's code that runs."""
        self.deadline = time.monotonic() + self.seconds


class Child:
    """A forked worker in its own session and scratch directory. ``side`` is ``source`` or ``twin``."""

    def __init__(self, parent: Standby, side: str, precision: str, scratch: Path, seed: int, limits: Limits) -> None:
        self.parent, self.side, self.precision, self.limits = parent, side, precision, limits
        self.output = bytearray()
        scratch.mkdir()
        ours, theirs = socket.socketpair()
        self.reader, writer = os.pipe()
        try:
            request = {"scratch": str(scratch), "precision": precision, "device": parent.device, "seed": seed}
            self.pid = parent.fork(request, [theirs.fileno(), writer])
        except BaseException:
            ours.close()
            os.close(self.reader)
            raise
        finally:
            theirs.close()
            os.close(writer)
        self.channel = Channel(ours)
        self.ended = False
        self.eof = False

    def greet(self) -> dict[str, Any]:
        """Wait for the child's first message: its device and flags."""
        return self._answer()

    def request(self, do: str, **content: Any) -> dict[str, Any]:
        """Ask and wait for the answer; raises :class:`Stopped`."""
        try:
            self.channel.send({"do": do, **content})
        except Closed:
            raise self._died() from None
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        checked = 0.0
        while True:
            watched = [self.channel.sock] if self.eof else [self.channel.sock, self.reader]
            ready, _, _ = select.select(watched, [], [], TICK)
            if self.reader in ready:
                self._read_output()
            if self.channel.sock in ready:
                try:
                    return self.channel.receive()
                except Closed:
                    raise self._died() from None
            now = time.monotonic()
            if self.limits.cancelled():
                raise Stopped("cancelled", self.side, "cancelled")
            if now > self.limits.deadline:
                raise Stopped(f"the {self.side} did not finish in {self.limits.seconds:g} s", self.side, "timeout")
            if now - checked > 0.25:
                checked = now
                if (used := self._memory()) > self.limits.memory:
                    raise Stopped(f"the {self.side} used {used >> 20} MiB of memory", self.side, "memory")

    def _read_output(self) -> None:
        part = os.read(self.reader, 65536)
        self.eof = not part
        self.output += part
        del self.output[:-OUTPUT_KEPT]

    def _memory(self) -> int:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return 0

    def _died(self) -> Stopped:
        with contextlib.suppress(OSError):
            while not self.eof and select.select([self.reader], [], [], 0.1)[0]:
                self._read_output()
        try:
            status = self.parent.wait(self.pid)
            self.ended = True
        except Closed:
            return Stopped(f"the worker of the {self.side} was killed", self.side, "died")
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
            return Stopped(f"the process of the {self.side} was killed by {name}", self.side, "died")
        return Stopped(f"the {self.side} ended its process with exit code {status}", self.side, "died")

    def text(self) -> str:
        """The end of what the code printed."""
        return self.output.decode(errors="replace")

    def kill(self) -> None:
        """Kill the child and all that it started; whoever waits for its answer sees it end."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Give back the descriptors of a killed child, when nobody waits for it any more."""
        with contextlib.suppress(OSError):
            while not self.eof and select.select([self.reader], [], [], 0)[0]:
                self._read_output()
        if not self.ended:
            with contextlib.suppress(Closed, OSError, KeyError):
                self.parent.wait(self.pid)
        self.channel.close()
        os.close(self.reader)
