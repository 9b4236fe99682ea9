"""Lists of a model's parameters that an optimizer's groups are made of, sorted by a loop or chosen by a comprehension.

Keras makes variables at the first call of a layer, and the optimizer is made before. So such a loop becomes a function
that gives the lists, and such a comprehension a lambda; the optimizer calls them at its first step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import closures, loops, slices
from diptych.conversion.parameter_groups import LATER, PARAMS, function_of, listing, lists_parameters
from diptych.inference.values import Value
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

Statements = list[Any]
# What a loop may call if it is to run later: nothing that has an effect, or that another effect could change.
CALLS = {"any", "all", "len", "isinstance", "id", "str", "set", "list", "tuple", "zip", "enumerate", "min", "max"}
METHODS = {
    "append", "extend", "endswith", "startswith", "lower", "split", "dim", "numel", "size", "parameters",
    "named_parameters", "modules", "named_modules", "children", "named_children",
}  # fmt: skip
RUNS = (cst.If, cst.Else, cst.For, cst.SimpleStatementLine, cst.IndentedBlock, cst.SimpleStatementSuite)
SMALL = (cst.Expr, cst.Assign, cst.AugAssign, cst.Continue, cst.Break, cst.Pass)
FILLS = ("append", "extend")


@dataclass(frozen=True)
class Split:
    """Statements that make lists: empty ones and a loop that fills them; ``names`` are those of the lists."""

    empty: tuple[Any, ...]
    loop: cst.For
    names: tuple[str, ...]


def replaced(c: Converter, statement: Any) -> Statements | None:
    """What stands for a statement of a split; ``None`` for all others."""
    if c.source != "torch" or "grouped" not in c.facts or not c.scope.around:
        return None
    statements, position = c.scope.around[-1]
    if position >= len(statements) or statements[position] is not statement:
        return None
    found = _split(c, statements, position)
    if found is not None:
        return _function(c, found, position) if found.loop is statement else []
    if isinstance(statement, cst.For) and lists_parameters(statement.iter) and _in_groups(c, _filled(statement)):
        with listing(c):
            return loops.for_(c, statement)
    return None


def _split(c: Converter, statements: Sequence[Any], position: int) -> Split | None:
    """The split that a statement belongs to."""
    place = position
    while place < len(statements) and _emptied(statements[place]):
        place += 1
    loop = statements[place] if place < len(statements) else None
    if not isinstance(loop, cst.For) or loop.orelse is not None or not lists_parameters(loop.iter) or not _pure(loop):
        return None
    filled = _filled(loop)
    empty: list[Any] = []
    while place > 0 and _emptied(statements[place - 1]) and _emptied(statements[place - 1]) <= filled:
        place -= 1
        empty.insert(0, statements[place])
    names = [name for each in empty for name in sorted(_emptied(each))]
    if not names or set(names) != filled or (statements[position] is not loop and statements[position] not in empty):
        return None
    if c.reads(loop) & closures.rebound(c) - slices.assigned(loop) - set(names):
        return None
    inside = [*empty, loop]
    return Split(tuple(empty), loop, tuple(names)) if _only_grouped(c, inside, names, loop) else None


def _emptied(statement: Any) -> set[str]:
    """The names that a statement binds to empty lists, where it does nothing else."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return set()
    node = statement.body[0]
    if not isinstance(node, cst.Assign) or len(node.targets) != 1:
        return set()
    target, value = node.targets[0].target, node.value
    pairs = [(target, value)]
    if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple) and len(target.elements) == len(value.elements):
        pairs = [(a.value, b.value) for a, b in zip(target.elements, value.elements, strict=True)]
    if not all(isinstance(a, cst.Name) and isinstance(b, cst.List) and not b.elements for a, b in pairs):
        return set()
    return {a.value for a, _ in pairs if isinstance(a, cst.Name)}


def _filled(loop: cst.For) -> set[str]:
    """The lists that a loop adds to."""
    return {each.func.value.value for each in walk(loop.body) if _fills(each)}


def _in_groups(c: Converter, names: set[str]) -> bool:
    """Whether some group is one of these lists."""
    grouped = (each for statement in c.scope.around[0][0] for each in _grouped(statement))
    return any(isinstance(each, cst.Name) and each.value in names for each in grouped)


def _fills(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in FILLS
        and isinstance(node.func.value, cst.Name)
    )


