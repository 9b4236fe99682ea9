"""``self.register_buffer``: a variable of the twin that is not trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import assignments
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def registered(c: Converter, node: cst.Call) -> cst.Assign | None:
    """``self.register_buffer("mask", x)``; ``None`` where it is something else."""
    function = node.func
    if c.source != "torch" or not isinstance(function, cst.Attribute) or function.attr.value != "register_buffer":
        return None
    if not isinstance(function.value, cst.Name) or not assignments.is_self(c, function.value) or len(node.args) < 2:
        return None
    name = c.literal(node.args[0].value)
    code, value = c.expr(node.args[1].value)
    if value.kind == "unknown" and isinstance(node.args[1].value, cst.Call):
        value = replace(value, kind="tensor", api=None)  # PyTorch takes nothing but a tensor here, or None
    if not isinstance(name, str) or not name.isidentifier() or not value.is_tensor:
        return None
    target = cst.Attribute(function.value, cst.Name(name))
    assignments.bind(c, target, value, variable=True)
    variable = call(c.name("keras.Variable"), [cst.Arg(c.plain(code, value)), keyword("trainable", cst.Name("False"))])
    return cst.Assign([cst.AssignTarget(assignments.self_target(c, target))], variable)
