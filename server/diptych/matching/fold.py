"""Computes templates from what is known: conditions, arithmetic on literals, facts about tensors."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from diptych.catalog.folding import FUNCTIONS
from diptych.catalog.rule import KNOWN_DTYPES
from diptych.catalog.template import Template
from diptych.inference.values import Value, category, join_all
from diptych.text.missing import MISSING

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge, "is": operator.is_, "is not": operator.is_not,
    "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
}  # fmt: skip
DTYPE_FACTS = {"is_floating": "float", "is_integer": "int", "is_bool": "bool"}


class RefusedError(Exception):
    """A rule that fits and says that there is no equivalent."""


class UndecidedError(Exception):
    """A template whose value cannot be known when code is converted."""


def texts_of(condition: Template) -> list[Template]:
    """The comparisons with texts of which a condition is one or the other. Where it is known not to hold, none of them
    does, and that is true of other code for it, too: what stands in place of ``padding="same"`` would not run with it.
    """
    if condition[0] == "bool" and condition[1] == "or":
        return [text for part in condition[2] for text in texts_of(part)]
    is_one = condition[0] == "cmp" and condition[1][0] == "p" and len(condition[2]) == 1
    operator, right = condition[2][0] if is_one else ("", ("", None))
    return [condition] if operator == "==" and right[0] == "v" and isinstance(right[1], str) else []


@dataclass
class Facts:
    """What is known of a rule's parameters at one call.

    ``literals`` holds known values (``...`` is Absent), ``values`` what inference knows. ``assumed`` collects
    parameters whose dtype was not known and was taken to be floating. ``denied`` are conditions known not to hold.
    """

    literals: Mapping[str, Any]
    values: Mapping[str, Value]
    assumed: set[str] = field(default_factory=set)
    bound: dict[str, Any] = field(default_factory=dict)
    denied: Collection[Template] = ()

    def decide(self, condition: Template) -> bool | None:
        """The truth of a condition, ``None`` if it cannot be known."""
        if condition in self.denied:
            return False
        if condition[0] == "bool":
            results = [self.decide(part) for part in condition[2]]
            stop = condition[1] == "or"
            if any(result is stop for result in results):
                return stop
            return None if None in results else not stop
        if condition[0] == "un" and condition[1] == "not":
            inner = self.decide(condition[2])
            return None if inner is None else not inner
        try:
            return bool(self.compute(condition))
        except UndecidedError:
            return None

    def compute(self, template: Template) -> Any:
        """The value of a template; ``UndecidedError`` where it is not known."""
        tag = template[0]
        if tag == "v":
            return template[1]
        if tag == "p":
            if template[1] in self.literals:
                return self.literals[template[1]]
            raise UndecidedError(template[1])
        if tag == "name" and template[1] in self.bound:
            return self.bound[template[1]]
        if tag == "call" and template[1][0] == "fn":
            return self._function(template[1][1], template[2], template[3])
        if tag == "bin" and template[1] in BINARY:
            return self._apply(BINARY[template[1]], self.compute(template[2]), self.compute(template[3]))
        if tag == "un":
            value = self.compute(template[2])
            return self._apply(
                {"-": operator.neg, "+": operator.pos, "~": operator.invert, "not": operator.not_}[template[1]], value
            )
        if tag == "cmp":
            return self._compare(template)
        if tag == "bool":
            result = self.decide(template)
            if result is None:
                raise UndecidedError(template)
            return result
        if tag == "if":
            return self.compute(template[2] if self.compute(template[1]) else template[3])
        if tag in ("tuple", "list"):
            items = [self.compute(item) for item in template[1]]
            return tuple(items) if tag == "tuple" else items
        if tag == "sub":
            return self._apply(operator.getitem, self.compute(template[1]), self.compute(template[2]))
        if tag == "slice":
            return slice(*(self.compute(part) if part else None for part in template[1:]))
        if tag == "for":
            return self._comprehension(template)
        raise UndecidedError(template)

    def _apply(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if any(argument is ... for argument in arguments) and function not in (operator.is_, operator.is_not):
            raise UndecidedError("Absent")
        try:
            return function(*arguments)
        except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
            raise UndecidedError(str(error)) from error

    def _compare(self, template: Template) -> bool:
        left = self.compute(template[1])
        for name, right in template[2]:
            value = self.compute(right)
            if name in ("==", "!=") and (left is ... or value is ...):
                holds = (left is value) == (name == "==")
            else:
                holds = self._apply(BINARY[name], left, value)
            if not holds:
                return False
            left = value
        return True

    def _comprehension(self, template: Template) -> list[Any]:
        _, element, name, iterable, tests = template
        results = []
        for item in self._apply(list, self.compute(iterable)):
            self.bound[name] = item
            if all(self.compute(test) for test in tests):
                results.append(self.compute(element))
        self.bound.pop(name, None)
        return results

    def _function(self, name: str, arguments: tuple[Template, ...], keywords: tuple[tuple[str, Template], ...]) -> Any:
        if name in DTYPE_FACTS:
            return self._dtype_fact(name, arguments[0])
        if name in KNOWN_DTYPES:
            known = self._value(arguments[0])
            return known is not None and KNOWN_DTYPES[name] in (known.kind, category(known.dtype))
        if name == "known":
            return self.decide(arguments[0]) is True
        if name == "rank":
            value = self._value(arguments[0])
            if value is not None and value.kind in ("list", "tuple"):
                value = join_all(value.items) if value.items else value.item
            if value is None or value.rank is None:
                raise UndecidedError("rank")
            return value.rank
        if name == "differ_in_rank":
            value = self._value(arguments[0])
            ranks = {item.rank for item in (value.items or () if value is not None else ())}
            return len(ranks - {None}) > 1
        if name == "length":
            return self._length(arguments[0], self.compute(arguments[1]))
        if name == "len" and (items := getattr(self._value(arguments[0]), "items", None)) is not None:
            return len(items)
        if name == "given":
            return self.literals.get(arguments[0][1], MISSING) is not ...
        if name == "is_literal":
            return arguments[0][1] in self.literals
        if name == "is_schedule":
            known = self._value(arguments[0])
            return known is not None and known.kind == "schedule"
        if name in ("is_tensor", "is_number"):
            return self._is_tensor(arguments[0]) is (name == "is_tensor")
        if name == "isinstance":
            return self._isinstance(arguments)
        values = [self.compute(argument) for argument in arguments]
        named = {key: self.compute(value) for key, value in keywords}
        return self._apply(lambda *a: FUNCTIONS[name](*a, **named), *values)

    def _length(self, tensor: Template, axis: Any) -> int:
        value = self._value(tensor)
        sizes = value.sizes if value is not None and value.sizes and value.rank == len(value.sizes) else ()
        size = sizes[axis] if isinstance(axis, int) and -len(sizes) <= axis < len(sizes) else None
        if size is None:
            raise UndecidedError("length")
        return size

    def _value(self, template: Template) -> Value | None:
        return self.values.get(template[1]) if template[0] == "p" else None

    def _dtype_fact(self, name: str, argument: Template) -> bool:
        value = self._value(argument)
        if value is not None and value.kind in ("int", "float", "bool"):
            return value.kind == DTYPE_FACTS[name]
        known = category(value.dtype) if value is not None else None
        if known is None:
            self.assumed.add(argument[1])
            known = "float"
        return known == DTYPE_FACTS[name]

    def _is_tensor(self, argument: Template) -> bool:
        if argument[1] in self.literals:
            return False
        value = self._value(argument)
        return value is None or value.kind not in (
            "int",
            "float",
            "number",
            "bool",
            "none",
            "str",
            "tuple",
            "list",
            "shape",
        )

    def _isinstance(self, arguments: tuple[Template, ...]) -> bool:
        subject, types = arguments
        names = [types[1]] if types[0] == "fn" else [item[1] for item in types[1]]
        try:
            value = self.compute(subject)
        except UndecidedError:
            known = self._value(subject)
            if known is None or known.kind not in ("int", "float", "bool", "str", "tuple", "list", "tensor"):
                raise
            return known.kind in names
        return (
            value is not ...
            and isinstance(
                value,
                tuple(
                    {"int": int, "float": float, "bool": bool, "str": str, "tuple": tuple, "list": list}[n]
                    for n in names
                ),
            )
            and not (isinstance(value, bool) and "bool" not in names)
        )
