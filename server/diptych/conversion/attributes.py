"""Converting attributes: of frameworks, tensors, modules and ``self``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import (
    application,
    class_tests,
    computed_sizes,
    derived_layers,
    devices,
    distributions,
    dtype_texts,
    environment,
    keras_classes,
    keras_models,
    layer_classes,
    layer_values,
    memory,
    modes,
    rates,
    references,
    reserved,
    results_memory,
    sequence_names,
    static_shapes,
    structure,
    tapes,
    train_steps,
    trainers,
    typed_tensors,
)
from diptych.conversion.rewriting import fit
from diptych.inference.values import Value, perhaps, replace
from diptych.matching.emit import call
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import atom
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

SHAPES = (*computed_sizes.SHAPES, "keras.backend.int_shape")
DTYPES = {
    "float32": "float32", "float": "float32", "float64": "float64", "double": "float64", "float16": "float16",
    "half": "float16", "bfloat16": "bfloat16", "int64": "int64", "long": "int64", "int32": "int32", "int": "int32",
    "int16": "int16", "short": "int16", "int8": "int8", "uint8": "uint8", "bool": "bool", "complex64": "complex64",
    "complex128": "complex128",
}  # fmt: skip


def convert(c: Converter, node: cst.Attribute) -> Code:
    """``a.b``."""
    qualified = c.qualified(node)
    if qualified is not None:
        return reference(c, node, qualified)
    of_lightning = trainers.used(c, node)
    if of_lightning is not None:
        return of_lightning
    if isinstance(node.value, cst.Call):
        by_rule = devices.of_parameters(c, node) or _of_call(c, node)
        if by_rule is not None:
            return by_rule
        part = part_of_call(c, node.value, node.attr.value)
        if part is not None:
            return part
    base, value = c.expr(node.value)
    name = node.attr.value
    of_class = class_tests.name_of(c, node)
    if of_class is not None:
        return (node if base is node.value else node.with_changes(value=fit(node, "value", base))), of_class
    left = c.of_left(value, name)
    if left is not None:
        return c.leave(node, *left)
    if value.kind == layer_classes.KIND:
        return c.leave(node, name, layer_classes.ASKED)
    if dtype_texts.is_dtype(value):
        return dtype_texts.attribute(c, node, base, value)
    if value.kind == "bytes":
        return c.leave(node, f"Tensor.{name}", "PyTorch has no tensors of strings: in the twin it is bytes")
    if value.kind == "strategy":
        counted = environment.attribute(c, node, value)
        if counted is not None:
            return counted
    of_shape = static_shapes.attribute(c, node, base, value)
    if of_shape is not None:
        return of_shape
    if value.kind == "self":
        return of_self(c, node, name)
    if value.is_tensor:
        return _of_tensor(c, node, base, value)
    if value.kind == distributions.KIND:
        return distributions.attribute(c, node, base, value)
    if value.kind == "device" and c.source == "torch":
        found = devices.attribute(c, name, base)
        return found or c.leave(node, f"device.{name}", "a device is a string in the twin")
    if value.kind == "optimizer" or value.kind == "module":
        return _of_object(c, node, base, value)
    if c.source == "torch" and name == "device" and value.kind == "unknown":
        return (node if base is node.value else node.with_changes(value=fit(node, "value", base))), Value("device")
    if value.kind == "unknown" and name in ("shape", "ndim") and c.source == "torch":
        text = code_of(node.value)
        c.journal.assume(node, f".{name}", f"assumes that `{text}` is a tensor", ("tensor", c.scope.name, text))
        return _of_tensor(c, node, base, Value("tensor", memory=value.memory))
    if value.kind == "unknown" and name != "name" and _is_read(c, f"Tensor.{name}"):
        return c.leave(
            node, name, f"it is not known whether the object of .{name} is a tensor: annotate it, or add # diptych:"
        )
    result = _of_foreign(value, node) if value.kind == "foreign" else Value(memory=value.memory)
    return (node if base is node.value else node.with_changes(value=fit(node, "value", base))), result


def _is_read(c: Converter, key: str) -> bool:
    """Whether a rule knows this as an attribute of tensors, rather than as a method."""
    return any(spelling[0] == "attr" for _, _, spelling in c.index.candidates(c.source, key))


def _of_call(c: Converter, node: cst.Attribute) -> Code | None:
    """``torch.finfo(d).max``: an attribute that a rule knows together with the framework's call before it."""
    assert isinstance(node.value, cst.Call)
    function = c.qualified(node.value.func)
    key = f"Tensor.{node.attr.value}"
    for _, _, spelling in c.index.candidates(c.source, key) if function else ():
        if spelling[0] == "attr" and spelling[1][0] == "call" and spelling[1][1] == ("api", function):
            return application.apply(c, node, key)
    return None


