"""A comment to propose for an entry whose inputs are not known: shapes as the layers that take them ask for, else by
the names of the parameters.

A guess is only ever shown for somebody to look at; nothing is run on it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diptych.catalog.index import Index, load
from diptych.catalog.rule import Rule
from diptych.catalog.template import Template
from diptych.conversion.result import Entry, Framework
from diptych.syntax.scout import Scout
from diptych.verification.inputs import UnknownInputs, guessed, plan
from diptych.verification.specs import BadComment, TensorSpec

BATCH, LENGTH, SIDE, WIDTH, CHANNELS = 2, 16, 32, 16, 3
METHODS = ("forward", "call", "__call__")


def proposal(entry: Entry, source: str, framework: Framework) -> str | None:
    """The text of a ``# diptych:`` comment with the inputs of an entry that are not known, to stand beside one that it
    has; ``None`` where all are known, or its comment is another problem.
    """
    try:
        plan(entry)
    except UnknownInputs as unknown:
        if not unknown.missing:
            return None
        known = _by_layers(entry, source, framework)
        specs = [f"{name}={known[name].text()}" if name in known else guessed(entry, name) for name in unknown.missing]
        return ", ".join(specs)
    except BadComment:
        return None
    return None


@dataclass(frozen=True)
class _Layer:
    """A call that makes a layer: its qualified name and its arguments."""

    name: str
    call: ast.Call


def _by_layers(entry: Entry, source: str, framework: Framework) -> dict[str, TensorSpec]:
    """What the first layer that takes each parameter asks of it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    node = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == entry.name), None)
    if node is None:
        return {}
    scout, index = Scout(source), load()
    names = {(call.span.line, call.span.column): call.name for call in scout.calls}
    layers = dict(_layers(node, names, index, framework))
    defaults = {p.name: p.default or "" for p in entry.constructor}
    numbers = _numbers(tree) | {name: int(text) for name, text in defaults.items() if text.isdecimal()}
    forward = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in METHODS), None)
    found: dict[str, TensorSpec] = {}
    for call in ast.walk(forward) if forward is not None else ():
        if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Name):
            continue
        layer = layers.get(_attribute(call.func) or "")
        if layer is not None and call.args[0].id not in found:
            spec = _asked(layer, index, framework, numbers)
            if spec is not None:
                found[call.args[0].id] = spec
    return found


def _attribute(node: ast.expr) -> str | None:
    """``name`` of ``self.name``."""
    is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if is_own else None  # type: ignore[union-attr]


def _layers(
    node: ast.ClassDef, names: Mapping[tuple[int, int], str], index: Index, framework: Framework
) -> Iterator[tuple[str, _Layer]]:
    """The attributes that hold a layer, with the first layer in each."""
    for statement in ast.walk(node):
        if not isinstance(statement, ast.Assign):
            continue
        attribute = next((name for target in statement.targets if (name := _attribute(target))), None)
        for call in ast.walk(statement.value) if attribute is not None else ():
            name = names.get((getattr(call, "lineno", 0), getattr(call, "col_offset", -1)), "")
            if attribute is not None and isinstance(call, ast.Call) and _rule(index, framework, name) is not None:
                yield attribute, _Layer(name, call)
                break


def _rule(index: Index, framework: Framework, name: str) -> tuple[Rule, Template] | None:
    """The simplest rule of a single layer that has an input to show."""
    for rule, _, spelling in reversed(index.candidates(framework, name)):
        single = spelling[0] == "call" and all(part[0] != "call" for part in spelling[2])
        if single and rule.base == "LayerEquivalence" and _sample(rule) is not None:
            return rule, spelling
    return None


def _sample(rule: Rule) -> tuple[str, tuple[int, ...], dict[str, int]] | None:
    """The input on which a layer's rule is tested, "floats" or "ints" with its sizes, and its own numbers."""
    for node in ast.walk(ast.parse(rule.attributes.get("samples") or "None", mode="eval")):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "cases":
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        array = given.get("call")
        if isinstance(array, ast.List):  # the smallest that has a batch axis
            several = [item for item in array.elts if isinstance(item, ast.Call) and len(item.args) > 1]
            array = min(several, key=lambda item: len(item.args), default=None)
        if not isinstance(array, ast.Call) or not isinstance(array.func, ast.Name):
            continue
        sizes = [size for item in array.args if (size := _number(item)) is not None]
        numbers = {name: number for name, value in given.items() if (number := _number(value)) is not None}
        if array.func.id in ("floats", "ints") and len(sizes) == len(array.args):
            return array.func.id, tuple(sizes), numbers
    return None


def _number(node: ast.expr) -> int | None:
    first = node.elts[0] if isinstance(node, ast.List) and node.elts else node
    return first.value if isinstance(first, ast.Constant) and type(first.value) is int else None


def _asked(layer: _Layer, index: Index, framework: Framework, numbers: Mapping[str, int]) -> TensorSpec | None:
    """What a layer takes, with the user's own number of channels where it is written down."""
    found = _rule(index, framework, layer.name)
    sample = _sample(found[0]) if found is not None else None
    if found is None or sample is None:
        return None
    (rule, spelling), (kind, sizes, made_with) = found, sample
    given = {name: _given(layer, index, spelling, name, numbers) for name in rule.side(framework).parameters}
    if kind == "ints":
        rows = next((number for number in given.values() if number is not None), None)
        return TensorSpec((BATCH, LENGTH), "int64", 0, max(rows - 1, 0) if rows is not None else 9)
    images = len(sizes) > 3
    spatial = SIDE if images else LENGTH
    shape = [BATCH, *([spatial] * (len(sizes) - 1))]
    axis = next((axis for axis, size in enumerate(sizes) if axis and size == made_with.get("c_in")), len(sizes) - 1)
    if framework == "tensorflow" and "layout" in rule.attributes:
        axis = len(sizes) - 1
    shape[axis] = given.get("c_in") or (CHANNELS if images else WIDTH)
    return TensorSpec(tuple(shape))


def _given(layer: _Layer, index: Index, spelling: Template, name: str, numbers: Mapping[str, int]) -> int | None:
    """The number that the user's call gives for a parameter of the rule, where it is known."""
    _, _, positional, keywords = spelling
    place = next((place for place, part in enumerate(positional) if part == ("p", name)), None)
    word = next((word for word, part in keywords if part == ("p", name)), None)
    overloads = index.overloads(layer.name)
    if place is not None and overloads and place < len(overloads[0]):
        word = overloads[0][place][0]
    node = next((keyword.value for keyword in layer.call.keywords if keyword.arg == word), None)
    if node is None and place is not None and place < len(layer.call.args):
        node = layer.call.args[place]
    if isinstance(node, ast.Name):
        return numbers.get(node.id)
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _numbers(tree: ast.Module) -> dict[str, int]:
    """Constants of the file."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and type(node.value.value) is int:
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found
