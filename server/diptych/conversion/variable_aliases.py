"""Names for a model's variables that a function gives them for one training step: written out before it is converted.

``variables = model.trainable_variables``, which is only what gradients are taken with respect to and applied to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import libcst as cst

from diptych.conversion.names import dotted
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

VARIABLES = ("trainable_variables", "trainable_weights")


def sources(function: cst.FunctionDef) -> dict[str, cst.Attribute]:
    """What the names stand for that a function uses in training steps alone."""
    made: dict[str, cst.Attribute] = {}
    given, read, used = Counter[str](), Counter[str](), Counter[str]()
    for node in walk(function.body):
        if isinstance(node, cst.Name):
            read[node.value] += 1
        elif isinstance(node, cst.Assign) and len(node.targets) == 1 and isinstance(node.targets[0].target, cst.Name):
            if isinstance(node.value, cst.Attribute) and node.value.attr.value in VARIABLES:
                made[node.targets[0].target.value] = node.value
                given[node.targets[0].target.value] += 1
        elif isinstance(node, cst.Call):
            place = _place(node)
            if place is not None:
                used[place.value] += 1
    alone = (name for name in made if given[name] == 1 and used[name] and read[name] == used[name] + 1)
    return {name: made[name] for name in alone if _stays(function, made[name])}


def everywhere(tree: cst.CSTNode) -> dict[int, str]:
    """By the identity of a name's use, the code of the variables that it stands for."""
    found: dict[int, str] = {}
    for function in [node for node in walk(tree) if isinstance(node, cst.FunctionDef)]:
        names = sources(function)
        if names:
            uses = (node for node in walk(function.body) if isinstance(node, cst.Name) and node.value in names)
            found |= {id(node): code_of(names[node.value]) for node in uses}
    return found


def _place(node: cst.Call) -> cst.Name | None:
    """The name that stands for the variables in ``tape.gradient``, ``apply`` or the ``zip`` of ``apply_gradients``."""
    called = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    zips = isinstance(node.func, cst.Name) and node.func.value == "zip"
    if (called not in ("gradient", "apply") and not zips) or len(node.args) < 2 or node.args[1].star:
        return None
    named = node.args[1].keyword
    value = node.args[1].value
    return value if isinstance(value, cst.Name) and (named is None or named.value != "strict") else None


def _stays(function: cst.FunctionDef, value: cst.Attribute) -> bool:
    """Whether the function binds nothing of the way to the model that has the variables."""
    place = dotted(value.value)
    if place is None:
        return False
    parts = place.split(".")
    way = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    kinds = (cst.AssignTarget, cst.For, cst.AugAssign, cst.NamedExpr)
    targets = (node.target for node in walk(function.body) if isinstance(node, kinds))
    return not any(dotted(node) in way for target in targets for node in bound(target))


def bound(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The single targets of an assignment."""
    if isinstance(target, (cst.Tuple, cst.List)):
        return [each for element in target.elements for each in bound(element.value)]
    return [target]


def without(body: Sequence[Any], names: dict[str, cst.Attribute]) -> Sequence[Any]:
    """The statements of a block but for those that only give such a name; their comments go to the next one."""
    kept: list[Any] = []
    comments: list[cst.EmptyLine] = []
    for statement in body:
        if _names(statement) in names and _next_takes(body, statement):
            comments += statement.leading_lines
            after = statement.trailing_whitespace.comment
            comments += [cst.EmptyLine(comment=after)] if after is not None else []
        elif comments:
            kept.append(statement.with_changes(leading_lines=[*comments, *statement.leading_lines]))
            comments = []
        else:
            kept.append(statement)
    return kept if len(kept) < len(body) else body


def _names(statement: Any) -> str | None:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    node = statement.body[0]
    if not isinstance(node, cst.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0].target, cst.Name):
        return None
    return node.targets[0].target.value


def _next_takes(body: Sequence[Any], statement: Any) -> bool:
    """Whether a statement follows that has lines above it."""
    place = next(place for place, each in enumerate(body) if each is statement)
    return place + 1 < len(body) and hasattr(body[place + 1], "leading_lines")