def reference(c: Converter, node: cst.BaseExpression, qualified: str) -> Code:
    """Something of a framework that is not called here: a dtype, a constant, a function passed on."""
    last = qualified.rsplit(".", 1)[-1]
    if qualified == "tf.newaxis":
        return cst.Name("None"), Value("none", literal=None)
    if qualified in ("tf.data.AUTOTUNE", "tf.data.experimental.AUTOTUNE"):
        return node_of(-1), Value("int", literal=-1)
    if qualified == "tf.image.ResizeMethod.NEAREST_NEIGHBOR":
        return node_of("nearest"), Value("str", literal="nearest")
    said = environment.reference(c, node, qualified) if c.source == "tensorflow" else None
    if said is not None:
        return said
    typed = typed_tensors.named(c, qualified)
    if typed is not None:
        return typed
    for rule, place, spelling in c.index.candidates(c.source, qualified):
        if spelling[0] == "api" and rule.attributes.get("result") != "class":
            converted = references.constant(c, rule, place)
            if converted is not None:
                kind = Value("dtype", dtype=DTYPES[last]) if last in DTYPES and qualified.count(".") == 1 else Value()
                return converted, kind
    layer = layer_classes.named(c, qualified)
    if layer is not None:
        return layer
    function = references.function_reference(c, qualified)
    if function is not None:
        return function, Value("function", api=qualified)
    if not c.is_framework(qualified):
        return node, Value("api", api=qualified)
    if qualified in ("torch", "tf", "keras", "torch.nn", "torch.nn.functional"):
        return c.leave(node, qualified, "a framework module used as a value has no equivalent")
    as_value = "it is passed on as a value, and nothing in the other framework takes the same arguments"
    known = bool(c.index.candidates(c.source, qualified))
    return c.leave(node, qualified, c.why(qualified, as_value if known else f"no rule knows {qualified} as a value"))


def _of_foreign(value: Value, node: cst.Attribute) -> Value:
    api = f"{value.api}.{node.attr.value}" if value.api else None
    return Value("foreign", api=api, memory=value.memory)


def of_self(c: Converter, node: cst.Attribute, name: str) -> Code:
    """``self.name``."""
    owner = c.scope.owner
    if owner is None:
        return node, Value()
    if name == "training" and c.source == "torch" and owner.is_module:
        return modes.of_step(c), Value("bool")
    if c.source == "tensorflow" and owner.is_module and name not in owner.attributes:
        told = train_steps.attribute(c, node, owner) or keras_models.attribute(c, name, node.value)
        if told is not None:
            return told
    value = owner.attributes.get(name)
    if owner.lightning is not None and value is None:
        reason = c.index.reason(c.source, f"LightningModule.{name}")
        if reason is not None:
            return c.leave(node, f"LightningModule.{name}", reason.text)
    if derived_layers.unmade(c, name):
        return c.leave(node, name, derived_layers.UNMADE)
    if c.source == "torch":
        value = value or Value(memory=perhaps(frozenset({c.fresh_storage()})))
        memory.seen_by(c, value.memory, f"self.{name}")
    value = value or Value()
    if value.kind == "function" and value.definition is not None and value.definition.is_property:
        signature = value.definition.signature(c)
        value = Value() if signature is None else results_memory.of_call(c, cst.Call(node), signature, [])
    renamed = owner.renamed.get(name)
    return (node.with_changes(attr=cst.Name(renamed)) if renamed else node), value


