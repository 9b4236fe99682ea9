"""Children of the standby processes: one for each side and precision of a claim, watched and killed as a group."""

from __future__ import annotations

import secrets
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.verification.fresh import START_SECONDS
from diptych.verification.processes import kill_group, memory_of
from diptych.verification.standby import Standby
from diptych.worker.channel import CONTROL, Channel, Closed, Damaged, Folder

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
    """A worker in its own group and scratch directory. ``side`` is ``source`` or ``twin``. Raises ``Unavailable`` where
    there is none, ``Closed`` where its parent has gone, ``OSError`` where its directory cannot be made.
    """

    def __init__(self, parent: Standby, side: str, precision: str, scratch: Path, seed: int, limits: Limits) -> None:
        self.side, self.precision, self.limits = side, precision, limits
        scratch.mkdir()
        arrays = scratch.parent / "arrays"
        arrays.mkdir(exist_ok=True)
        mark = secrets.token_bytes(len(CONTROL))
        request = {
            "scratch": str(scratch),
            "arrays": str(arrays),
            "name": scratch.name,
            "mark": mark.hex(),
            "precision": precision,
            "device": parent.device,
            "seed": seed,
        }
        self.link = parent.child(limits.cancelled)
        try:
            sock = self.link.begin(request)
        except BaseException:
            self.link.end()
            raise
        self.pid = self.link.pid
        self.channel = Channel(sock, mark, Folder(str(arrays), f"to-{scratch.name}-"))

    def greet(self) -> dict[str, Any]:
        """Wait for the child's first message: its device and flags."""
        return self._answer()

    def request(self, do: str, **content: Any) -> dict[str, Any]:
        """Ask and wait for the answer; raises :class:`Stopped`."""
        try:
            self.channel.send({"do": do, **content}, self._wait)
        except Closed:
            raise self._died() from None
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        try:
            return self.channel.receive(self._wait)
        except Damaged:
            text = f"the {self.side} wrote into the connection between its process and the verifier"
            raise Stopped(text, self.side, "damaged") from None
        except Closed:
            raise self._died() from None

    def _wait(self, writing: bool) -> None:
        """Wait until the socket is ready, within the limits."""
        checked = 0.0
        sock = [self.channel.sock]
        while True:
            ready = select.select([], sock, [], TICK)[1] if writing else select.select(sock, [], [], TICK)[0]
            if ready:
                return
            now = time.monotonic()
            if self.limits.cancelled():
                raise Stopped("cancelled", self.side, "cancelled")
            if now > self.limits.deadline:
                raise Stopped(f"the {self.side} did not finish in {self.limits.seconds:g} s", self.side, "timeout")
            if now - checked > 0.25:
                checked = now
                if (used := memory_of(self.pid)) > self.limits.memory:
                    raise Stopped(f"the {self.side} used {used >> 20} MiB of memory", self.side, "memory")

    def _died(self) -> Stopped:
        try:
            status = self.link.wait()
        except Closed:
            return Stopped(f"the worker of the {self.side} was killed", self.side, "killed")
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
            kind = "killed" if -status == signal.SIGKILL else "died"
            return Stopped(f"the process of the {self.side} was killed by {name}", self.side, kind)
        return Stopped(f"the {self.side} ended its process with exit code {status}", self.side, "died")

    def text(self) -> str:
        """The end of what the code printed."""
        return self.link.output.text()

    def kill(self) -> None:
        """Kill the child and all that it started; whoever waits for its answer sees it end."""
        kill_group(self.pid)

    def close(self) -> None:
        """Give everything back, when nobody waits for an answer any more."""
        self.link.end()
