"""Conversions and findings of open documents: computed off the event loop, each once, and shared by all features.

Only here are the converter and the checks reached, and imported only when first needed, so that the server can answer
``initialize`` before they are loaded.
"""

from __future__ import annotations

import asyncio
import bisect
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from diptych.lsp.earlier import At, Earlier
from diptych.lsp.garbage import Garbage
from diptych.text.members import parts
from diptych.text.pieces import split

if TYPE_CHECKING:
    from diptych.catalog.user_rules import UserRules
    from diptych.checks import Checked
    from diptych.conversion.expression import Definition, Rewritten
    from diptych.conversion.result import Conversion
    from diptych.conversion.units import Cache
    from diptych.syntax.scout import Scout
    from diptych.syntax.source import ParseError, Span

T = TypeVar("T")
REMEMBERED = 8  # results kept; those of a next version are soon found from what is kept of this one
VERSIONS = 8  # files whose last versions are kept, for the next
PATIENCE = 0.25  # seconds that somebody who points at a call waits for its own conversion, where that is a long one
ALIKE = 0.5  # part of a text that must stand in both for one to be a version of the other


@dataclass
class _Job:
    future: Future[Any]
    waiting: int = field(default=0)


@dataclass
class _Version:
    """The last version of a file, with what is remembered of it for the next one."""

    text: str
    caches: dict[tuple[Any, ...], Cache] = field(default_factory=dict)
    scout: Scout | None = None
    converted: Earlier | None = None
    checked: Checked | None = None


class Analysis:
    """Runs work in threads and remembers results by what they were computed from.

    What a version of a file left is used for the next one: only what has changed in between is computed again.
    """

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(2, "analysis")
        self.conversions = ThreadPoolExecutor(2, "conversion")  # what takes long keeps nothing else waiting
        self.garbage = Garbage()
        self._jobs: OrderedDict[tuple[Any, ...], _Job] = OrderedDict()
        self._versions: list[_Version] = []
        self._lock = threading.Lock()

    async def conversion(
        self,
        text: str,
        to: Literal["torch", "tensorflow"] | None = None,
        layout: Literal["channels-last", "preserve"] = "channels-last",
        rules: UserRules | None = None,
    ) -> Conversion:
        """The conversion of a text, by the installed rules or with those of a project. Raises ``ParseError``."""
        conversion, _ = await self._converted(text, to, layout, rules)
        return conversion

    async def _converted(
        self, text: str, to: Any = None, layout: Any = "channels-last", rules: UserRules | None = None
    ) -> tuple[Conversion, list[Rewritten]]:
        key = ("conversion", text, to, layout, rules)
        return await self.once(key, lambda: self._convert(text, to, layout, rules), self.conversions)

    async def findings(self, text: str) -> list[Any]:
        """What the checks find in a text."""
        return await self.once(("findings", text), lambda: self._check(text))

    async def scout(self, text: str) -> Scout:
        """A quick look at a text."""
        return await self.once(("scout", text), lambda: self._scout(text))

    def foresee(self, text: str) -> None:
        """Begin to look at a text at which nearly every feature will look next."""
        key = ("scout", text)
        if key not in self._jobs:
            self._jobs[key] = _Job(self.pool.submit(lambda: self._scout(text)))

    async def at(self, text: str, span: Span, rules: UserRules | None = None) -> At:
        """What conversion makes of a call or name. Raises ``ParseError``.

        While the text as a whole is not converted, an earlier version with the same code tells, else only the
        definition around the place is converted, where that will do.
        """
        whole = ("conversion", text, None, "channels-last", rules)
        if self.ready(whole) is None:
            earlier, scout = self._version(text).converted, await self.scout(text)
            pieces = [part.text for part in scout.parts]
            known = earlier.at(text, pieces, span, rules, scout.lines_above) if earlier is not None else None
            if known is not None:
                return known
            key = ("definition", text, span.line, rules)
            found = await self.once(key, lambda: self._definition(text, span.line, rules), self.conversions)
            if found is not None:
                return At.of(found.to, found.expressions, found.leftovers, span)
        conversion, expressions = await self._converted(text, rules=rules)
        return At.of(conversion.to, expressions, conversion.leftovers, span)

    async def soon_at(self, text: str, span: Span, rules: UserRules | None = None) -> At | None:
        """As ``at``; ``None`` in a long class of which that takes too long to wait for. Work that has begun goes on."""
        work = asyncio.ensure_future(self.at(text, span, rules))
        if not (await self.scout(text)).in_long_class(span.line):
            return await work
        done, _ = await asyncio.wait([work], timeout=PATIENCE)
        if not done:
            work.cancel()  # else what each version was asked would pile up
            return None
        return work.result()

    async def rewritten(self, text: str, span: Span, rules: UserRules | None = None) -> tuple[Conversion, str] | None:
        """The call at a place in the other framework, after the conversion that it is part of; ``None`` if it stays.

        Raises ``ParseError``.
        """
        conversion, expressions = await self._converted(text, rules=rules)
        return next(((conversion, item.text) for item in expressions if item.span == span), None)

    async def is_known_method(self, name: str) -> bool:
        """Whether a rule knows a method (``Tensor.sum``)."""
        return await self.once(("method", name), lambda: _known(name))

    async def once(self, key: tuple[Any, ...], work: Callable[[], T], pool: ThreadPoolExecutor | None = None) -> T:
        """The result of ``work``, from memory if it was computed for this key before.

        Work that nobody waits for any more is not started.
        """
        job = self._jobs.get(key)
        if job is not None and job.future.done() and not job.future.cancelled():
            self._jobs.move_to_end(key)
            return job.future.result()
        if job is None or job.future.cancelled():
            job = self._jobs[key] = _Job((pool or self.pool).submit(work))
        job.waiting += 1
        self._jobs.move_to_end(key)
        self._forget()
        try:
            computed = asyncio.wrap_future(job.future)
            computed.add_done_callback(_seen)
            with self.garbage.kept_away():
                return await asyncio.shield(computed)
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

    def _version(self, text: str) -> _Version:
        """What is remembered of the file that a text is a version of; a new one if it is of none."""
        with self._lock:
            best = next((version for version in self._versions if version.text == text), None)
            if best is None:
                alike, best = max(
                    ((_alike(version.text, text), version) for version in self._versions),
                    key=lambda found: found[0],
                    default=(0.0, None),
                )
                best = best if alike >= ALIKE else None
            if best is None:
                best = _Version(text)
                self._versions = self._versions[-VERSIONS + 1 :]
            else:
                self._versions.remove(best)
                best.text = text
            self._versions.append(best)
            return best

    def _convert(self, text: str, to: Any, layout: Any, rules: UserRules | None) -> tuple[Conversion, list[Rewritten]]:
        from diptych.conversion import convert
        from diptych.conversion.units import Cache

        expressions: list[Rewritten] = []
        version = self._version(text)
        cache = version.caches.setdefault((to, layout), Cache())
        index = rules.index if rules is not None else None
        found = convert(text, to=to, layout=layout, expressions=expressions, cache=cache, index=index)
        if (to, layout) == (None, "channels-last"):
            pieces = split(text, version.scout.pieces if version.scout is not None else ())
            version.converted = Earlier([part.text for part in parts(pieces)], rules, found, expressions)
        return found, expressions

    def _definition(self, text: str, line: int, rules: UserRules | None) -> Definition | None:
        from diptych.conversion.convert import definition_at
        from diptych.conversion.units import Cache

        cache = self._version(text).caches.setdefault((None, "channels-last"), Cache())
        return definition_at(text, line, cache, index=rules.index if rules is not None else None)

    def _scout(self, text: str) -> Scout:
        from diptych.syntax.scout import Scout

        version = self._version(text)
        found = version.scout = Scout(text, version.scout)
        return found

    def _check(self, text: str) -> list[Any]:
        from diptych.checks import Checked, run

        version = self._version(text)
        version.checked = version.checked or Checked()
        return run(text, version.checked)

    def _forget(self) -> None:
        for key in list(self._jobs):
            if len(self._jobs) <= REMEMBERED:
                break
            if self._jobs[key].waiting == 0:
                del self._jobs[key]


