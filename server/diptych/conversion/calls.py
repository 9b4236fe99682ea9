"""Converting calls: of frameworks, tensors, layers, and of what the file defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import (
    application,
    attribute_tests,
    attributes,
    checkpoints,
    class_tests,
    datasets,
    derived_layers,
    dicts,
    dtype_texts,
    eager_values,
    einops,
    elements,
    environment,
    evidence,
    expressions,
    handed_layers,
    held_by_model,
    helper_calls,
    initialisers,
    joined_axes,
    layer_calls,
    layer_classes,
    layer_parts,
    layer_values,
    memory,
    methods,
    metrics,
    modes,
    packages,
    parameter_groups,
    rates,
    results_memory,
    stateless,
    static_shapes,
    step_modes,
    structure,
    tensorflow_calls,
    torch_calls,
    trainers,
    typed_tensors,
)
from diptych.conversion.names import dotted
from diptych.conversion.rewriting import fit
from diptych.inference.layers import ClassInfo
from diptych.inference.values import DATA, UNKNOWN, Value, element_of, replace
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.syntax.precedence import argument as as_argument
from diptych.syntax.precedence import parenthesized
from diptych.syntax.source import breaks, code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


def convert(c: Converter, node: cst.Call) -> Code:
    """``f(...)``. A call that cannot be converted stays as it was, arguments included."""
    mark = c.journal.mark()
    spelled = _spelled_out(c, node)
    if spelled is not None:
        code, value = c.expr(spelled)
        return (node if code is spelled else code), value
    qualified = c.qualified(node.func)
    if qualified is not None and not c.is_framework(qualified):
        return _plain(c, node)
    code, value = _framework(c, node, qualified) if qualified is not None else _other(c, node)
    if code is node:
        if errors := c.journal.errors_since(mark):
            c.journal.back_to(mark)
            c.journal.remarks += errors[:1]
    elif not code.lpar and c.spans_lines(c.scope.statement or node) and breaks(code) and not breaks(node):
        code = parenthesized(code)  # what stood between the brackets of the call stands without them now
    return code, value


def _spelled_out(c: Converter, node: cst.Call) -> cst.BaseExpression | None:
    """``getattr(torch, "add")`` as ``torch.add``, and a call of it likewise; ``None`` where it is not such."""
    function, looked_up = node.func, node
    if isinstance(function, cst.Call):
        looked_up = function
    if not isinstance(looked_up.func, cst.Name) or looked_up.func.value != "getattr" or c.scope.lookup("getattr"):
        return None
    if len(looked_up.args) != 2 or any(a.keyword or a.star for a in looked_up.args):
        return None
    owner, name = looked_up.args[0].value, c.literal(looked_up.args[1].value)
    if not isinstance(name, str) or not name.isidentifier():
        return None
    if c.qualified(owner) is None:
        code, value = c.expr(owner)
        if code is not owner or value.kind not in ("tensor", "module", "optimizer"):
            return None
    attribute = cst.Attribute(owner, cst.Name(name))
    attribute = attribute.with_changes(value=fit(attribute, "value", owner))
    spelled = attribute if looked_up is node else node.with_changes(func=attribute)
    c.alive += [attribute, spelled]
    c.journal.origins[id(attribute)], c.journal.origins[id(spelled)] = looked_up, node
    return spelled


def _framework(c: Converter, node: cst.Call, qualified: str) -> Code:
    special = torch_calls.SPECIAL if c.source == "torch" else tensorflow_calls.SPECIAL
    handler = special.get(qualified)
    if handler is not None:
        result = handler(c, node)
        if result is not None:
            return result
    either = derived_layers.without_optional(c, node, qualified)
    if either is not None:
        return either
    grouped = parameter_groups.converted(c, node, qualified) or parameter_groups.scheduled(c, node, qualified)
    if grouped is not None:
        return grouped
    refusal = structure.refused(c, node, qualified) if c.source == "torch" else None
    if refusal is not None:
        return c.leave(node, qualified, refusal)
    if c.source == "torch" and elements.is_given_out(c, node):
        return elements.into(c, node, qualified)
    stripped, mutates = (torch_calls if c.source == "torch" else tensorflow_calls).stripped(c, node)
    if mutates:
        refusal = memory.why_not_in_place(c, node.args[0].value if node.args else None)
        if refusal and qualified.startswith("torch.nn.functional."):
            return c.leave(node, qualified, refusal)
    plain_axes = c.source == "tensorflow" and tensorflow_calls.is_channels_first(c, node)
    if any(argument.star for argument in stripped.args) or qualified.startswith("helper."):
        unseen = layer_classes.called(c, stripped, qualified)
        if unseen is not None:
            return unseen
    flowing, c.flowing = c.flowing, None if plain_axes else c.flowing
    rules = helper_calls if qualified.startswith("helper.") else application
    result = rules.apply(c, stripped, qualified)
    c.flowing = flowing
    if result is not None:
        code, value = result
        if plain_axes:
            value = tensorflow_calls.without_layout(value)
        if code is stripped:
            return node, value
        value = layer_values.located(value, code)
        if value.layer is not None and mutates:
            value = replace(value, layer=replace(value.layer, mutates=True))
        return tensorflow_calls.with_activation(c, node, code, value) if c.source == "tensorflow" else (code, value)
    return c.leave(node, qualified, _reason(c, node, qualified))


def _reason(c: Converter, node: cst.Call, qualified: str) -> str:
    if c.index.reason(c.source, qualified) or not c.index.candidates(c.source, qualified):
        return c.why(qualified, f"no rule knows {qualified}")
    if any(argument.star for argument in node.args):
        return "starred arguments hide what is passed"
    return "no rule knows this combination of arguments"


def _other(c: Converter, node: cst.Call) -> Code:
    function = node.func
    lit = trainers.seeded(c, node) or trainers.method(c, node)
    if lit is not None:
        return lit
    if packages.is_elsewhere(c, function):
        return _instance_of(c, node, ClassInfo(dotted(function) or "", elsewhere=True))
    if isinstance(function, cst.Call):
        if held_by_model.on_input(c, node):
            return c.leave(node, code_of(function), held_by_model.LEFT)[0], Value(api=held_by_model.INPUT)
        at_once = stateless.convert(c, node)
        if at_once is not None:
            return at_once
    if isinstance(function, cst.Attribute):
        length = attributes.axis_length(c, node)
        if length is not None:
            return length
        result = parameter_groups.added(c, node, function) or static_shapes.method(c, node, function)
        result = result or methods.convert(c, node, function)
        if result is not None:
            return result
    c.callee = function
    code, value = c.expr(function)
    if value.kind == "unknown":
        layer_calls.note_flow(c, node)
    if value.kind == "self" and value.definition is not None and isinstance(function, cst.Name):
        own = methods.own_call(c, node, function, code, value.definition)
        if own is not None:
            return own
    if value.kind == "module":
        if held_by_model.on_input(c, node):
            return c.leave(node, code_of(function), held_by_model.LEFT)[0], Value(api=held_by_model.INPUT)
        lost = held_by_model.layer_lost(c, node)
        return layer_calls.call(c, node, code, value) if lost is None else c.leave(node, code_of(function), lost)
    if value.kind == layer_classes.KIND:
        return layer_classes.made(c, node, code)
    if value.kind == "metric":
        return metrics.called(c, node, code)
    if value.kind == "penalty":
        return environment.called_penalty(c, node, code)
    if value.kind == "dtype" and value.api == typed_tensors.TYPE:
        return typed_tensors.called(c, node, code, value)
    if value.kind == "class":
        return _instance(c, node, value)
    told = (step_modes if c.scope.sets_modes else modes).before_unknown(c, node, value)
    if told is not node:
        return _plain(c, told)
    if value.kind == "function" and value.definition is not None:
        lost = held_by_model.made_lost(c, (dotted(function) or "").rpartition(".")[2])
        return _local(c, node, code, value) if lost is None else c.leave(node, code_of(function), lost)
    return _plain(c, node)


# Functions of Python's math that give a float.
FLOATS = {"log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "pow", "sin", "cos", "tan", "atan", "atan2", "tanh"}


def _plain(c: Converter, node: cst.Call) -> Code:
    """A call that is the same in both: Python's own, other libraries', unknown callables."""
    if isinstance(node.func, cst.Name) and node.func.value == "super":
        return node, Value("super")
    group = parameter_groups.display(c, node)
    if group is not None:
        return c.expr(group)
    if (
        isinstance(node.func, cst.Name)
        and node.func.value == "map"
        and node.args
        and isinstance(node.args[0].value, cst.Lambda)
    ):
        return _mapped(c, node)
    if isinstance(node.func, cst.Name) and node.func.value == "isinstance" and len(node.args) == 2:
        if c.source == "torch" and c.qualified(node.args[1].value) == "torch.Tensor":
            asked = call(c.name("tf.is_tensor"), [cst.Arg(as_argument(c.code(node.args[0].value)))])
            return asked, Value("bool")
        class_tests.settle(c, node.args[0].value, node.args[1].value)
    if isinstance(node.func, cst.Name) and node.func.value == "len" and len(node.args) == 1:
        code, value = c.expr(node.args[0].value)
        if value.kind == "dataset":
            return datasets.length(c, node, code, value)
        counted = layer_parts.counted(c, node)
        if counted is not None:
            return counted
    dtype = dtype_texts.text(c, node)
    if dtype is not None:
        return dtype
    asked = attribute_tests.refused(c, node)
    if asked is not None:
        return c.leave(node, code_of(node.func), asked)
    filtered = structure.filtered(c, node)
    if filtered is not None:
        return filtered
    function, called = c.expr(node.func)
    if isinstance(node.func, cst.Name) and node.func.value in ("zip", "enumerate", "len"):
        rates.gone_over(c, *(a.value for a in node.args))
    args, values = arguments(c, node)
    eager_values.function(c, node, values)
    if isinstance(node.func, cst.Name) and node.func.value in ("zip", "enumerate"):
        args, values = structure.listed(c, node, args, values)
    if called.kind == "foreign" and called.api is not None:
        args = einops.known_sizes(c, node, called, einops.tensors(c, node, args))
        args = joined_axes.with_sizes(c, node, called.api, args)
    refusal = layer_classes.refused(c, node, values)
    if refusal is not None:
        return c.leave(node, code_of(node.func), refusal)
    _assume_copied(c, node, values)
    value = (
        dicts.filled(c, node, args, values)
        or dicts.asked(c, node)
        or layer_classes.partial(c, node, values)
        or structure.chosen(c, node, values)
        or _builtin(c, node, values)
        or einops.result(c, node, called, values)
    )
    if value is None and called.kind == "foreign" and (called.api or "").startswith("math."):
        value = Value("float") if (called.api or "")[5:] in FLOATS else None
    if value is None and isinstance(node.func, cst.Attribute):
        value = checkpoints.looked_into(c, node, node.func, c.expr(node.func.value)[1])
    if value is None:
        _assume_axes(c, node, called, values)
        value = _loss(c, node, called, values)
    if value is None:
        of_self = isinstance(node.func, cst.Attribute) and c.expr(node.func.value)[1].kind == "self"
        own = frozenset(storage for storage in called.memory if storage > 0 or not of_self)
        shared = frozenset().union(*(v.memory for v in values)) | own
        data = DATA if any(v.is_tensor or v.api == DATA for v in values) else None
        arrays = called.kind == "foreign" and all(v.kind == "foreign" for v in values if v.memory)
        value = Value("foreign" if arrays else "unknown", api=data if not arrays else None, memory=shared)
    if function is node.func and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node, value
    return node.with_changes(func=fit(node, "func", function), args=args), value


def _assume_copied(c: Converter, node: cst.Call, values: list[Value]) -> None:
    """``copy.deepcopy(model)``: Keras makes weights at the first call, in a copy from before it others."""
    text = code_of(node.func)
    if c.source != "torch" or text not in ("copy.deepcopy", "deepcopy") or len(values) != 1:
        return
    name = code_of(node.args[0].value).rpartition(".")[2].lower()
    if values[0].kind == "module" or (values[0].kind == "unknown" and name in evidence.MODELS):
        reason = "assumes that the model was called before: Keras makes weights at the first call, in a copy others"
        c.journal.assume(node, text, reason, ("copy", c.scope.name))


def _loss(c: Converter, node: cst.Call, called: Value, values: list[Value]) -> Value | None:
    """What a loss of unknown making gives, such as ``criterion(output, target)`` of an argument."""
    name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    if c.source != "torch" or called.kind != "unknown" or not isinstance(name, cst.Name):
        return None
    if not evidence.LOSS.search(name.value) or not any(v.is_tensor or v.api == DATA for v in values):
        return None
    text = code_of(node.func)
    c.journal.assume(node, text, f"assumes that `{text}` gives a tensor", ("loss", c.scope.name, text))
    return c.fresh(Value("tensor", dtype="float"))


def _assume_axes(c: Converter, node: cst.Call, called: Value, values: list[Value]) -> None:
    """A callable that nothing is known of may be a layer that takes its input channels-last."""
    if called.kind != "unknown" or not any(value.is_tensor for value in values) or isinstance(node.func, cst.Attribute):
        return
    text = code_of(node.func)
    if isinstance(node.func, cst.Name) and c.scope.lookup(text) is None:
        return
    c.journal.assume(
        node,
        text,
        f"assumes that `{text}` takes its input with the axes as they are in the source",
        ("axes", c.scope.name, text),
        if_axes_move=True,
    )


def _mapped(c: Converter, node: cst.Call) -> Code:
    """``map(lambda t: ..., tensors)``: what the lambda is given is known."""
    args, values = [], []
    for argument in node.args[1:]:
        code, value = c.expr(argument.value)
        if value.is_tensor or isinstance(code, (cst.Tuple, cst.List)):
            code, value = c.plain(code, value), value.plain()
        args.append(argument if code is argument.value else argument.with_changes(value=fit(argument, "value", code)))
        values.append(element_of(value))
    assert isinstance(node.args[0].value, cst.Lambda)
    code, value = expressions.function_of(c, node.args[0].value, values)
    first = node.args[0] if code is node.args[0].value else node.args[0].with_changes(value=code)
    return node.with_changes(args=[first, *args]), Value("list", item=value, memory=value.memory)


def arguments(c: Converter, node: cst.Call) -> tuple[list[cst.Arg], list[Value]]:
    """All arguments converted, tensors with their axes in the source's order, and layers that may be called, too."""
    args, values = [], []
    keeps = handed_layers.kept(c, node)
    for argument in node.args:
        code, value = c.expr(argument.value)
        code = c.plain(code, value)
        if not keeps:
            code, value = handed_layers.handed(c, argument.value, code, value)
        args.append(argument if code is argument.value else argument.with_changes(value=fit(argument, "value", code)))
        values.append(value.plain())
    return args, values


