"""Slices with negative steps, ``x[..., ::-1]``: PyTorch reverses axes by ``flip``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.syntax.literals import node_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def is_asked(c: Converter, node: cst.Subscript) -> bool:
    """Whether a step is negative, or not known to be positive."""
    steps = [_step(c, element) for element in node.slice]
    return any(not isinstance(step, int) or step < 0 for step in steps)


def convert(c: Converter, node: cst.Subscript) -> Code:
    """The axes reversed, then what is left of the index."""
    axes: list[int] = []
    rest: list[cst.SubscriptElement] = []
    for place, element in enumerate(node.slice):
        part, step = element.slice, _step(c, element)
        if not isinstance(part, cst.Slice) or (isinstance(step, int) and step > 0):
            rest.append(element)
            continue
        if not isinstance(step, int) or part.lower is not None or part.upper is not None:
            return c.leave(node, "indexing", "PyTorch refuses negative steps: use torch.flip")
        axes.append(_axis(node, place))
        every = {"step": None, "second_colon": cst.MaybeSentinel.DEFAULT} if step == -1 else {"step": node_of(-step)}
        rest.append(element.with_changes(slice=part.with_changes(**every)))
    made: cst.BaseExpression = c.source_call("tf.reverse", [cst.Arg(node.value), cst.Arg(node_of(axes))])
    if not all(_whole(element) for element in rest):
        made = node.with_changes(value=made, slice=rest)
    c.stands_for(made, node)
    return c.expr(made)


def _step(c: Converter, element: cst.SubscriptElement) -> Any:
    step = element.slice.step if isinstance(element.slice, cst.Slice) else None
    return 1 if step is None else c.literal(step)


def _axis(node: cst.Subscript, place: int) -> int:
    """Which axis of the tensor an element of the index is for: counted from the end after an ellipsis."""
    before, after = node.slice[:place], node.slice[place:]
    if any(_is(element, cst.Ellipsis) for element in before):
        return -sum(not _is_new(element) for element in after)
    return sum(not _is_new(element) for element in before)


def _is(element: cst.SubscriptElement, kind: type) -> bool:
    return isinstance(element.slice, cst.Index) and isinstance(element.slice.value, kind)


def _is_new(element: cst.SubscriptElement) -> bool:
    """Whether an element of the index makes an axis instead of taking one."""
    name = element.slice.value if isinstance(element.slice, cst.Index) else None
    if isinstance(name, cst.Attribute):
        return name.attr.value == "newaxis"
    return isinstance(name, cst.Name) and name.value == "None"


def _whole(element: cst.SubscriptElement) -> bool:
    part = element.slice
    if isinstance(part, cst.Slice):
        return part.lower is None and part.upper is None and part.step is None
    return _is(element, cst.Ellipsis)
