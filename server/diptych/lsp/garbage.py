"""When the server looks for garbage: while nobody waits.

Only objects that hold each other have to be looked for, as the trees of checks do, and a look goes through all there
is: left to Python, three quarters of the time that a long file's checks take would be spent on it.
"""

from __future__ import annotations

import asyncio
import gc
import linecache
from collections.abc import Iterator
from contextlib import contextmanager

IDLE = 2.0  # seconds without work
WORTH = 50_000  # objects more than at the last look
LIMIT = 1_000_000  # with so many more Python looks by itself, whoever waits


class Garbage:
    """Looks for garbage some time after the last work, where there is some."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = 0  # for work that has not been done yet

    @staticmethod
    def of_the_start() -> None:
        """Take away what starting left, before anything else is loaded, so that it can take its place: classes that
        were made twice, and the source of generated methods, which would show up in tracebacks alone.
        """
        gc.collect()
        linecache.clearcache()

    @staticmethod
    def begin() -> None:
        """Leave out of every look what is there now, modules and rules."""
        gc.freeze()
        gc.set_threshold(LIMIT, 1, 1)
        gc.enable()

    @contextmanager
    def kept_away(self) -> Iterator[None]:
        """While somebody waits for work; entered in the event loop."""
        self._waiting += 1
        if self._timer is not None:
            self._timer.cancel()
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._timer = asyncio.get_running_loop().call_later(IDLE, self._look)

    def _look(self) -> None:
        self._timer = None
        if gc.get_count()[0] > WORTH:
            gc.collect()