def _builtin(c: Converter, node: cst.Call, values: list[Value]) -> Value | None:
    """Results of Python's own functions."""
    if not isinstance(node.func, cst.Name) or c.scope.lookup(node.func.value) is not None:
        return None
    name = node.func.value
    first = values[0] if values else UNKNOWN
    simple: dict[str, Any] = {"len": Value("int"), "int": Value("int"), "float": Value("float"),
    "bool": Value("bool"), "str": Value("str"),
                              "isinstance": Value("bool"), "range": Value("list", item=Value("int")),
                              "round": Value("number"),
                              "print": Value("none"), "hasattr": Value("bool"), "ord": Value("int"),
                              "id": Value("int")}  # fmt: skip
    if name in simple:
        return simple[name]
    if name in ("list", "tuple", "sorted", "reversed"):
        kind = "tuple" if name == "tuple" else "list"
        if first.kind == "modules":
            return first
        return Value(
            kind,
            item=element_of(first),
            items=first.items if name in ("list", "tuple") else None,
            memory=first.memory,
        )
    if name == "enumerate":
        return Value("list", item=Value("tuple", items=(Value("int"), element_of(first))), memory=first.memory)
    if name == "iter" and len(values) == 1:
        return Value(item=element_of(first), memory=first.memory)
    if name == "next" and first.item is not None:
        return first.item
    if name == "zip":
        items = tuple(element_of(value) for value in values)
        return Value("list", item=Value("tuple", items=items), memory=frozenset().union(*(v.memory for v in values)))
    if name in ("abs", "sum", "max", "min") and first.kind == "tensor" and len(values) == 1 and name == "abs":
        return c.fresh(first)
    if name in ("max", "min", "sum", "pow", "divmod") and all(
        v.kind in ("int", "float", "number", "bool") for v in values
    ):
        return Value("int" if all(v.kind == "int" for v in values) and name != "divmod" else "number")
    return None