def _of_tensor(c: Converter, node: cst.Attribute, base: cst.BaseExpression, value: Value) -> Code:
    name = node.attr.value
    if name == "device" and c.source == "torch":
        return node.with_changes(value=fit(node, "value", base)), Value("device")
    by_rule = application.apply(c, node, f"Tensor.{name}")
    if by_rule is not None:
        return by_rule
    if name == "shape":
        return _shape(c, base, value), Value("shape")
    if name == "device":
        return (
            c.leave(node, "Tensor.device", c.why("Tensor.device", "TensorFlow places tensors by itself"))
            if c.target == "tensorflow"
            else (node, Value("device"))
        )
    if name == "dtype":
        return (node if base is node.value else node.with_changes(value=fit(node, "value", base))), Value(
            "dtype", dtype=value.dtype
        )
    if name in ("ndim",):
        return (node if base is node.value else node.with_changes(value=fit(node, "value", base))), Value("int")
    gradient = tapes.taken(c, node, value) if name == "grad" else None
    if gradient is not None:
        return gradient
    parameter = structure.attribute(c, name, base, value)
    if parameter is not None:
        return parameter
    if name == "is_cuda" and c.source == "torch":
        return devices.is_cuda(c, base)
    if name == "data" and c.source == "torch":
        code = call(cst.Attribute(c.name("tf"), cst.Name("stop_gradient")), [cst.Arg(base)])
        return code, replace(value, of=None)
    return c.leave(node, f"Tensor.{name}", c.why(f"Tensor.{name}", f"no rule knows the tensor attribute .{name}"))


