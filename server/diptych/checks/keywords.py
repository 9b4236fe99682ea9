"""What checks by a table of keyword arguments have in common: what a function no longer takes, and what instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from diptych.checks.check import Check
from diptych.checks.finding import Safety
from diptych.checks.use import Problem, Use


class Keywords(Check):
    """A check whose ``keywords`` give, by function, the new name of each old keyword argument; ``None`` for none.

    ``ignored`` are those that the function may as well not be given: the fix takes them out. ``advice`` says what to do
    about a keyword where a new name alone does not.
    """

    keywords: ClassVar[Mapping[str, Mapping[str, str | None]]]
    ignored: ClassVar[frozenset[str]] = frozenset()
    advice: ClassVar[Mapping[str, str]] = {}
    because: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "keywords" in vars(cls):
            cls.names = tuple(cls.keywords)

    def safety(self, name: str) -> Safety:
        """What the fix of a call of a function promises."""
        return "unsafe"

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        if call is None:
            return None
        table = self.keywords[use.name]
        given = {one.keyword.value: one for one in call.args if one.keyword is not None}
        old = {name: argument for name, argument in given.items() if name in table}
        if not old:
            return None
        words = "; ".join(self.words(name, table[name]) for name in old)
        message = f"{use.name.rpartition('.')[2]} {self.because}: {words}"
        kept = [name for name in given if name not in old]
        new = [renamed for name in old if (renamed := table[name]) is not None]
        mended = all(table[name] is not None or name in self.ignored for name in old)
        if not mended or len(set(kept + new)) < len(kept + new):
            return use.problem(message=message)
        rewrite = use.rewrite()
        for name, argument in old.items():
            renamed = table[name]
            if renamed is not None:
                rewrite.rename_keyword(argument, renamed)
            elif len(old) == 1:
                rewrite.remove(argument)
            else:
                return use.problem(message=message)  # edits of neighbours would run into each other
        return use.problem(rewrite.done("Use the arguments there are", self.safety(use.name)), message=message)

    def words(self, name: str, new: str | None) -> str:
        """What the message says of one keyword."""
        if name in self.advice:
            return f"{name}=, {self.advice[name]}"
        return f"{name}= is now {new}=" if new is not None else f"{name}= is gone"
