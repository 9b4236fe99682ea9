"""The learning rate that a PyTorch optimizer keeps in its groups: a Keras optimizer has one, which can be assigned.

An optimizer of one group is its own group in the twin; one of several has an optimizer for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import GROUP, SINGLE, Value, is_grouped
from diptych.matching.emit import call
from diptych.syntax.precedence import argument, atom
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

GROUPS, RATE = "param_groups", "lr"
SCHEDULED = "a scheduler sets the learning rate too, which the twin computes from the first one: use one of them"
ONLY_RATE = 'of a group\'s settings only "lr" is read and written: what else an optimizer was made with stays'
ONE_OR_MORE = "it is not known here how many groups of parameters the optimizer has"


def read(c: Converter, node: cst.Subscript) -> Code | None:
    """``optimizer.param_groups[0]["lr"]`` and ``group["lr"]``; ``None`` for anything else."""
    rate = _place(c, node)
    if rate is None:
        return None
    if not isinstance(rate, cst.Attribute):
        return c.leave(node, f"Optimizer.{GROUPS}", rate)
    return call(cst.Name("float"), [cst.Arg(argument(rate))]), Value("float")


def assigned(c: Converter, node: cst.Assign | cst.AugAssign) -> Any:
    """``optimizer.param_groups[0]["lr"] = rate``: the statement in the twin, ``None`` for other assignments."""
    target = node.target if isinstance(node, cst.AugAssign) else node.targets[0].target
    if not isinstance(target, cst.Subscript) or (isinstance(node, cst.Assign) and len(node.targets) != 1):
        return None
    rate = _place(c, target)
    if rate is None:
        return None
    if not isinstance(rate, cst.Attribute):
        c.journal.error(node, f"Optimizer.{GROUPS}", rate)
        return node
    if refused(c, node.value) or not _one_group(c, target):
        return node
    if isinstance(node, cst.AugAssign):
        return node.with_changes(target=rate, value=c.code(node.value))
    return node.with_changes(targets=[cst.AssignTarget(rate)], value=c.code(node.value))


def _place(c: Converter, node: cst.Subscript) -> cst.Attribute | str | None:
    """The twin's learning rate that stands for a group's, or why there is none; ``None`` for other subscripts."""
    inner = node.value
    key = _index(c, node)
    if c.source != "torch" or not isinstance(key, str):
        return None
    if isinstance(inner, cst.Subscript) and isinstance(_index(c, inner), int):
        optimizer = _optimizer(c, inner.value)
        if optimizer is not None and not is_grouped(optimizer[1]):
            return _rate(optimizer[0]) if key == RATE else ONLY_RATE
    if isinstance(inner, (cst.Name, cst.Subscript)) and _names_groups(inner):
        if isinstance(inner, cst.Subscript):
            gone_over(c, inner.value)
        code, value = c.expr(inner)
        if value == GROUP:
            return _rate(atom(code)) if key == RATE else ONLY_RATE
    return None


def _names_groups(node: cst.BaseExpression) -> bool:
    """Whether an expression may be one of an optimizer's groups: a name, or an element of the groups."""
    return isinstance(node, cst.Name) or any(
        isinstance(each, cst.Attribute) and each.attr.value == GROUPS for each in walk(node)
    )


def _one_group(c: Converter, target: cst.Subscript) -> bool:
    """Whether an optimizer whose first group is written to has no other; of one made elsewhere this is assumed."""
    inner = target.value
    found = _optimizer(c, inner.value) if isinstance(inner, cst.Subscript) else None
    if found is None or is_grouped(found[1]) or found[1].keys == SINGLE:
        return True
    return _assumed(c, inner)


def _assumed(c: Converter, node: cst.BaseExpression) -> bool:
    if "grouped" in c.facts:
        c.journal.error(node, f"Optimizer.{GROUPS}", ONE_OR_MORE)
        return False
    text = "assumes that the optimizer has one group of parameters"
    c.journal.assume(node, f"Optimizer.{GROUPS}", text, ("one group", c.scope.name))
    return True


