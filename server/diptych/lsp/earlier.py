"""What the conversion of an earlier version of a text still says of a text that holds the same code."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diptych.text.same_code import lines_before, same_but_for_empty_space

if TYPE_CHECKING:
    from diptych.catalog.user_rules import UserRules
    from diptych.conversion.expression import Rewritten
    from diptych.conversion.result import Conversion, Framework, Leftover
    from diptych.syntax.source import Span


@dataclass(frozen=True)
class At:
    """What conversion makes of a call: its ``code`` in the framework ``to``, or ``None`` where it stays and what was
    left over at its beginning, from outside inwards.
    """

    to: Framework
    code: str | None
    left: list[Leftover]

    @classmethod
    def of(cls, to: Framework, expressions: Sequence[Rewritten], leftovers: Sequence[Leftover], span: Span) -> At:
        """Look a place up in what a conversion found; ``expressions`` are in the order of the text."""
        start = (span.line, span.column)
        code = None
        first = bisect.bisect_left(expressions, start, key=lambda item: (item.span.line, item.span.column))
        for item in itertools.islice(expressions, first, None):
            if item.span == span:
                code = item.text
                break
            if (item.span.line, item.span.column) != start:
                break
        here = [item for item in leftovers if (item.line, item.column) == start and item.severity == "error"]
        return cls(to, code, sorted(here, key=lambda item: (-item.end_line, -item.end_column)) if code is None else [])


class Earlier:
    """A conversion by the rules of a project, of a text cut into ``pieces``."""

    def __init__(
        self, pieces: Sequence[str], rules: UserRules | None, conversion: Conversion, expressions: Sequence[Rewritten]
    ) -> None:
        from diptych.conversion.context import facts_of

        self.pieces = pieces
        self.rules = rules
        self.conversion = conversion
        self.expressions = expressions
        self.facts = facts_of(conversion.source, conversion.framework)

    def at(
        self,
        text: str,
        pieces: Sequence[str],
        span: Span,
        rules: UserRules | None,
        above: Callable[[int], int] | None = None,
    ) -> At | None:
        """What converting another text gives at a place, if that is sure to be the same: where comments and empty space
        alone have changed, and nothing within the place. ``above`` is that of ``lines_before``.
        """
        if rules is not self.rules:
            return None
        lines = lines_before(self.pieces, pieces, span.line, span.end_line, above)
        if lines is None:
            return None
        before = replace(span, line=lines[0], end_line=lines[1])
        if span.line != span.end_line and _code(text, span) != _code(self.conversion.source, before):
            return None
        if not self._same_facts(text, pieces):
            return None
        found = At.of(self.conversion.to, self.expressions, self.conversion.leftovers, before)
        return None if found.code is not None and "#" in found.code else found

    def _same_facts(self, text: str, pieces: Sequence[str]) -> bool:
        """Whether a text with the same code says the same as a whole, comments among it; empty space says nothing."""
        if all(
            old is new or old == new or same_but_for_empty_space(old, new)
            for old, new in zip(self.pieces, pieces, strict=True)
        ):
            return True
        from diptych.conversion.context import facts_of

        return facts_of(text, self.conversion.framework) == self.facts


def _code(text: str, span: Span) -> list[str]:
    """The text of a place, by lines, without spaces at their ends."""
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column]
    lines[0] = lines[0][span.column :]
    return [line.rstrip() for line in lines]
