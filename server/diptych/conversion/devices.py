"""Devices, and switches of PyTorch's kernels: TensorFlow places tensors and chooses kernels by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument, atom

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PLACED = "TensorFlow places tensors on devices by itself: `{}` was dropped."
WAITING = "TensorFlow waits for the device where a result is read: `{}` was dropped."
TRACING = "`{}` was dropped: nothing traces the twin as PyTorch would."
# Statements that change no result.
DROPPED = {
    "torch.cuda.set_device": PLACED, "torch.accelerator.set_device_index": PLACED, "torch.cuda.init": PLACED,
    "torch.accelerator.set_device_idx": PLACED, "torch.set_default_device": PLACED,
    "torch.cuda.synchronize": WAITING, "torch.accelerator.synchronize": WAITING, "torch.mps.synchronize": WAITING,
    "torch.fx.wrap": TRACING,
}  # fmt: skip
# Decorators that change no result.
DECORATORS = {
    "torch.jit.unused", "torch.jit.ignore", "torch.jit.export", "torch.jit.script", "torch.jit.script_method",
    "torch.jit.script_if_tracing", "torch.jit._script_if_tracing", "torch.fx.wrap", "torch.compile",
    "torch.compiler.disable", "torch._dynamo.disable",
}  # fmt: skip
SWITCH = (
    "`{}` was dropped: TensorFlow chooses its kernels by itself, and tf.config.experimental has switches of its own."
)
TF32 = ("torch.backends.cuda.matmul.allow_tf32",)


def dropped(c: Converter, node: cst.Call) -> bool:
    """Whether a call that stands alone does nothing that the twin would need."""
    qualified = c.qualified(node.func) or ""
    if c.source != "torch" or qualified not in DROPPED:
        return False
    c.journal.note(DROPPED[qualified].format(qualified))
    return True


def decorator(c: Converter, qualified: str | None) -> bool:
    """Whether a decorator does nothing that the twin would need."""
    if c.source != "torch" or qualified not in DECORATORS:
        return False
    c.journal.note(TRACING.format(qualified))
    return True


def switched(c: Converter, node: cst.Assign) -> Any:
    """``torch.backends.cudnn.benchmark = True``: ``True`` where it goes, a statement, ``None`` for others."""
    target = node.targets[0].target
    qualified = c.qualified(target) if isinstance(target, cst.Attribute) else None
    if c.source != "torch" or len(node.targets) != 1 or not (qualified or "").startswith("torch.backends."):
        return None
    if qualified in TF32:
        code = argument(c.code(node.value))
        return cst.Expr(call(c.name("tf.config.experimental.enable_tensor_float_32_execution"), [cst.Arg(code)]))
    if not isinstance(c.literal(node.value), (bool, str)):
        return None
    c.journal.note(SWITCH.format(qualified))
    return True


def current(c: Converter, node: cst.Call) -> Code | None:
    """``torch.accelerator.current_accelerator()``: the first GPU, if there is one."""
    if any(a.star for a in node.args):
        return None
    there = call(c.name("tf.config.list_physical_devices"), [cst.Arg(cst.SimpleString('"GPU"'))])
    code = cst.IfExp(test=there, body=cst.SimpleString('"/GPU:0"'), orelse=cst.Name("None"))
    return atom(code), Value("device")


def device_name(c: Converter, node: cst.Call) -> Code | None:
    """``torch.cuda.get_device_name(number)``."""
    if len(node.args) > 1 or any(a.star for a in node.args):
        return None
    place = c.expr(node.args[0].value) if node.args else (cst.Integer("0"), Value("int"))
    index = place[0] if place[1].kind == "int" else cst.Integer("0")
    gpus = call(c.name("tf.config.list_physical_devices"), [cst.Arg(cst.SimpleString('"GPU"'))])
    gpu = cst.Subscript(gpus, [cst.SubscriptElement(cst.Index(index))])
    details = call(c.name("tf.config.experimental.get_device_details"), [cst.Arg(gpu)])
    name = cst.SubscriptElement(cst.Index(cst.SimpleString('"device_name"')))
    return cst.Subscript(details, [name]), Value("str")


def attribute(c: Converter, name: str, code: cst.BaseExpression) -> Code | None:
    """``device.type``: "cuda" or "cpu", as PyTorch says it; a device is a string in the twin."""
    if name != "type":
        return None
    return _if_gpu(code, cst.SimpleString('"cuda"'), cst.SimpleString('"cpu"')), Value("str")


def of_parameters(c: Converter, node: cst.Attribute) -> Code | None:
    """``next(model.parameters()).device`` and ``.dtype``: where a model is, and what its weights are made of. Keras may
    not have made them yet.
    """
    first, name = node.value, node.attr.value
    if c.source != "torch" or name not in ("device", "dtype", "is_cuda") or not _is_next(first):
        return None
    given = cst.ensure_type(first, cst.Call).args[0].value
    if not isinstance(given, cst.Call) or not isinstance(given.func, cst.Attribute):
        return None
    if given.func.attr.value != "parameters" or c.expr(given)[1].kind != "parameters":
        return None
    if name == "dtype":
        held = cst.Attribute(atom(c.code(given.func.value)), cst.Name("variable_dtype"))
        return call(c.name("tf.as_dtype"), [cst.Arg(held)]), Value("dtype")
    there = call(c.name("tf.config.list_physical_devices"), [cst.Arg(cst.SimpleString('"GPU"'))])
    if name == "is_cuda":
        return call(cst.Name("bool"), [cst.Arg(there)]), Value("bool")
    code = cst.IfExp(test=there, body=cst.SimpleString('"/GPU:0"'), orelse=cst.SimpleString('"/CPU:0"'))
    return atom(code), Value("device")


def _is_next(node: cst.BaseExpression) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name) or node.func.value != "next":
        return False
    return len(node.args) == 1 and not node.args[0].star


def is_cuda(c: Converter, base: cst.BaseExpression) -> Code:
    """``x.is_cuda``."""
    return _on_gpu(cst.Attribute(atom(base), cst.Name("device"))), Value("bool")


def _if_gpu(code: cst.BaseExpression, then: cst.BaseExpression, otherwise: cst.BaseExpression) -> cst.BaseExpression:
    return atom(cst.IfExp(test=_on_gpu(code).with_changes(lpar=[], rpar=[]), body=then, orelse=otherwise))


def _on_gpu(code: cst.BaseExpression) -> cst.BaseExpression:
    asked = cst.Comparison(cst.SimpleString('"GPU"'), [cst.ComparisonTarget(cst.In(), atom(code))])
    return asked.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


# What asks whether a model is on its way into another form: the twin runs as it is written.
NEVER = (
    "torch.jit.is_scripting", "torch.onnx.is_in_onnx_export", "torch.compiler.is_compiling",
    "torch.compiler.is_exporting",
)  # fmt: skip


def never(c: Converter, node: cst.Call) -> Code | None:
    """``torch.jit.is_scripting()`` and the like."""
    return None if node.args else (cst.Name("False"), Value("bool", literal=False))
