"""What checks by a table of names have in common: a name that went away or will go, and what stands for it now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from diptych.checks.check import Check
from diptych.checks.finding import Safety
from diptych.checks.imported import Import
from diptych.checks.use import Problem, Use


class Renamed(Check):
    """A check whose ``renames`` give the new full name of each old one, ``None`` where there is none.

    What is below an old name, such as the members of a class or a module, has its new name below the new one. ``gone``
    says that the old names do not exist any more: then the statement that imports one is what fails, and is reported
    in place of the uses of what it binds, as with ``at_import``. ``advice`` says what to do where a new name alone
    does not.
    """

    renames: ClassVar[Mapping[str, str | None]]
    advice: ClassVar[Mapping[str, str]] = {}
    gone: ClassVar[bool] = False
    at_import: ClassVar[bool] = False
    because: ClassVar[str]
    safety: ClassVar[Safety] = "unsafe"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "renames" in vars(cls):
            cls.names = tuple(one for name in cls.renames for one in (name, f"{name}.*"))

    def new(self, name: str) -> str | None:
        """The new full name of a name of the table or of what is below one."""
        old = self.old(name)
        new = self.renames[old]
        return None if new is None else new + name[len(old) :]

    def old(self, name: str) -> str:
        """The longest name of the table that a full name is or is below. Raises ``KeyError`` if it is below none."""
        while name not in self.renames:
            name = name.rpartition(".")[0]
            if not name:
                raise KeyError(name)
        return name

    def applies(self, old: str, package: str | None) -> bool:
        """Whether a name of the table is meant where it is reached through ``tensorflow`` or ``keras``."""
        return True

    def words(self, old: str) -> str:
        """The message about a name of the table."""
        new = self.renames[old]
        advice = self.advice.get(old) or (f"use {new}" if new is not None else "")
        return f"{old} {self.because}" + (f": {advice}" if advice else "")

    def visit(self, use: Use) -> Problem | None:
        old = self.old(use.name)
        here = use.shortened(old)
        if not self.applies(old, use.source.names.package(use.node)):
            return None
        if (self.gone or self.at_import) and use.is_imported_at_or_below(old):
            return None  # the import is reported
        new = self.new(here.name)
        fix = None
        if new is not None and self.mends(here, old):
            fix = here.rewrite(new).done(f"Use {new}", self.safety)
        return here.problem(fix, message=self.words(old))

    def mends(self, use: Use, old: str) -> bool:
        """Whether the new name alone is a fix here."""
        return True

    def visit_import(self, imported: Import) -> Problem | None:
        if not self.gone and not self.at_import:
            return None
        hits = tuple(one for one in imported.hits if self.applies(self.old(one.name), imported.package))
        if not hits:
            return None
        imported = Import(imported.source, imported.statement, hits)
        old = self.old(hits[0].name)
        fix = None
        if all(self.new(one.name) is not None for one in hits):
            fix = imported.rewrite(self._new_or_same, "Import what replaces it", self.safety)
        return imported.problem(fix, message=self.words(old), below=old)

    def _new_or_same(self, name: str) -> str | None:
        try:
            return self.new(name)
        except KeyError:
            return name
