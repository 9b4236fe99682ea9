"""Converting expressions that are not calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    attributes,
    calls,
    closures,
    dicts,
    eager_values,
    handed_layers,
    held_layers,
    layer_classes,
    memory,
    modes,
    operators,
    rates,
    structure,
    subscripts,
    trainers,
)
from diptych.conversion.formatted import formatted
from diptych.conversion.rewriting import fit
from diptych.inference.values import FOREIGN, Value, element_of, join, join_all, of_literal, replace
from diptych.syntax.literals import value_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def convert(c: Converter, node: cst.BaseExpression) -> Code:
    """Convert any expression."""
    handler = HANDLERS.get(type(node))
    return handler(c, node) if handler else _generic(c, node)


def _literal(c: Converter, node: cst.BaseExpression) -> Code:
    value = value_of(node)
    return node, Value() if value is MISSING else of_literal(value)


def _name(c: Converter, node: cst.Name) -> Code:
    value = value_of(node)
    if value is not MISSING:
        return node, of_literal(value)
    known = c.scope.lookup(node.value)
    if known is None:
        return node, FOREIGN if node.value not in ("self",) else Value()
    if known.kind == "api":
        return attributes.reference(c, node, known.api or "")
    if known.kind in ("foreign", trainers.KIND) and (of_lightning := trainers.used(c, node)) is not None:
        return of_lightning
    if known.memory and node.value not in c.scope.names:
        memory.seen_by(c, known.memory, "the code around")
    mode = modes.read(known)
    return (node, known) if mode is None else (mode, Value("bool"))


def _sequence(c: Converter, node: cst.Tuple | cst.List | cst.Set) -> Code:
    elements: list[Any] = []
    values: list[Value] = []
    starred: list[Value] = []
    for element in node.elements:
        code, value = c.expr(element.value)
        if any(isinstance(e, cst.StarredElement) for e in node.elements):  # then no item is told from another
            code, value = c.plain(code, value), value.plain()
        if isinstance(element, cst.StarredElement):
            starred.append(value)
        values.append(value)
        elements.append(element if code is element.value else element.with_changes(value=fit(element, "value", code)))
    if values and all(value.kind == layer_classes.KIND for value in values):  # such are asked with isinstance
        return c.leave(node, "isinstance", layer_classes.ASKED)
    changed = any(a is not b for a, b in zip(elements, node.elements, strict=True))
    result = node.with_changes(elements=elements) if changed else node
    literal = value_of(node)
    kind = "tuple" if isinstance(node, cst.Tuple) else "list"
    held = frozenset().union(*(value.memory for value in values))
    if starred:
        items = [element_of(v) if v in starred else v for v in values]
        return result, Value(kind, item=join_all(items), memory=held)
    return result, Value(kind, items=tuple(values), literal=literal, memory=held)


def _dict(c: Converter, node: cst.Dict) -> Code:
    keys = [element.key for element in node.elements if isinstance(element, cst.DictElement)]
    if any(c.expr(key)[1].kind == layer_classes.KIND for key in keys):
        return c.leave(node, "dict", layer_classes.ASKED)
    return dicts.display(c, node)


def _named(c: Converter, node: cst.NamedExpr) -> Code:
    code, value = c.expr(node.value)
    if isinstance(node.target, cst.Name):
        c.scope.names[node.target.value] = value
    return (node if code is node.value else node.with_changes(value=code)), value


def _conditional(c: Converter, node: cst.IfExp) -> Code:
    test = c.code(node.test)
    eager_values.condition(c, node.test)
    saved, c.scope.prefix = c.scope.prefix, None
    try:
        body, then = c.expr(node.body)
        orelse, otherwise = c.expr(node.orelse)
    finally:
        c.scope.prefix = saved
    if then.permutation != otherwise.permutation:
        body, orelse = c.plain(body, then), c.plain(orelse, otherwise)
        then, otherwise = replace(then, permutation=None), replace(otherwise, permutation=None)
    if held_layers.apart(c, then, otherwise):
        body, then = held_layers.in_source_order(c, body, then)
        orelse, otherwise = held_layers.in_source_order(c, orelse, otherwise)
    parts = {"test": fit(node, "test", test), "body": fit(node, "body", body), "orelse": orelse}
    if test is node.test and body is node.body and orelse is node.orelse:
        return node, join(then, otherwise)
    return node.with_changes(**parts), join(then, otherwise)


def bind_target(c: Converter, target: cst.BaseExpression, value: Value) -> None:
    """Note the values of the names in a loop or comprehension target."""
    if isinstance(target, cst.Name):
        c.scope.names[target.value] = value
    elif isinstance(target, (cst.Tuple, cst.List)):
        items = value.items if value.items is not None and len(value.items) == len(target.elements) else None
        for position, element in enumerate(target.elements):
            bind_target(c, element.value, items[position] if items else element_of(value))


def iterated(c: Converter, node: cst.BaseExpression) -> Code:
    """The iterable of a loop with the value of its elements in ``item``."""
    rates.gone_over(c, node)
    code, value = structure.iterated(c, node, *c.expr(node))
    if value.permutation is not None or isinstance(code, (cst.Tuple, cst.List)):
        code, value = c.plain(code, value), value.plain()
    item = element_of(value)
    held_layers.noted(c, node, item)
    return code, replace(value, item=item)


def _comprehension(c: Converter, node: cst.ListComp | cst.GeneratorExp | cst.SetComp | cst.DictComp) -> Code:
    trained = structure.trained(c, node)
    if trained is not None:
        return trained
    names, prefix = dict(c.scope.names), c.scope.prefix
    c.scope.prefix = None
    try:
        clause = _clause(c, node.for_in)
        parts: dict[str, Any] = {"for_in": clause}
        item = Value()
        for name in ("key", "value") if isinstance(node, cst.DictComp) else ("elt",):
            code, value = c.expr(getattr(node, name))
            if name == "value":
                code, value = dicts.held(c, code, value)
            code = c.plain(code, value)
            item = value.plain()
            parts[name] = code
    finally:
        c.scope.names, c.scope.prefix = names, prefix
    changed = any(getattr(node, name) is not part for name, part in parts.items())
    kind = {cst.ListComp: "list", cst.GeneratorExp: "list"}.get(type(node), "unknown")
    result = node.with_changes(**parts) if changed else node
    if isinstance(node, cst.DictComp) and item.kind == "module":
        return result, dicts.of([item])
    if kind == "list" and item.kind == "module":
        return result, Value("modules", item=item)
    return result, Value(kind, item=item, memory=item.memory)


def _clause(c: Converter, clause: cst.CompFor) -> cst.CompFor:
    code, value = iterated(c, clause.iter)
    bind_target(c, clause.target, value.item or Value())
    tests = [t if (new := c.code(t.test)) is t.test else t.with_changes(test=new) for t in clause.ifs]
    inner = _clause(c, clause.inner_for_in) if clause.inner_for_in else None
    if (
        code is clause.iter
        and inner is clause.inner_for_in
        and all(a is b for a, b in zip(tests, clause.ifs, strict=True))
    ):
        return clause
    return clause.with_changes(iter=code, ifs=tests, inner_for_in=inner)


def _lambda(c: Converter, node: cst.Lambda) -> Code:
    c.scope.captured |= c.reads(node)
    defaults = [c.expr(each.default)[1] for each in node.params.params if each.default is not None]
    with closures.called_later(c, node):
        code = function_of(c, node, [])[0]
    return code, Value(memory=frozenset().union(*(each.memory for each in defaults)))


def function_of(c: Converter, node: cst.Lambda, given: list[Value]) -> Code:
    """A lambda's code, and what it gives when it is called with ``given``."""
    names, prefix = dict(c.scope.names), c.scope.prefix
    c.scope.prefix = None
    try:
        for position, parameter in enumerate(node.params.params):
            c.scope.names[parameter.name.value] = given[position] if position < len(given) else Value()
        code, value = c.expr(node.body)
        body, value = handed_layers.handed(c, node.body, c.plain(code, value), value)
    finally:
        c.scope.names, c.scope.prefix = names, prefix
    return (node if body is node.body else node.with_changes(body=body)), replace(value, permutation=None)


