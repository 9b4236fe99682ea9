"""Calls of layers and of functions of the file: arguments in the order of axes that they take, results as they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import handed_layers, memory, merging, modes, results_memory
from diptych.conversion.rewriting import fit
from diptych.inference.layers import ClassInfo, Layer, Signature
from diptych.inference.permutations import Permutation, reduced
from diptych.inference.values import DATA, MIXED, Value, join, replace
from diptych.matching.emit import COMMA
from diptych.matching.emit import call as emitted_call
from diptych.syntax.keywords import keyword
from diptych.syntax.precedence import argument as as_argument
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# What is assumed of the arguments of a loss, where their numbers of axes are not known.
RANKS = {
    "classes": "assumes predictions of shape (samples, classes)",
    "same": "assumes that both arguments have as many axes: PyTorch would broadcast them, Keras does otherwise",
}


def layer_of_class(info: ClassInfo) -> Layer:
    """The layer that an instance of a class of the file is."""
    signature = info.signature
    takes = gives = rank = gives_rank = None
    mutates = fresh = False
    if signature is not None:
        fresh = signature.result.is_tensor and not signature.result.memory
    if signature is not None and signature.parameters:
        first = signature.given.get(signature.parameters[0], Value())
        takes, rank = first.permutation, first.rank
        gives, gives_rank = signature.result.permutation, signature.result.rank
        mutates = bool(signature.mutated)
    return Layer(
        info.name,
        takes=takes,
        gives=gives,
        rank=rank,
        gives_rank=gives_rank,
        mode=info.mode or info.elsewhere,
        mutates=mutates,
        fresh=fresh,
        definition=info,
    )


def call(c: Converter, node: cst.Call, function: cst.BaseExpression, module: Value) -> Code:
    """``layer(x)``."""
    layer = module.layer
    if module.api == MIXED:
        reason = "it may be layers that take their axes or arguments in different orders"
        return c.leave(node, code_of(node.func), reason)
    if layer is not None and layer.merges is not None:
        return merging.call(c, node, layer)
    note_flow(c, node)
    if c.source == "tensorflow":
        node = modes.set_before(c, node, module)
        return _call(c, node, function, layer)
    code, value = _call(c, node, function, layer)
    return modes.passed_on(c, node, module, code), value


def _call(c: Converter, node: cst.Call, function: cst.BaseExpression, layer: Layer | None) -> Code:
    if layer is None or (layer.definition is not None and layer.definition.elsewhere):
        return _unknown(c, node, function, sure=layer is not None)
    if layer.definition is not None and layer.definition.signature is not None:
        return _of_class(c, node, function, layer)
    if layer.mutates and node.args:
        refusal = memory.why_not_in_place(c, node.args[0].value)
        if refusal:
            return c.leave(node, layer.name, refusal)
    node = _by_position(c, node, layer)
    refusal = _arguments_refused(node, layer)
    if refusal is not None:
        return c.leave(node, layer.name, refusal)
    if layer.unpacks == "states" and id(node) not in c.wanted:
        return c.leave(node, layer.name, "only the output sequence of a recurrent layer is converted, not its states")
    refusal = _ranks(c, node, layer)
    if refusal is not None:
        _once_more(c)
        return c.leave(node, layer.name, refusal)
    codes: list[cst.BaseExpression] = []
    values: list[Value] = []
    for argument in node.args:
        code, value = c.expr(argument.value)
        codes.append(code)
        values.append(value)
    first = values[0] if values else Value()
    if first.kind in ("list", "tuple") and first.items:
        first = first.items[0]
    if c.source == "torch" and first.rank is not None:
        if all(value.rank == layer.unbatched for value in values) and not layer.also:
            return _unbatched(c, node, function, layer, codes, values)
        if len(node.args) == 1 and layer.rank not in (None, first.rank):
            _once_more(c)
            reason = f"it is called on a tensor with {first.rank} axes; its twin takes {layer.rank}"
            return c.leave(node, layer.name, reason)
    result = layer.result(first)
    if layer.any_layout and len(node.args) == 1:
        result = replace(result, permutation=first.permutation)
    else:
        codes = [
            c.plain(code, value)
            if value.kind in ("list", "tuple")
            else c.arranged(code, value, layer.takes if place == 0 else None)
            for place, (code, value) in enumerate(zip(codes, values, strict=True))
        ]
        result = replace(result, permutation=layer.gives)
    args = [
        a if code is a.value else a.with_changes(value=fit(a, "value", code))
        for a, code in zip(node.args, codes, strict=True)
    ]
    if layer.call_order and len(args) == len(layer.call_order) and not any(a.keyword or a.star for a in args):
        args = [
            args[place].with_changes(
                comma=args[position].comma, whitespace_after_arg=args[position].whitespace_after_arg
            )
            for position, place in enumerate(layer.call_order)
        ]
    result = replace(result, memory=frozenset() if layer.fresh else first.memory)
    if layer.fresh:
        result = c.fresh(result)
    else:
        result = replace(result, memory=result.memory | {c.fresh_storage()})
    new = node
    if function is not node.func or any(a is not b for a, b in zip(args, node.args, strict=True)):
        new = node.with_changes(func=fit(node, "func", function), args=args)
    code: cst.BaseExpression = new
    if layer.activation is not None:
        from diptych.conversion import activations

        code, result = activations.applied(c, layer.activation, code, result)
    if c.layout == "preserve" and result.permutation is not None and not layer.any_layout and not layer.also:
        code, result = c.plain(code, result), replace(result, permutation=None)
    outputs = 2 if _asks_for_scores(c, node) else layer.outputs
    if outputs:
        result = Value("tuple", items=(result,) + (c.fresh(Value("tensor", dtype=result.dtype)),) * (outputs - 1))
    if layer.unpacks == "states":
        result = Value("states", items=(result, Value("states")))
    if layer.also:
        result = Value("tuple", items=(result, *(_besides(c, kind, result) for kind in layer.also)))
    return code, result


def _besides(c: Converter, kind: str, first: Value) -> Value:
    """What a layer returns beside its first result."""
    if kind == "indices":
        return c.fresh(replace(first, dtype="int64", width=None))
    one = c.fresh(Value("tensor", dtype=first.dtype))
    if kind == "pair":
        return Value("tuple", items=(one, c.fresh(one)))
    return one if kind == "tensor" else Value()


def _once_more(c: Converter) -> None:
    """Let the class be converted again, now that it is known how many axes its layers are called on."""
    if c.scope.owner is not None:
        c.scope.owner.again = True


# What both frameworks call the arguments of a loss, in their own order.
LOSS_ARGUMENTS = {"torch": ("input", "target"), "tensorflow": ("y_true", "y_pred")}


def _by_position(c: Converter, node: cst.Call, layer: Layer) -> cst.Call:
    """A call that names what a loss is called on, or the one input of a layer of PyTorch, without the names."""
    names = LOSS_ARGUMENTS[c.source]
    if layer.inputs != len(names) or len(node.args) != len(names):
        names = names[:1] if c.source == "torch" and len(node.args) == 1 else ()
    given = [a.keyword.value if a.keyword else None for a in node.args]
    named = [name for name in given if name is not None]
    if not named or any(a.star for a in node.args) or sorted(named) != sorted(names[-len(named) :]):
        return node
    by_name = {a.keyword.value: a for a in node.args if a.keyword is not None}
    ordered = [a for a in node.args if a.keyword is None] + [by_name[name] for name in names if name in by_name]
    plain = [
        a.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT, comma=node.args[place].comma)
        for place, a in enumerate(ordered)
    ]
    return node.with_changes(args=plain)


def _unbatched(
    c: Converter,
    node: cst.Call,
    function: cst.BaseExpression,
    layer: Layer,
    codes: list[cst.BaseExpression],
    values: list[Value],
) -> Code:
    """A call on one sample without a batch axis, or on single numbers: the twin gets the axis around the call."""
    single = layer.unbatched == 0

    def inner(permutation: Permutation | None) -> Permutation | None:
        return None if permutation is None else reduced(permutation, [0])

    def applied(name: str, inside: cst.BaseExpression, to: str) -> cst.BaseExpression:
        return emitted_call(
            cst.Attribute(c.name("tf"), cst.Name(name)), [cst.Arg(inside), cst.Arg(cst.parse_expression(to))]
        )

    takes = [inner(layer.takes), *[None] * (len(codes) - 1)]
    order = layer.call_order if layer.call_order and len(layer.call_order) == len(codes) else range(len(codes))
    args = [
        cst.Arg(applied("expand_dims", as_argument(c.arranged(codes[place], values[place], takes[place])), "0"))
        for place in order
    ]
    called = emitted_call(fit(node, "func", function), args)
    result = layer.result(replace(values[0], rank=(layer.unbatched or 0) + 1))
    rank = 0 if single else result.rank - 1 if result.rank is not None else None
    result = c.fresh(replace(result, rank=rank, permutation=inner(layer.gives)))
    code = applied("reshape", called, "()") if single else applied("squeeze", called, "0")
    if c.layout == "preserve" and result.permutation is not None:
        return c.plain(code, result), replace(result, permutation=None)
    return code, result


def _arguments_refused(node: cst.Call, layer: Layer) -> str | None:
    """Why a layer may not be called with these arguments; ``None`` if it may."""
    if layer.inputs is None:
        return None
    allowed = layer.inputs if isinstance(layer.inputs, tuple) else (layer.inputs,)
    numbers = " or ".join(map(str, allowed))
    only = f"it is converted only when called on {numbers} tensor{'s' * (allowed != (1,))} by position"
    if any(a.star for a in node.args) or sum(a.keyword is None for a in node.args) not in allowed:
        return only
    unknown = [a.keyword.value for a in node.args if a.keyword is not None and a.keyword.value not in layer.options]
    if unknown:
        return f"`{unknown[0]}` has no equivalent in this call" if layer.options else only
    return None


def _asks_for_scores(c: Converter, node: cst.Call) -> bool:
    """Whether an attention layer is to give its weights too."""
    return any(
        a.keyword and a.keyword.value == "return_attention_scores" and c.literal(a.value) is True for a in node.args
    )


def _ranks(c: Converter, node: cst.Call, layer: Layer) -> str | None:
    """Why a layer may not be called on these arguments; ``None`` if it may, assumptions noted."""
    if layer.ranks is None:
        return None
    ranks = [c.expr(argument.value)[1].rank for argument in node.args]
    if layer.ranks == "any":
        if ranks[0] is None:
            text = f"assumes a tensor with {layer.rank} axes: PyTorch takes others too"
            c.journal.assume(node, layer.name, text, ("ranks", c.scope.name, layer.name))
        return None
    if layer.ranks == "classes":
        target = c.expr(node.args[-1].value)[1].dtype or ""
        if c.source == "torch" and target.startswith(("float", "bfloat")):
            return "targets of a floating dtype are probabilities of classes; its twin takes the numbers of classes"
        if ranks[0] is not None:
            return None if ranks[0] <= 2 else "Keras expects the classes on the last axis: use F.cross_entropy"
        text = RANKS["classes"]
    else:
        if None not in ranks and (len(set(ranks)) != 1 or 0 in ranks):
            _broadcasts(c, node)
            return "Keras neither broadcasts the two as PyTorch does nor takes single numbers"
        if None not in ranks:
            return None
        text = RANKS["same"]
    c.journal.assume(node, layer.name, text, ("ranks", c.scope.name, layer.name))
    return None


def in_source_order(c: Converter, node: cst.BaseExpression, loss: Value) -> cst.BaseExpression:
    """A loss that is handed on: whoever gets it calls it on prediction and target as the source's losses are."""
    assert loss.layer is not None
    if c.source == "torch" and loss.layer.ranks is not None:
        reason = RANKS.get(loss.layer.ranks, RANKS["same"])
        c.journal.assume(node, loss.layer.name, reason, ("ranks", c.scope.name, loss.layer.name))
    name = "prediction_first" if c.source == "torch" else "target_first"
    c.helpers.add(name)
    return emitted_call(c.name(f"helper.{name}"), [cst.Arg(as_argument(node))])


