"""Axes that einops joins and parts again: ``b f n d -> (b f) n d`` and, further down, ``(b f) n d -> b f n d`` with
``b=batch``.

In a graph the batch may be unknown, and then so is what is left of the joined axis. So the other size is kept where it
is still known, and given too: where it is not the same further down, TensorFlow's reshape raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.names import dotted
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

REARRANGE = "einops.rearrange"
GROUP = re.compile(r"\(([^()]+)\)")


def with_sizes(c: Converter, node: cst.Call, api: str, args: list[cst.Arg]) -> list[cst.Arg]:
    """The arguments of ``rearrange`` with the size that an earlier call has kept; one is kept here for later ones."""
    sides = _sides(c, node) if api == REARRANGE and c.target == "tensorflow" else None
    if sides is None:
        return args
    before, after = sides
    for group in _groups(before) if len(c.scope.around) == 1 else ():  # in a loop, the next round may have another
        missing = _missing(node, group)
        kept = c.scope.joined_sizes.get((group, missing)) if missing is not None else None
        if missing is not None and kept is not None:
            args = [
                *args[:-1],
                args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT),
                keyword(missing, cst.Name(kept)),
            ]
    for group in _groups(after):
        for name in group:
            c.scope.joined_sizes.pop((group, name), None)
        _keep(c, node, before.split(), group, args[0].value)
    return args


def _keep(c: Converter, node: cst.Call, axes: list[str], group: tuple[str, ...], tensor: cst.BaseExpression) -> None:
    """Bind the size of an axis before it is joined, if a later call of the function parts it and does not say it."""
    function = c.scope.function  # in a branch or a loop, the name might not be bound further down
    if function is None or c.scope.prefix is None or len(c.scope.around) != 1 or not isinstance(tensor, cst.Name):
        return
    later = False
    for part in walk(function.body):
        if part is node:
            later = True
        elif later and isinstance(part, cst.Call) and dotted(part.func) == dotted(node.func):
            sides = _sides(c, part)
            missing = _missing(part, group) if sides is not None and group in _groups(sides[0]) else None
            if missing in axes and (group, missing) not in c.scope.joined_sizes:
                size = cst.Subscript(
                    call(c.name("keras.ops.shape"), [cst.Arg(tensor)]),
                    [cst.SubscriptElement(cst.Index(cst.Integer(str(axes.index(missing)))))],
                )
                name = c.bind(size, missing)
                assert isinstance(name, cst.Name)
                c.scope.joined_sizes[group, missing] = name.value


def _sides(c: Converter, node: cst.Call) -> tuple[str, str] | None:
    """The two sides of a pattern that is written out as the second argument."""
    if len(node.args) < 2 or any(a.star for a in node.args) or node.args[1].keyword is not None:
        return None
    pattern = c.literal(node.args[1].value)
    if not isinstance(pattern, str) or pattern.count("->") != 1:
        return None
    before, _, after = pattern.partition("->")
    return before, after


def _groups(side: str) -> list[tuple[str, ...]]:
    """The axes that are joined on a side of a pattern, two and more of them."""
    found = [tuple(group.split()) for group in GROUP.findall(side)]
    return [group for group in found if len(group) > 1 and all(name.isidentifier() for name in group)]


def _missing(node: cst.Call, group: tuple[str, ...]) -> str | None:
    """The one axis of a group whose size a call does not give; ``None`` if there is not one."""
    given = {a.keyword.value for a in node.args if a.keyword is not None}
    left = [name for name in group if name not in given]
    return left[0] if len(left) == 1 else None
