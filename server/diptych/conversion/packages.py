"""What the files of a package take from one another, so that the twin of each fits those of the others.

A definition that another file uses is called from where its twin cannot be seen: it keeps its axes in the source's
order. A class of another file that is a module is one for the file that uses it, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from diptych.conversion.names import dotted

if TYPE_CHECKING:
    import libcst as cst

    from diptych.conversion.converter import Converter

MODULE_BASES = frozenset({"Module", "Sequential", "Model", "Layer"})


@dataclass(frozen=True)
class Surroundings:
    """What a file shares with the others of its package.

    ``shared`` are names of its own definitions that others use. ``modules`` are the dotted names under which it uses
    classes of others that are modules or models. ``files`` are the full names of the files that it imports.
    """

    shared: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


ALONE = Surroundings()
Found = tuple[PurePosixPath, str]  # a definition: its file and name


@dataclass
class _File:
    definitions: dict[str, list[str]] = field(default_factory=dict)  # name -> the bases of a class
    files: dict[str, PurePosixPath] = field(default_factory=dict)  # local dotted name -> file
    names: dict[str, Found] = field(default_factory=dict)  # local name -> definition
    stars: list[PurePosixPath] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)  # full names of files


def is_elsewhere(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this names a class of another file of the package that is a module."""
    name = dotted(node)
    if name is None or name not in c.elsewhere:
        return False
    root = c.scope.lookup(name.split(".")[0])
    return root is not None and root.kind == "foreign"


def surroundings(texts: Mapping[PurePosixPath, str], root: str = "") -> dict[PurePosixPath, Surroundings]:
    """For each file, by its path in the package; ``root`` is the package's own name. Files that do not parse share
    nothing.
    """
    places = _places(texts, root)
    files = {path: _read(path, text, places, root) for path, text in texts.items()}
    for file in files.values():
        for star in file.stars:
            for name in files[star].definitions:
                file.names.setdefault(name, (star, name))
    modules = _modules(files)
    shared: dict[PurePosixPath, set[str]] = {path: set() for path in files}
    used: dict[PurePosixPath, set[str]] = {path: set() for path in files}
    for path, file in files.items():
        for local, found in _uses(file):
            definition = _followed(files, found)
            if definition is not None and definition[0] != path:
                shared[definition[0]].add(definition[1])
                if definition in modules:
                    used[path].add(local)
    return {
        path: Surroundings(frozenset(shared[path]), frozenset(used[path]), frozenset(file.imports))
        for path, file in files.items()
    }


def _places(texts: Mapping[PurePosixPath, str], root: str) -> dict[str, PurePosixPath]:
    """Files by their dotted names, from the package's folder and from the one that it lies in."""
    places: dict[str, PurePosixPath] = {}
    for path in texts:
        parts = list(path.with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        for name in (".".join(parts), ".".join([root, *parts]) if root else ""):
            if name:
                places.setdefault(name, path)
    return places


def _read(path: PurePosixPath, text: str, places: Mapping[str, PurePosixPath], root: str) -> _File:
    file = _File()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return file
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            file.definitions[node.name] = [ast.unparse(base) for base in node.bases]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            file.definitions[node.name] = []
    package = [root, *path.parent.parts] if root else list(path.parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in places:
                    file.files[alias.asname or alias.name] = places[alias.name]
                    file.imports.add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            _from(file, node, package, places)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            file.attributes.add(ast.unparse(node))
    return file


def _from(file: _File, node: ast.ImportFrom, package: list[str], places: Mapping[str, PurePosixPath]) -> None:
    above = package[: len(package) - node.level + 1] if node.level else []
    base = ".".join([*above, *(node.module.split(".") if node.module else [])])
    file.imports |= {base} & places.keys()
    for alias in node.names:
        local = alias.asname or alias.name
        inside = f"{base}.{alias.name}" if base else alias.name
        if alias.name == "*":
            if base in places:
                file.stars.append(places[base])
        elif inside in places:
            file.files[local] = places[inside]
            file.imports.add(inside)
        elif base in places:
            file.names[local] = (places[base], alias.name)


def _uses(file: _File) -> Iterator[tuple[str, Found]]:
    yield from file.names.items()
    for text in file.attributes:
        owner, _, name = text.rpartition(".")
        if owner in file.files:
            yield text, (file.files[owner], name)


def _followed(files: Mapping[PurePosixPath, _File], found: Found) -> Found | None:
    """Where a name is defined, through files that only hand it on; ``None`` where it is no definition."""
    seen: set[Found] = set()
    while found not in seen:
        seen.add(found)
        file = files[found[0]]
        if found[1] in file.definitions:
            return found
        if found[1] not in file.names:
            return None
        found = file.names[found[1]]
    return None


def _modules(files: Mapping[PurePosixPath, _File]) -> set[Found]:
    """The classes that derive from a framework's module, whichever files lie between."""
    found: set[Found] = set()
    while True:
        more = {
            (path, name)
            for path, file in files.items()
            for name, bases in file.definitions.items()
            if (path, name) not in found and any(_is_module(files, path, base, found) for base in bases)
        }
        if not more:
            return found
        found |= more


def _is_module(files: Mapping[PurePosixPath, _File], path: PurePosixPath, base: str, found: set[Found]) -> bool:
    file = files[path]
    owner, _, name = base.rpartition(".")
    if owner in file.files:
        place: Found | None = (file.files[owner], name)
    elif base in file.definitions:
        place = (path, base)
    else:
        place = file.names.get(base)
    if place is None:
        return name in MODULE_BASES
    return _followed(files, place) in found
