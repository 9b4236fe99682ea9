"""Attribute names that the other framework's base classes keep for themselves."""

from __future__ import annotations

import json
from functools import cache

from diptych.catalog.index import rules_folder


@cache
def _names() -> dict[str, frozenset[str]]:
    table = json.loads((rules_folder() / "signatures" / "reserved.json").read_text(encoding="utf-8"))
    return {framework: frozenset(names) for framework, names in table.items()}


def is_reserved(framework: str, name: str) -> bool:
    """Whether a module's attribute may not be called so in this framework."""
    return name in _names()[framework]


def is_users(source: str, name: str) -> bool:
    """Whether a module's attribute can only be its user's, and is called otherwise in the twin."""
    others = (framework for framework in _names() if framework != source)
    return not is_reserved(source, name) and any(is_reserved(framework, name) for framework in others)