def _yielded(c: Converter, node: cst.Yield) -> Code:
    given = node.value.item if isinstance(node.value, cst.From) else node.value
    if given is not None:
        code, value = c.expr(given)
        memory.seen_by(c, value.memory, "whoever iterates")
        c.remember(given, handed_layers.handed(c, given, c.plain(code, value), value))
    return _generic(c, node)


def _generic(c: Converter, node: cst.BaseExpression) -> Code:
    return rebuild(c, node), Value()


def _joined(c: Converter, node: cst.ConcatenatedString) -> Code:
    """Strings in a row, of which there may be hundreds, each within the one before; only formatted ones hold code."""
    part: cst.BaseExpression = node
    while isinstance(part, cst.ConcatenatedString) and isinstance(part.left, cst.SimpleString):
        part = part.right
    return (node, Value()) if isinstance(part, cst.SimpleString) else _generic(c, node)


def rebuild(c: Converter, node: Any) -> Any:
    """The same node with the expressions inside converted."""
    changes = {}
    for field in dataclasses.fields(node):
        old = getattr(node, field.name)
        new = _rebuilt(c, node, field.name, old)
        if new is not old:
            changes[field.name] = new
    return node.with_changes(**changes) if changes else node


def _rebuilt(c: Converter, parent: Any, name: str, old: Any) -> Any:
    if isinstance(old, cst.BaseExpression):
        code = c.code(old)
        return code if code is old else fit(parent, name, code)
    if isinstance(old, (list, tuple)) and old and isinstance(old[0], cst.CSTNode):
        new = [rebuild(c, item) if not isinstance(item, cst.BaseExpression) else c.code(item) for item in old]
        return old if all(a is b for a, b in zip(new, old, strict=True)) else new
    if isinstance(old, (cst.BaseSlice, cst.Arg, cst.Annotation, cst.From)):
        return rebuild(c, old)
    return old


HANDLERS: dict[type, Callable[[Any, Any], Any]] = {
    cst.Name: _name,
    cst.Integer: _literal,
    cst.Float: _literal,
    cst.Imaginary: _literal,
    cst.SimpleString: _literal,
    cst.ConcatenatedString: _joined,
    cst.Ellipsis: _literal,
    cst.Tuple: _sequence,
    cst.List: _sequence,
    cst.Set: _sequence,
    cst.Dict: _dict,
    cst.NamedExpr: _named,
    cst.IfExp: _conditional,
    cst.ListComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.SetComp: _comprehension,
    cst.DictComp: _comprehension,
    cst.Lambda: _lambda,
    cst.Yield: _yielded,
    cst.FormattedString: formatted,
    cst.Attribute: attributes.convert,
    cst.Subscript: subscripts.convert,
    cst.BinaryOperation: operators.binary,
    cst.UnaryOperation: operators.unary,
    cst.Comparison: operators.comparison,
    cst.BooleanOperation: operators.boolean,
    cst.Call: calls.convert,
}
