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
    from diptych.conversion.result import Framework


def constant(c: Converter, rule: Rule, place: int) -> cst.BaseExpression | None:
    """The other side of a rule without parameters, such as a dtype."""
    branches = [branch for branch in rule.side(c.target).branches if not branch.conditions and branch.spellings]
    if rule.kinds or not branches:
        return None
    return Emitter(c.index, {}, Facts({}, {}), c.name).emit(branches[0].spellings[0])


def function_reference(c: Converter, qualified: str) -> cst.BaseExpression | None:
    """A function passed on without being called, where both sides are functions of the same single argument. Whoever
    calls it may give it more, so neither may then give several results: ``torch.max`` along an axis gives places, too.
    """
    if _gives_several(c, c.source, qualified):
        return None
    for rule, place, spelling in c.index.candidates(c.source, qualified):
        if (
            rule.base == "LayerEquivalence"
            or not _plain_call(spelling)
            or rule.side(c.source).branches[place].conditions
        ):
            continue
        for branch in rule.side(c.target).branches:
            if branch.conditions:
                continue
            for other in branch.spellings:
                same = _plain_call(other) and used_parameters(other) == used_parameters(spelling)
                if same and not _gives_several(c, c.target, other[1][1]):
                    return c.name(other[1][1])
    return None


def _gives_several(c: Converter, side: Framework, qualified: str) -> bool:
    """Whether some form of a function has several results."""
    return any(
        isinstance(rule.attributes.get("result"), tuple) and spelling[:2] == ("call", ("api", qualified))
        for rule, _, spelling in c.index.candidates(side, qualified)
    )


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
