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
        if isinstance(around, (cst.IndentedBlock, cst.Module)) and _replaced_after(source, around.body, inner):
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


def _replaced_after(source: Source, body: Sequence[cst.CSTNode], inner: cst.CSTNode) -> bool:
    """Whether a name gets something else in the next statement, if there is that: ``norm = old``, then
    ``if hasattr(utils, "new"): norm = utils.new``.
    """
    name = _assigned(inner)
    place = next((place for place, statement in enumerate(body) if statement is inner), len(body))
    following = body[place + 1] if place + 1 < len(body) else None
    if name is None or not isinstance(following, cst.If) or not _asks(source, following.test):
        return False
    return any(_assigned(statement) == name for statement in following.body.body)


def _assigned(statement: cst.CSTNode) -> str | None:
    """The name that a statement does nothing but assign."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    part = statement.body[0]
    target = part.targets[0].target if isinstance(part, cst.Assign) and len(part.targets) == 1 else None
    return target.value if isinstance(target, cst.Name) else None


def _catches(node: cst.Try) -> bool:
    """Whether a ``try`` asks if something exists; one that catches everything does if it tries a single statement."""
    kinds: set[str] = set()
    for handler in node.handlers:
        kind = handler.type
        listed = [element.value for element in kind.elements] if isinstance(kind, cst.Tuple) else [kind]
        kinds |= {one.value for one in listed if isinstance(one, cst.Name)} | ({"Exception"} if kind is None else set())
    return bool(kinds & _MISSING) or (bool(kinds & _ANYTHING) and len(node.body.body) == 1)