def _instance(c: Converter, node: cst.Call, value: Value) -> Code:
    """``Net(...)`` for a class of the file."""
    code, made = _instance_of(c, node, value.definition.info(c) if value.definition is not None else None)
    return code, Value("schedule") if value.definition is not None and value.definition.is_schedule else made


def _instance_of(c: Converter, node: cst.Call, info: ClassInfo | None) -> Code:
    args, values = arguments(c, node)
    code, _ = c.expr(node.func)
    changed = code is not node.func or any(a is not b for a, b in zip(args, node.args, strict=True))
    result = node.with_changes(func=code, args=args) if changed else node
    held = frozenset().union(*(value.memory for value in values))
    if info is None:
        return result, Value(memory=held)
    return result, Value("module", layer=layer_calls.layer_of_class(info), memory=held)


def _local(c: Converter, node: cst.Call, code: cst.BaseExpression, value: Value) -> Code:
    """A call of a function that the file defines."""
    signature = value.definition.signature(c)
    if signature is None:
        return _plain(c, node)
    modes.before_method(c, node, signature.mode, value.definition.owner)
    asked = initialisers.asked(c, node, signature.asks)
    if asked is not None:
        return asked
    args, values = layer_calls.arranged_arguments(c, node, signature)
    refusal = layer_calls.check_mutation(c, node, signature)
    if refusal:
        return c.leave(node, code_of(node.func), refusal)
    result = results_memory.of_call(c, node, signature, values)
    modes.after_call(c, node, signature)
    if value.definition.owner is not None and value.definition.scope_after.reads_training:
        args = layer_calls.appended(args, keyword("training", modes.of_step(c)))
        return node.with_changes(func=fit(node, "func", code), args=args), result
    if code is node.func and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node, result
    return node.with_changes(func=fit(node, "func", code), args=args), result
