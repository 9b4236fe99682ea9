"""The settings that the server reads itself: their names and defaults as package.json declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SECTION = "diptych"
DEFAULTS: dict[str, Any] = {
    "codeLens.enabled": True,
    "completion.equivalents": True,
    "frameworks.warn": True,
    "frameworks.versions": {},
    "inlayHints.shapes": True,
}


@dataclass
class Settings:
    """What the editor said last: ``general``, and what ``folders`` (by address) of the workspace have of their own."""

    general: dict[str, Any] = field(default_factory=dict)
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)

    def get(self, name: str, uri: str | None = None) -> Any:
        """The value for a document; the default where nothing, or something of another type, is said."""
        own = folder_of(uri, self.folders) if uri is not None else None
        for values in (self.folders[own] if own is not None else {}, self.general):
            if isinstance(value := _looked_up(values, name), type(DEFAULTS[name])):
                return value
        return DEFAULTS[name]


def folder_of(uri: str, folders: Mapping[str, Any]) -> str | None:
    """The innermost of the workspace's folders that a document is in."""
    inside = (folder for folder in folders if uri == folder or uri.startswith(f"{folder.rstrip('/')}/"))
    return max(inside, key=len, default=None)


def _looked_up(values: Any, name: str) -> Any:
    """``values["inlayHints"]["shapes"]``, or as one key with a dot, as some editors write it."""
    if isinstance(values, Mapping):
        if name in values:
            return values[name]
        first, _, rest = name.partition(".")
        return _looked_up(values.get(first), rest) if rest else None
    return None
