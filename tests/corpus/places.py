"""Where the modules of the installed libraries lie, and what an import names."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import PurePosixPath

from .models import SITE

Place = tuple[str, ...]
"""A module's name in parts."""


def path_of(place: Place) -> PurePosixPath | None:
    """The file of a module, from the folder of all libraries; ``None`` where there is none."""
    path = PurePosixPath(*place)
    if not path.name:
        return None
    for each in (path.with_suffix(".py"), path / "__init__.py"):
        if SITE.joinpath(each).is_file():
            return each
    return None


def text_of(path: PurePosixPath) -> str:
    """A file as the library has it."""
    return SITE.joinpath(path).read_text(encoding="utf-8")


@cache
def tree_of(path: PurePosixPath) -> ast.Module:
    """The same, parsed."""
    return ast.parse(text_of(path))


def base_of(node: ast.ImportFrom, package: Place) -> Place:
    """The module from which names are imported in a file of ``package``."""
    above = package[: len(package) - node.level + 1] if node.level else ()
    return (*above, *(node.module.split(".") if node.module else ()))
