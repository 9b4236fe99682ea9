"""``**dd`` of a dict that stands in the same function, such as ``{"device": device, "dtype": dtype}``, and dtypes that
are ``None`` unless a caller says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.syntax.keywords import keyword
from diptych.syntax.literals import value_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

# Functions that give the default dtype where they are told none.
OF_DEFAULT_DTYPE = {f"torch.{name}" for name in ("zeros", "ones", "empty", "rand", "randn", "eye", "linspace")}


def spread(c: Converter, args: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments with those of a dict written out, where nothing but calls uses the dict."""
    found: list[cst.Arg] = []
    for argument in args:
        items = _items(c, argument.value.value) if argument.star == "**" and type(argument.value) is cst.Name else None
        if items is None:
            found.append(argument)
        else:
            found += [keyword(name, value) for name, value in items]
    return found


def _items(c: Converter, name: str) -> list[tuple[str, cst.BaseExpression]] | None:
    """The items of the dict that a local name holds; ``None`` where they may be others when it is used."""
    function = c.scope.function
    if function is None or name in c.scope.parameters:
        return None
    made: list[cst.BaseExpression] = []
    mentioned = used = 0
    for part in walk(function.body):
        if isinstance(part, cst.Name) and part.value == name:
            mentioned += 1
        elif isinstance(part, cst.Arg) and part.star == "**" and isinstance(part.value, cst.Name):
            used += part.value.value == name
        elif isinstance(part, cst.Assign) and len(part.targets) == 1:
            target = part.targets[0].target
            if isinstance(target, cst.Name) and target.value == name:
                made.append(part.value)
    items = _of_dict(made[0]) if len(made) == 1 and mentioned == used + 1 else None
    return items if items is not None and all(_steady(c, value) for _, value in items) else None


def _of_dict(node: cst.BaseExpression) -> list[tuple[str, cst.BaseExpression]] | None:
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "dict":
        if any(argument.keyword is None for argument in node.args):
            return None
        return [(argument.keyword.value, argument.value) for argument in node.args if argument.keyword]
    if not isinstance(node, cst.Dict):
        return None
    pairs = [(value_of(e.key), e.value) for e in node.elements if isinstance(e, cst.DictElement)]
    if len(pairs) != len(node.elements):
        return None
    named = [(key, value) for key, value in pairs if isinstance(key, str) and key.isidentifier()]
    return named if len(named) == len(pairs) else None


def _steady(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether a value is the same where the dict is used as where it was made."""
    if value_of(node) is not MISSING:
        return True
    if not isinstance(node, cst.Name) or node.value not in c.scope.parameters:
        return False
    return c.scope.names.get(node.value) is c.scope.entry.get(node.value)


def may_be_none(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether this is a parameter that is ``None`` unless a caller says otherwise."""
    if not isinstance(node, cst.Name) or c.scope.function is None or not _steady(c, node):
        return False
    params = c.scope.function.params
    every = [*params.posonly_params, *params.params, *params.kwonly_params]
    return any(
        p.name.value == node.value and isinstance(p.default, cst.Name) and p.default.value == "None" for p in every
    )


def dtype(c: Converter, node: cst.Call, qualified: str, argument: cst.Arg) -> cst.Arg | None:
    """The ``dtype`` that a call is given, without that of a layer which is made in the default one."""
    of_layer = qualified.startswith("torch.nn.") and qualified.rpartition(".")[2][:1].isupper()
    if of_layer and value_of(argument.value) is None:
        return None
    if not may_be_none(c, argument.value):
        return argument
    if of_layer:
        name = argument.value.value  # type: ignore[attr-defined]
        text = f"assumes that `{name}` is None: layers of the twin are made in Keras' own dtype"
        c.journal.assume(node, qualified, text, ("dtype", c.scope.name, name))
        return None
    if qualified not in OF_DEFAULT_DTYPE:
        return argument
    default = cst.Attribute(cst.Name("torch"), cst.Name("float32"))
    c.stand_in(default, "torch.float32")
    either = cst.BooleanOperation(argument.value, cst.Or(), default)
    c.alive.append(either)
    return argument.with_changes(value=either)
