"""``build(self, input_shape)`` of Keras layers.

What it makes whatever the input is, the constructor makes in PyTorch. Weights whose shapes come from the input are
lazy parameters: the constructor declares them, so that optimizers find them, and ``initialize_parameters`` makes them
at the first call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst
import libcst.matchers as m

from diptych.conversion.checkpoints import helper
from diptych.syntax.precedence import atom
from diptych.syntax.source import code_of
from diptych.syntax.walk import methods_of, names_read, statements_in, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.definitions import LocalFunction

NAME = "initialize_parameters"
MIXIN = "torch.nn.modules.lazy.LazyModuleMixin"
UNKNOWN = "weights made in build() depend on shapes that are not known here; make them in __init__"
BOUND = m.Call(m.Attribute(m.Name("self"), m.Name("add_weight")))
SUPER = m.Call(m.Attribute(m.Call(m.Name("super")), m.Name("build")))
# Calls that make no layer and no weight of a shape.
PLAIN_CALLS = {"int", "len", "tuple", "list", "max", "min", "sum", "float", "sqrt", "prod", "as_list"}


class _CannotError(Exception):
    """Why ``build`` is not converted."""


@dataclass
class _Parts:
    """What ``build`` makes ``early``, whatever the input is, and what only ``late``, at the first call."""

    c: Converter
    shape: str
    from_input: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)

    def split(self, body: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The statements of a block, in two."""
        early: list[Any] = []
        late: list[Any] = []
        for statement in body:
            for_early, for_late = self._statement(statement)
            early += for_early
            late += for_late
        return early, late

    def _statement(self, statement: Any) -> tuple[list[Any], list[Any]]:
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            return self._simple(statement, statement.body[0])
        if isinstance(statement, cst.If) and not self._depends(statement.test):
            return self._branches(statement)
        if self._depends(statement) and not _only_checks(statement):
            raise _CannotError(UNKNOWN)
        return ([], [statement]) if self._depends(statement) else ([statement], [])

    def _branches(self, node: cst.If) -> tuple[list[Any], list[Any]]:
        parts = self.split(node.body.body)
        others: tuple[Any, ...] = (None, None)
        if isinstance(node.orelse, cst.If):
            others = tuple(found[0] if found else None for found in self._branches(node.orelse))
        elif node.orelse is not None:
            after = self.split(node.orelse.body.body)
            others = tuple(node.orelse.with_changes(body=cst.IndentedBlock(body)) if body else None for body in after)
        result: list[list[Any]] = []
        for body, other in zip(parts, others, strict=True):
            made = node.with_changes(body=cst.IndentedBlock(body or [_passed()]), orelse=other)
            self.c.stands_for(made, node)
            result.append([made] if body or other is not None else [])
        return result[0], result[1]

    def _simple(self, statement: cst.SimpleStatementLine, node: Any) -> tuple[list[Any], list[Any]]:
        if m.matches(node, m.Expr(SUPER) | m.Expr(m.SimpleString()) | m.Pass()) or _says_built(node):
            return [], []
        target: Any = node.targets[0].target if isinstance(node, cst.Assign) and len(node.targets) == 1 else None
        if not self._depends(node):
            if isinstance(target, cst.Name):
                self.local.add(target.value)
            elif isinstance(node, (cst.Assign, cst.AugAssign, cst.AnnAssign)) and not _of_self(target):
                raise _CannotError(UNKNOWN)
            return [statement], []
        if isinstance(target, cst.Name):
            self.from_input.add(target.value)
            return [], [statement]
        given = node.value if isinstance(node, cst.Assign) else None
        if _of_self(target) and isinstance(given, cst.Call) and m.matches(given, BOUND):
            declared = given.with_changes(args=[a for a in given.args if _keyword(a) == "trainable"])
            self.c.lazy_weights.add(declared)
            made = statement.with_changes(
                body=[node.with_changes(value=declared)], trailing_whitespace=cst.TrailingWhitespace()
            )
            self.c.stands_for(made, statement)
            return [made], [statement.with_changes(leading_lines=[])]
        if _of_self(target) and all(_plain(part) for part in walk(node.value)):
            self.from_input.add(code_of(target))
            return [], [statement]
        if _only_checks(statement):
            return [], [statement]
        raise _CannotError("what build() makes of its input's shape is converted where it is a weight or a number")

    def _depends(self, node: cst.CSTNode) -> bool:
        wanted = self.from_input | {self.shape}
        attributes = (code_of(part) for part in walk(node) if isinstance(part, cst.Attribute))
        return not wanted.isdisjoint(names_read(node)) or not wanted.isdisjoint(attributes)


def parted(c: Converter, node: cst.ClassDef, inherits_build: bool) -> tuple[cst.ClassDef, str | None]:
    """A layer's class with ``build`` divided between its constructor and ``initialize_parameters``; why not, where it
    cannot be.
    """
    methods = {each.name.value: each for each in methods_of(node)}
    build = methods.get("build")
    if build is None:
        return node, None
    try:
        if inherits_build:
            raise _CannotError("the class that it derives from has a build() of its own")
        return _parted(c, node, build, methods), None
    except _CannotError as why:
        return node, str(why)


