"""``with`` statements of PyTorch that say how to compute, not what: the twin keeps what stands inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

AUTOCAST = {"torch.autocast", "torch.amp.autocast", "torch.cuda.amp.autocast", "torch.cpu.amp.autocast"}
KERNELS = {"torch.nn.attention.sdpa_kernel", "torch.backends.cuda.sdp_kernel"}
PLACES = {"torch.cuda.device", "torch.device", "torch.accelerator.device_index"}
CHECKS = {"torch.autograd.set_detect_anomaly", "torch.autograd.detect_anomaly"}
GRADIENTS = "torch.set_grad_enabled"
KNOWN = AUTOCAST | KERNELS | PLACES | CHECKS | {GRADIENTS, "torch.no_grad", "torch.inference_mode"}


def separated(c: Converter, node: cst.With) -> cst.With | None:
    """``with a, b:`` as two statements, where one of the contexts is known; ``None`` where it stays one."""
    known = KNOWN if c.source == "torch" else {"tf.GradientTape"}
    if len(node.items) < 2 or not any(_name(c, item) in known for item in node.items):
        return None
    inner = node.with_changes(items=node.items[1:], leading_lines=[], lpar=cst.MaybeSentinel.DEFAULT, rpar=node.rpar)
    inner = inner.with_changes(rpar=cst.MaybeSentinel.DEFAULT)
    first = node.items[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    outer = node.with_changes(
        items=[first], body=cst.IndentedBlock([inner]), lpar=cst.MaybeSentinel.DEFAULT, rpar=cst.MaybeSentinel.DEFAULT
    )
    c.alive += [inner, outer]
    c.journal.origins[id(inner)] = c.journal.origins[id(outer)] = node
    return outer


def _name(c: Converter, item: cst.WithItem) -> str | None:
    return c.qualified(item.item.func) if isinstance(item.item, cst.Call) else None


def dropped(c: Converter, item: cst.WithItem) -> bool | None:
    """Whether a context goes: ``False`` where gradients are off inside; ``None`` where it is another one."""
    name = _name(c, item)
    if c.source != "torch" or name is None or item.asname is not None:
        return None
    call: Any = item.item
    if name in AUTOCAST:
        enabled = next((c.literal(a.value) for a in call.args if a.keyword and a.keyword.value == "enabled"), True)
        if enabled is not False:
            reason = "assumes that float32 will do inside: PyTorch computes with fewer digits there, and rounds more"
            c.journal.assume(call, name, reason, ("autocast",))
        return True
    if name in KERNELS:
        c.journal.note(f"`{name}` was dropped: TensorFlow chooses the kernel of attention itself.")
        return True
    if name in PLACES:
        c.journal.note("TensorFlow places tensors on devices by itself: device arguments were dropped.")
        return True
    if name in CHECKS:
        c.journal.note(f"`{name}` was dropped: tf.debugging.enable_check_numerics() looks for NaNs.")
        return True
    if name != GRADIENTS or len(call.args) != 1:
        return None
    literal = c.literal(call.args[0].value)
    if isinstance(literal, bool):
        return literal
    if literal is MISSING:
        text = code_of(call.args[0].value)
        reason = f"assumes that no gradient is taken through what is computed inside where `{text}` is false"
        c.journal.assume(call, name, reason, ("grad", c.scope.name, text))
        return True
    return None
