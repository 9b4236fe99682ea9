"""Clipping gradients between ``backward()`` and ``step()``: those of the tape, before they are applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion.accumulation import kept_in
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.matching.unify import is_simple
from diptych.syntax.precedence import argument, operand

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

NORM = ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_norm")
VALUE = "torch.nn.utils.clip_grad_value_"
PARAMETERS = {
    NORM[0]: ("parameters", "max_norm", "norm_type", "error_if_nonfinite", "foreach"),
    VALUE: ("parameters", "clip_value", "foreach"),
}


def is_clipping(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this is a call that clips gradients."""
    return isinstance(node, cst.Call) and c.qualified(node.func) in (*NORM, VALUE)


def statement(c: Converter, node: cst.Call, norm: str | None = None) -> Any:
    """The clipping as an assignment to the tape's gradients; ``norm`` is the name that takes their norm before it."""
    name = c.qualified(node.func) or ""
    name = NORM[0] if name in NORM else name
    given = _given(node, PARAMETERS[name])
    if given is None or len(given) < 2 or not set(given) <= {"parameters", *PARAMETERS[name][1:3]}:
        return c.leave(node, name, "no rule knows this combination of arguments")[0]
    if "norm_type" in given and c.literal(given["norm_type"]) not in (2, 2.0):
        return c.leave(node, name, "TensorFlow clips by the Euclidean norm only")[0]
    variables = c.code(given["parameters"])
    gradients = next((g for g, of in c.scope.gradients.values() if of.deep_equals(variables)), None)
    if gradients is None:
        reason = "it is converted between backward() and step() of an optimizer of the same parameters"
        return c.leave(node, name, reason)[0]
    if "embedded" in c.facts and c.scope.prefix is not None:
        c.scope.prefix.append(_dense(c, gradients))
    limit = argument(c.code(given[PARAMETERS[name][1]]))
    if name == VALUE:
        return _by_value(c, gradients, limit)
    pair = cst.Tuple([cst.Element(kept_in(gradients)), cst.Element(cst.Name("_"))], lpar=[], rpar=[])
    length: cst.BaseExpression = call(c.name("tf.linalg.global_norm"), [cst.Arg(kept_in(gradients))])
    if norm is not None and c.scope.prefix is not None:
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(norm))], length)]))
        c.scope.names[norm] = c.fresh(Value("tensor", dtype="float", rank=0))
        length = cst.Name(norm)
    plus = cst.BinaryOperation(operand(length, cst.Add(), "left"), cst.Add(), cst.Float("1e-6"))
    clipped = call(c.name("tf.clip_by_global_norm"), [cst.Arg(kept_in(gradients)), cst.Arg(limit), cst.Arg(plus)])
    return cst.Assign([cst.AssignTarget(pair)], clipped)


def _dense(c: Converter, gradients: str) -> cst.SimpleStatementLine:
    """Rows of an embedding's gradient that stand several times are added up before they are clipped."""
    each = cst.parse_expression("g if g is None else tf_(g)")
    assert isinstance(each, cst.IfExp)
    each = each.with_changes(orelse=call(c.name("tf.convert_to_tensor"), [cst.Arg(cst.Name("g"))]))
    listed = cst.ListComp(each, cst.CompFor(cst.Name("g"), kept_in(gradients)))
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(kept_in(gradients))], listed)])


def _by_value(c: Converter, gradients: str, limit: cst.BaseExpression) -> cst.Assign:
    if not is_simple(limit):
        limit = c.bind(limit, "limit")
    below = cst.UnaryOperation(cst.Minus(), operand(limit, cst.Multiply(), "right"))
    clip = call(c.name("tf.clip_by_value"), [cst.Arg(cst.Name("g")), cst.Arg(below), cst.Arg(limit)])
    unconnected = cst.parse_expression("g is None")
    each = cst.IfExp(test=unconnected, body=cst.Name("g"), orelse=clip)
    return cst.Assign(
        [cst.AssignTarget(kept_in(gradients))],
        cst.ListComp(each, cst.CompFor(cst.Name("g"), kept_in(gradients))),
    )


def _given(node: cst.Call, names: tuple[str, ...]) -> dict[str, cst.BaseExpression] | None:
    found: dict[str, cst.BaseExpression] = {}
    for place, item in enumerate(node.args):
        if item.star or place >= len(names):
            return None
        found[item.keyword.value if item.keyword else names[place]] = item.value
    return found
