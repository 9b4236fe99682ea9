"""PyTorch calls that are not patterns: containers of layers, parameters, devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import (
    application,
    checkpoints,
    devices,
    dicts,
    distributions,
    factory_arguments,
    handed_layers,
    initialisers,
    loaders,
    sequences,
    structure,
    summaries,
    tapes,
    typed_tensors,
)
from diptych.inference.values import MIXED, Value, join_all, perhaps, replace
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PLACEMENT = {"device", "non_blocking", "memory_format", "pin_memory"}


def stripped(c: Converter, node: cst.Call) -> tuple[cst.Call, bool]:
    """The call without arguments that TensorFlow has no use for, and whether it writes into its input."""
    kept, mutates = [], False
    qualified, given = c.qualified(node.func) or "", factory_arguments.spread(c, list(node.args))
    for argument in given:
        name = argument.keyword.value if argument.keyword else None
        if name in PLACEMENT:
            c.journal.note("TensorFlow places tensors on devices by itself: device arguments were dropped.")
            continue
        if name == "layout" and c.qualified(argument.value) == "torch.strided":
            continue
        if name == "inplace":
            literal = c.literal(argument.value)
            if literal is False:
                continue
            if literal is True:
                mutates = True
                continue
        if name == "dtype":
            argument = factory_arguments.dtype(c, node, qualified, argument)
            if argument is None:
                continue
        if name == "requires_grad" and c.literal(argument.value) in (True, False):
            continue  # a tape is told what to watch where a gradient is taken
        kept.append(argument)
    if (
        not mutates
        and len(node.args) == 1
        and kept
        and not kept[0].keyword
        and qualified in ("torch.nn.ReLU", "torch.nn.SiLU", "torch.nn.ReLU6")
    ):
        literal = c.literal(kept[0].value)
        if literal in (True, False) and isinstance(literal, bool):
            mutates, kept = literal, []
    if len(kept) == len(node.args) and all(a is b for a, b in zip(kept, node.args, strict=True)):
        return node, mutates
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    new = node.with_changes(args=kept)
    c.stands_for(new, node)
    return new, mutates


def _module_list(c: Converter, node: cst.Call) -> Code | None:
    if not node.args:
        return cst.List([]), Value("modules", items=())
    if len(node.args) != 1 or node.args[0].star:
        return c.leave(node, "torch.nn.ModuleList", "it takes one list of modules")
    code, value = c.expr(node.args[0].value)
    if isinstance(node.args[0].value, cst.GeneratorExp) and isinstance(code, cst.GeneratorExp):
        code = cst.ListComp(code.elt, code.for_in)
    return code, _modules(value)


def _modules(value: Value) -> Value:
    if value.items == ():
        return Value("modules", items=())
    item = value.item
    if item is None and value.items:
        item = join_all(value.items)
        unknown = item.kind != "module" or item.layer is None
        if unknown and any(handed_layers.called_otherwise(each) for each in value.items):
            item = Value("module", api=MIXED)
    known = item is not None and item.kind == "module"
    return Value("modules", item=item if known else Value("module"), items=value.items)


def _parameter(c: Converter, node: cst.Call) -> Code | None:
    if not node.args or node.args[0].keyword or len(node.args) > 2:
        return c.leave(node, "torch.nn.Parameter", "its arguments are not known here")
    trainable = True
    if len(node.args) == 2:
        literal = c.literal(node.args[1].value)
        if literal not in (True, False):
            return c.leave(node, "torch.nn.Parameter", "whether it is trained must be written as True or False")
        trainable = literal
    code, value = c.expr(node.args[0].value)
    args = [cst.Arg(c.plain(code, value))]
    if not trainable:
        args.append(keyword("trainable", cst.Name("False")))
    return call(c.name("keras.Variable"), args), replace(
        value, kind="tensor", dtype=value.dtype or "float", permutation=None, of=None, api="torch.nn.Parameter"
    )


def _from_numpy(c: Converter, node: cst.Call) -> Code | None:
    """``torch.from_numpy(a)``: PyTorch shares the array's memory, TensorFlow copies it."""
    if len(node.args) != 1 or node.args[0].star or node.args[0].keyword:
        return c.leave(node, "torch.from_numpy", "its arguments are not known here")
    array = node.args[0].value
    code, value = c.expr(array)
    shared = value.memory or frozenset({c.fresh_storage()})
    if isinstance(array, cst.Name) and array.value in c.scope.names:
        c.scope.names[array.value] = replace(value, memory=shared)
    return call(c.name("tf.convert_to_tensor"), [cst.Arg(c.plain(code, value))]), Value("tensor", memory=shared)


def _as_tensor(c: Converter, node: cst.Call) -> Code | None:
    """``torch.as_tensor(a)``: a tensor or an array of the wanted dtype is handed back, or shares its memory."""
    found = application.apply(c, stripped(c, node)[0], c.qualified(node.func) or "torch.as_tensor")
    if found is None or not node.args:
        return None
    code, value = found
    return code, replace(value, memory=value.memory | perhaps(c.expr(node.args[0].value)[1].memory))


def _device(c: Converter, node: cst.Call) -> Code | None:
    if len(node.args) == 1 and not node.args[0].star:
        code = _device_name(c, node.args[0].value)
        if code is not None:
            return code, Value("device")
    return c.leave(node, "torch.device", "the device's name is not known here")


