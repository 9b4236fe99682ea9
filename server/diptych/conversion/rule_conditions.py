"""What a rule says of itself besides its two sides: where they differ, and what it takes for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.matching.fold import RefusedError
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.application import Attempt, Node
    from diptych.conversion.converter import Converter


def check_differences(c: Converter, node: Node, attempt: Attempt) -> None:
    """Refuse where a known difference applies; say what was assumed where that is not known."""
    for conditions, because in attempt.rule.attributes.get("differences", ()):
        states = [_applies(attempt, name, wanted) for name, wanted in conditions.items()]
        if False in states or not states:
            continue
        if None not in states:
            raise RefusedError(because)
        name = next(name for name, state in zip(conditions, states, strict=True) if state is None)
        wanted = conditions[name]
        subject = _source_text(attempt.bindings.get(name))
        if wanted in ("int", "int32", "bool"):
            c.journal.assume(
                node, attempt.rule.name, f"assumes `{subject}` floating: {because}", ("floating", c.scope.name, subject)
            )
        else:
            c.journal.assume(
                node, attempt.rule.name, f"assumes otherwise: {because}", (attempt.rule.name, c.scope.name, because)
            )


def assume(c: Converter, node: Node, attempt: Attempt) -> None:
    """Say what a rule that was applied takes for granted, unless its parameters are known to be others."""
    for name in sorted(attempt.facts.assumed):
        subject = _source_text(attempt.bindings.get(name))
        c.journal.assume(node, attempt.rule.name, f"assumes `{subject}` floating", ("floating", c.scope.name, subject))
    assumed = attempt.rule.attributes.get("assumes")
    if assumed is None:
        return
    if all(_may_hold(attempt, name, wanted) for name, wanted in assumed.items() if name != "because"):
        because = assumed["because"]
        asked = [_source_text(attempt.bindings.get(name)) for name, wanted in assumed.items() if wanted == "unknown"]
        c.journal.assume(
            node, attempt.rule.name, f"assumes {because}", (attempt.rule.name, c.scope.name, because, *asked)
        )


def _may_hold(attempt: Attempt, name: str, wanted: Any) -> bool:
    literal = attempt.facts.literals.get(name, MISSING)
    if wanted == "unknown":
        value = attempt.facts.values.get(name)
        return literal is MISSING and value is not None and value.kind == "unknown"
    return literal in (wanted, MISSING)


def _applies(attempt: Attempt, name: str, wanted: Any) -> bool | None:
    if isinstance(wanted, str) and wanted in ("int", "int32", "bool", "float", "positive", "unit"):
        value = attempt.facts.values.get(name)
        if value is None:
            return False
        if wanted in ("float", "positive", "unit"):
            return True
        dtype = value.dtype if value.is_tensor else None
        exact = {"int": "int64"}.get(wanted, wanted)
        if dtype is None:
            return None if value.kind in ("tensor", "unknown") else False
        if dtype == "int":
            return None if wanted != "bool" else False
        return dtype == exact
    literal = attempt.facts.literals.get(name, MISSING)
    if literal is MISSING:
        return None
    return literal is wanted or (type(literal) is type(wanted) and literal == wanted)


def _source_text(bound: Any) -> str:
    return code_of(bound) if isinstance(bound, cst.BaseExpression) else "an argument"
