"""A quick look, with ``ast``, at whether a text can use a name that a check looks for.

It may say yes where the answer of ``diptych.syntax.names`` is no, never the other way round, and it looks at each piece
of a text once: most texts need no more, and the tree of libcst takes ten times as long. Where it says yes, definitions
that mention none of those names are left out of what libcst reads.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from diptych.syntax.names import canonical
from diptych.text.members import Part, members
from diptych.text.pieces import split

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Mentions:
    """What a piece of a text imports, each name with its full names, the dotted names that it reads, all its words.

    ``names`` are all that it reads, ``bound`` those that it binds in whatever scope, ``patched`` those of whose
    attributes it binds or deletes one. ``defines`` is the one name that it binds at the top, where it is nothing but
    the definition of that. ``parses`` says whether it is Python by itself; where it is not, nothing but its words is
    known. ``parts`` are those of a long class, each by itself, and ``reaches_out`` says whether one may bind a name at
    the top from within.
    """

    words: frozenset[str]
    imported: Mapping[str, frozenset[str]]
    read: frozenset[tuple[str, ...]]
    names: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    patched: frozenset[str] = frozenset()
    defines: str | None = None
    parses: bool = True
    reaches_out: bool = False
    parts: Mapping[Part, Mentions] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, known: Mapping[Part, Mentions] | None = None) -> Mentions:
        """Look a piece over; ``known`` are parts that long classes have had."""
        cut = members(text)
        if cut is None:
            return cls._of(Part(text))
        parts = {part: (known or {}).get(part) or cls._of(part) for part in cut}
        together = cls._together(parts)
        return cls._of(Part(text)) if together is None else together

    @classmethod
    def _together(cls, parts: Mapping[Part, Mentions]) -> Mentions | None:
        """A long class, by its parts; ``None`` where they have to be looked at together."""
        head, *rest = parts.values()
        if head.defines is None or not head.parses or any(not each.parses or each.reaches_out for each in rest):
            return None
        imported: dict[str, frozenset[str]] = {}
        for each in parts.values():
            for name, full in each.imported.items():
                imported[name] = imported.get(name, frozenset()) | full
        sets = ("words", "read", "names", "bound", "patched")
        united = {name: frozenset().union(*(getattr(each, name) for each in parts.values())) for name in sets}
        return replace(head, imported=imported, parts=parts, **united)

    @classmethod
    def _of(cls, part: Part) -> Mentions:
        words = frozenset(_WORD.findall(part.text))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(part.whole)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return cls(words, {}, frozenset(), parses=False)
        if part.before:  # what stands in a class; if it ends that, it is no part of one
            if len(tree.body) != 1:
                return cls(words, {}, frozenset(), parses=False)
            tree = ast.Module(getattr(tree.body[0], "body", []), [])
        look = _Look(tree)
        (only, *others) = tree.body or [None]
        separate = isinstance(only, _DEFINITIONS) and not others and not look.reaches_out
        return cls(
            words,
            {name: frozenset(full) for name, full in look.imported.items()},
            frozenset(look.read),
            frozenset(look.names),
            frozenset(look.bound),
            frozenset(look.patched),
            only.name if isinstance(only, _DEFINITIONS) and separate else None,
            reaches_out=look.reaches_out,
        )


class _Look:
    """One walk over a piece. ``reaches_out``: it may bind a name at the top from within."""

    def __init__(self, tree: ast.Module) -> None:
        self.imported: dict[str, set[str]] = {}
        self.read: set[tuple[str, ...]] = set()
        self.names: set[str] = set()
        self.bound: set[str] = set()
        self.patched: set[str] = set()
        self.reaches_out = False
        for node in ast.walk(tree):
            handler = _HANDLERS.get(type(node))
            if handler is not None:
                handler(self, node)

    def _attribute(self, node: Any) -> None:
        if (name := _dotted(node)) is not None:
            self.read.add(name)
            if type(node.ctx) is not ast.Load:
                self.patched.add(name[0])

    def _name(self, node: Any) -> None:
        (self.names if type(node.ctx) is ast.Load else self.bound).add(node.id)

    def _import(self, node: Any) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self.bound.add(bound)
            self.imported.setdefault(bound, set()).update((alias.name, alias.name if alias.asname else bound))

    def _import_from(self, node: Any) -> None:
        for alias in node.names:
            self.bound.add(alias.asname or alias.name)
            if node.module and not node.level:
                self.imported.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")

    def _binds(self, node: Any) -> None:
        for name in ("name", "arg", "rest"):
            if isinstance(bound := getattr(node, name, None), str):
                self.bound.add(bound)

    def _reaches_out(self, node: Any) -> None:
        self.reaches_out = True


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BIND = ("arg", "ExceptHandler", "MatchAs", "MatchStar", "MatchMapping", "TypeVar", "TypeVarTuple", "ParamSpec")
_HANDLERS: dict[type, Callable[[_Look, Any], None]] = {
    ast.Attribute: _Look._attribute,
    ast.Name: _Look._name,
    ast.Import: _Look._import,
    ast.ImportFrom: _Look._import_from,
    ast.Global: _Look._reaches_out,
    ast.NamedExpr: _Look._reaches_out,
    **dict.fromkeys(_DEFINITIONS, _Look._binds),
    **{getattr(ast, name): _Look._binds for name in _BIND if hasattr(ast, name)},
}


@dataclass(frozen=True)
class Meant:
    """What checks by name have to look at in a text: dotted names that may have one of the full names asked for, and
    the names that imports bind to one. ``imported`` are all that imports bind.
    """

    read: frozenset[tuple[str, ...]]
    bound: frozenset[str]
    imported: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.read or self.bound)

    def concerns(self, piece: Mentions) -> bool:
        """Whether a piece cannot be left out."""
        return (
            piece.defines is None
            or not self.read.isdisjoint(piece.read)
            or not self.bound.isdisjoint(piece.names)
            or not self.bound.isdisjoint(piece.imported)
            or not self.imported.isdisjoint(piece.patched)
        )


class Mentioned:
    """What the pieces of the last text mention, for the next version of it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.known: dict[str, Mentions] = {}

    def read(self, text: str) -> None:
        """Look at a text; pieces that are known are not looked at again."""
        self.pieces = split(text, self.pieces)
        parts = {part: found for each in self.known.values() for part, found in each.parts.items()}
        self.known = {each: self.known.get(each) or Mentions.of(each, parts) for each in self.pieces}

    @property
    def words(self) -> frozenset[str]:
        """All words of the text, those in comments and strings too."""
        return frozenset[str]().union(*(each.words for each in self.known.values()))

    def all_parse(self) -> bool:
        """Whether every piece is Python by itself."""
        return all(each.parses for each in self.known.values())

    def meant(self, is_meant: Callable[[str], bool]) -> Meant:
        """What of the text may have one of the full names asked for, where all pieces parse."""
        imported: dict[str, set[str]] = {}
        for each in self.known.values():
            for name, full in each.imported.items():
                imported.setdefault(name, set()).update(map(canonical, full))
        read = frozenset[tuple[str, ...]]().union(*(each.read for each in self.known.values()))
        return Meant(
            frozenset(
                (root, *rest)
                for root, *rest in read
                if any(is_meant(canonical(".".join([name, *rest]))) for name in imported.get(root, ()))
            ),
            frozenset(name for name, full in imported.items() if any(map(is_meant, full))),
            frozenset(imported),
        )

    def abridged(self, meant: Meant) -> Abridged:
        """The text for whoever looks for these names alone."""
        parts: list[str] = []
        names: set[str] = set()
        bound: set[str] = set()
        for piece in self.pieces:
            known = self.known[piece]
            if known.defines is None or meant.concerns(known):
                parts.append(piece)
            else:
                parts.append(_stub(piece, known.defines))
                names |= known.names
                bound |= known.bound
        return Abridged("".join(parts), frozenset(names), frozenset(bound))


@dataclass(frozen=True)
class Abridged:
    """A text with short definitions of the same names in place of some, each as long as what it stands for; the names
    that those read and bind.
    """

    text: str
    read: frozenset[str]
    bound: frozenset[str]


def _stub(piece: str, name: str) -> str:
    """A class of a name, as long as a piece of which it is the only definition."""
    end = piece[len(piece.rstrip("\r\n")) :]
    newline = "\r\n" if "\r\n" in end else "\n" if end else ""
    stub = f"class {name}:0"
    left = len(piece) - len(stub) - len(newline)
    return stub + ("#" + "-" * (left - 1) if left else "") + newline


def _dotted(node: ast.expr) -> tuple[str, ...] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else None
