"""Conversions and findings of open documents: computed off the event loop, each once, and shared by all features.

Only here are the converter and the checks reached, and imported only when first needed, so that the server can answer
``initialize`` before they are loaded.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from diptych.conversion.expression import Rewritten
    from diptych.conversion.result import Conversion, Leftover
    from diptych.syntax.scout import Scout
    from diptych.syntax.source import ParseError, Span

T = TypeVar("T")
REMEMBERED = 16  # results kept: a few open files, each in a layout or two


@dataclass
class _Job:
    future: Future[Any]
    waiting: int = field(default=0)


class Analysis:
    """Runs work in threads and remembers results by what they were computed from."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(2, "analysis")
        self._jobs: OrderedDict[tuple[Any, ...], _Job] = OrderedDict()

    async def conversion(
        self,
        text: str,
        to: Literal["torch", "tensorflow"] | None = None,
        layout: Literal["channels-last", "preserve"] = "channels-last",
    ) -> Conversion:
        """The conversion of a text. Raises ``ParseError``."""
        conversion, _ = await self.once(("conversion", text, to, layout), lambda: _convert(text, to, layout))
        return conversion

    async def findings(self, text: str) -> list[Any]:
        """What the checks find in a text."""
        return await self.once(("findings", text), lambda: _check(text))

    async def scout(self, text: str) -> Scout:
        """A quick look at a text."""
        return await self.once(("scout", text), lambda: _scout(text))

    async def rewritten(self, text: str, span: Span) -> tuple[Conversion, str] | None:
        """The call at a place in the other framework, after the conversion that it is part of; ``None`` if it stays.

        Raises ``ParseError``.
        """
        key = ("conversion", text, None, "channels-last")
        conversion, expressions = await self.once(key, lambda: _convert(text, None, "channels-last"))
        return next(((conversion, item.text) for item in expressions if item.span == span), None)

    async def left_over(self, text: str, span: Span) -> list[Leftover]:
        """What conversion left at the beginning of an expression, from outside inwards. Raises ``ParseError``."""
        key = ("conversion", text, None, "channels-last")
        conversion, _ = await self.once(key, lambda: _convert(text, None, "channels-last"))
        start = (span.line, span.column)
        here = [item for item in conversion.leftovers if (item.line, item.column) == start]
        return sorted((i for i in here if i.severity == "error"), key=lambda i: (-i.end_line, -i.end_column))

    async def is_known_method(self, name: str) -> bool:
        """Whether a rule knows a method (``Tensor.sum``)."""
        return await self.once(("method", name), lambda: _known(name))

    async def once(self, key: tuple[Any, ...], work: Callable[[], T]) -> T:
        """The result of ``work``, from memory if it was computed for this key before.

        Work that nobody waits for any more is not started.
        """
        job = self._jobs.get(key)
        if job is None or job.future.cancelled():
            job = self._jobs[key] = _Job(self.pool.submit(work))
            self._forget()
        self._jobs.move_to_end(key)
        job.waiting += 1
        try:
            return await asyncio.shield(asyncio.wrap_future(job.future))
        except asyncio.CancelledError:
            if job.waiting == 1:
                job.future.cancel()  # without effect once it runs
            raise
        finally:
            job.waiting -= 1

    def ready(self, key: tuple[Any, ...]) -> Any:
        """The result for a key if it is there already, else ``None``."""
        job = self._jobs.get(key)
        if job is None or not job.future.done() or job.future.cancelled() or job.future.exception() is not None:
            return None
        return job.future.result()

    def warm_up(self) -> None:
        """Load the converter, the checks and the index of rules in a thread."""
        self.pool.submit(_load)

    def _forget(self) -> None:
        for key in list(self._jobs):
            if len(self._jobs) <= REMEMBERED:
                break
            if self._jobs[key].waiting == 0:
                del self._jobs[key]


def _load() -> None:
    from diptych import checks, conversion
    from diptych.catalog import index

    index.load()
    _ = checks, conversion


def _convert(text: str, to: Any, layout: Any) -> tuple[Conversion, list[Rewritten]]:
    from diptych.conversion import convert

    expressions: list[Rewritten] = []
    return convert(text, to=to, layout=layout, expressions=expressions), expressions


def _check(text: str) -> list[Any]:
    from diptych.checks import run

    return list(run(text))


def as_parse_error(error: Exception) -> ParseError | None:
    """The error as a ``ParseError``, if it is one.

    Whoever raised it has loaded its module: the event loop never waits for libcst.
    """
    if type(error).__name__ != "ParseError":
        return None
    from diptych.syntax.source import ParseError

    return error if isinstance(error, ParseError) else None


def _scout(text: str) -> Scout:
    from diptych.syntax.scout import Scout

    return Scout(text)


def _known(name: str) -> bool:
    from diptych.catalog.index import load

    return any(name in entries for entries in load().entries.values())
