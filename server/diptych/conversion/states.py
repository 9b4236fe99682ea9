"""Whether the states of a recurrent layer are used where it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.names import dotted
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
        kind = type(node)
        if kind is cst.Name or kind is cst.Attribute:
            mentioned += dotted(node) == c.assigning
        elif kind is cst.AssignTarget:
            mentioned -= (dotted(node.target) or code_of(node.target)) == c.assigning
        elif kind is cst.Subscript and _calls(node.value, c.assigning):
            harmless += code_of(node).endswith("[0]")
        elif kind is cst.Assign and _calls(node.value, c.assigning) and len(node.targets) == 1:
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
