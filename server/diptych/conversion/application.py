"""Applying rules: which rule fits a call, what is known of its parameters, and the code on the other side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.catalog.rule import Branch, Rule
from diptych.catalog.template import Template, children, parameters
from diptych.conversion import (
    closures,
    computed_sizes,
    context,
    kinds,
    layer_values,
    promotion,
    results,
    rule_conditions,
    single_numbers,
)
from diptych.conversion.kinds import SEQUENCE_KINDS
from diptych.conversion.layouts import common
from diptych.inference.permutations import Permutation, between, normal, reduced
from diptych.inference.values import Value, replace
from diptych.matching.emit import Emitted, Emitter, sequence
from diptych.matching.fold import Facts, RefusedError, UndecidedError, texts_of
from diptych.matching.unify import Bindings, Unifier, is_simple
from diptych.syntax.canonical import DTYPES
from diptych.syntax.literals import value_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

Node = cst.Call | cst.Attribute | cst.BinaryOperation | cst.Subscript | cst.UnaryOperation


@dataclass
class Attempt:
    """One rule tried on one call. ``sure`` is false where some argument's kind is not known; ``single`` is true where
    tensors without axes were given one.
    """

    rule: Rule
    branch: Branch
    bindings: Bindings
    facts: Facts
    sure: bool = True
    codes: dict[str, Emitted] = field(default_factory=dict)
    permutation: Permutation | None = None
    single: bool = False


def apply(c: Converter, node: Node, key: str) -> Code | None:
    """Convert by the rules known under ``key``; ``None`` where none of them fits at all."""
    reasons: list[str] = []
    unsure: list[Attempt] = []
    waiting: Value | None = None
    candidates = layer_values.fitting(c, c.index.candidates(c.source, key))
    for rule, place, spelling in candidates:
        if rule.attributes.get("one_way") not in (None, c.source):
            continue
        unifier = Unifier(c.index, c.qualified)
        if not unifier.match(spelling, node):
            continue
        attempt = attempted(c, rule, rule.side(c.source).branches[place], unifier.bindings)
        if attempt is None:
            continue
        if not attempt.sure:
            unsure.append(attempt)
            continue
        fitting = (other for other, _, spelled in candidates if Unifier(c.index, c.qualified).match(spelled, node))
        if layer_values.ambiguous(c, attempt, fitting):
            left, _ = c.leave(node, key, layer_values.AXES_UNKNOWN)
            return left, layer_values.provisional(attempt)
        result = finished(c, node, attempt, reasons)
        if result is not None:
            return result
        waiting = waiting or layer_values.waiting(c, attempt)
    names = {attempt.rule.name for attempt in unsure}
    forms = {_kinds(attempt) for attempt in unsure}
    if len(names) > 1 < len(forms) and not reasons:
        return c.leave(
            node, key, "it is not known which of its forms is meant: annotate the arguments, or add # diptych:"
        )
    for attempt in unsure if len(forms) == 1 else unsure[:1]:
        result = finished(c, node, attempt, reasons)
        if result is not None:
            return result
    if not reasons:
        return None
    left, unknown = c.leave(node, key, reasons[0])
    return left, waiting or unknown


def _kinds(attempt: Attempt) -> tuple[str | None, ...]:
    """What a rule takes the arguments for: where it is the same for several rules, their conditions choose."""
    return tuple(attempt.rule.kinds.get(name) for name in attempt.bindings)


def attempted(c: Converter, rule: Rule, branch: Branch, bindings: Bindings) -> Attempt | None:
    """Check kinds and the conditions of the source's branch; ``None`` where they exclude the rule."""
    side = rule.side(c.source)
    bindings = {name: kinds.flag(c, rule.kinds.get(name), bound) for name, bound in bindings.items()}
    literals, values = dict[str, Any](), dict[str, Value]()
    for name, bound in bindings.items():
        if isinstance(bound, list):
            values[name] = kinds.row(c, bound, rule.kinds.get(name, ""))
            items = [value_of(item) if isinstance(item, cst.BaseExpression) else MISSING for item in bound]
            if len(items) == 1 and isinstance(items[0], (tuple, list)) and rule.kinds.get(name) != "Shapes":
                items = list(items[0])
            if not any(item is MISSING for item in items):
                literals[name] = tuple(items)
            continue
        value = c.expr(bound)[1]
        values[name] = value
        literal = c.literal(bound)
        if literal is MISSING and value.kind in ("int", "bool", "str", "none") and value.literal is not MISSING:
            literal = value.literal
        if literal is not MISSING:
            literals[name] = literal
    if not _fits_layout(rule, values):
        return None
    for name in side.parameters:
        if name not in bindings and name in side.defaults:
            literals[name] = side.defaults[name]
    literals |= {name: value for name, value in context.settled(c, rule).items() if name not in bindings}
    for condition in branch.conditions:
        _equalities(condition, literals, bindings)
    other = {*rule.attributes.get("torch_only", ()), *rule.attributes.get("tensorflow_only", ())}
    if any(name not in bindings and name not in literals and name not in other for name in side.parameters):
        return None
    facts = Facts(literals, values)
    sure = True
    for name, kind in rule.kinds.items():
        if name in bindings:
            fits = kinds.fits(c, kind, bindings[name], values[name], literals.get(name, MISSING))
            if fits is False:
                return None
            sure = sure and fits is True
    for condition in branch.conditions:
        decided = facts.decide(condition)
        if decided is False:
            return None
        sure = sure and decided is True
    for condition in () if branch.general else branch.excluded:
        decided = facts.decide(condition)
        if decided is True:
            return None
    return Attempt(rule, branch, bindings, facts, sure)


