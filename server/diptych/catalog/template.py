"""Templates: expressions of a rule in a compact form that can be stored, matched, folded and emitted.

A template is a tuple whose first item says what it is:

========  =====================================  =======================================
tag       rest                                   stands for
========  =====================================  =======================================
"p"       name                                   a parameter of the rule
"v"       value                                  a literal
"api"     qualified name                         something of a framework
"helper"  name                                   a helper of the rule's file
"fn"      name                                   a function of folding.py or a condition
"name"    name                                   a variable bound inside the template
"call"    function, positional, keywords         a call; keywords are (name, template)
"attr"    base, name                             an attribute
"sub"     base, index                            a subscription; "slice" may stand in it
"slice"   lower, upper, step                     each a template or None
"bin"     operator, left, right                  ``left + right``
"un"      operator, operand                      ``-operand``
"cmp"     left, ((operator, right), ...)         a comparison
"bool"    operator, operands                     ``and`` / ``or``
"if"      test, then, otherwise                  a conditional expression
"tuple"   items
"list"    items
"dict"    ((key, value), ...)
"star"    value                                  ``*value``
"lambda"  names, body
"for"     element, variable, iterable, tests     a generator expression, folded or emitted as a list
========  =====================================  =======================================
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from typing import Any

Template = tuple[Any, ...]

OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


class TemplateError(ValueError):
    """An expression that templates cannot hold; ``line`` is its line in the rule's file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Reader:
    """Turns expressions of one rule side into templates.

    ``apis`` maps names in the file to qualified names (``nn`` -> ``torch.nn``); ``helpers`` and ``functions`` are the
    names of the file's helpers and of the functions that are folded.
    """

    def __init__(self, parameters: set[str], apis: Mapping[str, str], helpers: Set[str], functions: set[str]) -> None:
        self.parameters = parameters
        self.apis = apis
        self.helpers = helpers
        self.functions = functions
        self.bound: set[str] = set()

    def read(self, node: ast.expr) -> Template:
        """Return the template of an expression; ``TemplateError`` where it cannot be one."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise TemplateError(f"a rule cannot use {type(node).__name__}", node.lineno)
        return method(node)

    def _all(self, nodes: list[ast.expr]) -> tuple[Template, ...]:
        return tuple(self.read(node) for node in nodes)

    def _constant(self, node: ast.Constant) -> Template:
        return ("v", node.value)

    def _name(self, node: ast.Name) -> Template:
        if node.id in self.bound:
            return ("name", node.id)
        if node.id in self.parameters:
            return ("p", node.id)
        if node.id == "Absent":
            return ("v", ...)
        if node.id in self.helpers:
            return ("helper", node.id)
        if node.id in self.functions:
            return ("fn", node.id)
        if node.id in self.apis:
            return ("api", self.apis[node.id])
        raise TemplateError(f"unknown name {node.id!r}", node.lineno)

    def _attribute(self, node: ast.Attribute) -> Template:
        base = self.read(node.value)
        return ("api", f"{base[1]}.{node.attr}") if base[0] == "api" else ("attr", base, node.attr)

    def _call(self, node: ast.Call) -> Template:
        keywords = []
        for keyword in node.keywords:
            if keyword.arg is None:
                raise TemplateError("a rule cannot use ** arguments", node.lineno)
            keywords.append((keyword.arg, self.read(keyword.value)))
        return ("call", self.read(node.func), self._all(node.args), tuple(keywords))

    def _starred(self, node: ast.Starred) -> Template:
        return ("star", self.read(node.value))

    def _subscript(self, node: ast.Subscript) -> Template:
        return ("sub", self.read(node.value), self.read(node.slice))

    def _slice(self, node: ast.Slice) -> Template:
        return ("slice", *(self.read(part) if part else None for part in (node.lower, node.upper, node.step)))

    def _binop(self, node: ast.BinOp) -> Template:
        return ("bin", OPERATORS[type(node.op)], self.read(node.left), self.read(node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Template:
        operand = self.read(node.operand)
        if operand[0] == "v" and isinstance(node.op, ast.USub) and isinstance(operand[1], (int, float)):
            return ("v", -operand[1])
        return ("un", OPERATORS[type(node.op)], operand)

    def _compare(self, node: ast.Compare) -> Template:
        rights = tuple(
            (OPERATORS[type(op)], self.read(right)) for op, right in zip(node.ops, node.comparators, strict=True)
        )
        return ("cmp", self.read(node.left), rights)

    def _boolop(self, node: ast.BoolOp) -> Template:
        return ("bool", OPERATORS[type(node.op)], self._all(node.values))

    def _ifexp(self, node: ast.IfExp) -> Template:
        return ("if", self.read(node.test), self.read(node.body), self.read(node.orelse))

    def _tuple(self, node: ast.Tuple) -> Template:
        items = self._all(node.elts)
        return ("v", tuple(i[1] for i in items)) if all(i[0] == "v" for i in items) else ("tuple", items)

    def _list(self, node: ast.List) -> Template:
        return ("list", self._all(node.elts))

    def _dict(self, node: ast.Dict) -> Template:
        if any(key is None for key in node.keys):
            raise TemplateError("a rule cannot use ** in a dict", node.lineno)
        return ("dict", tuple((self.read(k), self.read(v)) for k, v in zip(node.keys, node.values, strict=True) if k))

    def _lambda(self, node: ast.Lambda) -> Template:
        names = tuple(argument.arg for argument in node.args.args)
        self.bound |= set(names)
        try:
            return ("lambda", names, self.read(node.body))
        finally:
            self.bound -= set(names)

    def _generatorexp(self, node: ast.GeneratorExp | ast.ListComp) -> Template:
        (generator,) = node.generators
        if not isinstance(generator.target, ast.Name):
            raise TemplateError("a rule's comprehension binds one name", node.lineno)
        iterable = self.read(generator.iter)
        self.bound.add(generator.target.id)
        try:
            return ("for", self.read(node.elt), generator.target.id, iterable, self._all(generator.ifs))
        finally:
            self.bound.discard(generator.target.id)

    _listcomp = _generatorexp


def children(template: Template) -> list[Template]:
    """The templates directly inside a template."""
    tag = template[0]
    if tag == "call":
        return [template[1], *template[2], *(value for _, value in template[3])]
    if tag in ("attr", "star"):
        return [template[1]]
    if tag == "sub":
        return [template[1], template[2]]
    if tag == "slice":
        return [part for part in template[1:] if part]
    if tag == "bin":
        return [template[2], template[3]]
    if tag == "un":
        return [template[2]]
    if tag == "cmp":
        return [template[1], *(right for _, right in template[2])]
    if tag == "bool":
        return list(template[2])
    if tag == "if":
        return list(template[1:])
    if tag in ("tuple", "list"):
        return list(template[1])
    if tag == "dict":
        return [item for pair in template[1] for item in pair]
    if tag == "lambda":
        return [template[2]]
    if tag == "for":
        return [template[1], template[3], *template[4]]
    return []


def walk(template: Template) -> list[Template]:
    """A template and all templates inside it, outermost first, in order of evaluation among siblings."""
    found = [template]
    for child in children(template):
        found += walk(child)
    return found


def parameters(template: Template) -> list[str]:
    """Names of the rule's parameters in a template, with repeats."""
    return [part[1] for part in walk(template) if part[0] == "p"]
