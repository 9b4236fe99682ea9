"""Shapes and dtypes of tensors, where the text says them."""

import ast

from diptych_checks._outputs import last_layer

from diptych.checks.flow import Flow
from diptych.text.missing import MISSING

_SIZED = {f"torch.{name}" for name in ("zeros", "ones", "rand", "randn", "empty")}
_TF_SIZED = {"tf.zeros", "tf.ones", "tf.random.normal", "tf.random.uniform", "keras.ops.zeros", "keras.ops.ones"}
_DTYPES = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    "char": "int8", "byte": "uint8", "bool": "bool",
}  # fmt: skip


def shape(flow: Flow, node: ast.expr) -> tuple[int | None, ...] | None:
    """The sizes of a tensor made in the text, ``None`` for one that is not a literal; ``None`` if nothing is known."""
    node = flow.origin(node)
    if not isinstance(node, ast.Call) or not flow.is_whole(node):
        return None
    name = flow.called(node)
    if name in _SIZED and node.args:
        if len(node.args) > 1:
            return tuple(_size(flow, one) for one in node.args)
        only = flow.value(node.args[0])
        return (only,) if type(only) is int else _sizes(only)
    if name in _TF_SIZED or name == "torch.full":
        return _sizes(flow.value(flow.argument(node, 0, "shape", "size")))
    if name in ("torch.tensor", "tf.constant") and node.args:
        return _nested(flow.value(node.args[0]))
    return None


def _size(flow: Flow, node: ast.expr) -> int | None:
    value = flow.value(node)
    return value if type(value) is int else None


def _sizes(value: object) -> tuple[int | None, ...] | None:
    if isinstance(value, (list, tuple)) and all(type(one) is int for one in value):
        return tuple(value)
    return None


def _nested(value: object) -> tuple[int | None, ...] | None:
    sizes: list[int | None] = []
    while isinstance(value, (list, tuple)):
        sizes.append(len(value))
        if not value:
            break
        value = value[0]
    return None if value is MISSING else tuple(sizes)


def is_flat(flow: Flow, node: ast.expr) -> bool:
    """Whether a tensor surely has one axis, of more than one element as far as that is known."""
    node = flow.origin(node)
    known = shape(flow, node)
    if known is not None:
        return len(known) == 1 and known[0] != 1
    return _reshaped(flow, node) in ([-1], "flat")


def is_column(flow: Flow, node: ast.expr) -> bool:
    """Whether a tensor surely ends in an axis of length 1 after another: (N, 1)."""
    node = flow.origin(node)
    known = shape(flow, node)
    if known is not None:
        return len(known) == 2 and known[1] == 1 and known[0] != 1
    if _reshaped(flow, node) == [-1, 1]:
        return True
    if isinstance(node, ast.Call) and flow.called(node) is None:
        layer = last_layer(flow, node.func)
        if isinstance(layer, ast.Call) and flow.called(layer) == "torch.nn.Linear":
            return flow.value(flow.argument(layer, 1, "out_features")) == 1
    return False


def _reshaped(flow: Flow, node: ast.expr) -> object:
    """The sizes that ``view`` or ``reshape`` gives; ``flat`` for ``flatten()``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or flow.called(node) is not None:
        return None
    if node.func.attr in ("flatten", "ravel") and not node.args and not node.keywords:
        return "flat"
    if node.func.attr in ("view", "reshape") and flow.is_whole(node):
        return [flow.value(one) for one in node.args]
    return None


def dtype(flow: Flow, node: ast.expr) -> str | None:
    """The dtype that a tensor was given in the text, as ``int32``."""
    node = flow.origin(node)
    if not isinstance(node, ast.Call):
        return None
    name = flow.called(node)
    if name is None and isinstance(node.func, ast.Attribute):
        if node.func.attr in _DTYPES and not node.args:
            return _DTYPES[node.func.attr]
        if node.func.attr == "to" and len(node.args) == 1:
            return _dtype_name(flow, node.args[0])
        return None
    given = flow.argument(node, None, "dtype")
    return _dtype_name(flow, given) if given is not None and (name or "").startswith("torch.") else None


def _dtype_name(flow: Flow, node: ast.expr) -> str | None:
    name = flow.name(node) or ""
    module, _, last = name.rpartition(".")
    return _DTYPES.get(last, last) if module in ("torch", "tf") else None
