"""A text read for the checks that follow values: its parts, what there is in each, and where."""

from __future__ import annotations

import ast
import copy
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from diptych.checks.fragments import AttributeBinding, Binding, Fragment, Function
from diptych.checks.long_classes import fragment_of
from diptych.text.pieces import split
from diptych.text.positions import LineIndex

_ERRORS = re.compile(r"\b(?:pytest\.|self\.assert)(?:raises|Raises|warns|Warns)")


@dataclass
class Asked:
    """What was asked of the rest of a text while a part of it was looked at."""

    names: set[str] = field(default_factory=set)  # at the top
    calls: set[str] = field(default_factory=set)  # by the last name of what is called, wherever they stand
    said: dict[str | re.Pattern[str], bool] = field(default_factory=dict)
    everything: bool = False


@dataclass
class _Quiet:
    """The checks that found nothing in a part of a text, and what they asked of the rest."""

    checks: set[Any]
    asked: Asked


class Reading:
    """One text. ``known`` is the same of an earlier version: pieces that have not changed are not read again.

    Checks are shown it in ``parts``, since most of what one can find is found within one definition. What goes through
    the nodes (``calls``, ``all``, ``attribute_bindings``) gives those of the part; what a name stands for is found
    wherever it is. ``calls_anywhere`` and ``says`` look at all of the text.

    Raises ``SyntaxError`` or ``ValueError`` if this interpreter cannot read the text, ``RecursionError`` if it is
    nested too deeply.
    """

    def __init__(self, text: str, known: Self | None = None) -> None:
        self._text = text
        self.lines = LineIndex(text)
        self._pieces = split(text, known._pieces if known is not None else ())
        self._all, in_order = self._read(known)
        self.fragments: Sequence[Fragment] = self._all
        self._top: dict[str, list[Binding]] = {}
        down = 0
        for fragment in self._all:
            fragment.stands(down)
            down += len(fragment.lines)
            for name, bindings in fragment.root.bindings.items():
                self._top.setdefault(name, []).extend(bindings)
        self._said: dict[str | re.Pattern[str], bool] = {}
        self.asked = Asked()
        self.memory: dict[Any, Any] = {}  # for whoever computes something from the text that is asked again
        self._groups = self._grouped()
        self._quiet: dict[tuple[Fragment, ...], _Quiet] = {}
        if known is not None and in_order:
            self._remember(known)

    def _read(self, known: Self | None) -> tuple[list[Fragment], bool]:
        """The pieces' fragments, and whether those that are known stand in the order in which they stood."""
        spare: dict[str, deque[tuple[int, Fragment]]] = {}
        if known is not None:
            for number, (piece, fragment) in enumerate(zip(known._pieces, known._all, strict=True)):
                spare.setdefault(piece, deque()).append((number, fragment))
        found: list[Fragment] = []
        places: list[int] = []
        here = set(self._pieces)
        left = [one for piece, one in zip(known._pieces, known._all, strict=True) if piece not in here] if known else []
        try:
            for piece in self._pieces:
                if spare.get(piece):
                    number, fragment = spare[piece].popleft()
                    places.append(number)
                    found.append(fragment)
                else:
                    found.append(fragment_of(piece, left))
        except SyntaxError:
            self._pieces = [self._text]
            return [Fragment(self._text)], False
        return found, places == sorted(places)

    # Its parts.

    def parts(self, checks: Sequence[Any]) -> Iterator[tuple[Self, list[Any]]]:
        """The text part by part: a definition at the top each, and together all else that may share an object.

        With each part, those of some checks that are not known to find nothing in it; parts without any are left out.
        """
        for group in self._groups:
            quiet = self._quiet.get(group)
            asking = [check for check in checks if quiet is None or check not in quiet.checks]
            if not asking:
                continue
            part = copy.copy(self)
            part.fragments, part.memory = group, {}
            part.asked = quiet.asked if quiet is not None else Asked()
            yield part, asking

    def found_nothing(self, checks: Collection[Any]) -> None:
        """Remember for the next version that these checks have found nothing in this part."""
        self._quiet.setdefault(tuple(self.fragments), _Quiet(set(), self.asked)).checks.update(checks)

    def _grouped(self) -> list[tuple[Fragment, ...]]:
        """What a name at the top holds may be used wherever the name is read: only definitions that read no such name
        stand by themselves.
        """
        held = frozenset[str]().union(*(fragment.holds for fragment in self._all))
        alone = [fragment.defines and held.isdisjoint(fragment.names) for fragment in self._all]
        groups = [(fragment,) for fragment, by_itself in zip(self._all, alone, strict=True) if by_itself]
        rest = tuple(fragment for fragment, by_itself in zip(self._all, alone, strict=True) if not by_itself)
        return [rest, *groups] if rest else groups

    def _remember(self, known: Self) -> None:
        """Take over what was found quiet in an earlier version, where nothing has changed that was asked for."""
        changed = set(self._all) ^ set(known._all)
        names = {name for fragment in changed for name in fragment.root.bindings}
        calls = {name for fragment in changed for name in fragment.calls}
        for group in self._groups:
            quiet = known._quiet.get(group)
            if quiet is None or (quiet.asked.everything and changed):
                continue
            asked = quiet.asked
            same = names.isdisjoint(asked.names) and calls.isdisjoint(asked.calls)
            if same and all(self._says(pattern) == answer for pattern, answer in asked.said.items()):
                self._quiet[group] = quiet

    # What there is.

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """All calls of what is written with one of these as its last name: ``F.relu(x)`` and ``x.relu()`` for relu."""
        for name in names:
            for fragment in self.fragments:
                yield from fragment.calls.get(name, ())

    def calls_anywhere(self, *names: str) -> Iterator[ast.Call]:
        """As ``calls``, in other parts of the text as well."""
        self.asked.calls.update(names)
        for name in names:
            for fragment in self._all:
                yield from fragment.calls.get(name, ())

    def says(self, pattern: str | re.Pattern[str], function: Function | None = None) -> bool:
        """Whether words, or what an expression matches, stand in a function; without one, anywhere in the text."""
        if function is not None:
            return _holds(self.code(function), pattern)
        answer = self.asked.said[pattern] = self._says(pattern)
        return answer

    def _says(self, pattern: str | re.Pattern[str]) -> bool:
        if pattern not in self._said:
            self._said[pattern] = _holds(self._text, pattern)
        return self._said[pattern]

    def keyword_calls(self, name: str) -> Iterator[ast.Call]:
        """All calls with a keyword of this name."""
        for fragment in self.fragments:
            for calls in fragment.calls.values():
                yield from (call for call in calls if any(keyword.arg == name for keyword in call.keywords))

    def all(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        """All nodes of a type, of those that ``fragments`` indexes."""
        for fragment in self.fragments:
            for kind in kinds:
                yield from fragment.index.get(kind, ())

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions and methods."""
        return self.all(ast.FunctionDef, ast.AsyncFunctionDef)

    def attribute_bindings(self) -> Iterator[AttributeBinding]:
        """All assignments to attributes."""
        for fragment in self.fragments:
            yield from fragment.attributes

    @cached_property
    def expected_errors(self) -> list[tuple[int, int]]:
        """Where tests expect that an error is raised: start and end of each such ``with`` statement."""
        return [
            self.offsets(node)
            for node in self.all(ast.With)
            if any(_ERRORS.search(self.code(item.context_expr)) for item in node.items)
        ]

    # Where things are.

    def place(self, node: Any) -> tuple[int, int]:
        """Line (from 1) and column of the start of a node in the text, the column in bytes: to compare places."""
        return self._fragment(node).down + node.lineno, node.col_offset

    def end(self, node: Any) -> tuple[int, int]:
        """Line and column of the end of a node, as ``place``."""
        return self._fragment(node).down + node.end_lineno, node.end_col_offset

    def offsets(self, node: Any) -> tuple[int, int]:
        """Start and end of a node in the text, in code points."""
        fragment = self._fragment(node)
        return (
            self._offset(fragment, node.lineno, node.col_offset),
            self._offset(fragment, node.end_lineno, node.end_col_offset),
        )

    def _offset(self, fragment: Fragment, line: int, column: int) -> int:
        text = fragment.lines[line - 1]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass"))
        mark = 1 if line + fragment.down == 1 and self._text.startswith("\ufeff") else 0
        return self.lines.offset(line + fragment.down, column + mark)

    def code(self, node: Any) -> str:
        """The text of a node."""
        start, end = self.offsets(node)
        return self._text[start:end]

    def _fragment(self, node: Any) -> Fragment:
        top = node
        while (fragment := getattr(top, "fragment", None)) is None:
            top = top.around
        if not fragment.together:
            node.fragment = fragment
        return fragment


def _holds(text: str, pattern: str | re.Pattern[str]) -> bool:
    return pattern in text if isinstance(pattern, str) else pattern.search(text) is not None
