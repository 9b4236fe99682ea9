"""Training steps, modes and gradients: what PyTorch keeps on tensors and modules, and TensorFlow on a tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import clipping, environment
from diptych.conversion import variables as variable_values
from diptych.conversion.expressions import bind_target
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

DELETED = True


@dataclass
class Plan:
    """Which statements of a block stand under a tape, and which are written anew."""

    starts: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    replaced: dict[int, Callable[[Any], list[Any]]] = field(default_factory=dict)


def plan(c: Converter, statements: Sequence[Any]) -> Plan:
    """Find the training steps of a block: each from what the loss needs down to ``backward()``."""
    found = Plan()
    if c.source == "tensorflow":
        return found
    begin = 0
    for position, statement in enumerate(statements):
        loss = _backward(statement)
        if loss is None:
            continue
        start = _start(c, statements, begin, position, loss)
        if start is None:
            continue
        step = _step(statements, position)
        found.starts.add(start)
        found.ends.add(position)
        found.replaced[position] = _writer(c, loss, step, _zeroed(statements, step))
        begin = position + 1
    return found


def _only_call(statement: Any) -> cst.Call | None:
    if (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Expr)
    ):
        value = statement.body[0].value
        return value if isinstance(value, cst.Call) else None
    return None


def _method(statement: Any, name: str) -> cst.BaseExpression | None:
    """The object of a statement ``object.name(...)``."""
    found = _only_call(statement)
    if found is not None and isinstance(found.func, cst.Attribute) and found.func.attr.value == name:
        return found.func.value
    return None


def _backward(statement: Any) -> str | None:
    loss = _method(statement, "backward")
    found = _only_call(statement)
    return loss.value if isinstance(loss, cst.Name) and found is not None and not found.args else None


def _step(statements: Sequence[Any], after: int) -> cst.BaseExpression | None:
    for statement in statements[after + 1 :]:
        if _backward(statement):
            return None
        target = _method(statement, "step")
        if target is not None:
            return target
    return None


def _zeroed(statements: Sequence[Any], step: cst.BaseExpression | None) -> bool:
    """Whether gradients are set to zero in this block."""
    return step is not None and any(_method(statement, "zero_grad") is not None for statement in statements)


def _assigned(statement: Any) -> set[str]:
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


def _start(c: Converter, statements: Sequence[Any], begin: int, end: int, loss: str) -> int | None:
    """The first statement that the loss is computed from, leaving out what only makes data and modules."""
    needed, places = {loss}, []
    for position in range(end - 1, begin - 1, -1):
        names = _assigned(statements[position])
        if names & needed:
            places.append(position)
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


def _writer(c: Converter, loss: str, step: cst.BaseExpression | None, zeroed: bool) -> Callable[[Any], list[Any]]:
    def write(statement: Any) -> list[Any]:
        c.new_statement()
        found = _only_call(statement)
        assert found is not None
        optimizer = c.expr(step)[1] if step is not None else Value()
        reason = None
        if step is None:
            reason = "no optimizer's step() follows in the same block: gradients that add up are not converted"
        elif not zeroed:
            reason = "gradients are not set to zero in the same block, so they may add up"
        variables = _variables(c, found, step, optimizer) if reason is None else None
        if variables is None:
            c.journal.error(found, "Tensor.backward", reason or "it is not known which module the optimizer updates")
            return [statement]
        assert step is not None
        gradients = c.twin.fresh("gradients")
        c.scope.gradients[cst.Module([]).code_for_node(step)] = (gradients, variables)
        code = call(
            cst.Attribute(cst.Name(_tape(c)), cst.Name("gradient")), [cst.Arg(cst.Name(loss)), cst.Arg(variables)]
        )
        line = cst.SimpleStatementLine(
            [cst.Assign([cst.AssignTarget(cst.Name(gradients))], code)],
            leading_lines=statement.leading_lines,
            trailing_whitespace=statement.trailing_whitespace,
        )
        c.origin[line] = statement
        c.alive.append(line)
        return [line]

    return write


def _tape(c: Converter) -> str:
    return c.twin.fresh("tape")


def _variables(
    c: Converter, node: cst.CSTNode, step: cst.BaseExpression | None, optimizer: Value
) -> cst.BaseExpression | None:
    owner = optimizer.api
    if owner is not None and c.scope.lookup(owner.split(".")[0].split("(")[0]) is None:
        owner = None  # it was made in another method, from that one's argument
    if owner is None:
        modules = _candidates(c, step)
        if len(modules) != 1:
            return None
        owner = modules[0]
        c.journal.assume(
            node,
            "Optimizer",
            f"assumes that the optimizer updates the parameters of `{owner}`",
            ("optimizer", c.scope.name),
        )
    return c.code(cst.parse_expression(f"{owner}.parameters()")) if "(" not in owner else None


def _candidates(c: Converter, optimizer: cst.BaseExpression | None) -> list[str]:
    """The modules that an optimizer of unknown making may update: those that came in by the same way."""
    if isinstance(optimizer, cst.Name) and optimizer.value in c.scope.parameters:
        return [name for name in sorted(c.scope.parameters) if c.scope.names.get(name, Value()).kind == "module"]
    if isinstance(optimizer, cst.Attribute) and c.expr(optimizer.value)[1].kind == "self" and c.scope.owner is not None:
        held = sorted(name for name, value in c.scope.owner.attributes.items() if value.kind == "module")
        return [cst.Module([]).code_for_node(optimizer.with_changes(attr=cst.Name(name))) for name in held]
    return []


def under_tape(c: Converter, body: list[Any], plan: Plan) -> Any:
    """``with tf.GradientTape() as tape:`` around statements."""
    item = cst.WithItem(call(c.name("tf.GradientTape"), []), asname=cst.AsName(cst.Name(_tape(c))))
    lines: Sequence[cst.EmptyLine] = []
    if body and hasattr(body[0], "leading_lines"):
        lines = body[0].leading_lines
        first = body[0].with_changes(leading_lines=[])
        c.origin[first] = c.origin.get(body[0]) or body[0]
        body = [first, *body[1:]]
    return cst.With([item], cst.IndentedBlock(body or [cst.SimpleStatementLine([cst.Pass()])]), leading_lines=lines)


def statement(c: Converter, node: cst.Call) -> Any:
    """A call that stands alone: steps and modes. A new expression, ``DELETED``, or ``None`` where it is neither."""
    function = node.func
    if clipping.is_clipping(c, node):
        return clipping.statement(c, node)
    if environment.dropped(c, node):
        return DELETED
    if not isinstance(function, cst.Attribute) or c.qualified(function) is not None:
        return None
    name = function.attr.value
    if c.source == "tensorflow":
        return _keras_statement(c, node, function, name)
    if name == "register_buffer" and c.expr(function.value)[1].kind == "self":
        return None
    if name not in ("zero_grad", "step", "train", "eval", "backward"):
        return None
    value = c.expr(function.value)[1]
    text = cst.Module([]).code_for_node(function.value)
    if name == "zero_grad" and value.kind in ("optimizer", "module"):
        return DELETED
    if name == "step":
        known = c.scope.gradients.get(text)
        if known is not None:
            gradients, variables = known
            pairs = call(cst.Name("zip"), [cst.Arg(cst.Name(gradients)), cst.Arg(variables)])
            return call(cst.Attribute(c.code(function.value), cst.Name("apply_gradients")), [cst.Arg(pairs)])
        if value.kind == "optimizer":
            return c.leave(node, "Optimizer.step", "no backward() before it in the same block was converted")[0]
        return None
    if name in ("train", "eval") and (value.kind == "module") and not c.scope.in_module:
        mode = name == "train"
        if node.args:
            literal = c.literal(node.args[0].value)
            if not isinstance(literal, bool):
                return c.leave(node, "Module.train", "the mode is not known here")[0]
            mode = literal
        c.scope.modes[text] = mode
        return DELETED
    if name == "backward":
        return c.leave(
            node, "Tensor.backward", "a training step is converted where loss, backward() and step() stand in one block"
        )[0]
    return None


def with_statement(c: Converter, node: cst.With) -> list[Any] | None:
    """``with torch.no_grad():`` and ``with tf.GradientTape() as tape:``; ``None`` for others."""
    if len(node.items) != 1 or not isinstance(node.items[0].item, cst.Call):
        return None
    item = node.items[0]
    assert isinstance(item.item, cst.Call)
    qualified = c.qualified(item.item.func)
    if qualified in ("torch.no_grad", "torch.inference_mode") and not item.item.args:
        saved = c.scope.no_grad, c.scope.after_no_grad
        c.scope.no_grad, c.scope.after_no_grad = True, c.scope.later
        body = _suite(c, node)
        c.scope.no_grad, c.scope.after_no_grad = saved
        return _spliced(node, body)
    if qualified == "torch.enable_grad":
        return None
    if item.asname is None and environment.scope(c, item.item):
        return _spliced(node, _suite(c, node))
    if qualified == "tf.GradientTape":
        if item.item.args:
            c.journal.error(
                item.item, qualified, "a persistent tape, or one that watches nothing by itself, is not converted"
            )
            return [node]
        if item.asname is not None and isinstance(item.asname.name, cst.Name):
            c.scope.names[item.asname.name.value] = Value("tape")
        c.open_tapes += 1
        try:
            return _spliced(node, _suite(c, node))
        finally:
            c.open_tapes -= 1
    return None


def _suite(c: Converter, node: cst.With) -> list[Any]:
    from diptych.conversion import statements

    body = statements.suite(c, node.body)
    if isinstance(body, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(list(body.body))]
    lines = list(body.body)
    if body.header.comment is not None and lines and hasattr(lines[0], "leading_lines"):
        lines[0] = lines[0].with_changes(
            leading_lines=[cst.EmptyLine(comment=body.header.comment), *lines[0].leading_lines]
        )
    return lines


def _spliced(node: cst.With, body: list[Any]) -> list[Any]:
    if body and hasattr(body[0], "leading_lines"):
        body = [body[0].with_changes(leading_lines=[*node.leading_lines, *body[0].leading_lines]), *body[1:]]
    return body


def stopped(c: Converter, code: cst.BaseExpression) -> cst.BaseExpression:
    """``tf.stop_gradient(code)``."""
    return call(c.name("tf.stop_gradient"), [cst.Arg(code)])


# --- TensorFlow's side ------------------------------------------------------------------------------------------


def assignment(c: Converter, node: cst.Assign) -> Any:
    """``gradients = tape.gradient(loss, variables)``: in PyTorch, ``loss.backward()``."""
    value = node.value
    if isinstance(value, cst.Call) and clipping.is_clipping(c, value):
        target = node.targets[0].target
        written = clipping.statement(c, value, target.value) if isinstance(target, cst.Name) else None
        return node if written is value else written
    if c.source != "tensorflow" or not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
        return None
    if value.func.attr.value != "gradient" or c.expr(value.func.value)[1].kind != "tape":
        return None
    target = node.targets[0].target
    variables = cst.Module([]).code_for_node(value.args[1].value) if len(value.args) > 1 else ""
    if not variables.endswith((".trainable_variables", ".trainable_weights")):
        found = variable_values.gradient(c, value)
        if found is not None:
            bind_target(c, target, found[1])
            return node.with_changes(value=found[0])
    if len(value.args) < 2 or any(a.keyword for a in value.args) or not isinstance(target, cst.Name):
        c.journal.error(
            value, "GradientTape.gradient", "only gradients with respect to a model's variables are converted"
        )
        return node
    variables = cst.Module([]).code_for_node(value.args[1].value)
    optimizer = c.optimizers.get(variables)
    if optimizer is None or not variables.endswith((".trainable_variables", ".trainable_weights")):
        c.journal.error(
            value, "GradientTape.gradient", "only gradients that an optimizer applies in the same file are converted"
        )
        return node
    c.scope.names[target.value] = Value("gradients", api=variables)
    if c.scope.prefix is not None:
        c.scope.prefix.append(
            cst.SimpleStatementLine(
                [cst.Expr(call(cst.Attribute(cst.parse_expression(optimizer), cst.Name("zero_grad")), []))]
            )
        )
    loss = c.code(value.args[0].value)
    return cst.Expr(call(cst.Attribute(loss, cst.Name("backward")), []))


def _keras_statement(c: Converter, node: cst.Call, function: cst.Attribute, name: str) -> Any:
    if name == "set_shape" and c.expr(function.value)[1].is_tensor:
        return DELETED  # PyTorch knows all sizes
    if name not in ("apply_gradients", "apply"):
        return None
    gradients = _gradients_argument(c, node, name)
    if gradients is None or c.expr(gradients)[1].kind != "gradients":
        if c.expr(function.value)[1].kind == "optimizer":
            return c.leave(
                node, f"Optimizer.{name}", "only gradients of one tape, unchanged, are applied by PyTorch's step()"
            )[0]
        return None
    return call(cst.Attribute(c.code(function.value), cst.Name("step")), [])


def _gradients_argument(c: Converter, node: cst.Call, name: str) -> cst.BaseExpression | None:
    if not node.args or node.args[0].keyword or node.args[0].star:
        return None
    first = node.args[0].value
    if name == "apply":
        return first if len(node.args) == 2 else None
    if (
        isinstance(first, cst.Call)
        and isinstance(first.func, cst.Name)
        and first.func.value == "zip"
        and len(first.args) == 2
    ):
        return first.args[0].value
    return None


def optimizers(module: cst.Module) -> dict[str, str]:
    """Which optimizer updates which variables: ``optimizer.apply_gradients(zip(gradients,
    model.trainable_variables))``.
    """
    found: dict[str, str] = {}
    code = cst.Module([]).code_for_node
    for node in walk(module):
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or not node.args:
            continue
        if node.func.attr.value == "compile":
            given = next((a for a in node.args if a.keyword and a.keyword.value == "optimizer"), node.args[0])
            if isinstance(given.value, (cst.Name, cst.Attribute)):
                found.setdefault(f"{code(node.func.value)}.trainable_variables", code(given.value))
            continue
        first = node.args[0].value
        if node.func.attr.value == "apply_gradients" and isinstance(first, cst.Call) and len(first.args) == 2:
            found[code(first.args[1].value)] = code(node.func.value)
        elif node.func.attr.value == "apply" and len(node.args) == 2:
            found[code(node.args[1].value)] = code(node.func.value)
    return found
