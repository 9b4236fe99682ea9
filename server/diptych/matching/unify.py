"""Finds out whether code is an instance of a template, and which expressions its parameters stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from diptych.catalog.index import Index
from diptych.catalog.signatures import bind_all, default_of
from diptych.catalog.template import Template
from diptych.syntax.canonical import canonical
from diptych.syntax.literals import node_of, value_of
from diptych.text.missing import MISSING

Bound = cst.BaseExpression | list[cst.BaseExpression | cst.StarredElement]
Bindings = dict[str, Bound]

BINARY = {
    "+": cst.Add, "-": cst.Subtract, "*": cst.Multiply, "/": cst.Divide, "//": cst.FloorDivide, "%": cst.Modulo,
    "**": cst.Power, "@": cst.MatrixMultiply, "&": cst.BitAnd, "|": cst.BitOr, "^": cst.BitXor, "<<": cst.LeftShift,
    ">>": cst.RightShift,
}  # fmt: skip
UNARY = {"-": cst.Minus, "+": cst.Plus, "~": cst.BitInvert, "not": cst.Not}
COMPARISON = {
    "==": cst.Equal, "!=": cst.NotEqual, "<": cst.LessThan, "<=": cst.LessThanEqual, ">": cst.GreaterThan,
    ">=": cst.GreaterThanEqual, "is": cst.Is, "is not": cst.IsNot, "in": cst.In, "not in": cst.NotIn,
}  # fmt: skip


@dataclass
class Unifier:
    """One attempt to read code as a template. ``qualified`` gives the framework name of an expression, or ``None``.

    ``omitted`` are the parameters that calls leave out, each with the default that the signature gives; they are noted
    where asked for.
    """

    index: Index
    qualified: Callable[[cst.BaseExpression], str | None]
    bindings: Bindings = field(default_factory=dict)
    omitted: dict[str, Any] | None = None

    def match(self, template: Template, node: cst.BaseExpression) -> bool:
        """Whether ``node`` is an instance; fills ``bindings``. ``*rest`` is never one: it may be any number of
        arguments.
        """
        if isinstance(node, cst.StarredElement):
            return False
        tag = template[0]
        if tag == "p":
            return self._bind(template[1], node)
        if tag == "v":
            value = value_of(node)
            return value is not MISSING and same_literal(value, template[1])
        if tag == "api":
            return self.qualified(node) == canonical(template[1])
        if tag == "helper":
            return self.qualified(node) == f"helper.{template[1]}"
        method: Callable[[Template, cst.BaseExpression], bool] | None = getattr(self, f"_{tag}", None)
        return method is not None and method(template, node)

    def _bind(self, name: str, node: Bound) -> bool:
        if name not in self.bindings:
            self.bindings[name] = node
            return True
        known = self.bindings[name]
        if isinstance(known, list) or isinstance(node, list):
            return (
                isinstance(known, list)
                and isinstance(node, list)
                and len(known) == len(node)
                and all(a.deep_equals(b) for a, b in zip(known, node, strict=True))
            )
        return same_code(known, node)

    def _attr(self, template: Template, node: cst.BaseExpression) -> bool:
        return (
            isinstance(node, cst.Attribute) and node.attr.value == template[2] and self.match(template[1], node.value)
        )

    def _bin(self, template: Template, node: cst.BaseExpression) -> bool:
        _, operator, left, right = template
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, BINARY[operator]):
            saved = dict(self.bindings)
            if self.match(left, node.left) and self.match(right, node.right):
                return True
            self.bindings = saved
        value = value_of(node)
        return isinstance(value, (int, float)) and not isinstance(value, bool) and self._invert(template, value)

    def _invert(self, template: Template, value: float) -> bool:
        """Solve ``1 - p == value`` for ``p``."""
        _, operator, left, right = template
        solutions: dict[tuple[str, bool], Callable[[float], float]] = {}
        if left[0] == "v" and right[0] == "p":
            known = left[1]
            solutions = {
                ("+", True): lambda v: v - known,
                ("-", True): lambda v: known - v,
                ("*", True): lambda v: v / known,
                ("/", True): lambda v: known / v,
            }
            parameter = right[1]
        elif right[0] == "v" and left[0] == "p":
            known = right[1]
            solutions = {
                ("+", True): lambda v: v - known,
                ("-", True): lambda v: v + known,
                ("*", True): lambda v: v / known,
                ("/", True): lambda v: v * known,
            }
            parameter = left[1]
        else:
            return False
        solve = solutions.get((operator, True))
        if solve is None:
            return False
        try:
            result = solve(value)
        except ZeroDivisionError:
            return False
        if isinstance(result, float):
            result = round(result, 12)
        return self._bind(parameter, node_of(result))

    def _un(self, template: Template, node: cst.BaseExpression) -> bool:
        return (
            isinstance(node, cst.UnaryOperation)
            and isinstance(node.operator, UNARY[template[1]])
            and self.match(template[2], node.expression)
        )

    def _cmp(self, template: Template, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Comparison) or len(node.comparisons) != len(template[2]):
            return False
        return self.match(template[1], node.left) and all(
            isinstance(part.operator, COMPARISON[operator]) and self.match(right, part.comparator)
            for part, (operator, right) in zip(node.comparisons, template[2], strict=True)
        )

    def _sub(self, template: Template, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Subscript) or len(node.slice) != 1 or template[2][0] in ("slice", "tuple"):
            return False
        element = node.slice[0].slice
        return (
            isinstance(element, cst.Index)
            and self.match(template[1], node.value)
            and self.match(template[2], element.value)
        )

    def _sequence(self, template: Template, node: cst.BaseExpression) -> bool:
        if not isinstance(node, (cst.Tuple, cst.List)) or len(node.elements) != len(template[1]):
            return False
        return all(
            isinstance(element, cst.Element) and self.match(part, element.value)
            for element, part in zip(node.elements, template[1], strict=True)
        )

    _tuple = _sequence
    _list = _sequence

    def _call(self, template: Template, node: cst.BaseExpression) -> bool:
        if template[1] == ("fn", "several"):
            return self._several(template[2], node)
        if not isinstance(node, cst.Call):
            return False
        function = template[1]
        if not self.match(function, node.func):
            return False
        name = self._name_of(function)
        overloads = self.index.overloads(name) if name else []
        given = self._given(node)
        if given is None:
            return False
        wanted = self.index.arguments_of(template, name)
        if wanted is None:
            return False
        for arguments in bind_all(overloads, *given):
            saved = dict(self.bindings)
            if self._arguments(wanted, arguments, overloads):
                if self.omitted is not None:
                    self._note_omitted(wanted, arguments, overloads)
                return True
            self.bindings = saved
        return False

    def _several(self, arguments: Sequence[Template], node: cst.BaseExpression) -> bool:
        """Whether ``node`` is written out as ``several(size, n)``: then it is the size, or one number for each axis."""
        size, (_, number) = arguments
        if size[0] == "if":  # ``stride if given(stride) else k``: here it is given
            size = size[2]
        value = value_of(node)
        if not isinstance(value, tuple) or len(value) != number or size[0] != "p":
            return False
        same = all(same_literal(part, value[0]) for part in value)
        return self._bind(size[1], node_of(value[0]) if same else node)

    def mismatch(self, template: Template, node: cst.Call) -> str | None:
        """Why a call of the same function is no instance of a template, argument by argument; ``None`` if it is one."""
        if template[0] != "call" or not self.match(template[1], node.func):
            return "it is another function"
        given = self._given(node)
        if given is None:
            return "`**` hides what is passed"
        if any(isinstance(item, cst.StarredElement) for item in given[0]):
            return "`*` hides what is passed"
        name = self._name_of(template[1])
        overloads = self.index.overloads(name) if name else []
        wanted, found = bind_all(overloads, template[2], dict(template[3])), bind_all(overloads, *given)
        if not wanted or not found:
            return "these arguments do not fit its signature"
        reasons = [self._reasons(wanted[0], arguments, overloads) for arguments in found]
        least = min(reasons, key=len)
        return "; ".join(least) if least else None

    def _reasons(self, wanted: Mapping[str, Any], given: Mapping[str, Any], overloads: list[Any]) -> list[str]:
        """What is wrong with the arguments, each by itself."""
        found = []
        for name, node in given.items():
            if self._left_out(wanted.get(name), name, node, overloads):
                continue
            saved, shown = dict(self.bindings), f"`{name.lstrip('#')}={_shown(node)}`"
            if name not in wanted:
                value = value_of(node) if isinstance(node, cst.BaseExpression) else MISSING
                if isinstance(node, list) or value is MISSING or not same_default(value, default_of(overloads, name)):
                    found.append(f"{shown} is not known to it")
            elif not self._argument(wanted[name], node):
                found.append(f"{shown} does not fit it")
                self.bindings = saved
        for name, part in wanted.items():
            absent = name not in given and not isinstance(part, list)
            if absent and part[0] == "v" and not same_default(part[1], default_of(overloads, name)):
                found.append(f"it needs `{name}={part[1]!r}`")
        return found

    def _name_of(self, function: Template) -> str | None:
        if function[0] == "api":
            return function[1]
        if function[0] == "helper":
            return f"helper.{function[1]}"
        return f"Tensor.{function[2]}" if function[0] == "attr" else None

    def _given(self, node: cst.Call) -> tuple[list[Any], dict[str, Any]] | None:
        """Arguments by position and by keyword; ``None`` where ``**`` hides them."""
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for argument in node.args:
            if argument.star == "**":
                return None
            if argument.star == "*":
                positional.append(cst.StarredElement(argument.value))
            elif argument.keyword is not None:
                named[argument.keyword.value] = argument.value
            else:
                positional.append(argument.value)
        return positional, named

    def _arguments(self, wanted: Mapping[str, Any], given: Mapping[str, Any], overloads: list[Any]) -> bool:
        given = {
            name: node for name, node in given.items() if not self._left_out(wanted.get(name), name, node, overloads)
        }
        for name, node in given.items():
            if name in wanted:
                if not self._argument(wanted[name], node):
                    return False
            elif isinstance(node, list):
                if node:
                    return False
            else:
                value = value_of(node) if isinstance(node, cst.BaseExpression) else MISSING
                if value is MISSING or not same_default(value, default_of(overloads, name)):
                    return False
        for name, template in wanted.items():
            if name in given or isinstance(template, list):
                continue
            default = default_of(overloads, name)
            if template[0] == "p":
                if not self._agrees(template[1], default):
                    return False
                continue
            if template[0] == "v" and template[1] is not ... and same_default(template[1], default):
                continue
            if template[0] == "bin" and isinstance(default, (int, float)) and self._invert(template, default):
                continue
            return False
        return True

    def _note_omitted(self, wanted: Mapping[str, Any], given: Mapping[str, Any], overloads: list[Any]) -> None:
        assert self.omitted is not None
        for name, template in wanted.items():
            if name not in given and not isinstance(template, list) and template[0] == "p":
                self.omitted[template[1]] = default_of(overloads, name)

    def _left_out(self, template: Template | None, name: str, node: Any, overloads: list[Any]) -> bool:
        """Whether an argument for a parameter says ``None`` or ``()`` where that means the same as leaving it out."""
        if template is None or template[0] != "p" or not isinstance(node, cst.BaseExpression):
            return False
        value = value_of(node)
        return value in (None, ()) and value is not MISSING and same_literal(value, default_of(overloads, name))

    def _agrees(self, parameter: str, default: Any) -> bool:
        """Whether an argument that is left out may stand for a parameter that another argument settles: not where its
        default is another value (``scale=False`` leaves ``center`` true).
        """
        bound = self.bindings.get(parameter)
        if default is ... or not isinstance(bound, cst.BaseExpression):
            return True
        value = value_of(bound)
        return value is not MISSING and same_default(value, default)

    def _argument(self, template: Any, node: Any) -> bool:
        if isinstance(template, list):  # arguments in a row: *shape, or exactly these
            nodes = node if isinstance(node, list) else [node]
            if len(template) == 1 and template[0][0] == "star":
                return self._bind(template[0][1][1], nodes)
            if len(template) == 1 and len(nodes) != 1 and template[0][0] == "p":
                return self._bind(template[0][1], nodes)
            return len(template) == len(nodes) and all(
                self._argument(t, n) for t, n in zip(template, nodes, strict=True)
            )
        if isinstance(node, list):
            return len(node) == 1 and self._argument(template, node[0])
        return isinstance(node, cst.BaseExpression) and self.match(template, node)


def _shown(node: Any) -> str:
    nodes = node if isinstance(node, list) else [node]
    return ", ".join(cst.Module([]).code_for_node(item) for item in nodes)


def same_literal(a: Any, b: Any) -> bool:
    """Equality that keeps ``True`` and 1 apart, and lists equal to tuples."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same_literal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    return type(a) is type(b) and a == b


def same_default(value: Any, default: Any) -> bool:
    """Whether giving ``value`` means the same as leaving the argument out; (1, 1) and 1 are the same size."""
    if default is ...:
        return False
    if isinstance(default, tuple) and default and isinstance(value, int) and not isinstance(value, bool):
        return all(same_literal(value, item) for item in default)
    if isinstance(value, tuple) and value and isinstance(default, int) and not isinstance(default, bool):
        return all(same_literal(item, default) for item in value)
    return same_literal(value, default)


def same_code(a: cst.BaseExpression, b: cst.BaseExpression) -> bool:
    """Whether two expressions are written alike, and are so simple that they have the same value."""
    return is_simple(a) and a.deep_equals(b)


def is_simple(node: cst.CSTNode) -> bool:
    """Whether an expression may be written twice: a name, a literal, or attributes of a name."""
    if isinstance(node, cst.Attribute):
        return is_simple(node.value)
    return isinstance(node, (cst.Name, cst.Ellipsis)) or value_of(node) is not MISSING
