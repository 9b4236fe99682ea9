"""Code that asks which version it runs on: what it uses in the branch for another version is no mistake."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from diptych.checks.source import Source
from diptych.syntax.walk import is_left

_ASKS = re.compile(r"\bhasattr\b|version", re.IGNORECASE)
_MISSING = {"AttributeError", "ImportError", "ModuleNotFoundError", "TypeError"}  # the last for an argument
_ANYTHING = {"RuntimeError", "Exception", "BaseException"}


def is_guarded(source: Source, node: cst.CSTNode) -> bool:
    """Whether a place is reached only after a question about versions or ``hasattr``, or as one side of a ``try``."""
    inner = node
    for around in source.names.ancestors(node):
        if isinstance(around, (cst.If, cst.IfExp)) and inner is not around.test and _asks(source, around.test):
            return True
        if isinstance(around, cst.Try) and inner is not around.finalbody and _catches(around):
            return True
        if isinstance(around, cst.IndentedBlock) and _asked_before(source, around.body, inner):
            return True
        if isinstance(around, (cst.FunctionDef, cst.Lambda)) and isinstance(inner, cst.Decorator):
            return False
        inner = around
    return False


def _asks(source: Source, test: cst.CSTNode) -> bool:
    return _ASKS.search(source.code(test)) is not None


def _asked_before(source: Source, body: Sequence[cst.CSTNode], inner: cst.CSTNode) -> bool:
    """Whether an earlier statement of the block leaves it on such a question: ``if hasattr(...): return ...``, or
    ``assert hasattr(...)``.
    """
    for statement in body:
        if statement is inner:
            return False
        if isinstance(statement, cst.SimpleStatementLine):
            asserts = [part for part in statement.body if isinstance(part, cst.Assert)]
            if any(_asks(source, part.test) for part in asserts):
                return True
        if isinstance(statement, cst.If) and is_left(statement.body) and _asks(source, statement.test):
            return True
    return False


def _catches(node: cst.Try) -> bool:
    """Whether a ``try`` asks if something exists; one that catches everything does if it tries a single statement."""
    kinds: set[str] = set()
    for handler in node.handlers:
        kind = handler.type
        listed = [element.value for element in kind.elements] if isinstance(kind, cst.Tuple) else [kind]
        kinds |= {one.value for one in listed if isinstance(one, cst.Name)} | ({"Exception"} if kind is None else set())
    return bool(kinds & _MISSING) or (bool(kinds & _ANYTHING) and len(node.body.body) == 1)