def _device_name(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    if isinstance(node, cst.IfExp):
        body, orelse = _device_name(c, node.body), _device_name(c, node.orelse)
        return node.with_changes(test=c.code(node.test), body=body, orelse=orelse) if body and orelse else None
    literal = c.literal(node)
    if literal is MISSING or not isinstance(literal, str):
        return None
    kind, _, number = literal.partition(":")
    names = {"cuda": "GPU", "cpu": "CPU"}
    return cst.SimpleString(f'"/{names[kind]}:{number or 0}"') if kind in names else None


def _variable(c: Converter, node: cst.Call) -> Code | None:
    """``Variable(x)``, which has been ``x`` itself since PyTorch 0.4."""
    first, *options = node.args or [cst.Arg(cst.Name("None"))]
    plain = not first.keyword and not first.star and node.args
    if not plain or any(o.keyword is None or o.star or c.literal(o.value) is not False for o in options):
        return c.leave(node, "torch.autograd.Variable", c.why("torch.autograd.Variable", "its arguments are not known"))
    return c.expr(first.value)


def _compiled(c: Converter, node: cst.Call) -> Code | None:
    if len(node.args) < 1 or node.args[0].keyword:
        return None
    name = c.qualified(node.func) or ""
    advice = "tf.distribute spreads training" if "Parallel" in name else "wrap a function in tf.function to compile it"
    c.journal.note(f"{name} was dropped: {advice}.")
    return c.expr(node.args[0].value)


def _view_as_real(c: Converter, node: cst.Call) -> Code | None:
    if len(node.args) != 1 or node.args[0].star:
        return None
    code, value = c.expr(node.args[0].value)
    rank = None if value.rank is None else value.rank + 1
    result = Value("tensor", dtype="float", rank=rank, memory=value.memory)
    return checkpoints.helper(c, "view_as_real", [cst.Arg(c.plain(code, value))]), result


def _scaler(c: Converter, node: cst.Call) -> Code | None:
    reason = "assumes that float32 gradients need no scaling: a step whose gradients are infinite is not left out"
    c.journal.assume(node, "torch.amp.GradScaler", reason, ("scaler",))
    return checkpoints.helper(c, "GradScaler", []), Value("scaler")


LAZY = (
    "Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "BatchNorm1d",
    "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d",
)  # fmt: skip


def _lazy(c: Converter, node: cst.Call) -> Code | None:
    """``nn.LazyLinear(8)`` as ``nn.Linear(width, 8)``: Keras' layers find the width of their input by themselves."""
    name = (c.qualified(node.func) or "").rpartition(".Lazy")[2]
    width = cst.Name("width")
    c._memo[id(width)] = width, Value("int")
    made = c.source_call(f"torch.nn.{name}", [cst.Arg(width), *node.args])
    c.alive.append(width)
    c.journal.origins[id(made)] = node
    code, value = c.expr(made)
    return (node if code is made else code), value


SPECIAL: dict[str, Callable[[Converter, cst.Call], Code | None]] = {
    "torch.nn.Sequential": sequences.of_torch,
    "torch.nn.ModuleList": _module_list,
    "torch.nn.ModuleDict": dicts.of_modules,
    "torch.nn.Parameter": _parameter,
    "torch.device": _device,
    "torch.from_numpy": _from_numpy,
    "torch.as_tensor": _as_tensor,
    "torch.autograd.Variable": _variable,
    "torch.compile": _compiled,
    "torch.accelerator.current_accelerator": devices.current,
    "torch.cuda.get_device_name": devices.device_name,
    **dict.fromkeys(devices.NEVER, devices.never),
    "torch.jit.script": _compiled,
    "torch.nn.DataParallel": _compiled,
    **dict.fromkeys(typed_tensors.NAMES, typed_tensors.made),
    "torch.autograd.grad": tapes.gradient,
    "torch.view_as_real": _view_as_real,
    **dict.fromkeys(distributions.NAMES, distributions.made),
    "torch.cuda.amp.GradScaler": _scaler,
    "torch.amp.GradScaler": _scaler,
    "torch.nn.ParameterList": structure.parameter_list,
    "torch.nn.ParameterDict": structure.parameter_dict,
    **dict.fromkeys(summaries.NAMES, summaries.made),
    "torch.save": checkpoints.saved,
    "torch.load": checkpoints.loaded,
    **{f"torch.nn.Lazy{name}": _lazy for name in LAZY},
    **{f"torch.utils.data.{name}": loaders.made for name in loaders.TAKEN},
    "torch.utils.data.dataloader.DataLoader": loaders.made,
    "torch.utils.data.dataloader.default_collate": loaders.made,
    "torch.utils.data.dataset.random_split": loaders.made,
    "torch.utils.data.sampler.SubsetRandomSampler": loaders.made,
    "torch.utils.data.sampler.WeightedRandomSampler": loaders.made,
    "torch.utils.data.sampler.RandomSampler": loaders.made,
} | {
    f"torch.nn.init.{name}": initialisers.tensor
    for name in ("kaiming_normal_", "kaiming_uniform_", "xavier_normal_", "xavier_uniform_", "normal_", "uniform_",
    "zeros_", "ones_",
                 "constant_", "trunc_normal_", "orthogonal_", "eye_", "dirac_", "sparse_")
}  # fmt: skip
