"""A Sequential looked into: ``model[0]``, ``model[1:]``, ``len(model)``, ``for layer in model``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import sequences
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

UNKNOWN = "which layers it holds is not known here: name them before they are put into an nn.Sequential"


def element(c: Converter, node: cst.Subscript, base: cst.BaseExpression, value: Value) -> Code | None:
    """``model[0]`` and ``model[1:]`` of PyTorch's Sequential; ``None`` for anything else."""
    if not _asked(c, value):
        return None
    parts = value.layer.parts if value.layer is not None else None
    if parts is None or len(node.slice) != 1:
        return c.leave(node, "torch.nn.Sequential", UNKNOWN)
    part = node.slice[0].slice
    taken = cst.Subscript(_layers(base), node.slice)
    if isinstance(part, cst.Slice):
        bounds = [None if bound is None else c.literal(bound) for bound in (part.lower, part.upper, part.step)]
        chosen = parts[slice(*bounds)] if all(bound is None or isinstance(bound, int) for bound in bounds) else ()
        if not chosen or bounds[2] not in (None, 1):
            return c.leave(node, "torch.nn.Sequential", "only a slice with literal bounds, forwards, is converted")
        return call(c.name("keras.Sequential"), [cst.Arg(taken)]), Value("module", layer=sequences.chained(chosen))
    assert isinstance(part, cst.Index)
    index = c.literal(part.value)
    if isinstance(index, int) and -len(parts) <= index < len(parts):
        return taken, Value("module", layer=parts[index])
    alike = sequences.each_of(parts)
    if alike is None:
        return c.leave(node, "torch.nn.Sequential", "its layers take other orders of axes: write the index as a number")
    code = c.code(part.value)
    written = [node.slice[0].with_changes(slice=part.with_changes(value=code))]
    return taken.with_changes(slice=written), Value("module", layer=alike)


def written(c: Converter, target: cst.Subscript) -> bool:
    """Whether ``target`` is a layer of PyTorch's Sequential that is replaced or deleted; it is left over then."""
    if not _asked(c, c.expr(target.value)[1]):
        return False
    reason = "Keras hands out a copy of the list of its layers: make the model anew"
    c.journal.error(target, "torch.nn.Sequential", reason)
    return True


def iterated(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code | None:
    """A Sequential of PyTorch whose layers a loop goes over; ``None`` for anything else."""
    if not _asked(c, value):
        return None
    parts = value.layer.parts if value.layer is not None else None
    alike = sequences.each_of(parts) if parts else value.layer.each if value.layer is not None else None
    if alike is None:
        return c.leave(node, "torch.nn.Sequential", UNKNOWN if not parts else "its layers take other orders of axes")
    return _layers(code), Value("modules", item=Value("module", layer=alike))


def counted(c: Converter, node: cst.Call) -> Code | None:
    """``len(model)`` of PyTorch's Sequential; ``None`` for anything else."""
    code, value = c.expr(node.args[0].value)
    if not _asked(c, value) or value.layer is None or value.layer.parts is None:
        return None
    return node.with_changes(args=[cst.Arg(_layers(code))]), Value("int", literal=len(value.layer.parts))


def _asked(c: Converter, value: Value) -> bool:
    """Whether a value is a module that PyTorch would look into, and no class of the file."""
    layer = value.layer
    return c.source == "torch" and value.kind == "module" and (layer is None or layer.definition is None)


def _layers(code: cst.BaseExpression) -> cst.Attribute:
    return cst.Attribute(atom(code), cst.Name("layers"))
