"""Arguments of calls by their names, and how keywords and defaults are written: without blanks around the ``=``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import libcst as cst

TIGHT = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """``name=value`` as an argument of a call."""
    return cst.Arg(value, keyword=cst.Name(name), equal=TIGHT)


def by_name(node: cst.Call, names: Sequence[str], also: Collection[str] = ()) -> dict[str, cst.BaseExpression] | None:
    """The arguments of a call by name: those by position are ``names`` in their order, ``also`` is given by keyword
    alone. ``None`` where one is starred or has another name.
    """
    found: dict[str, cst.BaseExpression] = {}
    for place, given in enumerate(node.args):
        name = given.keyword.value if given.keyword else names[place] if place < len(names) else ""
        if given.star or not (name in names or (given.keyword and name in also)):
            return None
        found[name] = given.value
    return found
