"""Gradients that a ``tf.GradientTape`` gives as a list: for one step they stay on the parameters in PyTorch, else the
twin has the list, too.

``backward()`` leaves gradients on all parameters at once, so it stands for ``tape.gradient`` only where the next thing
that happens to gradients is that this optimizer applies them. Lists that are added up, clipped, scaled or looked at,
and those of which several are taken before they are applied, are made by ``torch.autograd.grad``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.datasets import given
from diptych.conversion.metrics import helper, named
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

VARIABLES = (".trainable_variables", ".trainable_weights")
KIND = "gradients"
PERSISTENT = "persistent"


def persistent(c: Converter, tape: cst.Call) -> bool | None:
    """Whether a tape may be asked several times; ``None`` for one with other arguments."""
    found = given(tape, (PERSISTENT,))
    if found is None or set(found) - {PERSISTENT}:
        return None
    told = c.literal(found[PERSISTENT].value) if found else False
    return told if isinstance(told, bool) else None


def pairs_of(node: cst.Call) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """Gradients and variables of ``apply_gradients(zip(gradients, variables))`` and ``apply(gradients, variables)``."""
    if not isinstance(node.func, cst.Attribute) or node.func.attr.value not in ("apply_gradients", "apply"):
        return None
    args: Sequence[cst.Arg] = node.args
    if node.func.attr.value == "apply_gradients":
        zipped = args[0].value if len(args) == 1 and not args[0].keyword else None
        if not isinstance(zipped, cst.Call) or not isinstance(zipped.func, cst.Name) or zipped.func.value != "zip":
            return None
        args = [each for each in zipped.args if each.keyword is None or each.keyword.value != "strict"]
    if len(args) != 2 or any(each.keyword or each.star for each in args):
        return None
    return args[0].value, args[1].value


def only_applied(c: Converter, taken: cst.Call, name: str, optimizer: str | None) -> bool:
    """Whether the gradients of a call ``tape.gradient(...)`` are read once, by ``optimizer``, before any others are
    taken.
    """
    top = c.scope.around[0][0] if c.scope.around else ()
    calls = [node for statement in top for node in walk(statement) if isinstance(node, cst.Call)]
    reads = sum(isinstance(n, cst.Name) and n.value == name for statement in top for n in walk(statement))
    targets = sum(
        isinstance(t.target, cst.Name) and t.target.value == name
        for statement in top
        for n in walk(statement)
        if isinstance(n, cst.Assign)
        for t in n.targets
    )
    pending, applied = False, 0
    for node in calls:
        found = pairs_of(node)
        if node is taken:
            pending = True
        elif found is not None:
            mine = isinstance(found[0], cst.Name) and found[0].value == name
            if pending and not (mine and code_of(cst.ensure_type(node.func, cst.Attribute).value) == optimizer):
                return False
            applied += mine
            pending = False
        elif pending and isinstance(node.func, cst.Attribute) and node.func.attr.value == "gradient":
            return False
    return not pending and reads - targets == applied == targets


def only_for_steps(c: Converter, name: str) -> bool:
    """Whether all that is done with gradients is that optimizers apply them."""
    top = c.scope.around[0][0] if c.scope.around else ()
    nodes = [node for statement in top for node in walk(statement)]
    targets = [t.target for n in nodes if isinstance(n, cst.Assign) for t in n.targets]
    applied = [pairs[0] for n in nodes if isinstance(n, cst.Call) and (pairs := pairs_of(n)) is not None]
    known = {id(n) for n in [*targets, *applied]}
    return all(id(n) in known for n in nodes if isinstance(n, cst.Name) and n.value == name)


def taken(c: Converter, node: cst.Assign, name: str) -> Any:
    """``gradients = gradients_of(loss, weights)``."""
    value = node.value
    assert isinstance(value, cst.Call)
    if c.open_tapes:
        reason = "a gradient with respect to variables under another tape is not converted"
        return c.leave(value, "GradientTape.gradient", reason) and node
    mark = c.journal.mark()
    loss, known = c.expr(value.args[0].value)
    loss = c.plain(loss, known)
    if known.is_tensor and known.rank not in (None, 0):
        loss = call(cst.Attribute(loss, cst.Name("sum")), [])
    steps = only_for_steps(c, name)
    weights = parameters(c, value.args[1].value) if steps else None
    if weights is None:
        weights, steps = c.code(value.args[1].value), False
    if c.journal.errors_since(mark):
        return node
    item = c.fresh(Value("tensor", dtype="float"))
    c.scope.names[name] = Value(KIND, api="list") if steps else Value("list", item=item)
    return node.with_changes(value=call(helper(c, "gradients_of"), [cst.Arg(argument(loss)), cst.Arg(weights)]))


def parameters(c: Converter, variables: cst.BaseExpression) -> cst.BaseExpression | None:
    """``model.parameters()`` for ``model.trainable_variables``; ``None`` for anything else."""
    if not isinstance(variables, cst.Attribute) or f".{variables.attr.value}" not in VARIABLES:
        return None
    if c.expr(variables.value)[1].kind not in ("module", "unknown"):
        return None
    return call(cst.Attribute(c.code(variables.value), cst.Name("parameters")), [])


def applied(c: Converter, node: cst.Call, function: cst.Attribute) -> Any:
    """``apply_gradients(optimizer, zip(gradients, weights))`` of a list; ``None`` where it is none."""
    found = pairs_of(node)
    if c.expr(function.value)[1].kind not in ("optimizer", "unknown"):
        return None
    if found is None:
        return _of_pairs(c, node, function)
    known = c.expr(found[0])[1]
    if known.kind == KIND and known.api == "list":
        gradients, weights = c.code(found[0]), parameters(c, found[1])
    elif known.kind == "list" and known.item is not None and known.item.is_tensor:
        gradients, weights = c.code(found[0]), c.code(found[1])
    else:
        return None
    if weights is None:
        return None
    zipped = call(cst.Name("zip"), [cst.Arg(argument(gradients)), cst.Arg(argument(weights))])
    return call(helper(c, "apply_gradients"), [cst.Arg(argument(c.code(function.value))), cst.Arg(zipped)])


def _of_pairs(c: Converter, node: cst.Call, function: cst.Attribute) -> cst.BaseExpression | None:
    """The same of a list of pairs."""
    if function.attr.value != "apply_gradients" or len(node.args) != 1 or node.args[0].keyword or node.args[0].star:
        return None
    pairs, known = c.expr(node.args[0].value)
    parts = known.item.items if known.kind == "list" and known.item is not None else None
    if parts is None or len(parts) != 2 or not all(part.is_tensor for part in parts):
        return None
    args = [cst.Arg(argument(c.code(function.value))), cst.Arg(argument(c.plain(pairs, known)))]
    return call(helper(c, "apply_gradients"), args)


def clipped(c: Converter, node: cst.Call) -> Code | None:
    """``tf.clip_by_global_norm(gradients, limit)``."""
    found = given(node, ("t_list", "clip_norm", "use_norm", "name"))
    if found is None or not {"t_list", "clip_norm"} <= set(found):
        return None
    listed, known = c.expr(found["t_list"].value)
    if known.kind != "list":
        return c.leave(node, "tf.clip_by_global_norm", "it is not known to be called on a list of gradients")
    args = [cst.Arg(argument(listed)), cst.Arg(argument(c.code(found["clip_norm"].value)))]
    if "use_norm" in found and c.literal(found["use_norm"].value) is not None:
        args.append(named(c.code(found["use_norm"].value), "norm"))
    item, norm = c.fresh(Value("tensor", dtype="float")), c.fresh(Value("tensor", dtype="float", rank=0))
    result = Value("tuple", items=(Value("list", item=item), norm))
    return call(helper(c, "clip_by_global_norm"), args), result


def length(c: Converter, node: cst.Call) -> Code | None:
    """``tf.linalg.global_norm(gradients)``."""
    found = given(node, ("t_list", "name"))
    if found is None or "t_list" not in found or c.expr(found["t_list"].value)[1].kind != "list":
        return c.leave(node, "tf.linalg.global_norm", "it is not known to be called on a list of gradients")
    listed = c.code(found["t_list"].value)
    value = c.fresh(Value("tensor", dtype="float", rank=0))
    return call(helper(c, "global_norm"), [cst.Arg(argument(listed))]), value


MADE: dict[str, Callable[[Converter, cst.Call], Code | None]] = {
    "tf.clip_by_global_norm": clipped,
    "tf.linalg.global_norm": length,
}
