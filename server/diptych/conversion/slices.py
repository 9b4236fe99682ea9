"""Which statements of a block a value is computed from: what must stand under a tape."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import effects
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def only_call(statement: Any) -> cst.Call | None:
    """The call that a statement is, if it is nothing else."""
    if type(statement) is not cst.SimpleStatementLine or len(statement.body) != 1:
        return None
    only = statement.body[0]
    return only.value if type(only) is cst.Expr and type(only.value) is cst.Call else None


def method(statement: Any, name: str) -> cst.BaseExpression | None:
    """The object of a statement ``object.name(...)``."""
    found = only_call(statement)
    if found is not None and type(found.func) is cst.Attribute and found.func.attr.value == name:
        return found.func.value
    return None


def assigned(statement: Any) -> set[str]:
    """The names that a statement gives a value."""
    names: set[str] = set()
    for node in walk(statement):
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For)):
            names |= _names(node.target)
    return names


def assigned_by(statements: Sequence[Any]) -> set[str]:
    """The names that statements give a value."""
    return set().union(*map(assigned, statements))


def _names(target: Any) -> set[str]:
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Tuple, cst.List)):
        return set().union(*(_names(element.value) for element in target.elements))
    return set()


@dataclass
class Slice:
    """What a value is computed from, going back through statements: ``names``, and ``places`` (see ``effects``).

    ``functions`` are those that the statements define, which read what a name holds when they are called; ``filled``
    are places that some statement on the way was seen to write into.
    """

    names: set[str]
    places: set[str]
    functions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)

    @staticmethod
    def of(c: Converter, value: cst.CSTNode, statements: Sequence[Any]) -> Slice:
        """What an expression reads that stands behind statements."""
        found = Slice(set(), set(), {s.name.value: s for s in statements if isinstance(s, cst.FunctionDef)})
        found._reads(c, value)
        return found

    def before(self, c: Converter, statement: Any) -> bool:
        """Whether a statement, of which this stands behind, has a part in it; goes back to before the statement."""
        if isinstance(statement, cst.FunctionDef):
            return False
        names = assigned(statement)
        written = effects.of(c, statement)
        met = {place for place in self.places if written.meet(place)}
        self.filled |= met
        fills = bool(met) and not _fills_with_data(c, statement, written)
        if not fills and not names & self.names:
            return False
        if isinstance(statement, cst.SimpleStatementLine):  # what they held before counts no more, unless it is read
            self.names -= names
            self.places = {place for place in self.places if place.partition(".")[0] not in names}
        self._reads(c, statement)
        return True

    def _reads(self, c: Converter, statement: Any) -> None:
        self.names |= c.reads(statement)
        self.places |= effects.read(c, statement)
        for name in self.names & self.functions.keys():
            self._reads(c, self.functions.pop(name))


def start(c: Converter, statements: Sequence[Any], end: int, computed: Slice) -> int | None:
    """The first statement that a value is computed from, leaving out what only makes data and modules."""
    places = [position for position in range(end - 1, -1, -1) if computed.before(c, statements[position])]
    for position in sorted(places):
        if not _is_preparation(c, statements[position]):
            return position
    return None


def _fills_with_data(c: Converter, statement: Any, written: effects.Effects) -> bool:
    """Whether what a statement writes into lists and the like is made of nothing that was computed."""
    loops = set().union(*(_names(node.target) for node in walk(statement) if isinstance(node, cst.For)))
    if effects.read(c, statement) - loops - written.into - set(dir(builtins)):
        return False
    calls = [node for node in walk(statement) if isinstance(node, cst.Call)]
    return all(
        effects.is_builtin(c, node.func)
        or (c.qualified(node.func) or "").rpartition(".")[2] in PREPARATION
        or (isinstance(node.func, cst.Attribute) and node.func.attr.value in effects.FILLS)
        for node in calls
    )


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