def _broadcasts(c: Converter, node: cst.Call) -> None:
    """Note that a layer is called on tensors that only PyTorch would broadcast."""
    flow = c.scope.owner.flow if c.scope.owner is not None else {}
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in flow:
        name = node.func.attr.value
        flow[name] = replace(flow[name], literal="broadcast")


def note_flow(c: Converter, node: cst.Call) -> None:
    """Remember what a layer in an attribute is called on."""
    function = node.func
    if c.scope.owner is None or not isinstance(function, cst.Attribute) or not node.args:
        return
    given = c.expr(node.args[0].value)[1]
    if given.kind in ("list", "tuple") and given.items:
        given = given.items[0]
    given = replace(given, permutation=None)  # how many axes and channels come is the same in any order
    known = c.scope.owner.flow.get(function.attr.value)
    c.scope.owner.flow[function.attr.value] = given if known is None else join(known, given)


def _of_class(c: Converter, node: cst.Call, function: cst.BaseExpression, layer: Layer) -> Code:
    signature = layer.definition.signature
    node = _each_input(c, node, layer.definition)
    refusal = check_mutation(c, node, signature)
    if refusal:
        return c.leave(node, layer.name, refusal)
    args, values = arranged_arguments(c, node, signature)
    if c.target == "tensorflow":
        args = _named(args, values, signature)
    result = results_memory.of_call(c, node, signature, values)
    if function is node.func and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node, result
    return node.with_changes(func=fit(node, "func", function), args=args), result


