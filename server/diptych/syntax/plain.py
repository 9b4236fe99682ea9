"""libcst's classes of nodes, told apart as plain classes are.

They are abstract base classes, and ``isinstance`` asks those at length, hundreds of thousands of times for a file.
Nothing is ever registered with them, so the plain answer is the same.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterator

import libcst as cst


class Plain(ABCMeta):
    """The type of abstract classes that are told apart as plain ones: nothing is registered with them."""

    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__


def _below(kind: type) -> Iterator[type]:
    yield kind
    for each in kind.__subclasses__():
        yield from _below(each)


def make_plain() -> None:
    """Let ``isinstance`` and ``issubclass`` treat the classes of nodes that there are as plain ones."""
    for kind in set(_below(cst.CSTNode)):
        if type(kind) is ABCMeta:
            kind.__class__ = Plain
