"""Training steps, modes and gradients: what PyTorch keeps on tensors and modules, and TensorFlow on a tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    accumulation,
    carried,
    checkpoints,
    clipping,
    contexts,
    devices,
    environment,
    evidence,
    gradient_lists,
    legacy,
    lightning_logs,
    modes,
    outside_tape,
    slices,
    tapes,
    train_steps,
    trainers,
    variable_aliases,
)
from diptych.conversion import variables as variable_values
from diptych.conversion.expressions import bind_target
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

DELETED = True


def step_of(c: Converter, statements: Sequence[Any], after: int) -> cst.BaseExpression | None:
    """The optimizer that steps next, before gradients are set to zero, also in ``scaler.step(optimizer)``."""
    for statement in statements[after + 1 :]:
        if slices.method(statement, "zero_grad") is not None:
            return None
        target, found = slices.method(statement, "step"), slices.only_call(statement)
        if target is not None and found is not None:
            return found.args[0].value if found.args and _is_scaler(target) else target
    return None


def _is_scaler(node: cst.BaseExpression) -> bool:
    return "scaler" in code_of(node).lower()


def zeroed(statements: Sequence[Any], position: int, step: cst.BaseExpression | None) -> bool:
    """Whether gradients are set to zero in this block, after another optimizer's step before it."""
    if step is None or not any(slices.method(statement, "zero_grad") is not None for statement in statements):
        return False
    for statement in reversed(statements[:position]):
        if slices.method(statement, "zero_grad") is not None:
            return True
        if slices.method(statement, "step") is not None and any(map(tapes.backward, statements[:position])):
            return False
    return True


def writer(
    c: Converter,
    taken: tapes.Backward,
    tape: tapes.Tape,
    step: cst.BaseExpression | None,
    zeroed: bool,
    graded: tuple[str, ...],
    fresh: bool,
) -> Callable[[Any], list[Any]]:
    """What writes, instead of ``backward()``, the gradients of what an optimizer updates, and of single tensors."""

    def write(statement: Any) -> list[Any]:
        c.new_statement()
        found = slices.only_call(statement)
        assert found is not None
        tensors = _tensors(c, graded)
        if graded and step is None:
            return _of_tensors(c, statement, taken, tape, graded, tensors, fresh)
        summed = accumulation.known(c)
        if summed is not None and summed.refused is None:
            return _summed(c, statement, taken, tape, summed)
        optimizer = c.expr(step)[1] if step is not None else Value()
        reason = summed.refused if summed is not None else None
        if reason is not None:
            pass
        elif step is None:
            reason = "no optimizer's step() follows in the same function: gradients that add up are not converted"
        elif not zeroed:
            reason = "gradients are not set to zero in the same block, so they may add up"
        variables = _variables(c, found, step, optimizer) if reason is None else None
        if variables is None:
            c.journal.error(found, "Tensor.backward", reason or "it is not known which module the optimizer updates")
            return [statement]
        assert step is not None
        gradients, key = c.twin.fresh("gradients"), code_of(step)
        before = c.scope.gradients.get(key)
        more = before is not None and before[1].deep_equals(variables) and key in c.scope.waiting
        name = c.twin.fresh("more") if more else gradients
        c.scope.gradients[key] = (gradients, variables)
        c.scope.waiting.add(key)
        lines = [_taken(c, statement, taken, tape, [name], variables)]
        if isinstance(taken.value, cst.Name) and c.expr(taken.value)[1].kind == "unknown":
            c.scope.names[taken.value.value] = c.fresh(Value("tensor", dtype="float"))
        if more:
            both = checkpoints.helper(c, "summed", [cst.Arg(cst.Name(gradients)), cst.Arg(cst.Name(name))])
            lines.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(gradients))], both)]))
        return lines

    return write


def _summed(
    c: Converter, statement: Any, taken: tapes.Backward, tape: tapes.Tape, found: accumulation.Accumulation
) -> list[Any]:
    """Gradients that are added to those that there are."""
    call_ = slices.only_call(statement)
    assert call_ is not None
    variables = _variables(c, call_, found.step, c.expr(found.step)[1])
    if variables is None:
        c.journal.error(call_, "Tensor.backward", "it is not known which module the optimizer updates")
        return [statement]
    if not found.alone:
        c.journal.assume(call_, "Tensor.backward", accumulation.OTHERS, ("accumulated", c.scope.name))
    c.scope.gradients[code_of(found.step)] = (found.place, variables)
    return [_taken(c, statement, taken, tape, [], variables, found)]