def _alike(first: str, second: str) -> float:
    """How much of the longer of two texts stands at the beginning or the end of both: 1 if they are the same."""
    shorter = min(len(first), len(second))
    before = _common(shorter, lambda length: first.startswith(second[:length]))
    after = _common(shorter - before, lambda length: first.endswith(second[len(second) - length :]))
    return (before + after) / (max(len(first), len(second)) or 1)


def _common(longest: int, fits: Callable[[int], bool]) -> int:
    """The greatest length up to ``longest`` that fits."""
    return bisect.bisect_left(range(longest + 1), True, key=lambda length: not fits(length)) - 1


def _seen(future: asyncio.Future[Any]) -> None:
    """Look at an error that nobody waits for any more, which asyncio would otherwise log."""
    if not future.cancelled():
        future.exception()


def _load() -> None:
    Garbage.of_the_start()
    from diptych import conversion
    from diptych.catalog import index
    from diptych.checks.registry import all_checks

    try:
        index.load()
        all_checks()
    finally:
        Garbage.begin()
    _ = conversion


def as_parse_error(error: Exception) -> ParseError | None:
    """The error as a ``ParseError``, if it is one.

    Whoever raised it has loaded its module: the event loop never waits for libcst.
    """
    if type(error).__name__ != "ParseError":
        return None
    from diptych.syntax.source import ParseError

    return error if isinstance(error, ParseError) else None


def _known(name: str) -> bool:
    from diptych.catalog.index import load

    return any(name in entries for entries in load().entries.values())
