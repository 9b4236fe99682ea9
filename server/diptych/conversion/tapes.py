"""Where gradients are taken: ``loss.backward()`` and ``torch.autograd.grad``, each at the end of a tape of its own.

A tape stands around the statements that the differentiated value is computed from. Tensors whose gradient is wanted
are watched; a gradient that is differentiated in turn stands inside another tape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import outside_tape, slices, untaped
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

GRAD = "torch.autograd.grad"
NAMES = ("outputs", "inputs", "grad_outputs", "retain_graph", "create_graph", "only_inputs", "allow_unused")
# What a file says of gradients; the names of methods and functions are looked for in its text.
BACKWARD, AUTOGRAD = "backward", "autograd"


@dataclass(eq=False)
class Tape:
    """Statements from ``start`` up to ``end``, which is the first after them; ``watched`` are names of tensors.

    ``last`` is a name and an expression for it to be computed at the end of the tape, where what is differentiated has
    no name. ``name`` is the tape's own; ``inside`` says whether it stands under another one.
    """

    start: int
    end: int
    watched: tuple[str, ...] = ()
    last: tuple[str, cst.BaseExpression] | None = None
    name: str = "tape"
    inside: bool = False


@dataclass
class Plan:
    """The tapes of a block, and which statements are written anew. ``constant`` are those that compute constants for a
    tape of TensorFlow's, ``wrapped`` what stands for them by now.
    """

    tapes: list[Tape] = field(default_factory=list)
    replaced: dict[int, Callable[[Any], list[Any]]] = field(default_factory=dict)
    constant: set[int] = field(default_factory=set)
    wrapped: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Backward:
    """``value.backward(gradient)``, without a scaler around the value."""

    value: cst.BaseExpression
    gradient: cst.BaseExpression | None


def plan(c: Converter, statements: Sequence[Any]) -> Plan:
    """Find what is differentiated in a block, and where a tape has to start for it."""
    from diptych.conversion import training

    if c.source == "tensorflow":
        return Plan(constant=outside_tape.candidates(c, statements))
    found = Plan()
    if c.facts.isdisjoint((BACKWARD, AUTOGRAD)):
        return found
    for position, statement in enumerate(statements):
        for node in _grads(c, statement):
            _plan_grad(c, statements, position, node, found)
        taken = backward(statement)
        if taken is None:
            continue
        read = graded(statements, position)
        computed = slices.Slice.of(c, taken.value, statements)
        tape = _tape(c, statements, position, taken.value, read, computed)
        if tape is None:
            continue
        lost = untaped.why_not(c, statements, tape.start, position, computed)
        if lost is not None and not read:
            found.replaced[position] = _left(c, lost)
            continue
        made = slices.assigned_by([*statements, *(each for around, _ in c.scope.around for each in around)])
        untaped.assume(c, statement, statements[tape.start : position], computed, made)
        found.tapes.append(tape)
        step = training.step_of(c, statements, position)
        zeroed = training.zeroed(statements, position, step)
        fresh = _fresh(c, statements, position, read)
        found.replaced[position] = training.writer(c, taken, tape, step, zeroed, read, fresh)
    _nest(c, found)
    return found


def _left(c: Converter, reason: str) -> Callable[[Any], list[Any]]:
    """What leaves ``backward()`` as it is."""

    def write(statement: Any) -> list[Any]:
        c.journal.error(slices.only_call(statement) or statement, "Tensor.backward", reason)
        return [statement]

    return write


def backward(statement: Any) -> Backward | None:
    """What a statement such as ``loss.backward()`` differentiates."""
    value, found = slices.method(statement, "backward"), slices.only_call(statement)
    if value is None or found is None:
        return None
    given = by_name(found, ("gradient", "retain_graph", "create_graph"))
    if given is None or "create_graph" in given:
        return None
    return Backward(_unscaled(value), given.get("gradient"))


def _unscaled(value: cst.BaseExpression) -> cst.BaseExpression:
    """What ``scaler.scale(loss)`` scales."""
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute) or len(value.args) != 1:
        return value
    return value.args[0].value if value.func.attr.value == "scale" and not value.args[0].star else value


def _tape(
    c: Converter,
    statements: Sequence[Any],
    end: int,
    value: cst.BaseExpression,
    watched: tuple[str, ...],
    computed: slices.Slice,
) -> Tape | None:
    """A tape for a value; ``None`` where nothing before it in the block is computed for it. ``computed`` is followed
    back to the beginning of the block.
    """
    last = None if isinstance(value, cst.Name) else (c.twin.fresh("total"), _bare(c, value))
    start = slices.start(c, statements, end, computed)
    for place in range(end):
        if slices.assigned(statements[place]) & set(watched):
            start = max(start or 0, place + 1)
    if start is None and last is not None:
        start = end
    if start is None or (start >= end and last is None):
        return None
    return Tape(start, end, watched, last)


def _bare(c: Converter, value: cst.BaseExpression) -> cst.BaseExpression:
    """A value that is going to stand alone on one line, without brackets around it."""
    if not value.lpar or "\n" in code_of(value):
        return value
    bare = value.with_changes(lpar=value.lpar[1:], rpar=value.rpar[:-1])
    c.stands_for(bare, value)
    return bare


def graded(statements: Sequence[Any], after: int) -> tuple[str, ...]:
    """Names whose ``.grad`` is read between this ``backward()`` and the next one."""
    names: dict[str, None] = {}
    for statement in statements[after + 1 :]:
        if backward(statement) is not None:
            break
        for node in walk(statement):
            if isinstance(node, cst.Attribute) and node.attr.value == "grad" and isinstance(node.value, cst.Name):
                names[node.value.value] = None
    return tuple(names)


def _fresh(c: Converter, statements: Sequence[Any], position: int, names: tuple[str, ...]) -> bool:
    """Whether tensors can have no gradient from before: made or cleared in this block, or in none that repeats."""
    made = set[str]().union(*(slices.assigned(statement) for statement in statements[:position]))
    cleared = {
        node.value.value
        for statement in statements
        for node in walk(statement)
        if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and _clears(statement, node)
    }
    return not c.scope.loops or set(names) <= made | cleared


def _clears(statement: Any, node: cst.Attribute) -> bool:
    """Whether a statement sets a gradient to zero or ``None``."""
    text = code_of(node)
    code = code_of(statement).strip()
    return node.attr.value == "grad" and any(
        f"{text}{end}" in code for end in (".zero_()", ".data.zero_()", ".detach_().zero_()", " = None")
    )


def _grads(c: Converter, statement: Any) -> list[cst.Call]:
    """The calls of ``torch.autograd.grad`` in a simple statement."""
    if AUTOGRAD not in c.facts or not isinstance(statement, cst.SimpleStatementLine):
        return []
    return [node for node in walk(statement) if isinstance(node, cst.Call) and c.qualified(node.func) == GRAD]


def _plan_grad(c: Converter, statements: Sequence[Any], position: int, node: cst.Call, found: Plan) -> None:
    given = by_name(node, NAMES)
    if given is None or "outputs" not in given or "inputs" not in given:
        return
    inputs = given["inputs"]
    elements = [e.value for e in inputs.elements] if isinstance(inputs, (cst.List, cst.Tuple)) else [inputs]
    watched = tuple(each.value for each in elements if isinstance(each, cst.Name))
    computed = slices.Slice.of(c, given["outputs"], statements)
    tape = _tape(c, statements, position, given["outputs"], watched, computed)
    if tape is not None:
        found.tapes.append(tape)
        c.taped[id(node)] = tape
        c.alive.append(node)


def _nest(c: Converter, found: Plan) -> None:
    """Let tapes stand in one another, not across; those inside others get names of their own."""
    moved = True
    while moved:
        moved = False
        for outer in found.tapes:
            for other in found.tapes:
                if outer.start < other.start < outer.end < other.end:
                    other.start, moved = outer.start, True
    for place, tape in enumerate(found.tapes):
        around = [o for p, o in enumerate(found.tapes) if p != place and o.start <= tape.start and tape.end <= o.end]
        depth = sum((o.start, -o.end) != (tape.start, -tape.end) or o is not tape for o in around)
        tape.inside = depth > 0
        tape.name = c.twin.fresh("tape" if depth == 0 else f"tape_{depth}")


def opening(found: Plan, position: int) -> list[Tape]:
    """The tapes that start at a statement, those that end last first."""
    return sorted((tape for tape in found.tapes if tape.start == position), key=lambda tape: -tape.end)


def under(c: Converter, body: list[Any], tape: Tape) -> Any:
    """``with tf.GradientTape() as tape:`` around statements."""
    item = cst.WithItem(call(c.name("tf.GradientTape"), []), asname=cst.AsName(cst.Name(tape.name)))
    lines: Sequence[cst.EmptyLine] = []
    if body and hasattr(body[0], "leading_lines"):
        lines = body[0].leading_lines
        first = body[0].with_changes(leading_lines=[])
        c.origin[first] = c.origin.get(body[0]) or body[0]
        body = [first, *body[1:]]
    watch = cst.Attribute(cst.Name(tape.name), cst.Name("watch"))
    watched = [cst.SimpleStatementLine([cst.Expr(call(watch, [cst.Arg(cst.Name(name))]))]) for name in tape.watched]
    inside = [*watched, *body] or [cst.SimpleStatementLine([cst.Pass()])]
    return cst.With([item], cst.IndentedBlock(inside), leading_lines=lines)


def computed_last(c: Converter, tape: Tape, statement: Any) -> Any:
    """The statement that computes at the tape's end what has no name."""
    assert tape.last is not None
    name, value = tape.last
    made = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])
    c.stands_for(made, statement)
    return made


