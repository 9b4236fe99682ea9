"""Converting ``del``: what it deletes may be called otherwise in the twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import layer_parts, references
from diptych.conversion.expressions import rebuild

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def statement(c: Converter, node: cst.Del) -> cst.Del | None:
    """``del x``; ``None`` for that of a tape, which is none in the twin."""
    if isinstance(node.target, cst.Name) and c.expr(node.target)[1].kind == "tape":
        return None
    target = deleted(c, node.target)
    return node if target is node.target else node.with_changes(target=target)


def deleted(c: Converter, target: Any) -> Any:
    """What ``del`` deletes: an attribute or an element may have another name in the twin."""
    if isinstance(target, cst.Subscript) and not layer_parts.written(c, target):
        return rebuild(c, target)
    if isinstance(target, cst.Attribute) and c.qualified(target) is None:
        code = c.expr(target)[0]
        return code if isinstance(code, cst.Attribute) else target
    if isinstance(target, (cst.Tuple, cst.List)):
        parts = [e if (new := deleted(c, e.value)) is e.value else e.with_changes(value=new) for e in target.elements]
        changed = any(a is not b for a, b in zip(parts, target.elements, strict=True))
        return target.with_changes(elements=parts) if changed else target
    if not isinstance(target, (cst.Name, cst.Subscript)):
        references.left_in(c, target)
    return target