def _fits_layout(rule: Rule, values: dict[str, Value]) -> bool:
    """Whether tensors have as many axes as a function's layout names, as far as that is known."""
    if rule.base == "LayerEquivalence" or rule.attributes.get("ranks") == "any":
        return True
    layout = rule.attributes.get("layout") or {}
    return all(values[n].rank in (None, len(axes[0])) for n, axes in layout.items() if n in values)


def _equalities(condition: Template, literals: dict[str, Any], bindings: Bindings) -> None:
    """``padding == "same"`` settles a parameter that the code on this side does not give."""
    if condition[0] == "bool" and condition[1] == "and":
        for part in condition[2]:
            _equalities(part, literals, bindings)
    if condition[0] == "p" and condition[1] not in bindings:
        literals[condition[1]] = True
    if condition[0] == "cmp" and condition[1][0] == "p" and len(condition[2]) == 1:
        operator, right = condition[2][0]
        if operator == "==" and right[0] == "v" and condition[1][1] not in bindings:
            literals[condition[1][1]] = right[1]


def finished(c: Converter, node: Node, attempt: Attempt, reasons: list[str]) -> Code | None:
    """Emit the other side; a reason is noted where that cannot be done."""
    mark = c.journal.mark()
    try:
        if competing := context.competing(c, attempt.rule):
            raise RefusedError(competing)
        target = _target_branch(c, attempt)
        if c.source != "torch" or "promotes" not in attempt.rule.attributes:
            rule_conditions.check_differences(c, node, attempt)
        arguments = _arguments(c, attempt)
        return _emit(c, node, attempt, target, arguments)
    except RefusedError as refusal:
        reasons.insert(0, str(refusal))
    except UndecidedError as undecided:
        reasons.append(f"`{undecided}` must be known when the code is converted")
    c.journal.back_to(mark)
    return None


def _target_branch(c: Converter, attempt: Attempt) -> Branch:
    side = attempt.rule.side(c.target)
    literals = dict(attempt.facts.literals)
    for name in side.parameters:
        if name not in attempt.bindings and name not in literals and name in side.defaults:
            literals[name] = side.defaults[name]
    denied = [
        text for condition in attempt.branch.excluded for text in texts_of(condition) if text[1][1] not in literals
    ]
    facts = attempt.facts = Facts(literals, attempt.facts.values, attempt.facts.assumed, denied=denied)
    pending = False
    for branch in side.branches:
        decisions = [facts.decide(condition) for condition in branch.conditions]
        excluded = [facts.decide(condition) for condition in branch.excluded]
        if False in decisions or True in excluded:
            continue
        if branch.general or (not pending and None not in decisions and None not in excluded):
            if branch.why is not None:
                raise RefusedError(branch.why)
            return branch
        pending = True
    if pending:
        unknown = sorted(
            {name for b in side.branches for t in b.conditions for name in parameters(t) if name not in literals}
        )
        raise UndecidedError(" and ".join(unknown) or "an argument")
    raise RefusedError("this combination of arguments has no equivalent")