def _tensors(c: Converter, names: tuple[str, ...]) -> list[Value]:
    return [c.scope.lookup(name) or Value() for name in names]


def _of_tensors(
    c: Converter,
    statement: Any,
    taken: tapes.Backward,
    tape: tapes.Tape,
    names: tuple[str, ...],
    values: list[Value],
    fresh: bool,
) -> list[Any]:
    """The gradients of tensors by names of their own."""
    found = slices.only_call(statement)
    assert found is not None
    if not all(value.is_tensor for value in values):
        c.journal.error(found, "Tensor.backward", "it is not known whether gradients of tensors are read")
        return [statement]
    if not fresh:
        c.journal.error(found, "Tensor.backward", "gradients of tensors that are not set to zero add up")
        return [statement]
    given = [c.twin.fresh(f"{name}_grad") for name in names]
    c.scope.tapes |= dict(zip(names, given, strict=True))
    sources = [cst.Name(name) for name in names]
    listed = sources[0] if len(sources) == 1 else cst.List([cst.Element(each) for each in sources])
    if any(name in c.scope.parameters for name in names):
        reason = "assumes that the tensors have no gradient yet, which another one would be added to"
        c.journal.assume(found, "Tensor.backward", reason, ("grad", c.scope.name, *names))
    return [_taken(c, statement, taken, tape, given, listed)]


def _taken(
    c: Converter, statement: Any, taken: tapes.Backward, tape: tapes.Tape, names: list[str], sources: Any,
    summed: accumulation.Accumulation | None = None,
) -> Any:  # fmt: skip
    """``names = tape.gradient(value, sources)``, or what is added to ``summed``."""
    args = [cst.Arg(tapes.of_value(c, tape, taken.value)), cst.Arg(sources)]
    if taken.gradient is not None:
        args.append(keyword("output_gradients", c.expr(taken.gradient)[0]))
    code = call(cst.Attribute(cst.Name(tape.name), cst.Name("gradient")), args)
    targets: list[cst.Name | cst.Attribute] = [cst.Name(name) for name in names]
    if summed is not None:
        targets, code = [accumulation.kept_in(summed.place)], accumulation.added(c, summed, code)
    target = targets[0] if len(targets) == 1 else cst.Tuple([cst.Element(each) for each in targets], lpar=[], rpar=[])
    line = cst.SimpleStatementLine(
        [cst.Assign([cst.AssignTarget(target)], code)],
        leading_lines=statement.leading_lines,
        trailing_whitespace=statement.trailing_whitespace,
    )
    c.origin[line] = statement
    c.alive.append(line)
    return line


def _variables(
    c: Converter, node: cst.CSTNode, step: cst.BaseExpression | None, optimizer: Value
) -> cst.BaseExpression | None:
    owner = owner_of(c, step, optimizer)
    if owner is None:
        return None
    if owner != optimizer.api:
        c.journal.assume(
            node,
            "Optimizer",
            f"assumes that the optimizer updates the parameters of `{owner}`",
            ("optimizer", c.scope.name),
        )
    if "(" in owner:
        return None
    owners = owner.split(";")
    known = [c.expr(cst.parse_expression(f"{each}.parameters()")) for each in owners]
    if len(owners) > 1 and any(value.kind != "parameters" for _, value in known):
        return None
    joined = known[0][0]
    for code, _ in known[1:]:
        joined = cst.BinaryOperation(joined, cst.Add(), code)
    return joined


def owner_of(c: Converter, step: cst.BaseExpression | None, optimizer: Value) -> str | None:
    """What the optimizer updates the parameters of: modules, by ``;``."""
    owner = optimizer.api if optimizer.kind == "optimizer" else None
    first = [each.split(".")[0].split("(")[0] for each in (owner or "").split(";")]
    if owner is not None and all(c.scope.lookup(name) is not None for name in first):
        return owner
    modules = _candidates(c, step)  # it was made in another method, from that one's argument
    return modules[0] if len(modules) == 1 else None


