"""Helpers that stand in a twin, read back as what they stand for.

Where a framework lacks an operation, a twin defines a helper of the catalogue. Converted again, such a definition is no
code of the user: rules tell what its calls mean on the other side, so that it is left out, like an import that nothing
needs any more.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from diptych.conversion.imports import ALIASES, names_of
from diptych.conversion.names import STANDARD
from diptych.inference.values import Value
from diptych.syntax.canonical import canonical
from diptych.syntax.opaque import Opaque

if TYPE_CHECKING:
    import libcst as cst

    from diptych.conversion.converter import Converter

_PLAIN_CLASS = re.compile(r"class \w+:")


def without_helpers(c: Converter, module: cst.Module, kept: Collection[str]) -> tuple[cst.Module, frozenset[str]]:
    """The file without the helpers in it, whose names then stand for those of the catalogue, and their names.

    A definition that is not the catalogue's to the letter stays, and so does one of those named in ``kept``.
    """
    found = {name: Value("api", api=f"helper.{name}") for name in _helpers(c, module, kept)}
    if not found:
        return module, frozenset()
    c.globals.names.update(found)
    body = [node for node in module.body if not (isinstance(node, Opaque) and node.owner.name in found)]
    return module.with_changes(body=body), frozenset(found)


def refuse_stand_ins(c: Converter, module: cst.Module, kept: Collection[str]) -> None:
    """Leave the helpers over that stay and stand for an object of the framework, such as a scheduler: their methods are
    not those of what the twin has.
    """
    for node in module.body:
        if isinstance(node, Opaque) and node.owner.name in kept and _PLAIN_CLASS.match(node.text):
            reason = "it stands for something of the other framework, and what is done with it here is not read back"
            c.journal.error(node, node.owner.name, reason)


def _helpers(c: Converter, module: cst.Module, kept: Collection[str]) -> set[str]:
    definitions = [node for node in module.body if isinstance(node, Opaque)]
    times = Counter(node.owner.name for node in definitions)
    same = {
        name
        for node in definitions
        if times[name := node.owner.name] == 1
        and name in c.index.helpers
        and name not in c.rebound
        and not any(line.comment for line in node.leading_lines)
        and _is(c.index.helpers[name], node.text)
    }
    return {name for name in same - set(kept) if _means_the_same(c, name, same)}


def _is(helper: str, text: str) -> bool:
    """Whether a definition is a helper, whatever its indentation."""
    return helper.split() == text.split() and _tree(helper) == _tree(text)


def _tree(text: str) -> str:
    """The meaning of a text; docstrings hold the indentation that they are written in."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = " ".join(node.value.split())
    return ast.dump(tree)


def _means_the_same(c: Converter, name: str, same: Collection[str]) -> bool:
    """Whether the names that a helper takes from its file are what they are in the catalogue."""
    for other in names_of(c.index.helpers[name]):
        if other in c.index.helpers:
            if other != name and other not in same:
                return False
        elif other in ALIASES:
            value = c.globals.names.get(other)
            kind, api = ("foreign", other) if other in STANDARD else ("api", canonical(ALIASES[other]))
            if value is None or (value.kind, value.api) != (kind, api):
                return False
        elif other in c.globals.names:
            return False
    return True
