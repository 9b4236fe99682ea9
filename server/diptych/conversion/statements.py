"""Converting statements, in order, while keeping track of what every name holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    accumulation,
    assignments,
    buffers,
    comments,
    definitions,
    deletions,
    eager_values,
    handed_layers,
    initialisers,
    intermediate,
    loops,
    outside_tape,
    parameter_splits,
    rates,
    references,
    structure,
    tapes,
    trainers,
    training,
)
from diptych.conversion.expressions import rebuild
from diptych.conversion.layouts import differing, in_source_order, restored
from diptych.conversion.rewriting import fit
from diptych.inference.values import Value
from diptych.syntax.opaque import Opaque
from diptych.syntax.walk import is_left, walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

Statements = list[Any]


def block(c: Converter, statements: Sequence[Any]) -> Statements:
    """Convert statements that stand in a row."""
    plan = tapes.plan(c, statements)
    outer = c.scope.later
    after: list[frozenset[str]] = [outer]
    for statement in reversed(statements[1:]):
        after.append(after[-1] | c.reads(statement))
    after.reverse()
    result: Statements = []
    held: list[cst.EmptyLine] = []
    opened: list[tuple[tapes.Tape, Statements]] = []
    around = c.scope.around
    try:
        for position, statement in enumerate(statements):
            c.scope.around = [*around, (statements, position)]
            c.scope.later = after[position] if position < len(after) else outer
            if plan.tapes:
                opened += [(tape, []) for tape in tapes.opening(plan, position)]
            for tape, inside in opened:
                if tape.end == position and tape.last is not None:
                    inside += convert(c, tapes.computed_last(c, tape, statement))
            if tapes.BACKWARD in c.facts:
                (opened[-1][1] if opened else result).extend(accumulation.before(c, statements, position))
            refused, cut = outside_tape.treated(c, statement, computes=position in plan.constant)
            writer = plan.replaced.get(position) if refused is None else partial(outside_tape.left, c, refused)
            converted = convert(c, statement) if writer is None else _replaced(c, statement, writer)
            while opened and opened[-1][0].end == position:
                tape, inside = opened.pop()
                (opened[-1][1] if opened else result).append(tapes.under(c, inside, tape))
            converted, held = _with_comments(statement, converted, held)
            if cut and converted and not outside_tape.only_makes(c, statement):
                converted = outside_tape.under_no_grad(c, converted, result, plan.wrapped)
            (opened[-1][1] if opened else result).extend(converted)
    finally:
        c.scope.later, c.scope.around = outer, around
    if held and any(line.comment for line in held) and result:
        result[-1] = _trailing(result[-1], held)
    return trainers.without_unused(c, result, outer) if c.trainers else result


def _with_comments(
    statement: Any, converted: Statements, held: list[cst.EmptyLine]
) -> tuple[Statements, list[cst.EmptyLine]]:
    """Comments of a statement that is gone move to the next one."""
    if not converted:
        return [], [*held, *(cst.EmptyLine(comment=comment) for comment in comments.inside(statement))]
    if held and hasattr(converted[0], "leading_lines"):
        converted = [converted[0].with_changes(leading_lines=[*held, *converted[0].leading_lines]), *converted[1:]]
        held = []
    return converted, held


def _trailing(statement: Any, held: list[cst.EmptyLine]) -> Any:
    if not hasattr(statement, "leading_lines"):
        return statement
    return statement.with_changes(leading_lines=[*statement.leading_lines, *[line for line in held if line.comment]])


def convert(c: Converter, statement: Any) -> Statements:
    """Convert one statement; none, one or several stand for it in the twin."""
    c.new_statement()
    saved, c.scope.prefix = c.scope.prefix, []
    outer, c.scope.statement = c.scope.statement, statement
    here, c.scope.here = c.scope.here, Counter()
    before, c.journal.statement = c.journal.statement, statement
    try:
        handler = HANDLERS.get(type(statement))
        converted = parameter_splits.replaced(c, statement)
        if converted is None:
            converted = handler(c, statement) if handler else [statement]
        converted = _after_prefix(c, statement, converted)
        if c.spans_lines(statement):  # only there can comments stand inside expressions
            converted = comments.kept(statement, converted)
        converted = _each_marked(converted, c.journal.errors_in(statement))
    finally:
        c.scope.prefix, c.scope.statement, c.scope.here = saved, outer, here
        c.journal.statement = before
    for new in converted:
        c.origin.setdefault(new, statement)
        c.alive.append(new)
    return converted


def _replaced(c: Converter, statement: Any, writer: Callable[[Any], Statements]) -> Statements:
    """What a training step writes instead of a statement."""
    before, c.journal.statement = c.journal.statement, statement
    try:
        return marked(writer(statement), c.journal.errors_in(statement))
    finally:
        c.journal.statement = before


def _after_prefix(c: Converter, statement: Any, converted: Statements) -> Statements:
    prefix: Statements = list(c.scope.prefix or [])
    if any(new is statement for new in converted):
        # it stays as it was and reads none of the names that parts of it were given; modes are set all the same
        prefix = [line for line in prefix if isinstance(line.body[0], cst.Expr)]
    if not prefix:
        return converted
    if not converted:
        if isinstance(statement, cst.SimpleStatementLine):
            prefix = comments.around(statement, prefix)
        for new in prefix:
            c.origin.setdefault(new, statement)
        return prefix
    first = converted[0]
    lines = getattr(first, "leading_lines", ())
    if lines:
        prefix[0] = prefix[0].with_changes(leading_lines=lines)
        converted = [first.with_changes(leading_lines=[]), *converted[1:]]
    for new in prefix:
        c.origin.setdefault(new, statement)
    return prefix + converted


def _each_marked(converted: Statements, errors: list[Any]) -> Statements:
    """The marks above the statements that hold what was not converted; above the first where none is seen to."""
    if not errors or len(converted) < 2:
        return marked(converted, errors)
    places = [{id(node) for node in walk(new)} for new in converted]
    held: dict[int, list[Any]] = {}
    for error in errors:
        held.setdefault(next((i for i, nodes in enumerate(places) if id(error.node) in nodes), 0), []).append(error)
    return [marked([new], held.get(place, []))[0] for place, new in enumerate(converted)]


def marked(converted: Statements, errors: list[Any]) -> Statements:
    """Say in the twin what was not converted, once for each reason."""
    if not errors or not converted or not hasattr(converted[0], "leading_lines"):
        return converted
    reasons = list(dict.fromkeys(f"# diptych: not converted: {error.api}: {error.reason}" for error in errors))
    indented = [cst.EmptyLine(comment=cst.Comment(reason)) for reason in reasons]
    first = converted[0]
    return [first.with_changes(leading_lines=[*first.leading_lines, *indented]), *converted[1:]]


# --- Simple statements ------------------------------------------------------------------------------------------


def _line(c: Converter, line: cst.SimpleStatementLine) -> Statements:
    c.scope.here = c.counted(line)
    small: list[Any] = []
    for statement in line.body:
        new = _small(c, statement)
        if new is not None:
            small.append(new)
    if not small:
        return []
    if len(small) == len(line.body) and all(a is b for a, b in zip(small, line.body, strict=True)):
        return [line]
    return [line.with_changes(body=small)]


def _small(c: Converter, node: Any) -> Any:
    converted = _one(c, node)
    intermediate.note(c, node)
    return converted


def _one(c: Converter, node: Any) -> Any:
    if isinstance(node, cst.Expr):
        return _expression(c, node)
    if isinstance(node, cst.Assign):
        return parameter_splits.chosen(c, node) or assignments.assign(c, node)
    if isinstance(node, cst.AnnAssign):
        return assignments.annotated(c, node)
    if isinstance(node, cst.AugAssign):
        return rates.assigned(c, node) or assignments.augmented(c, node)
    if isinstance(node, cst.Return):
        return _return(c, node)
    if isinstance(node, (cst.Assert, cst.Raise)):
        return rebuild(c, node)
    if isinstance(node, cst.Del):
        return deletions.statement(c, node)
    if isinstance(node, (cst.Import, cst.ImportFrom)):
        return definitions.imported(c, node)
    return node


def _expression(c: Converter, node: cst.Expr) -> Any:
    if isinstance(node.value, cst.Call):
        special = initialisers.statement(c, node.value)
        if special is None:
            special = training.statement(c, node.value)
        if isinstance(special, cst.BaseSmallStatement):
            return special
        if special is not None:
            return node.with_changes(value=special) if isinstance(special, cst.BaseExpression) else None
        added = structure.added(c, node.value)
        if added is not None:
            return assignments.assign(c, added) if isinstance(added, cst.Assign) else added
        buffer = buffers.registered(c, node.value)
        if buffer is not None:
            return buffer
        in_place = assignments.bare_in_place(c, node.value)
        if in_place is not None:
            return in_place
    prefix = len(c.scope.prefix or ())
    code = c.code(node.value)
    if isinstance(code, cst.Name) and len(c.scope.prefix or ()) > prefix:
        return None
    return node if code is node.value else node.with_changes(value=code)


def _return(c: Converter, node: cst.Return) -> Any:
    if node.value is None:
        c.scope.returned.append(Value("none", literal=None))
        return node
    code, value = c.expr(node.value)
    if c.scope.plain_returns or c.scope.kind != "function":
        code, value = handed_layers.given_back(c, node.value, c.plain(code, value), value.plain())
    elif value.kind in ("list", "dict", "unknown") and value.items is None:
        code = c.plain(code, value)
    if c.scope.no_grad and value.is_tensor and c.target == "tensorflow":
        code = training.stopped(c, code)
    c.scope.returned.append(value)
    if code is node.value:
        return node
    space = node.whitespace_after_return
    if isinstance(space, cst.MaybeSentinel) or not getattr(space, "value", " "):
        space = cst.SimpleWhitespace(" ")
    return node.with_changes(value=code, whitespace_after_return=space)


# --- Compound statements ----------------------------------------------------------------------------------------


def suite(c: Converter, body: Any) -> Any:
    """Convert the body of a compound statement."""
    if isinstance(body, cst.SimpleStatementSuite):
        lines = block(c, [cst.SimpleStatementLine([small]) for small in body.body])
        if lines and all(isinstance(line, cst.SimpleStatementLine) and not line.leading_lines for line in lines):
            small = [part for line in lines for part in line.body]
            if len(small) == len(body.body) and all(a is b for a, b in zip(small, body.body, strict=True)):
                return body
            return body.with_changes(body=[part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for part in small])
        return cst.IndentedBlock(lines or [cst.SimpleStatementLine([cst.Pass()])], header=body.trailing_whitespace)
    statements = block(c, body.body)
    if not statements:
        lines = [cst.EmptyLine(comment=comment) for gone in body.body for comment in comments.inside(gone)]
        statements = [cst.SimpleStatementLine([cst.Pass()], leading_lines=lines)]
    if len(statements) == len(body.body) and all(a is b for a, b in zip(statements, body.body, strict=True)):
        return body
    return body.with_changes(body=statements)


def _if(c: Converter, node: cst.If) -> Statements:
    c.scope.here = c.counted(node.test)
    test = c.code(node.test)
    eager_values.condition(c, node.test)
    before = c.scope.snapshot()
    narrowed = initialisers.narrowed(c, node.test)
    unknown = {name: c.scope.names.get(name) for name in narrowed}
    c.scope.names |= narrowed
    body = suite(c, node.body)
    for name, value in unknown.items():
        if c.scope.names.get(name) is narrowed[name] and value is not None:
            c.scope.names[name] = value
    then = c.scope.snapshot()
    c.scope.restore(before)
    orelse: Any = None
    if isinstance(node.orelse, cst.If):
        inner = _if(c, node.orelse)
        orelse = inner[0]
    elif node.orelse is not None:
        new = suite(c, node.orelse.body)
        orelse = node.orelse if new is node.orelse.body else node.orelse.with_changes(body=new)
    otherwise = c.scope.snapshot()
    moved = differing(c, then[0], otherwise[0])
    if moved:
        body = appended(body, restored(c, moved, then[0]))
        extra = restored(c, moved, otherwise[0])
        if extra:
            if isinstance(orelse, cst.If):
                orelse = cst.Else(cst.IndentedBlock([orelse, *extra]))
            else:
                orelse = (
                    orelse.with_changes(body=appended(orelse.body, extra))
                    if orelse
                    else cst.Else(cst.IndentedBlock(extra))
                )
        for names in (then[0], otherwise[0]):
            names |= {name: in_source_order(names[name]) for name in moved}
    if is_left(node.body):
        c.scope.restore(otherwise)
    elif node.orelse is not None and not isinstance(node.orelse, cst.If) and is_left(node.orelse.body):
        c.scope.restore(then)
    else:
        c.scope.restore(otherwise)
        c.scope.merge(then)
    if test is node.test and body is node.body and orelse is node.orelse:
        return [node]
    return [node.with_changes(test=test, body=body, orelse=orelse)]


def appended(body: Any, statements: Statements) -> Any:
    """The body with statements at its end, before what leaves it there."""
    if not statements:
        return body
    if isinstance(body, cst.SimpleStatementSuite):
        body = cst.IndentedBlock([cst.SimpleStatementLine(list(body.body))])
    kept = list(body.body)
    if (
        kept
        and isinstance(kept[-1], cst.SimpleStatementLine)
        and isinstance(kept[-1].body[-1], (cst.Return, cst.Raise, cst.Continue, cst.Break))
    ):
        return (
            body
            if not isinstance(kept[-1].body[-1], (cst.Continue, cst.Break))
            else body.with_changes(body=[*kept[:-1], *statements, kept[-1]])
        )
    return body.with_changes(body=[*kept, *statements])


def moved_lines(first: Statements, node: Any) -> Statements:
    """Statements in front of one, below the comments and blank lines above it."""
    if not first:
        return [node]
    return [first[0].with_changes(leading_lines=node.leading_lines), *first[1:], node.with_changes(leading_lines=[])]


def orelse_of(c: Converter, node: Any) -> Any:
    """The ``else`` or ``finally`` of a compound statement."""
    if node is None:
        return None
    body = suite(c, node.body)
    return node if body is node.body else node.with_changes(body=body)


def _with(c: Converter, node: cst.With) -> Statements:
    special = training.with_statement(c, node)
    if special is not None:
        return special
    items = []
    for item in node.items:
        code, value = c.expr(item.item)
        if item.asname is not None and isinstance(item.asname.name, cst.Name):
            c.scope.names[item.asname.name.value] = value if value.kind == "foreign" else Value()
        items.append(item if code is item.item else item.with_changes(item=code))
    body = suite(c, node.body)
    if body is node.body and all(a is b for a, b in zip(items, node.items, strict=True)):
        return [node]
    return [node.with_changes(items=items, body=body)]


def _try(c: Converter, node: Any) -> Statements:
    before = c.scope.snapshot()
    changes: dict[str, Any] = {"body": suite(c, node.body)}
    handlers = []
    for handler in node.handlers:
        state = c.scope.snapshot()
        c.scope.merge(before)
        caught = None if handler.type is None else c.code(handler.type)
        body = suite(c, handler.body)
        kept = body is handler.body and caught is handler.type
        handlers.append(handler if kept else handler.with_changes(body=body, type=caught))
        missing = {
            name: value
            for name, value in state[0].items()
            if value.kind == "api" and c.scope.names.get(name, value).kind == "none"
        }
        c.scope.merge(state)
        c.scope.names |= missing  # without the framework, nothing that uses it runs
    changes["handlers"] = handlers
    changes["orelse"] = orelse_of(c, node.orelse)
    changes["finalbody"] = orelse_of(c, node.finalbody)
    return [node.with_changes(**changes)]


def _match(c: Converter, node: cst.Match) -> Statements:
    subject = c.code(node.subject)
    cases = []
    for case in node.cases:
        before = c.scope.snapshot()
        references.left_in(c, case.pattern)
        body = suite(c, case.body)
        cases.append(case if body is case.body else case.with_changes(body=body))
        c.scope.merge(before)
    return [node.with_changes(subject=fit(node, "subject", subject), cases=cases)]


HANDLERS: dict[type, Callable[[Any, Any], Statements]] = {
    cst.SimpleStatementLine: _line,
    cst.If: _if,
    cst.For: loops.for_,
    cst.While: loops.while_,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: _match,
    cst.FunctionDef: definitions.function,
    cst.ClassDef: definitions.class_,
    Opaque: lambda c, node: node.owner.reached(c, node),
}