def _candidates(c: Converter, optimizer: cst.BaseExpression | None) -> list[str]:
    """The modules that an optimizer of unknown making may update: those that came in by the same way."""
    if isinstance(optimizer, cst.Name) and optimizer.value in c.scope.parameters:
        known = [name for name in sorted(c.scope.parameters) if c.scope.names.get(name, Value()).kind == "module"]
        if not known:  # one is called a model, and is seen to be one by nothing else
            known = [name for name in sorted(c.scope.parameters) if name.lower() in evidence.MODELS]
            c.scope.names |= {name: Value("module") for name in known}
        return [name for name in known if c.scope.modes.get(name) is not False] if len(known) > 1 else known
    if isinstance(optimizer, cst.Attribute) and c.expr(optimizer.value)[1].kind == "self" and c.scope.owner is not None:
        held = sorted(name for name, value in c.scope.owner.attributes.items() if value.kind == "module")
        return [code_of(optimizer.with_changes(attr=cst.Name(name))) for name in held]
    return []


def statement(c: Converter, node: cst.Call) -> Any:
    """A call that stands alone: steps and modes. A new expression, ``DELETED``, or ``None`` where it is neither."""
    function = node.func
    if clipping.is_clipping(c, node):
        return clipping.statement(c, node)
    logged = lightning_logs.statement(c, node)
    if logged is None:
        logged = trainers.statement(c, node)
    if logged is not None:
        return logged
    if environment.dropped(c, node) or devices.dropped(c, node):
        return DELETED
    compiled = train_steps.base_compiled(c, node)
    if compiled is not None:
        return compiled
    if not isinstance(function, cst.Attribute) or c.qualified(function) is not None:
        return None
    name = function.attr.value
    if c.source == "tensorflow":
        return _keras_statement(c, node, function, name)
    if name == "register_buffer" and c.expr(function.value)[1].kind == "self":
        return None
    if name == "zero_" and tapes.cleared(c, function.value):
        return DELETED
    if name not in ("zero_grad", "step", "train", "eval", "backward", "requires_grad_", "update", "unscale_"):
        return None
    value = c.expr(function.value)[1]
    if value.kind == "scaler":
        return _scaler_statement(c, node, name)
    if name in ("update", "unscale_"):
        return None
    if name == "requires_grad_":
        return DELETED if tapes.marked(c, function.value) and tapes.marks(c, node) else None
    text = code_of(function.value)
    if name == "zero_grad" and value.kind in ("optimizer", "module"):
        c.scope.waiting.clear()
        summed = accumulation.current(c)
        return DELETED if summed is None else accumulation.cleared_to(summed)
    if name == "step":
        applied = _applied(c, function.value)
        if applied is not None:
            return applied
        if value.kind == "optimizer":
            return c.leave(node, "Optimizer.step", "no backward() before it in the same block was converted")[0]
        return None
    refusal = modes.why_not_set(c, node, function, value) if name in ("train", "eval") else None
    if refusal is not None:
        return c.leave(node, f"Module.{name}", refusal)[0]
    if name in ("train", "eval") and (value.kind == "module") and not c.scope.in_module:
        mode = name == "train"
        if node.args:
            literal = c.literal(node.args[0].value)
            if not isinstance(literal, bool):
                return c.leave(node, "Module.train", "the mode is not known here")[0]
            mode = literal
        modes.put(c, text, training=mode)
        return DELETED
    if name == "backward":
        return c.leave(
            node, "Tensor.backward", "a training step is converted where loss, backward() and step() stand in one block"
        )[0]
    return None


def _applied(c: Converter, optimizer: cst.BaseExpression) -> Any:
    """``optimizer.apply_gradients(zip(gradients, variables))``, where gradients were taken for it."""
    summed = accumulation.current(c)
    if summed is not None and code_of(summed.step) == code_of(optimizer):
        variables = _variables(c, optimizer, optimizer, c.expr(optimizer)[1])
        if variables is None:
            return None
        gradients = summed.place
    elif code_of(optimizer) in c.scope.gradients:
        gradients, variables = c.scope.gradients[code_of(optimizer)]
    else:
        return None
    c.scope.waiting.discard(code_of(optimizer))
    pairs = call(cst.Name("zip"), [cst.Arg(accumulation.kept_in(gradients)), cst.Arg(variables)])
    applied = call(cst.Attribute(c.code(optimizer), cst.Name("apply_gradients")), [cst.Arg(pairs)])
    if summed is None or c.scope.prefix is None or accumulation.surely_some(c, summed):
        return applied
    c.scope.prefix.append(accumulation.where_some(c, summed, applied))
    return DELETED


def _scaler_statement(c: Converter, node: cst.Call, name: str) -> Any:
    """``scaler.step(optimizer)``, ``scaler.update()``: float32 gradients need no scaling."""
    if name in ("update", "unscale_"):
        return DELETED
    if name == "step" and len(node.args) == 1:
        applied = _applied(c, node.args[0].value)
        return applied or c.leave(node, "Optimizer.step", "no backward() before it in the same block was converted")[0]
    return None


