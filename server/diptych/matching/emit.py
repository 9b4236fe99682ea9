"""Writes templates as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from diptych.catalog.index import Index
from diptych.catalog.signatures import bind_all, default_of
from diptych.catalog.template import Template
from diptych.matching.fold import Facts, UndecidedError
from diptych.matching.unify import BINARY, COMPARISON, UNARY, same_default
from diptych.syntax.keywords import TIGHT, keyword
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import atom, bare, operand
from diptych.syntax.walk import names_read
from diptych.text.missing import MISSING

Emitted = cst.BaseExpression | list[cst.BaseExpression | cst.StarredElement]
# Functions of Python that may stand in the emitted code where their value cannot be computed now.
WRITTEN = {"bool", "float", "tuple", "len", "min", "max", "sum", "range"}
COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


@dataclass
class Emitter:
    """Writes a template with its parameters replaced.

    ``arguments`` holds the code of each parameter (a list where a shape was given as integers in a row), ``facts`` what
    is known of them, and ``name`` writes a qualified name as it is called in this file. ``rebound`` tells which names
    may hold something else when a lambda is called, ``kinds`` are those that the rule gives its parameters.
    """

    index: Index
    arguments: Mapping[str, Emitted]
    facts: Facts
    name: Callable[[str], cst.BaseExpression]
    helpers: set[str] = field(default_factory=set)
    rebound: Callable[[], frozenset[str]] = frozenset
    kinds: Mapping[str, str] = field(default_factory=dict)

    def emit(self, template: Template) -> cst.BaseExpression:
        """The code. Raises ``UndecidedError`` where a part must be computed now and cannot be."""
        tag = template[0]
        if tag == "p":
            return self._parameter(template[1])
        if tag == "api":
            return self.name(template[1])
        if tag == "name" or (tag == "fn" and template[1] in WRITTEN):
            return cst.Name(template[1])
        if tag == "helper":
            self.helpers.add(template[1])
            return self.name(f"helper.{template[1]}")
        if tag not in ("call", "attr", "lambda", "dict") or (tag == "call" and template[1][0] == "fn"):
            try:
                value = self.facts.compute(template)
                if value is not ...:
                    return node_of(value)
            except UndecidedError:
                if tag == "call" and template[1][1] not in WRITTEN:
                    raise
        return getattr(self, f"_{tag}")(template)

    def absent(self, template: Template) -> bool:
        """Whether a template argument stands for nothing."""
        if template[0] == "star":
            return self.absent(template[1])
        if template[0] == "if":
            return self.absent(template[2] if self.facts.decide(template[1]) else template[3])
        return (template[0] == "p" and self.facts.literals.get(template[1]) is ...) or template == ("v", ...)

    def _parameter(self, name: str) -> cst.BaseExpression:
        if name in self.arguments:
            code = self.arguments[name]
            return as_tuple(code) if isinstance(code, list) else code
        if name in self.facts.literals and self.facts.literals[name] is not ...:
            return node_of(self.facts.literals[name])
        raise UndecidedError(name)

    def _attr(self, template: Template) -> cst.BaseExpression:
        return cst.Attribute(atom(self.emit(template[1])), cst.Name(template[2]))

    def _call(self, template: Template) -> cst.BaseExpression:
        _, function, positional, keywords = template
        arguments = [(None, value) for value in positional if not self.absent(value)]
        arguments += [(name, value) for name, value in keywords if not self.absent(value)]
        args = []
        for name, value in self._without_defaults(function, arguments):
            if value[0] == "star":
                args += self._spread(value[1])
            elif name is None:
                args.append(cst.Arg(bare(self.emit(value))))
            else:
                args.append(keyword(name, bare(self.emit(value))))
        return call(atom(self.emit(function)), args)

    def _without_defaults(self, function: Template, arguments: list[Any]) -> list[Any]:
        name = (
            function[1] if function[0] == "api" else f"{function[0]}.{function[1]}" if function[0] == "helper" else None
        )
        if function[0] == "attr":
            name = f"Tensor.{function[2]}"
        overloads = self.index.overloads(name) if name else []
        if not overloads:
            return arguments
        result = list(arguments)
        for position in range(len(arguments) - 1, -1, -1):
            keyword, template = arguments[position]
            if keyword is None:
                break
            value = self._literal(template)
            if (
                value is not MISSING
                and same_default(value, default_of(overloads, keyword))
                and bind_all(
                    overloads,
                    [t for k, t in result if k is None],
                    {k: t for k, t in result if k is not None and k != keyword},
                )
            ):
                result.remove((keyword, template))
        return result

    def _literal(self, template: Template) -> Any:
        try:
            value = self.facts.compute(template)
        except UndecidedError:
            return MISSING
        return MISSING if value is ... else value

    def _spread(self, template: Template) -> list[cst.Arg]:
        if template[0] == "p" and isinstance(self.arguments.get(template[1]), list):
            elements = self.arguments[template[1]]
            assert isinstance(elements, list)
            if len(elements) == 1 and isinstance(elements[0], (cst.Tuple, cst.List)):
                return [
                    cst.Arg(e.value, star="*" if isinstance(e, cst.StarredElement) else "")
                    for e in elements[0].elements
                ]
            return [cst.Arg(e.value, star="*") if isinstance(e, cst.StarredElement) else cst.Arg(e) for e in elements]
        code = self.emit(template)
        if isinstance(code, (cst.Tuple, cst.List)) and code.elements:
            return [cst.Arg(e.value, star="*" if isinstance(e, cst.StarredElement) else "") for e in code.elements]
        given = self.facts.values.get(template[1]) if template[0] == "p" else None
        if isinstance(code, cst.Integer) or (given is not None and given.kind == "int"):
            return [cst.Arg(code)]  # one size, which TensorFlow takes for a shape
        written = isinstance(code, (cst.Tuple, cst.List))
        if template[0] == "p" and self.kinds.get(template[1]) == "Shape" and not written:
            return [cst.Arg(code)]  # PyTorch takes sizes in a row as a sequence, too
        # An empty shape is written as one: torch.zeros() is an error.
        return [cst.Arg(cst.Tuple([]))] if written else [cst.Arg(code, star="*")]

    def _bin(self, template: Template) -> cst.BaseExpression:
        operator = BINARY[template[1]]()
        return cst.BinaryOperation(
            operand(self.emit(template[2]), operator, "left"),
            operator,
            operand(self.emit(template[3]), operator, "right"),
        )

    def _un(self, template: Template) -> cst.BaseExpression:
        operator = UNARY[template[1]]()
        return cst.UnaryOperation(operator, operand(self.emit(template[2]), operator, "right"))

    def _cmp(self, template: Template) -> cst.BaseExpression:
        targets = [
            cst.ComparisonTarget(COMPARISON[o](), operand(self.emit(r), COMPARISON[o](), "right"))
            for o, r in template[2]
        ]
        return cst.Comparison(operand(self.emit(template[1]), COMPARISON["=="](), "left"), targets)

    def _bool(self, template: Template) -> cst.BaseExpression:
        operator = cst.And() if template[1] == "and" else cst.Or()
        result = self.emit(template[2][0])
        for part in template[2][1:]:
            result = cst.BooleanOperation(
                operand(result, operator, "left"), operator, operand(self.emit(part), operator, "right")
            )
        return result

    def _if(self, template: Template) -> cst.BaseExpression:
        decided = self.facts.decide(template[1])
        if decided is not None:
            return self.emit(template[2] if decided else template[3])
        test, then, otherwise = (self.emit(part) for part in template[1:])
        return cst.IfExp(test=operand(test, None, "left"), body=operand(then, None, "left"), orelse=otherwise)

    def _sub(self, template: Template) -> cst.BaseExpression:
        index = template[2]
        items = index[1] if index[0] == "tuple" else [index]
        if index[0] == "v" and isinstance(index[1], tuple):
            items = [("v", item) for item in index[1]]
        elements = []
        for position, item in enumerate(items):
            element = self._slice_of(item)
            comma = COMMA if position < len(items) - 1 else cst.MaybeSentinel.DEFAULT
            elements.append(cst.SubscriptElement(element, comma=comma))
        return cst.Subscript(atom(self.emit(template[1])), elements)

    def _slice_of(self, template: Template) -> cst.BaseSlice:
        if template == ("v", ...):
            return cst.Index(cst.Ellipsis())
        if template[0] != "slice":
            return cst.Index(self.emit(template))
        lower, upper, step = (self.emit(part) if part else None for part in template[1:])
        return cst.Slice(lower, upper, step)

    def _sequence(self, template: Template) -> cst.BaseExpression:
        elements: list[cst.BaseElement] = []
        for item in template[1]:
            if item[0] == "star":
                elements += [
                    cst.StarredElement(a.value) if a.star else cst.Element(a.value) for a in self._spread(item[1])
                ]
            else:
                elements.append(cst.Element(self.emit(item)))
        return sequence(elements, template[0] == "list")

    _tuple = _sequence
    _list = _sequence

    def _dict(self, template: Template) -> cst.BaseExpression:
        return cst.Dict([cst.DictElement(self.emit(key), self.emit(value)) for key, value in template[1]])

    def _lambda(self, template: Template) -> cst.BaseExpression:
        body = self.emit(template[2])
        parameters = [cst.Param(cst.Name(name)) for name in template[1]]
        taken = sorted(self.rebound().intersection(names_read(body)) - set(template[1]))
        parameters += [cst.Param(cst.Name(name), default=cst.Name(name), equal=TIGHT) for name in taken]
        return cst.Lambda(cst.Parameters(parameters), body)

    def _for(self, template: Template) -> cst.BaseExpression:
        _, element, name, iterable, tests = template
        clause = cst.CompFor(cst.Name(name), self.emit(iterable), [cst.CompIf(self.emit(test)) for test in tests])
        return cst.ListComp(self.emit(element), clause)


def call(function: cst.BaseExpression, args: list[cst.Arg]) -> cst.Call:
    """A call with tidy commas."""
    spaced = [
        arg.with_changes(
            comma=COMMA if position < len(args) - 1 else cst.MaybeSentinel.DEFAULT,
            whitespace_after_arg=cst.SimpleWhitespace(""),
        )
        for position, arg in enumerate(args)
    ]
    return cst.Call(function, spaced)


def sequence(elements: list[cst.BaseElement], as_list: bool = False) -> cst.Tuple | cst.List:
    """A tuple or list with tidy commas."""
    spaced = [
        element.with_changes(comma=COMMA if position < len(elements) - 1 else cst.MaybeSentinel.DEFAULT)
        for position, element in enumerate(elements)
    ]
    if as_list:
        return cst.List(spaced)
    if len(spaced) == 1:
        spaced = [spaced[0].with_changes(comma=cst.Comma())]
    return cst.Tuple(spaced)


def as_tuple(elements: list[cst.BaseExpression | cst.StarredElement]) -> cst.BaseExpression:
    """A shape given in a row as one expression; a single tuple or list stays itself."""
    if len(elements) == 1 and isinstance(elements[0], (cst.Tuple, cst.List)):
        return elements[0]
    if len(elements) == 1 and isinstance(elements[0], cst.StarredElement):
        whole = elements[0].value
        return cst.ListComp(whole.elt, whole.for_in) if isinstance(whole, cst.GeneratorExp) else whole
    return sequence([e if isinstance(e, cst.StarredElement) else cst.Element(e) for e in elements])
