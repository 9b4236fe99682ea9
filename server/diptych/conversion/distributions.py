"""Distributions of ``torch.distributions``: short classes in the twin that draw and score alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.inference.values import Value
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PARAMETERS = {"Categorical": ("probs", "logits"), "Normal": ("loc", "scale"), "Bernoulli": ("probs", "logits")}
MODULES = {"Categorical": "categorical", "Normal": "normal", "Bernoulli": "bernoulli"}
NAMES = tuple(f"torch.distributions.{name}" for name in PARAMETERS) + tuple(
    f"torch.distributions.{module}.{name}" for name, module in MODULES.items()
)
METHODS = {"sample", "rsample", "log_prob", "entropy"}
ATTRIBUTES = {"probs", "logits", "loc", "scale", "mean", "stddev", "variance"}
KIND = "distribution"


def made(c: Converter, node: cst.Call) -> Code | None:
    """A distribution with its parameters."""
    name = (c.qualified(node.func) or "").rpartition(".")[2]
    given = by_name(node, PARAMETERS[name])
    if not given:
        return c.leave(node, f"torch.distributions.{name}", "no rule knows this combination of arguments")
    args, values = [], []
    for each, value in given.items():
        code, known = c.expr(value)
        values.append(known)
        code = argument(c.plain(code, known))
        args.append(cst.Arg(code) if each == PARAMETERS[name][len(args)] else keyword(each, code))
    tensor = next((value for value in values if value.is_tensor), Value("tensor", dtype="float"))
    return helper(c, name, args), Value(KIND, api=name, item=tensor)


def called(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value
) -> Code | None:
    """``distribution.sample()``, ``log_prob(x)``, ``entropy()``; ``None`` for another object."""
    if value.kind != KIND:
        return None
    name, of = function.attr.value, value.api or ""
    known = name in METHODS and (name != "rsample" or of == "Normal")
    if not known or any(a.star for a in node.args) or len(node.args) > 1:
        return c.leave(node, f"torch.distributions.{of}", f"its method {name}() has no counterpart here")
    given = [c.expr(a.value) for a in node.args]
    args = [a.with_changes(value=argument(c.plain(*each))) for a, each in zip(node.args, given, strict=True)]
    whole = of == "Categorical"
    rank = value.item.rank if value.item is not None else None
    rank = None if rank is None or args else rank - whole
    drawn = name in ("sample", "rsample")
    result = Value("tensor", dtype="int64" if whole and drawn else "float", rank=rank)
    return node.with_changes(func=function.with_changes(value=code), args=args), c.fresh(result)


def attribute(c: Converter, node: cst.Attribute, base: cst.BaseExpression, value: Value) -> Code:
    """``distribution.probs`` and the like."""
    name = node.attr.value
    categorical = value.api == "Categorical"
    known = name in ("probs", "logits") if value.api != "Normal" else name in ATTRIBUTES - {"probs", "logits"}
    if not known:
        return c.leave(node, f"torch.distributions.{value.api}", f"its attribute {name} has no counterpart here")
    rank = value.item.rank if value.item is not None and categorical else None
    return node.with_changes(value=base), c.fresh(Value("tensor", dtype="float", rank=rank))
