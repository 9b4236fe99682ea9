"""Framework things that are named without being called: constants, and functions passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.catalog.compiler import used_parameters
from diptych.catalog.rule import Rule
from diptych.catalog.template import Template
from diptych.matching.emit import Emitter
from diptych.matching.fold import Facts
from diptych.syntax.walk import children

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def constant(c: Converter, rule: Rule, place: int) -> cst.BaseExpression | None:
    """The other side of a rule without parameters, such as a dtype."""
    branches = [branch for branch in rule.side(c.target).branches if not branch.conditions and branch.spellings]
    if rule.kinds or not branches:
        return None
    return Emitter(c.index, {}, Facts({}, {}), c.name).emit(branches[0].spellings[0])


def function_reference(c: Converter, qualified: str) -> cst.BaseExpression | None:
    """A function passed on without being called, where both sides are functions of the same single argument."""
    for rule, place, spelling in c.index.candidates(c.source, qualified):
        if (
            rule.base == "LayerEquivalence"
            or not _plain_call(spelling)
            or rule.side(c.source).branches[place].conditions
        ):
            continue
        for branch in rule.side(c.target).branches:
            if branch.conditions or not branch.spellings or not _plain_call(branch.spellings[0]):
                continue
            if used_parameters(branch.spellings[0]) == used_parameters(spelling):
                return c.name(branch.spellings[0][1][1])
    return None


def _plain_call(template: Template) -> bool:
    return (
        template[0] == "call"
        and template[1][0] == "api"
        and len(template[2]) == 1
        and template[2][0][0] == "p"
        and not template[3]
    )


def left_in(c: Converter, node: cst.CSTNode) -> None:
    """Note every framework name in a part of the code that is kept as it is."""
    qualified = c.qualified(node) if isinstance(node, (cst.Name, cst.Attribute)) else None
    if qualified is not None and c.is_framework(qualified):
        c.journal.error(node, qualified, c.why(qualified, f"no rule knows {qualified} where it stands"))
    elif not isinstance(node, (cst.Name, cst.Attribute)):
        for child in children(node):
            left_in(c, child)