def _named(args: list[cst.Arg], values: list[Value], signature: Signature) -> list[cst.Arg]:
    """Keras takes only tensors by position: what is none, and what stands behind it, is named."""
    place = next(
        (i for i, (a, v) in enumerate(zip(args, values, strict=True)) if a.keyword is None and _is_plain(v)), None
    )
    if place is None or len(args) > len(signature.parameters) or any(argument.star for argument in args):
        return args
    names = signature.parameters
    return [
        argument
        if position < place or argument.keyword
        else keyword(names[position], argument.value).with_changes(comma=argument.comma)
        for position, argument in enumerate(args)
    ]


def _is_plain(value: Value) -> bool:
    if value.kind in ("list", "tuple") and value.items:
        return all(_is_plain(item) for item in value.items)
    return value.kind in ("int", "float", "number", "bool", "str", "dict", "shape")


def _each_input(c: Converter, node: cst.Call, definition: ClassInfo) -> cst.Call:
    """A call of a Keras model of several inputs on a list of them, with each as an argument, as its twin takes them."""
    from diptych.conversion import entries

    listed = node.args[0].value if len(node.args) == 1 and not node.args[0].keyword else None
    if c.source != "tensorflow" or not isinstance(listed, (cst.List, cst.Tuple)) or definition.forward is None:
        return node
    forward = definition.forward
    taken = (entries.described(forward) if isinstance(forward, cst.FunctionDef) else forward)[1:]
    if len(taken) != len(listed.elements) or len(taken) < 2 or any(default is not None for _, _, default in taken):
        return node
    new = node.with_changes(args=[cst.Arg(element.value) for element in listed.elements])
    c.stands_for(new, node)
    return new


