"""What verification can run on both sides, and how the lines of source and twin pair up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import comments
from diptych.conversion.classes import LocalClass
from diptych.conversion.definitions import LocalFunction
from diptych.conversion.intermediate import permutations_of
from diptych.conversion.result import Axes, Entry, Parameter
from diptych.inference.values import Value
from diptych.syntax.opaque import Opaque
from diptych.syntax.source import Positions, code_of
from diptych.syntax.walk import statements_in

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

Described = tuple[tuple[str, str | None, str | None], ...]  # name, annotation and default of each parameter


@dataclass(frozen=True)
class Placed:
    """What is known of a text that stands in a twin: the names that it uses, and which of its lines (from 1) stand for
    which lines of the source.
    """

    names: frozenset[str]
    lines: Sequence[tuple[int, int]] = ()


def entries(c: Converter, module: cst.Module, positions: Positions) -> tuple[Entry, ...]:
    """The entries of a converted file, in order."""
    found: list[Entry] = []
    for statement in module.body:
        if isinstance(statement, Opaque):
            entry = _of_unit(c, statement, positions)
            found += [entry] if entry is not None else []
        elif isinstance(statement, cst.SimpleStatementLine) and positions.known(c.journal.origin(statement)):
            for name in _model_names(c, statement):
                line = positions.span(c.journal.origin(statement)).line
                found.append(_model_entry(name, line, c.globals.names[name], (), comments.above(statement)))
    return tuple(found)


def _of_unit(c: Converter, node: Opaque, positions: Positions) -> Entry | None:
    unit = node.owner
    known = c.globals.names.get(unit.name)
    if known is None or known.definition is not unit.value.definition or unit.result.entry is None:
        return None
    shift = positions.span(node).line - 1 - len(unit.lead)
    return replace(unit.result.entry, line=unit.result.entry.line + shift)


def of_definition(c: Converter, local: Any, positions: Positions) -> Entry | None:
    """The entry that a function or class of the file is, if it is one."""
    if isinstance(local, LocalFunction):
        return _function_entry(c, local, positions)
    return _class_entry(c, local, positions) if local.info(c) is not None else None


def _model_names(c: Converter, statement: cst.SimpleStatementLine) -> list[str]:
    names = []
    for node in statement.body:
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
            for target in node.targets:
                if (
                    isinstance(target.target, cst.Name)
                    and c.globals.names.get(target.target.value, Value()).kind == "module"
                ):
                    names.append(target.target.value)
    return names


def _function_entry(c: Converter, local: LocalFunction, positions: Positions) -> Entry:
    signature = local.signature(c)
    parameters = _parameters(described(local.node), signature.given if signature else {}, skip_self=False)
    result = signature.result if signature else Value()
    outputs = tuple(Axes(p) for p in permutations_of(result))
    comment = comments.of_definition(local.node)
    line = positions.span(c.journal.origin(local.node)).line
    if result.kind == "module" and all(p.default is not None for p in parameters):
        return _model_entry(local.node.name.value, line, result, parameters, comment)
    return Entry(local.node.name.value, "function", line, parameters, (), outputs, comment)


def _model_entry(name: str, line: int, value: Value, constructor: tuple[Parameter, ...], comment: str | None) -> Entry:
    """A variable that holds a model, or a function that makes one."""
    layer = value.layer
    info = layer.definition if layer is not None else None
    if info is not None and info.signature is not None and info.forward is not None:
        forward = described(info.forward) if isinstance(info.forward, cst.FunctionDef) else info.forward
        parameters = tuple(
            p for p in _parameters(forward, info.signature.given, skip_self=True) if p.name != "training"
        )
        outputs = tuple(Axes(p) for p in permutations_of(info.signature.result))
        return Entry(name, "model", line, parameters, constructor, outputs, comment or info.comment)
    takes, gives = (layer.takes, layer.gives) if layer is not None else (None, None)
    return Entry(name, "model", line, (Parameter("x", axes=Axes(takes)),), constructor, (Axes(gives),), comment)


def _class_entry(c: Converter, local: LocalClass, positions: Positions) -> Entry:
    forward, constructor, info = local.forward, local.constructor, local.info(c)
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Axes, ...] = ()
    comment = local.comment
    if forward is not None:
        signature = forward.signature(c)
        parameters = _parameters(described(forward.node), signature.given if signature else {}, skip_self=True)
        if c.source == "tensorflow":
            parameters = tuple(p for p in parameters if p.name != "training")
        outputs = tuple(Axes(p) for p in permutations_of(signature.result)) if signature else ()
        comment = ", ".join(filter(None, dict.fromkeys([local.comment, comments.of_definition(forward.node)]))) or None
    elif info is not None and info.signature is not None and isinstance(info.forward, tuple):
        parameters = _parameters(info.forward, info.signature.given, skip_self=True)
        outputs = (Axes(info.signature.result.permutation),)
    made = _parameters(described(constructor.node), {}, skip_self=True) if constructor is not None else ()
    line = positions.span(c.journal.origin(local.node)).line
    return Entry(local.node.name.value, "class", line, parameters, made, outputs, comment)


def described(node: cst.FunctionDef) -> Described:
    """The parameters of a function as text."""
    every = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
    return tuple(
        (
            p.name.value,
            code_of(p.annotation.annotation) if p.annotation else None,
            code_of(p.default) if p.default else None,
        )
        for p in every
    )


def _parameters(found: Described, given: dict[str, Value], *, skip_self: bool) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(name, annotation, default, Axes(given[name].permutation if name in given else None))
        for name, annotation, default in (found[1:] if skip_self else found)
    )


def line_pairs(c: Converter, twin: cst.Module, positions: Positions, source: Positions) -> list[tuple[int, int]]:
    """Lines of source and twin where the same statement begins."""
    found: dict[int, int] = {}
    for node in statements_in(twin):
        if isinstance(node, Opaque):
            down = positions.span(node).line - 1
            for here, there in node.owner.lines:
                found.setdefault(here, there + down)
            continue
        here, there = source.lines(c.journal.origin(c.origin.get(node) or node)), positions.lines(node)
        if here is not None and there is not None:
            found.setdefault(here[0], there[0])
    return sorted(found.items())
