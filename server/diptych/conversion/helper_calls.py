"""Calls of helpers that were read back: rules tell what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diptych.catalog.index import specificity
from diptych.catalog.rule import Rule
from diptych.conversion import application, layer_values
from diptych.matching.unify import Unifier, same_default
from diptych.syntax.literals import node_of

if TYPE_CHECKING:
    import libcst as cst

    from diptych.conversion.converter import Code, Converter


def apply(c: Converter, node: cst.Call, key: str) -> Code | None:
    """Convert a call of a helper, which a rule for either direction may have written: by the one that says least of the
    arguments, since that is what the helper is for. ``None`` where no rule fits.
    """
    found: dict[str, tuple[application.Attempt, tuple[int, int]]] = {}
    candidates = layer_values.fitting(c, c.index.candidates(c.source, key))
    for rule, place, spelling in reversed(candidates):
        unifier = Unifier(c.index, c.qualified, omitted={})
        if rule.reads_back and unifier.match(spelling, node) and _with_defaults(c, rule, unifier):
            attempt = application.attempted(c, rule, rule.side(c.source).branches[place], unifier.bindings)
            if attempt is not None and rule.name not in found:
                found[rule.name] = attempt, specificity(spelling)
    if not found:
        return None
    (attempt, least), *others = found.values()
    rules = (other.rule for other, _ in found.values())
    if any(asked == least for _, asked in others) or layer_values.ambiguous(c, attempt, rules):
        return c.leave(node, key, "more than one function is written like this")
    reasons: list[str] = []
    result = application.finished(c, node, attempt, reasons)
    return result or c.leave(node, key, reasons[0])


def _with_defaults(c: Converter, rule: Rule, unifier: Unifier) -> bool:
    """Bind what calls leave out where the default is another than the rule's; false where it is not known, or none that
    the rule has a meaning for.
    """
    defaults = rule.side(c.source).defaults
    for name, default in (unifier.omitted or {}).items():
        own = defaults.get(name, ...)
        if name in unifier.bindings or (default is None and own is ...) or same_default(own, default):
            continue
        if default is ... or default is None:
            return False
        unifier.bindings[name] = node_of(default)
        c.alive.append(unifier.bindings[name])
    return True
