"""States of models and optimizers, taken, given back, saved and loaded: ``state_dict``, ``torch.save`` and so on.

The twin's state holds Keras' variables: it goes back into the twin, not into a PyTorch model, so that what looks at
its names or shapes is left over or said to be an assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.values import DATA, UNKNOWN, Value, is_grouped
from diptych.matching.emit import call
from diptych.syntax.keywords import by_name, keyword
from diptych.syntax.precedence import argument, atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

STATE = "state"
HOLDERS = ("module", "optimizer", "scheduler", "self", "unknown", "scaler")
OF_PYTORCH = "assumes that the twin itself wrote this file: one that PyTorch wrote raises when it is read"


def method(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value
) -> Code | None:
    """``model.state_dict()`` and ``model.load_state_dict(state)``; ``None`` for other calls."""
    name = function.attr.value
    if c.source != "torch" or name not in ("state_dict", "load_state_dict") or value.kind not in HOLDERS:
        return None
    owner = value.definition if value.kind == "self" else value.layer.definition if value.layer else None
    if owner is not None and (name in owner.attributes or not owner.is_module):
        return None
    if value.kind == "scheduler":
        return _of_helper(c, node, function, code)
    return _taken(c, node, code, value) if name == "state_dict" else _loaded(c, node, code, is_grouped(value))


def _of_helper(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression) -> Code:
    """A scheduler's own state, which is its helper's."""
    args = [cst.Arg(argument(c.code(a.value))) for a in node.args]
    return call(cst.Attribute(code, function.attr), args), Value(STATE, api="scheduler")


def _taken(c: Converter, node: cst.Call, code: cst.BaseExpression, value: Value) -> Code:
    if node.args:
        return c.leave(node, "Module.state_dict", "only state_dict() without arguments is converted")
    if is_grouped(value):
        each = helper(c, "state_dict", [cst.Arg(cst.Name("each"))])
        listed = cst.CompFor(cst.Name("each"), cst.Attribute(atom(code), cst.Name("optimizers")))
        return cst.ListComp(each, listed), Value(STATE, api="Optimizer")
    api = "Optimizer" if value.kind == "optimizer" else "Module"
    return helper(c, "state_dict", [cst.Arg(argument(code))]), Value(STATE, api=api)


def _loaded(c: Converter, node: cst.Call, code: cst.BaseExpression, grouped: bool) -> Code:
    names = ("state_dict", "strict", "assign")
    given = by_name(node, names)
    if given is None or "state_dict" not in given or "assign" in given:
        return c.leave(node, "Module.load_state_dict", "no rule knows this combination of arguments")
    body = getattr(c.scope.statement, "body", ())
    if not (len(body) == 1 and isinstance(body[0], cst.Expr) and body[0].value is node):
        return c.leave(node, "Module.load_state_dict", "its report of missing keys has no counterpart in the twin")
    args = [cst.Arg(argument(code)), cst.Arg(argument(c.code(given["state_dict"])))]
    if "strict" in given and c.literal(given["strict"]) is not True:
        args.append(keyword("strict", argument(c.code(given["strict"]))))
    return helper(c, "load_groups" if grouped else "load_state_dict", args), Value("none", literal=None)


def saved(c: Converter, node: cst.Call) -> Code | None:
    """``torch.save(value, file)``."""
    given = by_name(node, ("obj", "f"))
    if given is None or len(given) != 2:
        return c.leave(node, "torch.save", "only an object and a file are taken")
    value = c.expr(given["obj"])[1]
    if value.kind in ("module", "modules", "self", "optimizer", "scheduler"):
        return c.leave(node, "torch.save", "a whole object is pickled, which the twin's is not: save its state_dict()")
    args = [cst.Arg(argument(c.code(given[name]))) for name in ("obj", "f")]
    return helper(c, "save_values", args), Value("none", literal=None)


def loaded(c: Converter, node: cst.Call) -> Code | None:
    """``torch.load(file)``, of what the twin saved."""
    given = by_name(node, ("f", "map_location", "pickle_module", "weights_only", "mmap"))
    if given is None or "f" not in given or "pickle_module" in given:
        return c.leave(node, "torch.load", "no rule knows this combination of arguments")
    args = [cst.Arg(argument(c.code(given["f"])))]
    only = given.get("weights_only")
    if only is not None and c.literal(only) not in (True, None):
        args.append(keyword("weights_only", argument(c.code(only))))
    c.journal.assume(node, "torch.load", OF_PYTORCH, ("torch.load",))
    return helper(c, "load_values", args), Value()


def part(c: Converter, node: cst.Subscript, value: Value) -> Code | None:
    """``state["fc.weight"]``: the twin's state has other names and shapes."""
    if value.kind != STATE or value.api == "scheduler":
        return None
    return c.leave(node, f"{value.api}.state_dict", "the twin's state has Keras' variables, under names of its own")


def looked_into(c: Converter, node: cst.Call, function: cst.Attribute, value: Value) -> Value | None:
    """What ``state.items()`` and the like give; their use rests on names and shapes, which is said."""
    if value.kind != STATE or value.api == "scheduler":
        return None
    name = function.attr.value
    if name == "copy" and not node.args:
        return value
    if name not in ("items", "keys", "values"):
        return UNKNOWN
    text = "assumes that only attributes' names and elements count: names within layers and shapes are Keras' own"
    c.journal.assume(node, f"{value.api}.state_dict", text, ("state", c.scope.name))
    tensor = c.fresh(Value("tensor", dtype=None, api=DATA))
    items = {"items": Value("tuple", items=(Value("str"), tensor)), "keys": Value("str"), "values": tensor}
    return Value("list", item=items[name])


def helper(c: Converter, name: str, args: list[cst.Arg]) -> cst.Call:
    """A call of a helper, which the twin gets."""
    c.helpers.add(name)
    return call(c.name(f"helper.{name}"), args)