def gone_over(c: Converter, *nodes: cst.BaseExpression) -> None:
    """Note that of ``optimizer.param_groups`` only each group is looked at: they are dicts where they are handed on."""
    for node in nodes:
        if isinstance(node, cst.Attribute) and node.attr.value == GROUPS:
            c.gone_over.add(id(node))
            c.alive.append(node)


def groups(c: Converter, node: cst.Attribute, base: cst.BaseExpression, value: Value) -> Code | None:
    """``optimizer.param_groups``: an optimizer for each; ``None`` for other attributes."""
    if c.source != "torch" or value.kind != "optimizer":
        return None
    if node.attr.value != GROUPS or id(node) not in c.gone_over:
        return None
    if is_grouped(value):
        return cst.Attribute(atom(base), cst.Name("optimizers")), Value("list", item=GROUP)
    if value.keys != SINGLE and not _assumed(c, node):
        return node, Value()
    return cst.List([cst.Element(argument(base))]), Value("list", items=(GROUP,))


def in_every_group(c: Converter, node: cst.For) -> list[Any] | None:
    """``for group in optimizer.param_groups: group["lr"] = rate``, and nothing else: one assignment."""
    if c.source != "torch" or not isinstance(node.target, cst.Name) or node.orelse is not None:
        return None
    lines = node.body.body
    if len(lines) != 1 or not isinstance(lines[0], cst.SimpleStatementLine):
        return None
    found = _optimizer(c, node.iter)
    if found is None or is_grouped(found[1]):
        return None
    optimizer = found[0]
    line, name = lines[0], node.target.value
    statement = line.body[0]
    if len(line.body) != 1 or not isinstance(statement, (cst.Assign, cst.AugAssign)):
        return None
    target = statement.targets[0].target if isinstance(statement, cst.Assign) else statement.target
    if isinstance(statement, cst.Assign) and len(statement.targets) != 1:
        return None
    reads = _of_group(c, statement, name)
    if reads is None or target not in reads:
        return None
    if refused(c, node.iter):
        return [node]
    for each in reads:
        c.remember(each, (call(cst.Name("float"), [cst.Arg(_rate(optimizer))]), Value("float")))
    code = c.code(statement.value)
    if isinstance(statement, cst.AugAssign):
        new: Any = statement.with_changes(target=_rate(optimizer), value=code)
    else:
        new = statement.with_changes(targets=[cst.AssignTarget(_rate(optimizer))], value=code)
    return [line.with_changes(body=[new], leading_lines=[*node.leading_lines, *line.leading_lines])]


def refused(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether the rate may not be written, which is said then."""
    if "schedulers" in c.facts:
        c.journal.error(node, f"Optimizer.{GROUPS}", SCHEDULED)
    return "schedulers" in c.facts


def _of_group(c: Converter, statement: Any, name: str) -> list[cst.Subscript] | None:
    """Every ``group["lr"]`` in a statement; ``None`` if the group is used in another way."""
    found = [node for node in walk(statement) if isinstance(node, cst.Subscript) and _index(c, node) == RATE]
    found = [node for node in found if isinstance(node.value, cst.Name) and node.value.value == name]
    used = sum(isinstance(node, cst.Name) and node.value == name for node in walk(statement))
    return found if used == len(found) else None


def _optimizer(c: Converter, node: cst.BaseExpression) -> Code | None:
    """The twin's optimizer whose groups these are."""
    if not isinstance(node, cst.Attribute) or node.attr.value != GROUPS:
        return None
    code, value = c.expr(node.value)
    return (code, value) if value.kind == "optimizer" else None


def _rate(optimizer: cst.BaseExpression) -> cst.Attribute:
    return cst.Attribute(optimizer, cst.Name("learning_rate"))


def _index(c: Converter, node: cst.Subscript) -> Any:
    parts: Sequence[Any] = node.slice
    return c.literal(parts[0].slice.value) if len(parts) == 1 and isinstance(parts[0].slice, cst.Index) else None
