"""``model.add(layer)`` after ``model = keras.Sequential()``, written as the list that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from diptych.syntax.walk import names_read


def joined(body: Sequence[Any], qualified: Callable[[cst.BaseExpression], str]) -> Sequence[Any]:
    """The statements of a block with the layers that are added to a Sequential in its list."""
    result: list[Any] = []
    position = 0
    while position < len(body):
        statement = body[position]
        name, made = _sequential(statement, qualified)
        end = position + 1
        while name and end < len(body) and _added(body[end], name) is not None:
            end += 1
        if name and end > position + 1 and made is not None:
            result.append(_with(statement, made, body[position + 1 : end], name))
        else:
            result.append(statement)
            end = position + 1
        position = end
    return body if len(result) == len(body) else result


def _sequential(statement: Any, qualified: Callable[[cst.BaseExpression], str]) -> tuple[str, cst.Call | None]:
    """The name and the call of ``name = keras.Sequential(...)`` with at most one list of layers."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return "", None
    node = statement.body[0]
    if not isinstance(node, cst.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0].target, cst.Name):
        return "", None
    value = node.value
    if not isinstance(value, cst.Call) or qualified(value.func) != "keras.Sequential":
        return "", None
    layers = [a for a in value.args if not (a.keyword and a.keyword.value == "name")]
    if len(layers) > 1 or (layers and not isinstance(layers[0].value, cst.List)):
        return "", None
    return node.targets[0].target.value, value


def _added(statement: Any, name: str) -> cst.BaseExpression | None:
    """What ``name.add(...)`` adds, if a statement says so."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    node = statement.body[0]
    added = node.value if isinstance(node, cst.Expr) else None
    if (
        isinstance(added, cst.Call)
        and isinstance(added.func, cst.Attribute)
        and isinstance(added.func.value, cst.Name)
        and added.func.value.value == name
        and added.func.attr.value == "add"
        and len(added.args) == 1
        and not added.args[0].star
        and name not in set(names_read(added.args[0].value))
    ):
        return added.args[0].value
    return None


def _with(statement: cst.SimpleStatementLine, made: cst.Call, added: Sequence[Any], name: str) -> Any:
    """The assignment with all layers in one list, a line for each, and their comments."""
    first = next((a.value for a in made.args if isinstance(a.value, cst.List)), cst.List([]))
    assert isinstance(first, cst.List)
    layers: list[cst.BaseExpression] = [e.value for e in first.elements]
    comments: list[list[cst.EmptyLine]] = [[] for _ in layers]
    trailing: list[cst.TrailingWhitespace] = [cst.TrailingWhitespace() for _ in layers]
    for line in added:
        value = _added(line, name)
        assert value is not None
        layers.append(value)
        comments.append([empty for empty in line.leading_lines if empty.comment])
        trailing.append(line.trailing_whitespace)
    elements = [
        cst.Element(layer, comma=cst.Comma(whitespace_after=_line(trailing[place], comments[place + 1])))
        if place + 1 < len(layers)
        else cst.Element(layer, comma=cst.Comma(whitespace_after=_line(trailing[place], [], closing=True)))
        for place, layer in enumerate(layers)
    ]
    brackets = cst.List(
        elements, lbracket=cst.LeftSquareBracket(whitespace_after=_line(cst.TrailingWhitespace(), comments[0]))
    )
    rest = [a for a in made.args if not isinstance(a.value, cst.List)]
    space = cst.SimpleWhitespace(" ")
    call = made.with_changes(
        args=[cst.Arg(brackets, comma=cst.Comma(whitespace_after=space)) if rest else cst.Arg(brackets), *rest],
        whitespace_before_args=cst.SimpleWhitespace(""),
    )
    return statement.deep_replace(made, call)


def _line(
    trailing: cst.TrailingWhitespace, comments: list[cst.EmptyLine], closing: bool = False
) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(
        first_line=trailing,
        empty_lines=[line.with_changes(indent=True, whitespace=cst.SimpleWhitespace("    ")) for line in comments],
        indent=True,
        last_line=cst.SimpleWhitespace("" if closing else "    "),
    )
