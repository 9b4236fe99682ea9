"""Making and copying libcst's nodes as plain code would, with their own checks.

A node is a frozen dataclass: its generated ``__init__`` sets each field through the slow way of ``object``, and
``dataclasses.replace`` asks about every field each time. Parsing 1,250 lines makes 33,000 nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from inspect import ismemberdescriptor
from typing import Any

import libcst as cst

# What nearly all nodes of a tree are.
_FREQUENT = (
    cst.SimpleWhitespace, cst.Name, cst.Arg, cst.Attribute, cst.Dot, cst.Newline, cst.Comma, cst.TrailingWhitespace,
    cst.Call, cst.SimpleStatementLine, cst.Integer, cst.Assign, cst.AssignTarget, cst.AssignEqual, cst.Param,
    cst.EmptyLine, cst.Annotation, cst.IndentedBlock, cst.FunctionDef, cst.Parameters, cst.Comment, cst.Element,
    cst.BinaryOperation, cst.ParenthesizedWhitespace, cst.Return, cst.Expr, cst.LeftParen, cst.RightParen,
    cst.UnaryOperation, cst.Minus, cst.Add, cst.Multiply, cst.SimpleString, cst.Float, cst.Tuple, cst.Subscript,
    cst.SubscriptElement, cst.Index, cst.LeftSquareBracket, cst.RightSquareBracket, cst.Comparison,
    cst.ComparisonTarget,
)  # fmt: skip
# Where a node's own check surely finds nothing: most of them are these.
_SOUND = {
    cst.SimpleWhitespace: 'value == "" or value == " "',
    cst.Newline: "value is None",
    cst.Name: "not lpar and not rpar and value.isidentifier()",
}
_KEPT: Any = object()


def make_quick_to_make() -> None:
    """Let frequent nodes be made, and all nodes be copied with changes, the short way."""
    cst.CSTNode.with_changes = _with_changes  # pyright: ignore[reportAttributeAccessIssue]
    for kind in _FREQUENT:
        kind.__init__ = _maker(kind)


def _with_changes(node: Any, **changes: Any) -> Any:
    """``dataclasses.replace``; the first use with a kind of nodes gives that kind a function of its own."""
    kind = type(node)
    if all(ismemberdescriptor(getattr(kind, field.name, None)) for field in fields(kind)):
        kind.with_changes = _changer(kind)
        return kind.with_changes(node, **changes)
    return _libcst_with_changes(node, **changes)


_libcst_with_changes = cst.CSTNode.with_changes


def _maker(kind: type) -> Callable[..., None]:
    """An ``__init__`` for a kind of nodes."""
    known: dict[str, Any] = {"missing": MISSING}
    parameters, lines = [], []
    for field in fields(kind):
        name = field.name
        _setter(known, kind, field)
        if field.default is not MISSING:
            known[f"default_{name}"] = field.default
            parameters.append(f"{name}=default_{name}")
        elif field.default_factory is not MISSING:
            known[f"make_{name}"] = field.default_factory
            parameters.append(f"{name}=missing")
            lines.append(f"if {name} is missing: {name} = make_{name}()")
        else:
            parameters.append(name)
        lines.append(f"set_{name}(self, {name})")
    return _function("__init__", ["self", *parameters], [*lines, *_check(kind, "self")], known)


def _changer(kind: type) -> Callable[..., Any]:
    """A ``with_changes`` for a kind of nodes."""
    known: dict[str, Any] = {"kept": _KEPT, "new": object.__new__, "kind": kind}
    lines = ["made = new(kind)"]
    for field in fields(kind):
        name = field.name
        _setter(known, kind, field)
        lines += [f"if {name} is kept: {name} = self.{name}", f"set_{name}(made, {name})"]
    parameters = ["self", "*", *(f"{field.name}=kept" for field in fields(kind))]
    return _function("with_changes", parameters, [*lines, *_check(kind, "made"), "return made"], known)


def _setter(known: dict[str, Any], kind: type, field: Field[Any]) -> None:
    known[f"set_{field.name}"] = getattr(kind, field.name).__set__


def _check(kind: type, node: str) -> list[str]:
    if getattr(kind, "_validate", None) is cst.CSTNode._validate:
        return []
    sound = _SOUND.get(kind)
    return [f"if not ({sound}): {node}._validate()" if sound else f"{node}._validate()"]


def _function(name: str, parameters: list[str], lines: list[str], known: dict[str, Any]) -> Any:
    body = "\n    ".join(lines)
    exec(f"def {name}({', '.join(parameters)}):\n    {body}", known)
    return known[name]
