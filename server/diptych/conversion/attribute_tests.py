"""``hasattr(m, "weight")`` and ``getattr(m, "p", 0.0)``: what is asked for by a name that may mean nothing in the twin.

Without a default, ``getattr`` raises there. These answer, and so go another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

ASKED = {"hasattr": 2, "getattr": 3}
OWNERS = ("Tensor", "Module", "Model", "Layer", "Optimizer")
SHARED = ("shape", "dtype", "ndim", "device")  # a tensor's, on both sides
OF_LAYERS = {
    "weight", "bias", "in_features", "out_features", "in_channels", "out_channels", "kernel_size", "stride", "padding",
    "groups", "eps", "momentum", "p", "inplace", "num_features", "normalized_shape", "running_mean", "running_var",
    "reset_parameters", "requires_grad", "grad", "kernel", "gamma", "beta", "units", "filters", "rate", "epsilon",
    "strides", "use_bias", "kernel_initializer", "moving_mean", "moving_variance", "trainable", "built",
}  # fmt: skip


def refused(c: Converter, node: cst.Call) -> str | None:
    """Why such a question stays; ``None`` for one that both sides answer alike, or are assumed to, and other calls."""
    if not isinstance(node.func, cst.Name) or ASKED.get(node.func.value) != len(node.args):
        return None
    if c.scope.lookup(node.func.value) is not None or any(a.keyword or a.star for a in node.args):
        return None
    asked, name = node.args[0].value, c.literal(node.args[1].value)
    if not isinstance(name, str):
        return None
    value = c.expr(asked)[1]
    if value.is_tensor:
        return None if name in SHARED else f"what a tensor has is another thing in the twin: {name} may be missing"
    owner = c.scope.owner if value.kind == "self" else value.layer.definition if value.layer is not None else None
    if owner is not None and name in owner.attributes:
        return f"{name} has another name in the twin" if name in owner.renamed else None
    if value.kind == "module" and value.layer is not None and owner is None:
        return f"the layer that stands for it in the twin may keep no {name}"
    if _of_framework(c, name) and value.kind in ("unknown", "module", "self"):
        _assume(c, node, asked, name)
    return None


def _of_framework(c: Converter, name: str) -> bool:
    keys = [f"{owner}.{name}" for owner in OWNERS]
    return name in OF_LAYERS or any(c.index.candidates(c.source, key) or c.index.reason(c.source, key) for key in keys)


def _assume(c: Converter, node: cst.Call, asked: cst.BaseExpression, name: str) -> None:
    what = code_of(asked).strip()
    reason = f"assumes that `{what}` has {name} in the twin where it has it here"
    c.journal.assume(node, code_of(node.func), reason, ("asked", c.scope.name, what, name))
