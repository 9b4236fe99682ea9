"""An import statement that a check looks at, and how it is written anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from diptych.checks.finding import Fix, Safety
from diptych.checks.source import Source
from diptych.checks.use import Problem
from diptych.syntax.names import Imported, ImportStatement, canonical

Renaming = Callable[[str], str | None]


def is_handed_on(alias: cst.ImportAlias) -> bool:
    """Whether an import is there for others: ``from package import name as name`` is how a package exports a name."""
    asname = alias.asname.name if alias.asname is not None else None
    return isinstance(asname, cst.Name) and isinstance(alias.name, cst.Name) and asname.value == alias.name.value


@dataclass(frozen=True)
class Import:
    """A statement that imports ``hits``: names that a check looks for, or what is below them."""

    source: Source
    statement: ImportStatement
    hits: tuple[Imported, ...]

    @property
    def package(self) -> str:
        """The package that is imported from, as written: ``tensorflow``, ``keras``, ``torch``."""
        return (self.statement.module or _written(self.hits[0])).partition(".")[0]

    def problem(self, fix: Fix | None = None, *, message: str | None = None, below: str | None = None) -> Problem:
        """Report the first name that is meant; the module instead, if it stands at or below ``below``."""
        node: cst.CSTNode = self.hits[0].alias.name
        statement = self.statement.node
        if below is not None and isinstance(statement, cst.ImportFrom) and statement.module is not None:
            module = canonical(self.statement.module or "")
            if module == below or module.startswith(below + "."):
                node = statement.module
        return Problem(*self.source.offsets(node), message, fix)

    def rewrite(self, new: Renaming, title: str, safety: Safety) -> Fix | None:
        """The fix that imports every name under the full name that ``new`` gives for it, bound as before.

        ``None`` if ``new`` knows no other name for one of them or for a name that the file reads through it, or if
        a comment would be lost.
        """
        names = {one: new(one.name) if one in self.hits else one.name for one in self.statement.names}
        if not names or len(names) != _count(self.statement.node):
            return None
        if not all(self._reads_well(one, new) for one in self.hits):
            return None
        text = self._text({one: name for one, name in names.items() if name is not None})
        if text is None or None in names.values():
            return None
        start, end = self.source.offsets(self.statement.node)
        if "#" in self.source.text[start:end]:
            return None
        return Fix(title, safety, (self.source.edit(start, end, text),))

    def _reads_well(self, imported: Imported, new: Renaming) -> bool:
        """Whether all that is read through a module has a new name that the module's new name leads to."""
        target = new(imported.name)
        if target is None:
            return False
        for node in self.source.names.reads(self.statement, imported.bound):
            name = self.source.names.qualified(node)
            if name is None or not name.startswith(imported.name + "."):
                continue
            if new(name) != target + name[len(imported.name) :]:
                return False
        return True

    def _text(self, names: dict[Imported, str]) -> str | None:
        """The statement, or several, that import these full names."""
        if self.statement.module is None:
            parts: list[str] = []
            for one, name in names.items():
                bare = one.alias.asname is None
                if bare and name.partition(".")[0] != one.name.partition(".")[0]:
                    return None
                parts.append(self._spelled(name) + ("" if bare else f" as {one.bound}"))
            return "import " + ", ".join(dict.fromkeys(parts))
        groups: dict[str, list[str]] = {}
        for one, name in names.items():
            module, _, last = name.rpartition(".")
            if not module:
                return None
            groups.setdefault(self._spelled(module), []).append(last if last == one.bound else f"{last} as {one.bound}")
        node = self.statement.node
        if len(groups) == 1 and isinstance(node, cst.ImportFrom) and node.module is not None:
            ((module, imported),) = groups.items()
            if imported == [_as_written(one) for one in names]:
                start = self.source.offsets(node)[0]
                first, last = self.source.offsets(node.module)
                end = self.source.offsets(node)[1]
                return self.source.text[start:first] + module + self.source.text[last:end]
        line, column = self.source.lines.place(self.source.offsets(node)[0])
        indentation = self.source.lines.line(line)[:column]
        if len(groups) > 1 and indentation.strip():
            return None
        divider = self.source.lines.newline(line) + indentation
        return divider.join(f"from {module} import {', '.join(imported)}" for module, imported in groups.items())

    def _spelled(self, name: str) -> str:
        """A full name through the package that the statement names."""
        if self.package == "tensorflow":
            return f"tensorflow.{name}" if name.startswith("keras") else "tensorflow" + name.removeprefix("tf")
        return name


def _written(imported: Imported) -> str:
    node = imported.alias.name
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _as_written(imported: Imported) -> str:
    last = imported.name.rpartition(".")[2]
    return last if last == imported.bound else f"{last} as {imported.bound}"


def _count(node: cst.Import | cst.ImportFrom) -> int:
    return 0 if isinstance(node.names, cst.ImportStar) else len(node.names)
