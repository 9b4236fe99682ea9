"""Walking a tree without its punctuation, several times faster than a libcst visitor."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import libcst as cst

# Fields that hold whitespace, brackets and separators: nothing that has a meaning of its own.
_PUNCTUATION = {
    "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "comma", "equal", "semicolon", "colon", "dot", "header",
    "footer", "indent", "leading_lines", "lines_after_decorators", "lines_after_module_imports", "trailing_whitespace",
    "newline", "first_colon", "second_colon",
}  # fmt: skip

_FIELDS: dict[type, tuple[str, ...]] = {}


def _fields(kind: type) -> tuple[str, ...]:
    names = tuple(
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in _PUNCTUATION and not field.name.startswith("whitespace")
    )
    _FIELDS[kind] = names
    return names


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes directly inside a node, in order, without whitespace, brackets and separators."""
    kind = type(node)
    for name in _FIELDS.get(kind) or _fields(kind):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield item
