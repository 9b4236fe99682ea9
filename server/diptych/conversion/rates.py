"""The learning rate that a PyTorch optimizer keeps in its groups: a Keras optimizer has one, which can be assigned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

GROUPS, RATE = "param_groups", "lr"
SCHEDULED = "a scheduler sets the learning rate too, which the twin computes from the first one: use one of them"


def read(c: Converter, node: cst.Subscript) -> Code | None:
    """``optimizer.param_groups[0]["lr"]``; ``None`` for anything else."""
    inner = node.value
    if c.source != "torch" or not _is(c, node, RATE) or not isinstance(inner, cst.Subscript):
        return None
    optimizer = _optimizer(c, inner.value)
    if optimizer is None or not isinstance(_index(c, inner), int):
        return None
    return call(cst.Name("float"), [cst.Arg(argument(_rate(optimizer)))]), Value("float")


def assigned(c: Converter, node: cst.Assign) -> Any:
    """``optimizer.param_groups[0]["lr"] = rate``: the statement in the twin, ``None`` for other assignments."""
    target = node.targets[0].target
    if len(node.targets) != 1 or not isinstance(target, cst.Subscript) or read(c, target) is None:
        return None
    if refused(c, node.value):
        return node
    assert isinstance(target.value, cst.Subscript)
    optimizer = _optimizer(c, target.value.value)
    assert optimizer is not None
    return node.with_changes(targets=[cst.AssignTarget(_rate(optimizer))], value=c.code(node.value))


def in_every_group(c: Converter, node: cst.For) -> list[Any] | None:
    """``for group in optimizer.param_groups: group["lr"] = rate``, and nothing else: one assignment."""
    if c.source != "torch" or not isinstance(node.target, cst.Name) or node.orelse is not None:
        return None
    optimizer = _optimizer(c, node.iter)
    lines = node.body.body
    if optimizer is None or len(lines) != 1 or not isinstance(lines[0], cst.SimpleStatementLine):
        return None
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
    found = [node for node in walk(statement) if isinstance(node, cst.Subscript) and _is(c, node, RATE)]
    found = [node for node in found if isinstance(node.value, cst.Name) and node.value.value == name]
    used = sum(isinstance(node, cst.Name) and node.value == name for node in walk(statement))
    return found if used == len(found) else None


def _optimizer(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The twin's optimizer whose groups these are."""
    if not isinstance(node, cst.Attribute) or node.attr.value != GROUPS:
        return None
    code, value = c.expr(node.value)
    return code if value.kind == "optimizer" else None


def _rate(optimizer: cst.BaseExpression) -> cst.Attribute:
    return cst.Attribute(optimizer, cst.Name("learning_rate"))


def _is(c: Converter, node: cst.Subscript, key: str) -> bool:
    return _index(c, node) == key


def _index(c: Converter, node: cst.Subscript) -> Any:
    parts: Sequence[Any] = node.slice
    return c.literal(parts[0].slice.value) if len(parts) == 1 and isinstance(parts[0].slice, cst.Index) else None
