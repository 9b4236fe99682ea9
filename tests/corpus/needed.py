"""The files of a large library that have to be converted for one class: those that write, in a framework, a definition
which it reaches.

Definitions are followed one by one, as the files around them would bring nearly all of such a library along. What is
only named in an annotation is not computed with, and not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath

from .places import Place, base_of, path_of, tree_of

FRAMEWORK = "torch"
Import = tuple[Place, str | None]  # the module, and the name that is taken from it


@dataclass
class _File:
    """What a file binds at its top, within blocks as well: ``definitions`` by name, imports of the library, names of
    the framework, and the modules of which it takes all names.
    """

    package: Place
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    framework: set[str] = field(default_factory=set)
    stars: list[Place] = field(default_factory=list)


def needed(library: str, path: PurePosixPath, name: str) -> set[PurePosixPath]:
    """The files, that of the class among them."""
    found = {path}
    seen: set[tuple[PurePosixPath, str]] = set()
    waiting = [(path, name)]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        file = _read(library, place[0])
        if place[1] in file.imports:
            waiting += _targets(library, file.imports[place[1]])
        elif place[1] not in file.definitions:
            waiting += [each for star in file.stars for each in _targets(library, (star, place[1]))]
        for node in file.definitions.get(place[1], ()):
            inner = _File(file.package)
            for part in ast.walk(node):
                _bind_imports(part, inner, library)
            used = set(_used(node))
            if inner.framework or any(names[0] in file.framework for names in used):
                found.add(place[0])
            for names in used:
                waiting += _reached(library, place[0], {**file.imports, **inner.imports}, names)
    return found


def _reached(
    library: str, path: PurePosixPath, imports: dict[str, Import], names: tuple[str, ...]
) -> Iterator[tuple[PurePosixPath, str]]:
    """The definitions that a dotted name may mean."""
    imported = imports.get(names[0])
    if imported is None:
        yield path, names[0]
        return
    for count, attribute in enumerate(names[1:], 1):  # a module, and what is taken from it
        whole = (*imported[0], *([imported[1]] if imported[1] else []), *names[1:count])
        if path_of(whole) is not None:
            yield from _targets(library, (whole, attribute))
    yield from _targets(library, imported)


def _targets(library: str, imported: Import) -> Iterator[tuple[PurePosixPath, str]]:
    base, name = imported
    path = path_of(base)
    if path is not None and name is not None and base[0] == library:
        yield path, name


def _used(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """Dotted names that a definition reads, but for those in annotations."""
    if isinstance(node, ast.arg):
        return
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        parts: list[ast.AST] = [node.args, *node.decorator_list, *node.body]
    elif isinstance(node, ast.AnnAssign):
        parts = [node.target, *([node.value] if node.value is not None else [])]
    else:
        parts = list(ast.iter_child_nodes(node))
    names: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        names.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
        yield (inner.id, *names)
        return
    for part in parts:
        yield from _used(part)


@cache
def _read(library: str, path: PurePosixPath) -> _File:
    place = path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts
    file = _File(place if path.name == "__init__.py" else place[:-1])
    for node in _statements(tree_of(path).body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            file.definitions.setdefault(node.name, []).append(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name):
                        file.definitions.setdefault(part.id, []).append(node)
        _bind_imports(node, file, library)
    return file


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements at the top and those in blocks there."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _bind_imports(node: ast.AST, file: _File, library: str) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            parts = tuple(alias.name.split("."))
            local = alias.asname or parts[0]
            if parts[0] == FRAMEWORK:
                file.framework.add(local)
            elif parts[0] == library:
                file.imports[local] = (parts if alias.asname else parts[:1], None)
    elif isinstance(node, ast.ImportFrom):
        base = base_of(node, file.package)
        for alias in node.names:
            local = alias.asname or alias.name
            if base[:1] == (FRAMEWORK,):
                file.framework.add(local)
            elif base[:1] == (library,) and alias.name == "*":
                file.stars.append(base)
            elif base[:1] == (library,):
                file.imports[local] = (base, alias.name)
