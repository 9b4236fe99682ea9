"""Templates as code, the way that a person would write it."""

from __future__ import annotations

import ast
from typing import Any

from diptych.catalog.template import OPERATORS, Template

WIDTH = 88

# What people call these modules in their files.
SHORT = {"torch.nn.functional.": "F.", "torch.nn.": "nn."}

_OPERATOR_NODES = {(text, issubclass(kind, ast.unaryop)): kind for kind, text in OPERATORS.items()}


def short_name(qualified: str) -> str:
    """``torch.nn.functional.relu`` as ``F.relu``, ``torch.nn.Linear`` as ``nn.Linear``."""
    for prefix, alias in SHORT.items():
        if qualified.startswith(prefix):
            return alias + qualified.removeprefix(prefix)
    return qualified


def render(template: Template) -> str:
    """The code of a template, on several lines where it is long. A ``parts`` spelling gives one line for each part."""
    if template[0] == "parts":
        return "\n".join(f"{name} = {render(part)}" for name, part in template[1])
    return _lay_out(_node(template), 0)


def _lay_out(node: ast.expr, indent: int) -> str:
    line = ast.unparse(node)
    if indent + len(line) <= WIDTH:
        return line
    inner, outer = " " * (indent + 4), " " * indent
    if isinstance(node, ast.Call) and (node.args or node.keywords):
        items = [_lay_out(argument, indent + 4) for argument in node.args]
        items += [f"{keyword.arg}={_lay_out(keyword.value, indent + 4)}" for keyword in node.keywords]
        head, tail = f"{ast.unparse(node.func)}(", ")"
    elif isinstance(node, ast.List) and node.elts:
        items, head, tail = [_lay_out(item, indent + 4) for item in node.elts], "[", "]"
    else:
        return line
    together = ", ".join(items)
    if "\n" not in together and indent + 4 + len(together) <= WIDTH:
        return f"{head}\n{inner}{together}\n{outer}{tail}"
    return head + "\n" + "".join(f"{inner}{item},\n" for item in items) + outer + tail


def _name(name: str) -> ast.expr:
    node: ast.expr
    first, *rest = name.split(".")
    node = ast.Name(first)
    for attribute in rest:
        node = ast.Attribute(node, attribute)
    return node


def _all(templates: Any) -> list[ast.expr]:
    return [_node(template) for template in templates]


def _optional(template: Template | None) -> ast.expr | None:
    return None if template is None else _node(template)


def _operator(text: str, unary: bool = False) -> Any:
    return _OPERATOR_NODES[text, unary]()


def _value(value: Any) -> ast.expr:
    if value is ...:
        return ast.Name("Absent")
    if isinstance(value, tuple):
        return ast.Tuple([_value(item) for item in value])
    if isinstance(value, str) and value.isprintable() and not set(value) & {'"', "\\"}:
        return ast.Name(f'"{value}"')  # as the rule's file has it; ast prints single quotes
    return ast.Constant(value)


def _generator(template: Template) -> ast.expr:
    _, element, variable, iterable, tests = template
    return ast.ListComp(_node(element), [ast.comprehension(ast.Name(variable), _node(iterable), _all(tests), 0)])


def _lambda(names: tuple[str, ...], body: Template) -> ast.expr:
    arguments = [ast.arg(name) for name in names]
    return ast.Lambda(
        ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[]), _node(body)
    )


def _compare(left: Template, rights: Any) -> ast.expr:
    return ast.Compare(_node(left), [_operator(text) for text, _ in rights], [_node(right) for _, right in rights])


_NODES: dict[str, Any] = {
    "p": lambda t: ast.Name(t[1]),
    "v": lambda t: _value(t[1]),
    "api": lambda t: _name(short_name(t[1])),
    "helper": lambda t: ast.Name(t[1]),
    "fn": lambda t: ast.Name(t[1]),
    "name": lambda t: ast.Name(t[1]),
    "call": lambda t: ast.Call(_node(t[1]), _all(t[2]), [ast.keyword(name, _node(value)) for name, value in t[3]]),
    "attr": lambda t: ast.Attribute(_node(t[1]), t[2]),
    "sub": lambda t: ast.Subscript(_node(t[1]), _node(t[2])),
    "slice": lambda t: ast.Slice(*(_optional(part) for part in t[1:])),
    "bin": lambda t: ast.BinOp(_node(t[2]), _operator(t[1]), _node(t[3])),
    "un": lambda t: ast.UnaryOp(_operator(t[1], unary=True), _node(t[2])),
    "cmp": lambda t: _compare(t[1], t[2]),
    "bool": lambda t: ast.BoolOp(_operator(t[1]), _all(t[2])),
    "if": lambda t: ast.IfExp(_node(t[1]), _node(t[2]), _node(t[3])),
    "tuple": lambda t: ast.Tuple(_all(t[1])),
    "list": lambda t: ast.List(_all(t[1])),
    "dict": lambda t: ast.Dict([_node(key) for key, _ in t[1]], [_node(value) for _, value in t[1]]),
    "star": lambda t: ast.Starred(_node(t[1])),
    "lambda": lambda t: _lambda(t[1], t[2]),
    "for": _generator,
}


def _node(template: Template) -> ast.expr:
    return _NODES[template[0]](template)