def _arguments(c: Converter, attempt: Attempt) -> dict[str, Emitted]:
    """The code of each parameter, with tensors brought to the order of axes that the rule needs."""
    rule = attempt.rule
    codes: dict[str, Any] = {}
    one_or_more = rule.attributes.get("takes_one_size")
    for name, bound in attempt.bindings.items():
        if isinstance(bound, list):
            codes[name] = [
                b.with_changes(value=c.code(b.value)) if isinstance(b, cst.StarredElement) else c.code(b) for b in bound
            ]
            first = codes[name][0] if len(bound) == 1 else None
            if isinstance(first, cst.BaseExpression):
                value = c.expr(bound[0])[1]
                if kinds.one_of(rule.kinds.get(name, ""), [value]):
                    codes[name] = sequence([cst.Element(first)])
                elif value.kind in SEQUENCE_KINDS or (one_or_more and value.kind == "unknown"):
                    codes[name] = first  # one shape, not one size
        else:
            codes[name] = c.expr(bound)[0]
            if c.target == "torch" and rule.kinds.get(name, "").startswith(("Size", "Shape")):
                codes[name] = computed_sizes.numbers(c, bound)
            literal = attempt.facts.literals.get(name)
            if rule.kinds.get(name) == "Dtype" and isinstance(literal, str) and literal in DTYPES:
                codes[name] = c.name(f"{'tf' if c.target == 'tensorflow' else c.target}.{literal}")
    tensors = [
        n
        for n in attempt.bindings
        if rule.kinds.get(n) in ("Tensor", "Operand", "Tensors") or attempt.facts.values[n].permutation
    ]
    layout = rule.attributes.get("layout") or {}
    if layout and rule.base != "LayerEquivalence":
        for name in tensors:
            wanted = _wanted(c, layout[name]) if name in layout else None
            codes[name] = _arranged(c, codes[name], attempt.facts.values[name], wanted)
        result = layout.get("result")
        attempt.permutation = _wanted(c, result) if result else None
    elif rule.attributes.get("elementwise") or rule.base == "Reduction" or rule.attributes.get("axes"):
        _common_layout(c, attempt, codes, tensors)
    else:
        for name in tensors:
            codes[name] = _arranged(c, codes[name], attempt.facts.values[name], None)
    promotion.prepare(c, attempt, codes)
    attempt.single = single_numbers.prepare(c, attempt, codes)
    attempt.codes = codes
    return codes


def _wanted(c: Converter, layout: tuple[str, str]) -> Permutation | None:
    torch, keras = layout
    return normal(between(torch, keras) if c.source == "torch" else between(keras, torch))


def _arranged(c: Converter, code: Emitted, value: Value, wanted: Permutation | None) -> Emitted:
    if isinstance(code, list):
        return code
    if value.kind in ("list", "tuple"):
        return c.plain(code, value)
    return c.arranged(code, value, wanted)


def _common_layout(c: Converter, attempt: Attempt, codes: dict[str, Emitted], tensors: list[str]) -> None:
    """Keep another order of axes through an operation that allows it, with its axis arguments renumbered."""
    rule, facts = attempt.rule, attempt.facts
    operands: list[Code] = []
    places: list[tuple[str, int | None]] = []
    for name in tensors:
        code, value = codes[name], facts.values[name]
        if (
            isinstance(code, (cst.List, cst.Tuple))
            and value.items is not None
            and len(code.elements) == len(value.items)
        ):
            for position, (element, item) in enumerate(zip(code.elements, value.items, strict=True)):
                operands.append((element.value, item))
                places.append((name, position))
        elif isinstance(code, cst.BaseExpression):
            operands.append((code, value))
            places.append((name, None))
    axes = list(rule.attributes.get("axes") or (("dim",) if rule.base == "Reduction" else ()))
    known = all(_axis_literal(facts.literals.get(n, MISSING)) for n in axes)
    if known and not (rule.base == "Reduction" and facts.literals.get("dim", ...) in (..., None)):
        changed, permutation = common(c, operands)
    elif rule.base == "Reduction" and known and not facts.literals.get("keepdim", False):
        changed, permutation = [code for code, _ in operands], None
        axes = []
    else:
        changed, permutation = [c.plain(code, value) for code, value in operands], None
    for (name, position), code in zip(places, changed, strict=True):
        if position is None:
            codes[name] = code
        else:
            whole = codes[name]
            assert isinstance(whole, (cst.List, cst.Tuple))
            elements = list(whole.elements)
            elements[position] = elements[position].with_changes(value=code)
            codes[name] = whole.with_changes(elements=elements)
    attempt.permutation = permutation
    if permutation is None or not axes:
        return
    literals = dict(facts.literals)
    for name in axes:
        literals[name] = _remapped(literals[name], permutation)
        codes.pop(name, None)
    if rule.base == "Reduction" and not facts.literals.get("keepdim", False):
        original = facts.literals["dim"]
        attempt.permutation = reduced(permutation, original if isinstance(original, (tuple, list)) else (original,))
    attempt.facts = Facts(literals, facts.values, facts.assumed)