def _shape(c: Converter, base: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    base = c.plain(base, value)
    if c.target == "tensorflow":
        return call(_keras_ops(c, "shape"), [cst.Arg(base)])
    return cst.Attribute(fit(cst.Attribute(cst.Name("x"), cst.Name("shape")), "value", base), cst.Name("shape"))


def _keras_ops(c: Converter, name: str) -> cst.BaseExpression:
    return cst.Attribute(cst.Attribute(c.name("keras"), cst.Name("ops")), cst.Name(name))


def shape_of(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The tensor whose shape an expression is: ``x.shape``, ``x.size()``, ``tf.shape(x)``; ``None`` otherwise."""
    if isinstance(node, cst.Attribute) and node.attr.value == "shape" and c.qualified(node) is None:
        return node.value if c.expr(node.value)[1].is_tensor else None
    if isinstance(node, cst.Call):
        if (
            isinstance(node.func, cst.Attribute)
            and node.func.attr.value == "size"
            and not node.args
            and c.source == "torch"
        ):
            return node.func.value if c.qualified(node.func) is None and c.expr(node.func.value)[1].is_tensor else None
        if c.qualified(node.func) in SHAPES and len(node.args) == 1:
            return node.args[0].value
    return None


def axis_length(c: Converter, node: cst.Subscript | cst.Call) -> Code | None:
    """``x.shape[1]`` and ``x.size(1)``, whatever the order of the twin's axes; ``None`` if it is neither."""
    if isinstance(node, cst.Subscript):
        if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
            return None
        tensor, axis = shape_of(c, node.value), c.literal(node.slice[0].slice.value)
    else:
        function = node.func
        if not (
            isinstance(function, cst.Attribute)
            and function.attr.value == "size"
            and len(node.args) == 1
            and c.source == "torch"
        ):
            return None
        if c.qualified(function) is not None or not c.expr(function.value)[1].is_tensor:
            return None
        tensor, axis = function.value, c.literal(node.args[0].value)
        if not isinstance(axis, int):
            code, value = c.expr(tensor)
            index = c.code(node.args[0].value)
            return cst.Subscript(_shape(c, code, value), [cst.SubscriptElement(cst.Index(index))]), Value("int")
    if tensor is None or not isinstance(axis, int) or isinstance(axis, bool):
        return None
    code, value = c.expr(tensor)
    if value.permutation is not None:
        axis = value.permutation.index(axis % len(value.permutation))
        value = replace(value, permutation=None)
    literal = value.width if axis == -1 and value.width is not None else MISSING
    subscript = cst.Subscript(_shape(c, code, value), [cst.SubscriptElement(cst.Index(node_of(axis)))])
    return subscript, Value("int", literal=literal)


def unpacked_shape(
    c: Converter, targets: list[cst.BaseExpression], node: cst.BaseExpression
) -> tuple[list[cst.BaseExpression], cst.BaseExpression] | None:
    """``b, c, h, w = x.shape`` with targets in the order of the twin's axes; ``None`` if it is not such."""
    tensor = shape_of(c, node)
    if tensor is None:
        return None
    code, value = c.expr(tensor)
    if value.permutation is not None and len(value.permutation) == len(targets):
        targets = [targets[axis] for axis in value.permutation]
        value = replace(value, permutation=None)
    return targets, _shape(c, code, value)


def part_of_call(c: Converter, node: cst.Call, part: int | str) -> Code | None:
    """One of several results of a call, where only that one need be computed; ``None`` where it is not so."""
    if id(node) in c.wanted:
        return None
    c.wanted[id(node)] = (part,)
    code, value = c.expr(node)
    if c.wanted.pop(id(node), None) == ():
        return code, value
    return None


def _owner(c: Converter, value: Value) -> str:
    """What the reasons call the owner of a module's or an optimizer's attributes."""
    return "Optimizer" if value.kind == "optimizer" else "Module" if c.source == "torch" else "Model"


def _read(c: Converter, name: str, base: cst.BaseExpression, value: Value) -> Code | None:
    """``dropout.p``: what a layer was made with, under the twin's name; ``None`` where no rule says it."""
    layer = value.layer
    if layer is None or layer.definition is not None or layer.within is None:
        return None
    reads = c.index.rule(layer.name).attributes.get("reads") or {}
    names = reads if c.source == "torch" else {keras: torch for torch, keras in reads.items()}
    if name not in names:
        return None
    return cst.Attribute(atom(layer_values.inside(base, layer.within)), cst.Name(names[name])), Value()


def _of_object(c: Converter, node: cst.Attribute, base: cst.BaseExpression, value: Value) -> Code:
    name = node.attr.value
    layer = value.layer
    if layer is not None and layer.definition is not None:
        known = layer.definition.attributes.get(name)
        if known is not None:
            renamed = layer.definition.renamed.get(name)
            result = (
                node.with_changes(value=base, attr=cst.Name(renamed))
                if renamed
                else node
                if base is node.value
                else node.with_changes(value=base)
            )
            return result, known
    told = keras_models.attribute(c, name, base) if c.source == "tensorflow" and value.kind == "module" else None
    if told is not None:
        return told
    asked = keras_classes.flag(c, name, base, value) if c.source == "tensorflow" else None
    read = asked or sequence_names.part(c, node, base, value) or _read(c, name, base, value)
    if read is not None:
        return read
    groups = rates.groups(c, node, base, value)
    if groups is not None:
        return groups
    own = layer is not None and layer.definition is not None
    key = f"{_owner(c, value)}.{name}"
    reason = c.index.reason(c.source, key)
    if reason is not None and not (own and name in ("weight", "bias")):
        return c.leave(node, key, reason.text)
    if c.source == "torch" and layer is not None and not own and layer.within is not None and node is not c.callee:
        return c.leave(node, f"{layer.name}.{name}", f"the layer that stands for it in Keras keeps no {name}")
    held = value.kind == "module" and (own or layer is None) and node is not c.callee
    renamed = f"{name}_" if held and reserved.is_users(c.source, name) else name
    if base is node.value and renamed == name:
        return node, Value()
    return node.with_changes(value=fit(node, "value", base), attr=cst.Name(renamed)), Value()
