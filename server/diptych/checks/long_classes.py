"""A long class as fragments of its own, its head and the statements of its body: an edit has one of them read again."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Sequence
from typing import Any

from diptych.checks.fragments import Binding, Fragment, Scope
from diptych.text.lines import split_lines
from diptych.text.members import Part, members


class _NotSeparateError(Exception):
    """A class whose parts have to be read together."""


def fragment_of(piece: str, left: list[Fragment]) -> Fragment:
    """The fragment of a piece of a text. Of ``left``, those of an earlier version of the text that are no pieces of it
    any more, one is taken that is a class with the same head.

    Raises what ``Fragment`` raises.
    """
    cut = members(piece)
    if cut is None:
        return Fragment(piece)
    known = next((one for one in left if isinstance(one, LongClass) and one.head_text == cut[0].text), None)
    try:
        made = LongClass(piece, cut, known)
    except (_NotSeparateError, SyntaxError):
        return Fragment(piece)
    if known is not None:
        left.remove(known)
    return made


class LongClass(Fragment):
    """A long class. Its node and its scope are those of the ``known`` version before, and are brought up to date when
    it is said where it ``stands``: only the last version can be used.
    """

    together = True

    def __init__(self, piece: str, cut: Sequence[Part], known: LongClass | None) -> None:
        self.lines = split_lines(piece)
        self.down = 0
        self.head_text = cut[0].text
        self.head = known.head if known is not None else Fragment(cut[0].whole)
        self.tree, self.root = self.head.tree, self.head.root
        if len(self.tree.body) != 1 or not isinstance(self.tree.body[0], ast.ClassDef):
            raise _NotSeparateError
        self.owner: Any = self.tree.body[0]
        spare: dict[str, deque[_Member]] = {}
        for each in known.members if known is not None else ():
            spare.setdefault(each.text, deque()).append(each)
        self.members = [
            spare[part.text].popleft() if spare.get(part.text) else _Member(part, self.owner) for part in cut[1:]
        ]
        everything: list[Fragment] = [self.head, *self.members]
        self.calls, self.index, self.attributes = {}, {}, []
        for each in everything:
            for name, calls in each.calls.items():
                self.calls.setdefault(name, []).extend(calls)
            for kind, nodes in each.index.items():
                self.index.setdefault(kind, []).extend(nodes)
            self.attributes += each.attributes
        self.names = frozenset[str]().union(*(each.names for each in everything))
        self.holds = self.head.holds

    def stands(self, down: int) -> None:
        """Say how many lines stand before the class, and put it together."""
        self.down = down
        self.tree.fragment = self
        bindings: dict[str, list[Binding]] = {}
        above = len(split_lines(self.head_text))
        statements: list[Any] = []
        for member in self.members:
            member.down = down + above - 1  # a line is before what it was read from
            above += len(member.lines) - 1
            statements += member.statements
            for name, found in member.bindings.items():
                bindings.setdefault(name, []).extend(found)
        self.owner.body[:] = statements
        self.owner.inner.bindings = bindings
        last = self.members[-1]
        self.owner.end_lineno = last.down - down + statements[-1].end_lineno
        self.owner.end_col_offset = statements[-1].end_col_offset


class _Member(Fragment):
    """Statements of the body of a class. ``bindings`` are what they bind in its scope."""

    def __init__(self, part: Part, owner: Any) -> None:
        self.text = part.text
        self._read(part.whole)
        if len(self.tree.body) != 1:
            raise _NotSeparateError
        self.statements = self.tree.body[0].body
        scope: Scope = owner.inner
        others, scope.bindings = scope.bindings, {}
        try:
            for statement in self.statements:
                statement.block = owner.body
                statement.fragment = self
                self._visit(statement, owner, scope)
            self.bindings = scope.bindings
        finally:
            scope.bindings = others
        self.names = frozenset(node.id for node in self.index.get(ast.Name, ()))
        self.holds = frozenset()

    def _outer(self, node: Any, scope: Scope) -> None:
        raise _NotSeparateError  # it binds names further out