def _parted(c: Converter, node: cst.ClassDef, build: Any, methods: dict[str, Any]) -> cst.ClassDef:
    params = [*build.params.posonly_params, *build.params.params]
    if len(params) != 2 or build.decorators or any(_returns(each) for each in statements_in(build.body)):
        raise _CannotError(UNKNOWN)
    if any(code_of(part) == "self.build" for part in walk(node) if isinstance(part, cst.Attribute)):
        raise _CannotError("build() is called by name")
    parts = _Parts(c, params[1].name.value)
    early, late = parts.split(build.body.body)
    read_late = {name for statement in late for name in names_read(statement)}
    if not parts.local.isdisjoint(read_late):
        raise _CannotError("what build() makes for every input is read by what it makes of the input's shape")
    made = []
    for each in list[Any](node.body.body):
        if each is build:
            made += [_at_first_call(c, build, methods.get("call"), parts.shape, late)] if late else []
        elif each is methods.get("__init__"):
            made.append(_constructor(c, each, early, parts.local))
        else:
            made.append(each)
    if "__init__" not in methods and early:
        place = node.body.body.index(build)
        made.insert(place, _constructor(c, _new_constructor(build), early, parts.local))
        if late:
            made[place + 1] = made[place + 1].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
            c.stands_for(made[place + 1], build)
    result = node.with_changes(body=node.body.with_changes(body=made or [_passed()]))
    c.stands_for(result, node)
    return result


def _constructor(c: Converter, node: cst.FunctionDef, early: list[Any], local: set[str]) -> cst.FunctionDef:
    """The constructor with what ``build`` makes whatever the input is at its end."""
    own = {part.name.value for part in walk(node.params) if isinstance(part, cst.Param)}
    own |= {part.target.value for part in walk(node) if m.matches(part, m.AssignTarget(m.Name()))}
    read = {name for statement in early for name in names_read(statement)}
    if not ((read - local - {"self"}) | local).isdisjoint(own) or any(_returns(s) for s in statements_in(node.body)):
        raise _CannotError("names in build() mean something else in __init__")
    result = node.with_changes(body=node.body.with_changes(body=[*node.body.body, *early]))
    c.stands_for(result, node)
    return result


def _new_constructor(build: cst.FunctionDef) -> cst.FunctionDef:
    made = cst.parse_statement("def __init__(self, **kwargs):\n    super().__init__(**kwargs)\n")
    assert isinstance(made, cst.FunctionDef)
    return made.with_changes(leading_lines=build.leading_lines)


def _at_first_call(c: Converter, build: cst.FunctionDef, forward: Any, shape: str, late: list[Any]) -> cst.FunctionDef:
    params = [] if forward is None else [*forward.params.posonly_params, *forward.params.params]
    if forward is None or len(params) < 2:
        raise _CannotError(UNKNOWN)
    given = params[1].name.value
    read = {name for statement in late for name in names_read(statement)}
    if not {each.name.value for each in params[1:]}.isdisjoint(read - {shape}):
        raise _CannotError("names in build() mean something else in call")
    nested = m.Subscript(m.Subscript(m.Name(shape)), [m.SubscriptElement(m.Index())])
    if any(m.matches(part, nested) for statement in late for part in walk(statement)):
        raise _CannotError("it is called on several tensors: which shapes build() gets is not known")
    asked = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(shape))], _shape_of(given))])
    body = build.body.with_changes(body=[asked, *late])
    made = build.with_changes(name=cst.Name(NAME), params=forward.params, body=body, returns=None)
    for new in (asked, made):
        c.stands_for(new, build)
    return made


def materialised(c: Converter, build: LocalFunction, forward: LocalFunction) -> cst.FunctionDef:
    """``initialize_parameters`` of the twin: lazy parameters get what ``build`` gave the weights."""
    twin, called = build.twin, forward.twin
    assert twin is not None and called is not None
    body: Any = twin.body.visit(_Materialised(c))
    given = [*called.params.posonly_params, *called.params.params][1].name
    signature = forward.signature(c)
    value = signature.given.get(given.value) if signature is not None else None
    if value is not None and value.permutation is not None:  # build() reads the axes in the source's order
        asked = body.body[0].body[0]
        shape = asked.value.with_changes(value=atom(c.plain(given, value)))
        body = body.with_changes(
            body=[body.body[0].with_changes(body=[asked.with_changes(value=shape)]), *body.body[1:]]
        )
    return twin.with_changes(params=called.params, body=body)


class _Materialised(cst.CSTTransformer):
    def __init__(self, c: Converter) -> None:
        self.c = c

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> Any:  # noqa: N802
        made, target = updated_node.value, updated_node.targets[0].target
        if not _of_self(target) or not isinstance(made, cst.Call) or not code_of(made.func).endswith("Parameter"):
            return updated_node
        value = made.args[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return cst.Expr(helper(self.c, "materialize", [cst.Arg(target), value]))


def _passed() -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Pass()])


def _shape_of(name: str) -> cst.Attribute:
    return cst.Attribute(cst.Name(name), cst.Name("shape"))


def _keyword(argument: cst.Arg) -> str | None:
    return argument.keyword.value if argument.keyword is not None else None


def _of_self(target: Any) -> bool:
    return m.matches(target, m.Attribute(m.Name("self"))) if target is not None else False


def _says_built(node: Any) -> bool:
    return m.matches(node, m.Assign([m.AssignTarget(m.Attribute(m.Name("self"), m.Name("built")))]))


def _returns(statement: Any) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[-1], cst.Return)


def _only_checks(statement: Any) -> bool:
    """Whether a statement does no more than to raise where something is wrong."""
    if isinstance(statement, cst.If):
        return statement.orelse is None and all(_only_checks(each) for each in statement.body.body)
    inside = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return bool(inside) and all(isinstance(each, (cst.Raise, cst.Assert)) for each in inside)


def _plain(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.Call) or code_of(node.func).rpartition(".")[2] in PLAIN_CALLS
