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
    for rule, place, spelling in layer_values.fitting(c, c.index.candidates(c.source, key)):
        unifier = Unifier(c.index, c.qualified, omitted={})
        if rule.reads_back and unifier.match(spelling, node) and _with_defaults(c, rule, unifier):
            attempt = application.attempted(c, rule, rule.side(c.source).branches[place], unifier.bindings)
            if attempt is not None:
                found[rule.name] = attempt, specificity(spelling)
    if not found:
        return None
    least = min(asked for _, asked in found.values())
    fitting = [attempt for attempt, asked in found.values() if asked == least]
    fitting = [attempt for attempt in fitting if attempt.sure] or fitting
    for_images_or_others = len({repr(attempt.rule.attributes.get("layout")) for attempt in fitting}) > 1
    if for_images_or_others or layer_values.ambiguous(c, fitting[0], (attempt.rule for attempt, _ in found.values())):
        return c.leave(node, key, layer_values.AXES_UNKNOWN)
    reasons: list[str] = []
    result = application.finished(c, node, fitting[0], reasons)
    return result or c.leave(node, key, reasons[0])


def _with_defaults(c: Converter, rule: Rule, unifier: Unifier) -> bool:
    """Bind what calls leave out where the default is another than the rule's; false where it is not known, or none that
    the rule has a meaning for.
    """
    defaults = rule.side(c.source).defaults
    for name, default in (unifier.omitted or {}).items():
        own = defaults.get(name, ...)
        if name in unifier.bindings or own is ... or same_default(own, default):
            continue  # what a twin does not give at all, its helper was not given either
        if default is ... or default is None:
            return False
        unifier.bindings[name] = node_of(default)
        c.alive.append(unifier.bindings[name])
    return True