def with_statement(c: Converter, node: cst.With) -> list[Any] | None:
    """``with torch.no_grad():`` and ``with tf.GradientTape() as tape:``; ``None`` for others."""
    apart = contexts.separated(c, node)
    if apart is not None:
        return with_statement(c, apart) or [node]
    if len(node.items) != 1 or not isinstance(node.items[0].item, cst.Call):
        return None
    item = node.items[0]
    assert isinstance(item.item, cst.Call)
    qualified = c.qualified(item.item.func)
    gone = contexts.dropped(c, item)
    if gone is True:
        return _spliced(node, _suite(c, node))
    if gone is False or (qualified in ("torch.no_grad", "torch.inference_mode") and not item.item.args):
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
        persistent = gradient_lists.persistent(c, item.item)
        if persistent is None:
            c.journal.error(item.item, qualified, "a tape that watches nothing by itself is not converted")
            return [node]
        stored = outside_tape.stored(c, node)
        if stored is not None:
            c.journal.error(item.item, qualified, f"{stored}, but PyTorch would follow it")
            return [node]
        if item.asname is not None and isinstance(item.asname.name, cst.Name):
            c.scope.names[item.asname.name.value] = Value("tape", api=gradient_lists.PERSISTENT if persistent else None)
        before = carried.detached(c, node)
        c.open_tapes += 1
        try:
            return _spliced(node, [*before, *_suite(c, node)])
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
    if trainers.assigned(c, node):
        return node
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
    variables = code_of(value.args[1].value) if len(value.args) > 1 else ""
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
    variables = code_of(value.args[1].value)
    optimizer = c.optimizers.get(variables)
    if not all(each.strip().endswith(gradient_lists.VARIABLES) for each in variables.split("+")):
        reason = "only gradients with respect to a model's trainable variables, or to tensors with names, are converted"
        c.journal.error(value, "GradientTape.gradient", reason)
        return node
    several = c.expr(value.func.value)[1].api == gradient_lists.PERSISTENT
    if several or not gradient_lists.only_applied(c, value, target.value, optimizer):
        return gradient_lists.taken(c, node, target.value)
    c.scope.names[target.value] = Value("gradients", api=variables)
    if c.scope.prefix is not None and optimizer is not None:
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
    if name == "minimize" and c.expr(function.value)[1].kind == "optimizer":
        return legacy.minimized(c, node, function)
    if name not in ("apply_gradients", "apply"):
        return None
    found = gradient_lists.pairs_of(node)
    listed = gradient_lists.applied(c, node, function)
    if listed is not None:
        return listed
    if found is None or c.expr(found[0])[1].kind != gradient_lists.KIND:
        if c.expr(function.value)[1].kind == "optimizer":
            return c.leave(
                node, f"Optimizer.{name}", "only gradients of a tape of this function, or lists of them, are applied"
            )[0]
        return None
    return call(cst.Attribute(c.code(function.value), cst.Name("step")), [])


def optimizers(module: cst.Module) -> dict[str, str]:
    """Which optimizer updates which variables: ``optimizer.apply_gradients(zip(gradients,
    model.trainable_variables))``.
    """
    found: dict[str, str] = {}
    named = variable_aliases.everywhere(module)
    for node in walk(module):
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or not node.args:
            continue
        if node.func.attr.value == "compile":
            if isinstance(node.func.value, cst.Call):
                continue  # a class's own compile hands its arguments on
            found |= train_steps.compiled_with(node, node.func)
            given = next((a for a in node.args if a.keyword and a.keyword.value == "optimizer"), node.args[0])
            if isinstance(given.value, (cst.Name, cst.Attribute)):
                found.setdefault(f"{code_of(node.func.value)}.trainable_variables", code_of(given.value))
            continue
        first = node.args[0].value
        if node.func.attr.value == "apply_gradients" and isinstance(first, cst.Call) and len(first.args) == 2:
            found[named.get(id(first.args[1].value)) or code_of(first.args[1].value)] = code_of(node.func.value)
        elif node.func.attr.value == "minimize":
            variables = next((a for a in node.args if a.keyword and a.keyword.value == "var_list"), None)
            if variables is not None:
                found[code_of(variables.value)] = code_of(node.func.value)
        elif node.func.attr.value == "apply" and len(node.args) == 2:
            found[named.get(id(node.args[1].value)) or code_of(node.args[1].value)] = code_of(node.func.value)
    return found
