"""Converting method calls, by what is known of the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import (
    application,
    attributes,
    checkpoints,
    class_tests,
    distributions,
    eager_values,
    in_place,
    layer_values,
    modes,
    sequence_classes,
    structure,
    summaries,
    tensorflow_methods,
    torch_calls,
)
from diptych.conversion.rewriting import fit
from diptych.inference.layers import ClassInfo
from diptych.inference.values import DATA, Value, replace
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

ONLY_TENSORS = {
    "unsqueeze", "permute", "masked_fill", "masked_fill_", "scatter", "scatter_", "scatter_add_", "gather",
    "contiguous", "view_as", "expand_as",
    "softmax", "log_softmax", "sigmoid", "relu", "relu_", "chunk", "unbind", "index_select", "topk", "bmm", "numel",
    "cuda", "clamp",
    "clamp_", "add_", "mul_", "div_", "sub_", "zero_", "fill_", "requires_grad_", "type_as", "unsqueeze_",
    "squeeze_", "detach",
    "exp", "log", "sqrt", "rsqrt", "sin", "cos", "log1p", "expm1", "erf", "view", "new_zeros", "new_ones",
    "repeat_interleave", "logsumexp", "tanh", "float", "long",
}  # fmt: skip
TORCH_KEYWORDS = {"dim", "keepdim"}
PLACED = {"cuda", "cpu", "pin_memory"}


def convert(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    """A call of a method; ``None`` where it is no method of anything known."""
    name = function.attr.value
    if (
        isinstance(function.value, cst.Call)
        and isinstance(function.value.func, cst.Name)
        and function.value.func.value == "super"
    ):
        return _super(c, node, function)
    code, value = c.expr(function.value)
    left = c.of_left(value, name)
    if left is not None:
        c.leave(node, *left)
        chained = left[0] in c.index.reasons[c.source].exact
        return node, Value(api=value.api if chained else None)
    eager_values.method(c, node, name, value)
    of_name = class_tests.name_method(c, node, name, value)
    if of_name is not None:
        differs, given = of_name
        return c.leave(node, f"__name__.{name}", class_tests.NAMED) if differs else (node, given)
    if value.kind == summaries.KIND:
        return summaries.method(c, node, function)
    state = checkpoints.method(c, node, function, code, value)
    if state is not None:
        return state
    drawn = distributions.called(c, node, function, code, value)
    if drawn is not None:
        return drawn
    if c.source == "tensorflow":
        own = tensorflow_methods.convert(c, node, function, code, value)
        if own is not None:
            return own
    forward = {"torch": "forward", "tensorflow": "call"}[c.source]
    if value.kind == "self" and name == forward and value.definition is not None:
        return own_call(c, node, function.value, code, value.definition)
    if value.kind == "self" and c.source == "torch" and structure.walks_itself(node, name, value):
        value = Value("module")
    if value.kind == "module":
        return _module(c, node, function, code, value)
    if value.kind == "self" and c.source == "torch" and value.definition is not None:
        reason = c.index.reason(c.source, f"Module.{name}")
        if reason is not None and name not in value.definition.attributes and value.definition.is_module:
            return c.leave(node, f"Module.{name}", reason.text)
    if (
        value.kind == "unknown"
        and (
            name == "size"
            or f"Tensor.{name}" in c.index.entries[c.source]
            or f"Tensor.{name}" in c.index.known[c.source]
        )
        and name not in AMBIGUOUS
        and not c.other_arrays
        and is_data(function.value, value)
    ):
        text = code_of(function.value)
        if name not in ONLY_TENSORS:
            c.journal.assume(node, f".{name}", f"assumes that `{text}` is a tensor", ("tensor", c.scope.name, text))
        value = Value("tensor", memory=value.memory)
        if name == "size":
            c.remember(function.value, (code, value))
            length = attributes.axis_length(c, node)
            if length is not None:
                return length
    if (
        value.kind == "unknown"
        and name == "to"
        and c.source == "torch"
        and (not c.other_arrays or any(_names_device(c, a.value) for a in node.args))
        and node.args
        and not _dtype_argument(c, node)
    ):
        value = Value("tensor", memory=value.memory)
    if (
        value.kind == "unknown"
        and (name in ONLY_TENSORS or any(a.keyword and a.keyword.value in TORCH_KEYWORDS for a in node.args))
        and c.source == "torch"
    ):
        value = Value("tensor", memory=value.memory)
    if value.is_tensor or value.kind == "states":
        return _tensor(c, node, function, code, value)
    if value.kind == "unknown" and f"Tensor.{name}" in c.index.entries[c.source] and c.scope.kind != "module":
        return c.leave(
            node,
            f".{name}",
            f"it is not known whether the object of .{name}() is a tensor: annotate it, or add # diptych:",
        )
    return None


NO_CALL = "the class has no call of its own: make its layers in __init__, and apply them in call"


def own_call(
    c: Converter, node: cst.Call, model: cst.BaseExpression, code: cst.BaseExpression, info: ClassInfo
) -> Code | None:
    """``self(x)`` and ``self.forward(x)``: a call of the object, with the axes that its twin takes."""
    if not info.is_module:
        return None
    name = "Module.forward" if c.source == "torch" else "Layer.call"
    if info.signature is None and c.scope.sets_modes and not {"call", "__call__"} & set(info.attributes):
        return c.leave(node, name, NO_CALL)
    if info.signature is None or c.scope.name.endswith((".__init__", ".forward", ".call")):
        return c.leave(node, name, "it is called before it is known which order of axes it takes and gives")
    from diptych.conversion import layer_calls

    called = node if node.func is model else node.with_changes(func=model)
    c.stands_for(called, node)
    layer = layer_calls.layer_of_class(info)
    # it is still being converted: what it holds so far tells whether the mode matters
    if c.scope.step is not None or c.scope.sets_modes:
        held = [value for value in info.attributes.values() if value.kind in ("module", "modules", "unknown")]
        layer = replace(layer, mode=layer.mode or any(each.layer is None or each.layer.mode for each in held))
    return layer_calls.call(c, called, code, Value("module", layer=layer))


AMBIGUOUS = {
    "item",
    "copy",
    "count",
    "index",
    "pop",
    "sort",
    "split",
    "clear",
    "remove",
    "insert",
    "format",
    "type",
    "name",
    "apply",
    "map",
    "get",
    "keys",
    "values",
}


def is_data(node: cst.BaseExpression, value: Value) -> bool:
    """Whether an expression of unknown kind is an argument as it was given, computed by operators, or data."""
    return (
        isinstance(node, cst.BinaryOperation)
        or value.api == DATA
        or (isinstance(node, cst.Name) and value.of == node.value and node.value not in ("self", "cls"))
    )


def _without_options(c: Converter, node: cst.Call) -> cst.Call:
    """The call of a constructor without what Keras's base classes take and PyTorch's do not."""
    options = ("name", "dtype", "trainable", "autocast", "activity_regularizer", "dynamic")
    kept = [a for a in node.args if a.star != "**" and not (a.keyword and a.keyword.value in options)]
    if len(kept) == len(node.args):
        return node
    if any(a.star == "**" for a in node.args):
        c.journal.note("Options of Keras's base classes (name, dtype, trainable) were dropped: PyTorch's take none.")
    new = node.with_changes(args=kept)
    c.stands_for(new, node)
    return new


def _super(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    names = {"forward": "call"} if c.source == "torch" else {"call": "forward"}
    from diptych.conversion import calls

    name = function.attr.value
    derived = c.scope.owner is not None and c.scope.owner.derived
    if name == "__init__" and c.scope.owner is not None and c.scope.owner.sequence and not derived:
        return sequence_classes.constructed(c, node, c.scope.owner)
    if name == "__init__" and c.source == "tensorflow" and c.scope.in_module and not derived:
        node = _without_options(c, node)
    args, values = calls.arguments(c, node)
    new = node.with_changes(func=function.with_changes(attr=cst.Name(names.get(name, name))), args=args)
    if name == "__init__":
        owner = function.value
        assert isinstance(owner, cst.Call)
        if owner.args:
            new = new.with_changes(func=function.with_changes(value=owner.with_changes(args=[])))
        elif not any(a is not b for a, b in zip(args, node.args, strict=True)):
            new = node
        return new, Value("none")
    held = frozenset().union(*(v.memory for v in values))
    if name == "forward" and c.scope.owner is not None and c.scope.owner.layer:
        return new, Value("tensor", dtype="float", rank=values[0].rank if values else None, memory=held)
    return new, Value(memory=held)


def _module(
    c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value
) -> Code | None:
    name = function.attr.value
    text = code_of(function.value)
    if c.source == "torch":
        if name in (
            "to",
            "cuda",
            "cpu",
            "float",
            "half",
            "double",
            "eval",
            "train",
        ) and _only_placement(c, node, name):
            refusal = modes.why_not_set(c, node, function, value) if name in ("eval", "train") else None
            if refusal is not None:
                return c.leave(node, f"Module.{name}", refusal)
            if name in ("eval", "train") and c.scope.kind != "class":
                return code, replace(value, literal=MISSING, of=f"mode:{name == 'train'}")
            if name in ("half", "double"):
                settled = "a Keras layer's dtype and trainability are settled when it is made"
                return c.leave(node, f"Module.{name}", c.why(f"Module.{name}", settled))
            return code, value
        found = structure.walked(c, node, function, code)
        if found is not None:
            return found
        if name == "requires_grad_":
            return structure.switched(c, node, code)
        if name == "modules" and not node.args:
            from diptych.conversion import initialisers

            return initialisers.every_layer(code), Value("list", item=Value("module", api=layer_values.WALKED))
        if name in ("parameters",) and not node.args:
            return cst.Attribute(fit(function, "value", code), cst.Name("trainable_variables")), Value(
                "parameters", api=text
            )
        if name == "forward":
            from diptych.conversion import layer_calls

            called = node.with_changes(func=function.value)
            c.stands_for(called, node)
            return layer_calls.call(c, called, code, value)
    layer = value.layer
    if layer is not None and layer.definition is not None:
        known = layer.definition.attributes.get(name)
        if known is not None:
            return None
    key = f"{'Module' if c.source == 'torch' else 'Model'}.{name}"
    reason = c.index.reason(c.source, key)
    if reason is not None:
        return c.leave(node, key, reason.text)
    return None


def _only_placement(c: Converter, node: cst.Call, name: str) -> bool:
    """Whether ``.to(...)`` only names a device."""
    if name != "to":
        return not node.args or name in ("train", "cuda")
    for argument in node.args:
        if argument.keyword and argument.keyword.value in ("memory_format", "non_blocking"):
            continue
        value = c.expr(argument.value)[1]
        if value.kind == "dtype" or (argument.keyword and argument.keyword.value == "dtype"):
            return False
    c.journal.note("TensorFlow places tensors on devices by itself: device arguments were dropped.")
    return True


def _tensor(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression, value: Value) -> Code:
    name = function.attr.value
    if c.source == "torch":
        if name == "size" and not node.args:
            attribute = cst.Attribute(function.value, cst.Name("shape"))
            c.alive.append(attribute)
            return attributes.convert(c, attribute)
        if name in PLACED and not _dtype_argument(c, node):
            return code, value
        if name == "type" and len(node.args) == 1 and c.expr(node.args[0].value)[1].kind == "dtype":
            node = _renamed(c, node, function, "to")
            name = "to"
        if name == "to":
            node = _without_device(c, _without_options_of_copying(c, node))
        if name == "to" and not _dtype_argument(c, node):
            placed = _placed(c, node, code, value)
            if placed is not None:
                return placed
        if name.endswith("_") and not name.endswith("__"):
            return in_place.convert(c, node, function, value)
    stripped, _ = torch_calls.stripped(c, node) if c.source == "torch" else (node, False)
    result = application.apply(c, stripped, f"Tensor.{name}")
    if result is not None:
        return (node, result[1]) if result[0] is stripped else result
    return c.leave(node, f"Tensor.{name}", _unknown(c, name))


def _renamed(c: Converter, node: cst.Call, function: cst.Attribute, name: str) -> cst.Call:
    """The same call of another method."""
    new = node.with_changes(func=function.with_changes(attr=cst.Name(name)))
    c.stands_for(new, node)
    return new


def _unknown(c: Converter, name: str) -> str:
    if c.index.candidates(c.source, f"Tensor.{name}"):
        return f"no rule knows the tensor method .{name}() with these arguments"
    return c.why(f"Tensor.{name}", f"no rule knows the tensor method .{name}()")


def _dtype_argument(c: Converter, node: cst.Call) -> bool:
    return any((a.keyword and a.keyword.value == "dtype") or c.expr(a.value)[1].kind == "dtype" for a in node.args)


def _without_options_of_copying(c: Converter, node: cst.Call) -> cst.Call:
    """``x.to(dtype)`` without when to copy, and how the copy lies in memory."""
    kept = [
        a for a in node.args
        if not (a.keyword and a.keyword.value in ("memory_format", "non_blocking", "copy"))
        and not (a.keyword is None and not a.star and isinstance(c.literal(a.value), bool))
    ]  # fmt: skip
    if len(kept) == len(node.args) or not kept:
        return node
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    new = node.with_changes(args=kept)
    c.stands_for(new, node)
    return new


def _without_device(c: Converter, node: cst.Call) -> cst.Call:
    """``x.to(device, dtype)`` without the device, where both are given."""
    if len(node.args) < 2 or not _dtype_argument(c, node):
        return node
    kept = [a for a in node.args if a.keyword or a.star or not _names_device(c, a.value)]
    if len(kept) == len(node.args):
        return node
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    new = node.with_changes(args=kept)
    c.stands_for(new, node)
    return new


def _names_device(c: Converter, node: cst.BaseExpression) -> bool:
    value = c.expr(node)[1]
    return (
        value.kind in ("device", "str")
        or _is_device(c, node)
        or (value.kind == "unknown" and "device" in code_of(node))
    )


def _placed(c: Converter, node: cst.Call, code: cst.BaseExpression, value: Value) -> Code | None:
    """``x.to(device)``: the tensor itself."""
    positional = [a for a in node.args if not (a.keyword and a.keyword.value in torch_calls.PLACEMENT)]
    if len(positional) > 1:
        return None
    for argument in positional:
        target = c.expr(argument.value)[1] if not _is_device(c, argument.value) else Value("device")
        if target.kind not in ("device", "str", "unknown", "foreign"):
            return None
        if target.kind in ("unknown", "foreign") and "device" not in code_of(argument.value):
            return c.leave(node, "Tensor.to", "it is not known whether the argument is a device or a dtype")
    c.journal.note("TensorFlow places tensors on devices by itself: device arguments were dropped.")
    return code, value


def _is_device(c: Converter, node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "device" and c.qualified(node) is None