def of_value(c: Converter, tape: Tape, value: cst.BaseExpression) -> cst.BaseExpression:
    """What the tape differentiates, in the twin."""
    return cst.Name(tape.last[0]) if tape.last is not None else c.expr(value)[0]


def gradient(c: Converter, node: cst.Call) -> Code | None:
    """``torch.autograd.grad(outputs, inputs)``: a list of gradients from the tape before it."""
    tape, given = c.taped.get(id(node)), by_name(node, NAMES)
    if tape is None or given is None:
        return c.leave(node, GRAD, c.why(GRAD, "what it differentiates is not computed in the same block"))
    found = [c.expr(value) for value in _inputs(given["inputs"])]
    parameters = len(found) == 1 and found[0][1].kind == "parameters"
    if not parameters and not all(value.is_tensor for _, value in found):
        return c.leave(node, GRAD, "it is not known whether the gradient of tensors is wanted")
    sources = found[0][0] if parameters else cst.List([cst.Element(argument(code)) for code, _ in found])
    args = [cst.Arg(of_value(c, tape, given["outputs"])), cst.Arg(sources)]
    weights = given.get("grad_outputs")
    if weights is not None and c.literal(weights) is not None:
        code, value = c.expr(weights)
        output = c.expr(given["outputs"])[1]
        if output.permutation != value.permutation:
            return c.leave(node, GRAD, "its grad_outputs have their axes in another order")
        args.append(keyword("output_gradients", argument(code)))
    result: cst.BaseExpression = call(cst.Attribute(cst.Name(tape.name), cst.Name("gradient")), args)
    if tape.inside and c.literal(given.get("create_graph", cst.Name("False"))) is not True:
        result = call(c.name("tf.nest.map_structure"), [cst.Arg(c.name("tf.stop_gradient")), cst.Arg(result)])
    gradients = tuple(c.fresh(replace(value, literal=MISSING, of=None, api=None)) for _, value in found)
    if parameters:
        return result, Value("list", item=c.fresh(Value("tensor", dtype="float")))
    return result, Value("tuple", items=gradients)