def _axis_literal(axis: Any) -> bool:
    if isinstance(axis, (tuple, list)):
        return all(isinstance(a, int) for a in axis)
    return isinstance(axis, int) or axis in (..., None)


def _remapped(axis: Any, permutation: Permutation) -> Any:
    if isinstance(axis, (tuple, list)):
        return tuple(permutation.index(a % len(permutation)) for a in axis)
    if isinstance(axis, int):
        place = permutation.index(axis % len(permutation))
        return -1 if place == len(permutation) - 1 else place
    return axis


def _emit(c: Converter, node: Node, attempt: Attempt, target: Branch, arguments: dict[str, Emitted]) -> Code:
    spelling = target.spellings[0]
    wanted = c.wanted.get(id(node))
    part_names: tuple[str, ...] = ()
    if spelling[0] == "parts":
        part_names = tuple(name for name, _ in spelling[1])
        chosen = _chosen(part_names, wanted)
    else:
        chosen = None
    templates = [t for name, t in spelling[1] if chosen is None or name in chosen] if part_names else [spelling]
    _bind_repeated(c, attempt, arguments, templates)
    kinds_of = attempt.rule.kinds
    emitter = Emitter(c.index, arguments, attempt.facts, c.name, rebound=lambda: closures.rebound(c), kinds=kinds_of)
    codes = _written(c, attempt, emitter, templates)
    c.helpers |= emitter.helpers
    rule_conditions.assume(c, node, attempt)
    for attribute in ("not_finite", "ties"):
        if attribute in attempt.rule.attributes:
            c.journal.note(f"{attempt.rule.name}: {attempt.rule.attributes[attribute]}.")
    value = results.of_call(c, attempt)
    if attempt.single:
        codes = [single_numbers.restore(c, attempt, code) for code in codes]
        value = single_numbers.rankless(value)
    if part_names:
        items = value.items or ()
        values = [
            items[part_names.index(n)] if n in part_names and len(items) == len(part_names) else Value()
            for n in (chosen or part_names)
        ]
        if wanted is not None and chosen is not None:
            c.wanted[id(node)] = ()
            if len(codes) == 1:
                return codes[0], values[0]
        return sequence([cst.Element(code) for code in codes]), Value("tuple", items=tuple(values))
    codes[0] = c.joined_transpose(codes[0])
    if c.layout == "preserve" and value.permutation is not None and (attempt.rule.attributes.get("layout") or {}):
        return c.plain(codes[0], value), replace(value, permutation=None)
    return codes[0], value


def _written(c: Converter, attempt: Attempt, emitter: Emitter, templates: list[Template]) -> list[cst.BaseExpression]:
    try:
        return [emitter.emit(template) for template in templates]
    except UndecidedError:
        given = layer_values.from_context(c, attempt)
        if given:
            emitter.arguments = {**emitter.arguments, **given}
            return [emitter.emit(template) for template in templates]
        lazy = layer_values.lazy(c, attempt, templates)
        if lazy is None:
            raise
        return [emitter.emit(template) for template in lazy]


def _chosen(names: tuple[str, ...], wanted: tuple[int | str, ...] | None) -> list[str] | None:
    """The parts in use; ``None`` for all."""
    if not wanted:
        return None
    chosen = []
    for part in wanted:
        if isinstance(part, int):
            if not -len(names) <= part < len(names):
                return None
            part = names[part]
        if part not in names:
            return None
        chosen.append(part)
    return chosen


def _bind_repeated(c: Converter, attempt: Attempt, arguments: dict[str, Emitted], templates: list[Template]) -> None:
    """Compute an argument once where the other side writes it several times."""
    counts: dict[str, int] = {}
    for template in templates:
        for name in _written_parameters(template):
            counts[name] = counts.get(name, 0) + 1
    for name, count in counts.items():
        code = arguments.get(name)
        if (
            count > 1
            and isinstance(code, cst.BaseExpression)
            and not is_simple(code)
            and attempt.facts.literals.get(name, MISSING) is MISSING
        ):
            arguments[name] = c.bind(code, name)


def _written_parameters(template: Template) -> list[str]:
    """Parameters that stand in the code; those inside folded functions do not."""
    if template[0] == "p":
        return [template[1]]
    if template[0] == "call" and template[1][0] == "fn":
        return []
    return [name for child in children(template) for name in _written_parameters(child)]