def _pure(loop: cst.For) -> bool:
    """Whether a loop does nothing but sort what it goes over into lists."""
    for node in walk(loop.body):
        if isinstance(node, cst.BaseCompoundStatement) and not isinstance(node, RUNS):
            return False
        if isinstance(node, cst.BaseSmallStatement) and not isinstance(node, SMALL):
            return False
        if isinstance(node, (cst.AssignTarget, cst.AugAssign)) and not isinstance(node.target, (cst.Name, cst.Tuple)):
            return False
        if isinstance(node, (cst.Await, cst.Yield, cst.NamedExpr, cst.Lambda)):
            return False
        if isinstance(node, cst.Expr) and not _fills(node.value):
            return False
    return all(_harmless(node) for node in walk(loop))


def _harmless(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Call):
        return True
    if isinstance(node.func, cst.Attribute):
        return node.func.attr.value in METHODS
    return isinstance(node.func, cst.Name) and node.func.value in CALLS


def _only_grouped(c: Converter, inside: Sequence[Any], names: Sequence[str], loop: Any) -> bool:
    """Whether the lists go into groups and nowhere else, and what else the statements bind stays among them."""
    top = c.scope.around[0][0]
    here = {id(node) for statement in inside for node in walk(statement)}
    for statement in top:
        if not any(name in c.reads(statement) for name in names):
            continue
        allowed = here | {id(node) for node in _grouped(statement)}
        used = [node for node in walk(statement) if isinstance(node, cst.Name) and node.value in names]
        if not used or any(id(node) not in allowed for node in used):
            return False
    others = slices.assigned(loop) - set(names)
    after = [each for block, place in c.scope.around for each in block[place + 1 :] if each not in inside]
    return not any(others & c.reads(each) - slices.assigned(each) for each in after)


def _grouped(statement: Any) -> Iterator[cst.BaseExpression]:
    """What stands at ``"params"`` in dicts."""
    for node in walk(statement):
        if isinstance(node, cst.DictElement) and isinstance(node.key, cst.SimpleString):
            if node.key.evaluated_value == PARAMS:
                yield node.value
        elif isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value == PARAMS:
            yield node.value


def _function(c: Converter, found: Split, position: int) -> Statements:
    """``def split(): ...``, which gives the lists."""
    name = _free(c, "split")
    with listing(c):
        inside = loops.for_(c, found.loop.with_changes(leading_lines=[]))
    last = len(found.names) - 1
    listed = [
        cst.Element(cst.Name(each), comma=_COMMA if place < last else cst.MaybeSentinel.DEFAULT)
        for place, each in enumerate(found.names)
    ]
    given = cst.Tuple(listed, lpar=[], rpar=[]) if last else cst.Name(found.names[0])
    end = cst.SimpleStatementLine([cst.Return(given)])
    body = [*(each.with_changes(leading_lines=[]) for each in found.empty), *inside, end]
    for place, each in enumerate(found.names):
        c.scope.names[each] = Value(LATER, api=name, literal=place if last else -1)
    c.scope.names[name] = Value("function")
    made = cst.FunctionDef(
        cst.Name(name),
        cst.Parameters(),
        cst.IndentedBlock(body, footer=[cst.EmptyLine(indent=False)]),
        leading_lines=[
            *([cst.EmptyLine(indent=False)] if position > len(found.empty) else []),
            *found.loop.leading_lines,
        ],
    )
    return [made]


_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _free(c: Converter, wanted: str) -> str:
    name = c.twin.fresh(wanted)
    while c.scope.lookup(name) is not None:
        name += "_"
    return name


def chosen(c: Converter, node: cst.Assign) -> cst.Assign | None:
    """``decay = [p for p in model.parameters() if p.ndim > 1]``: a function, where only groups take the list."""
    if c.source != "torch" or "grouped" not in c.facts or len(node.targets) != 1 or not c.scope.around:
        return None
    target, value = node.targets[0].target, node.value
    if not isinstance(target, cst.Name) or not isinstance(value, cst.ListComp) or not lists_parameters(value):
        return None
    if not _in_groups(c, {target.value}):
        return None
    with listing(c):
        code = c.code(value)
    if not all(map(_harmless, walk(value))) or not _only_grouped(c, [node], [target.value], node):
        return None
    c.scope.names[target.value] = Value(LATER)
    return node.with_changes(value=function_of(c, code))
