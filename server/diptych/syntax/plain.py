"""libcst's classes of nodes, told apart and copied as plain classes are.

They are abstract base classes, and ``isinstance`` asks those at length, hundreds of thousands of times for a file.
Nothing is ever registered with them, so the plain answer is the same.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

import libcst as cst


class _Plain(ABCMeta):
    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__


def _below(kind: type) -> Iterator[type]:
    yield kind
    for each in kind.__subclasses__():
        yield from _below(each)


@cache
def _reading(kind: type) -> tuple[tuple[str, ...], Any]:
    """The names of a kind's fields, and what reads them all; every kind but a few operators has two or more."""
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names) if len(names) > 1 else None


def _with_changes(node: Any, **changes: Any) -> Any:
    """``dataclasses.replace``, which asks about every field each time, for nodes."""
    names, read = _reading(type(node))
    if read is None:
        return _libcst_with_changes(node, **changes)
    return type(node)(**(dict(zip(names, read(node), strict=True)) | changes))


_libcst_with_changes = cst.CSTNode.with_changes


def make_plain() -> None:
    """Let ``isinstance`` and ``issubclass`` treat the classes of nodes that there are as plain ones."""
    cst.CSTNode.with_changes = _with_changes  # pyright: ignore[reportAttributeAccessIssue]
    for kind in set(_below(cst.CSTNode)):
        if type(kind) is ABCMeta:
            kind.__class__ = _Plain
