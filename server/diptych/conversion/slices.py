"""Which statements of a block a value is computed from: what must stand under a tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def only_call(statement: Any) -> cst.Call | None:
    """The call that a statement is, if it is nothing else."""
    if (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Expr)
    ):
        value = statement.body[0].value
        return value if isinstance(value, cst.Call) else None
    return None


def method(statement: Any, name: str) -> cst.BaseExpression | None:
    """The object of a statement ``object.name(...)``."""
    found = only_call(statement)
    if found is not None and isinstance(found.func, cst.Attribute) and found.func.attr.value == name:
        return found.func.value
    return None


def assigned(statement: Any) -> set[str]:
    """The names that a statement gives a value."""
    names: set[str] = set()
    for node in walk(statement):
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For)):
            names |= _names(node.target)
    return names


def _names(target: Any) -> set[str]:
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Tuple, cst.List)):
        return set().union(*(_names(element.value) for element in target.elements))
    return set()


def start(c: Converter, statements: Sequence[Any], end: int, wanted: frozenset[str]) -> int | None:
    """The first statement that names are computed from, leaving out what only makes data and modules."""
    needed, places = set(wanted), []
    for position in range(end - 1, -1, -1):
        names = assigned(statements[position])
        if names & needed:
            places.append(position)
            if isinstance(statements[position], cst.SimpleStatementLine):
                needed -= names  # what they held before counts no more, but where the statement reads it
            needed |= c.reads(statements[position])
    for position in sorted(places):
        if not _is_preparation(c, statements[position]):
            return position
    return None


PREPARATION = {
    "randn",
    "rand",
    "zeros",
    "ones",
    "randint",
    "tensor",
    "as_tensor",
    "from_numpy",
    "arange",
    "linspace",
    "eye",
    "full",
    "empty",
    "randperm",
}


def _is_preparation(c: Converter, statement: Any) -> bool:
    """Whether a statement makes a module, an optimizer or data, or moves data to a device."""
    if (
        not isinstance(statement, cst.SimpleStatementLine)
        or len(statement.body) != 1
        or not isinstance(statement.body[0], cst.Assign)
    ):
        return False
    return _prepares(c, statement.body[0].value)


def _prepares(c: Converter, value: cst.BaseExpression) -> bool:
    if isinstance(value, (cst.Name, cst.Integer, cst.Float, cst.SimpleString)):
        return True
    if isinstance(value, (cst.Tuple, cst.List)):
        return all(_prepares(c, element.value) for element in value.elements)
    if not isinstance(value, cst.Call):
        return False
    if (
        isinstance(value.func, cst.Attribute)
        and value.func.attr.value in ("to", "cuda", "long", "float", "train", "eval")
        and c.qualified(value.func) is None
    ):
        return _prepares(c, value.func.value)
    qualified = c.qualified(value.func)
    if qualified is not None:
        last = qualified.rsplit(".", 1)[-1]
        return last in PREPARATION or (qualified.startswith(("torch.nn.", "torch.optim.")) and last[:1].isupper())
    known = c.scope.lookup(value.func.value) if isinstance(value.func, cst.Name) else None
    return known is not None and known.kind == "class"