def _inputs(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [element.value for element in node.elements] if isinstance(node, (cst.List, cst.Tuple)) else [node]


def taken(c: Converter, node: cst.Attribute, value: Value) -> Code | None:
    """``x.grad`` after ``backward()``: what the tape gave."""
    name = c.scope.tapes.get(node.value.value) if isinstance(node.value, cst.Name) else None
    if name is None:
        return None
    return cst.Name(name), replace(value, literal=MISSING, of=None, api=None, memory=frozenset())


def marks(c: Converter, node: cst.Call) -> bool:
    """Whether ``x.requires_grad_()`` only asks for a gradient, which a tape is told where it is taken."""
    return not node.args or (len(node.args) == 1 and c.literal(node.args[0].value) is True)


def marked(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether an expression is a tensor whose gradient may be asked for, which this says of a name."""
    value = c.expr(node)[1]
    if value.kind == "unknown" and isinstance(node, cst.Name):
        c.scope.names[node.value] = Value("tensor", memory=value.memory, of=value.of)
        return True
    return value.is_tensor and value.api is None


def cleared(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether an expression is the gradient of a tensor, to be cleared: the next tape starts anew."""
    while isinstance(node, cst.Attribute) and node.attr.value in ("data",):
        node = node.value
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "detach_":
        node = node.func.value
    if not isinstance(node, cst.Attribute) or node.attr.value != "grad" or not isinstance(node.value, cst.Name):
        return False
    return c.scope.tapes.pop(node.value.value, None) is not None