def _unknown(c: Converter, node: cst.Call, function: cst.BaseExpression, *, sure: bool) -> Code:
    args, values = [], []
    for argument in node.args:
        code, value = c.expr(argument.value)
        plain, _ = handed_layers.handed(c, argument.value, c.plain(code, value), value)
        args.append(argument if plain is argument.value else argument.with_changes(value=fit(argument, "value", plain)))
        values.append(value)
    if not sure and any(v.is_tensor or v.kind == "unknown" for v in values):
        text = code_of(node.func)
        reason = f"assumes that `{text}` takes and gives its axes in the source's order"
        c.journal.assume(node, text, reason, ("axes", c.scope.name, text), if_axes_move=True)
    tensor = any(v.is_tensor for v in values) or not values
    shared = frozenset().union(*(v.memory for v in values)) if values else frozenset()
    memory = shared | {c.fresh_storage()}
    result = Value("tensor", dtype="float", memory=memory) if tensor else Value(api=DATA, memory=memory)
    if function is node.func and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node, result
    return node.with_changes(func=fit(node, "func", function), args=args), result


def arranged_arguments(c: Converter, node: cst.Call, signature: Signature) -> tuple[list[cst.Arg], list[Value]]:
    """Arguments with the axes that the callee takes in its twin."""
    args, values = [], []
    position = 0
    for argument in node.args:
        name = None
        if argument.keyword is not None:
            name = argument.keyword.value
        elif argument.star == "" and position < len(signature.parameters):
            name = signature.parameters[position]
            position += 1
        wanted = signature.given.get(name) if name else None
        code, value = c.expr(argument.value)
        code = (
            c.plain(code, value)
            if value.kind in ("list", "tuple") or value.reorders_arguments
            else c.arranged(code, value, wanted.permutation if wanted else None)
        )
        code, value = _handed(c, argument.value, code, value, signature.looks.get(name or ""))
        args.append(argument if code is argument.value else argument.with_changes(value=fit(argument, "value", code)))
        values.append(value)
    return args, values


def _handed(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value, looks: bool | None) -> Code:
    """A layer that a function of the file is given, which may look at what it is."""
    if looks is None or not handed_layers.called_otherwise(value):
        return handed_layers.handed(c, node, code, value)
    if not looks:
        c.journal.error(node, "axes", handed_layers.LOOKED_AT)
    return code, value


def check_mutation(c: Converter, node: cst.Call, signature: Signature) -> str | None:
    """Why a call may not be made of a function that writes into its arguments; ``None`` if it may."""
    for position, argument in enumerate(node.args):
        name = (
            argument.keyword.value
            if argument.keyword
            else signature.parameters[position]
            if position < len(signature.parameters)
            else None
        )
        if name in signature.mutated:
            refusal = memory.why_not_in_place(c, argument.value)
            if refusal:
                return refusal
    return None


def appended(args: list[cst.Arg], argument: cst.Arg) -> list[cst.Arg]:
    """Arguments with one more at the end."""
    if args and isinstance(args[-1].comma, cst.MaybeSentinel):
        args = [*args[:-1], args[-1].with_changes(comma=COMMA)]
    return [*args, argument]
