"""What only TensorFlow's shapes know: ``x.shape.rank``, ``x.shape.as_list()``. PyTorch's are tuples of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.rewriting import fit
from diptych.inference.values import Value
from diptych.matching.emit import call

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

ONLY_SHAPES = {"rank", "ndims", "as_list", "num_elements", "is_fully_defined", "is_compatible_with", "assert_has_rank"}
_REASON = "PyTorch's shapes are tuples, which do not have this"


def attribute(c: Converter, node: cst.Attribute, base: cst.BaseExpression, value: Value) -> Code | None:
    """``x.shape.rank``; ``None`` where the object is no shape of TensorFlow's."""
    name = node.attr.value
    if not _is_shape(c, node, value) or name in ("count", "index"):
        return None
    if name in ("rank", "ndims"):
        if isinstance(base, cst.Attribute) and base.attr.value == "shape":
            return base.with_changes(attr=cst.Name("ndim")), Value("int")
        return call(cst.Name("len"), [cst.Arg(base)]), Value("int")
    return c.leave(node, f"TensorShape.{name}", _REASON)


def method(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    """``x.shape.as_list()``; ``None`` where the object is no shape of TensorFlow's, or the method no such."""
    if c.source == "torch":
        return _counted(c, node, function)
    if node.args or function.attr.value not in ("as_list", "num_elements"):
        return None
    base, value = c.expr(function.value)
    if not _is_shape(c, function, value):
        return None
    if function.attr.value == "as_list":
        return call(cst.Name("list"), [cst.Arg(base)]), Value("shape")
    if isinstance(base, cst.Attribute) and base.attr.value == "shape":
        counted = cst.Attribute(cst.Name("x"), cst.Name("numel"))
        return call(counted.with_changes(value=fit(counted, "value", base.value)), []), Value("int")
    return None


def _counted(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    """``x.shape.numel()`` is ``x.numel()``; ``None`` for anything else."""
    shape = function.value
    if node.args or function.attr.value != "numel":
        return None
    if isinstance(shape, cst.Call) and isinstance(shape.func, cst.Attribute) and not shape.args:
        tensor = shape.func.value if shape.func.attr.value == "size" else None
    else:
        tensor = shape.value if isinstance(shape, cst.Attribute) and shape.attr.value == "shape" else None
    if tensor is None or not c.expr(tensor)[1].is_tensor:
        return None
    counted = call(cst.Attribute(tensor, cst.Name("numel")), [])
    c.stands_for(counted, node)
    return c.expr(counted)


def _is_shape(c: Converter, node: cst.Attribute, value: Value) -> bool:
    """Whether the object of an attribute is a shape: known, or named ``shape`` and asked for what only shapes have."""
    if c.source != "tensorflow":
        return False
    if value.kind == "shape":
        return True
    called_shape = isinstance(node.value, cst.Attribute) and node.value.attr.value == "shape"
    return called_shape and value.kind == "unknown" and node.attr.value in ONLY_SHAPES
