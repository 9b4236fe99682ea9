"""TensorFlow's branches and loops as functions: PyTorch runs Python's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.checkpoints import helper
from diptych.conversion.tensorflow_functions import given_by_name
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# What tells a graph how to run the loop, and changes no result.
OF_GRAPHS = ("shape_invariants", "parallel_iterations", "back_prop", "swap_memory")


def chosen(c: Converter, node: cst.Call) -> Code:
    """``tf.cond(p, lambda: x, lambda: y)``: ``x if p else y``."""
    given = given_by_name(node, ("pred", "true_fn", "false_fn"))
    if given is None or set(given) != {"pred", "true_fn", "false_fn"}:
        return c.leave(node, "tf.cond", "only a condition and two functions are converted")
    then, otherwise = (_called(given[name]) for name in ("true_fn", "false_fn"))
    made = cst.IfExp(test=argument(given["pred"]), body=then, orelse=otherwise)
    c.stands_for(made, node)
    return c.expr(made)


def _called(function: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(function, cst.Lambda):
        body = function.body
        inner = isinstance(body, (cst.Lambda, cst.IfExp, cst.NamedExpr)) and not body.lpar
        return body.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) if inner else body
    return call(function, [])


def repeated(c: Converter, node: cst.Call) -> Code:
    """``tf.while_loop(condition, body, variables)``: Python's loop in a short function."""
    from diptych.conversion import expressions

    given = given_by_name(node, ("cond", "body", "loop_vars", *OF_GRAPHS, "maximum_iterations"))
    listed = (given or {}).get("loop_vars")
    if given is None or not {"cond", "body"} <= set(given) or not isinstance(listed, (cst.List, cst.Tuple)):
        return c.leave(node, "tf.while_loop", "only two functions and a list of variables are converted")
    if any(not isinstance(each, cst.Element) or isinstance(each.value, cst.List) for each in listed.elements):
        return c.leave(node, "tf.while_loop", "only variables that stand by themselves in the list are converted")
    variables = [_variable(c, each.value) for each in listed.elements]
    known = [Value(value.kind, value.dtype, value.rank) for _, value in variables]
    functions = [
        expressions.function_of(c, each, known)[0] if isinstance(each, cst.Lambda) else c.expr(each)[0]
        for each in (given["cond"], given["body"])
    ]
    plain = [each.with_changes(value=c.plain(*known)) for each, known in zip(listed.elements, variables, strict=True)]
    args = [*(cst.Arg(argument(each)) for each in functions), cst.Arg(listed.with_changes(elements=plain))]
    if "maximum_iterations" in given:
        args.append(cst.Arg(argument(c.code(given["maximum_iterations"]))))
    results = tuple(c.fresh(Value("tensor", dtype=value.dtype)) if value.is_tensor else Value() for value in known)
    return helper(c, "while_loop", args), Value("tuple", items=results)


def _variable(c: Converter, node: cst.BaseExpression) -> Code:
    """What goes round in the loop: a number does so as a tensor."""
    code, value = c.expr(node)
    if value.kind in ("int", "float", "number", "bool"):
        return c.expr(c.source_call("tf.constant", [cst.Arg(node)]))
    return code, value
