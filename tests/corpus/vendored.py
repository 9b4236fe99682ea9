"""The files of a library that a model needs, as somebody copies them who wants one model and not the library.

Files are copied as they are. Of an ``__init__.py`` only the imports of what is needed stay, as the rest of the library
would have to come along otherwise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from .models import SITE, Model
from .needed import needed
from .places import Place, base_of, path_of, text_of, tree_of

MANY = 100
"""More files than these are a library of its own: then those are converted that the class needs, within the library."""


class Vendored:
    """What one model needs: ``texts`` by path, from the folder of all libraries. ``within`` is the library whose other
    files stay as they are around them, if any.
    """

    def __init__(self, model: Model) -> None:
        self.library = model.library
        self.within: str | None = None
        self.texts: dict[PurePosixPath, str] = {}
        self.kept: dict[Place, dict[str, str]] = {}  # of each package: a name -> the import that binds it
        place: Place = (model.library, *model.module.split("."))
        self._file(place, model.text)
        if len(self.texts) > MANY:
            self.within = model.library
            own = model.path_in_library
            paths = needed(model.library, own, model.cls)
            self.texts = {path: model.text if path == own else text_of(path) for path in sorted(paths)}
            return
        for package in list(self.kept):
            lines = dict.fromkeys(self.kept[package].values())
            self.texts.setdefault(PurePosixPath(*package, "__init__.py"), "".join(f"{line}\n" for line in lines))

    def _file(self, place: Place, text: str | None = None) -> None:
        """Copy a file and what it imports of its library."""
        path = path_of(place)
        if path is None or path in self.texts or len(self.texts) > MANY:
            return
        for count in range(1, len(place)):
            self.kept.setdefault(place[:count], {})
        self.texts[path] = text if text is not None else text_of(path)
        package = place if path.name == "__init__.py" else place[:-1]
        for base, name in _imports(self.texts[path], package):
            if base[:1] == (self.library,):
                self._name(base, name)

    def _name(self, base: Place, name: str | None) -> None:
        """Copy what ``from base import name`` needs; ``None`` for all of it."""
        path = path_of(base)
        packaged = path is not None and path.name == "__init__.py" and name is not None
        hidden = packaged and name in _defined(path)  # a function hides the module that is called as it is
        if name is not None and not hidden and path_of((*base, name)) is not None:
            self._file((*base, name))
        elif packaged and name is not None:
            self._from_package(base, name)
        else:
            self._file(base)

    def _from_package(self, package: Place, name: str) -> None:
        kept = self.kept.setdefault(package, {})
        for count in range(1, len(package)):
            self.kept.setdefault(package[:count], {})
        if name in kept:
            return
        tree = tree_of(PurePosixPath(*package, "__init__.py"))
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom):
                continue
            base = base_of(node, package)
            for alias in node.names:
                star = alias.name == "*" and name in _defined(path_of(base))
                if (alias.asname or alias.name) == name or star:
                    original = name if star else alias.name
                    renamed = f" as {name}" if name != original else ""
                    kept[name] = f"from {'.'.join(base)} import {original}{renamed}"
                    if base == package:
                        self._file((*base, original))
                    else:
                        self._name(base, original)
                    return
        self._file(package)  # it is defined in the package itself


def _imports(text: str, package: Place) -> Iterator[tuple[Place, str | None]]:
    """All imports of a text, wherever they stand, but for those of types."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield base_of(node, package), None if alias.name == "*" else alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield tuple(alias.name.split(".")), None


@cache
def _defined(path: PurePosixPath | None) -> set[str]:
    """The names that a file binds at its top."""
    if path is None:
        return set()
    found: set[str] = set()
    for node in tree_of(path).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def write(texts: dict[PurePosixPath, str], folder: Path, within: str | None = None) -> None:
    """Write texts below a folder, among the other files of the library ``within`` as they are."""
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    if within is not None:
        _link(SITE / within, folder / within)


def _link(library: Path, folder: Path) -> None:
    """Links to what is not there yet."""
    for entry in library.iterdir():
        place = folder / entry.name
        if not place.exists():
            place.symlink_to(entry)
        elif place.is_dir():
            _link(entry, place)
