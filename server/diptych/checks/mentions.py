"""A quick look, with ``ast``, at whether a text can use a name that a check looks for.

It may say yes where the answer of ``diptych.syntax.names`` is no, never the other way round, and it looks at each piece
of a text once: most texts need no more, and the tree of libcst takes ten times as long.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from diptych.syntax.names import canonical
from diptych.text.pieces import split

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Mentions:
    """What a piece of a text imports, each name with its full names, the dotted names that it reads, all its words.

    ``parses`` says whether it is Python by itself; where it is not, nothing but its words is known.
    """

    words: frozenset[str]
    imported: Mapping[str, frozenset[str]]
    read: frozenset[tuple[str, ...]]
    parses: bool = True

    @classmethod
    def of(cls, text: str) -> Mentions:
        """Look a piece over."""
        words = frozenset(_WORD.findall(text))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return cls(words, {}, frozenset(), parses=False)
        imported: dict[str, set[str]] = {}
        read: set[tuple[str, ...]] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                if (name := _dotted(node)) is not None:
                    read.add(name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    imported.setdefault(bound, set()).update((alias.name, alias.name if alias.asname else bound))
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    imported.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")
        return cls(words, {name: frozenset(full) for name, full in imported.items()}, frozenset(read))


class Mentioned:
    """What the pieces of the last text mention, for the next version of it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.known: dict[str, Mentions] = {}

    def read(self, text: str) -> None:
        """Look at a text; pieces that are known are not looked at again."""
        self.pieces = split(text, self.pieces)
        self.known = {each: self.known.get(each) or Mentions.of(each) for each in self.pieces}

    @property
    def words(self) -> frozenset[str]:
        """All words of the text, those in comments and strings too."""
        return frozenset[str]().union(*(each.words for each in self.known.values()))

    def all_parse(self) -> bool:
        """Whether every piece is Python by itself."""
        return all(each.parses for each in self.known.values())

    def any_name(self, is_meant: Callable[[str], bool]) -> bool:
        """Whether a full name that may be meant somewhere in the text is one of those asked for.

        True where a piece cannot be read by itself.
        """
        if not self.all_parse():
            return True
        imported: dict[str, set[str]] = {}
        for each in self.known.values():
            for name, full in each.imported.items():
                imported.setdefault(name, set()).update(full)
        read = frozenset[tuple[str, ...]]().union(*(each.read for each in self.known.values()))
        return any(is_meant(name) for name in _full_names(imported, read))


def _full_names(imported: Mapping[str, set[str]], read: Iterable[tuple[str, ...]]) -> set[str]:
    found = {canonical(name) for full in imported.values() for name in full}
    for root, *rest in read:
        for name in imported.get(root, ()):
            found.add(canonical(".".join([name, *rest])))
    return found


def _dotted(node: ast.expr) -> tuple[str, ...] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else None
