"""Whether the states of a recurrent layer are used where it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def used(c: Converter) -> bool:
    """Whether anything but the output of the layer that is being made is used; true where that is not known."""
    module = c.alive[0] if c.alive else None
    if (
        c.assigning is None
        or not isinstance(module, cst.Module)
        or (c.scope.owner is None and c.scope.kind == "module")
    ):
        return True
    scope: cst.CSTNode = module
    if c.scope.owner is not None:
        classes = (n for n in walk(module) if isinstance(n, cst.ClassDef) and n.name.value == c.scope.owner.name)
        scope = next(classes, module)
    mentioned = harmless = 0
    for node in walk(scope):
        if isinstance(node, (cst.Name, cst.Attribute)) and code_of(node) == c.assigning:
            mentioned += 1
        if isinstance(node, cst.AssignTarget) and code_of(node.target) == c.assigning:
            mentioned -= 1
        if isinstance(node, cst.Subscript) and _calls(node.value, c.assigning):
            harmless += code_of(node).endswith("[0]")
        if isinstance(node, cst.Assign) and _calls(node.value, c.assigning) and len(node.targets) == 1:
            harmless += _output_alone(scope, node.targets[0].target)
    return mentioned != harmless


def _calls(node: cst.BaseExpression, name: str) -> bool:
    """Whether this is a call on one tensor by position."""
    if not isinstance(node, cst.Call) or code_of(node.func) != name or len(node.args) != 1:
        return False
    return node.args[0].keyword is None and not node.args[0].star


def _output_alone(scope: cst.CSTNode, target: cst.BaseExpression) -> bool:
    """Whether the second of two names takes the states and is never read."""
    if not isinstance(target, (cst.Tuple, cst.List)) or len(target.elements) != 2:
        return False
    names = [n.value for n in walk(target.elements[1].value) if isinstance(n, cst.Name)]
    everywhere = [n.value for n in walk(scope) if isinstance(n, cst.Name)]
    return all(everywhere.count(name) == 1 or name == "_" for name in names)
