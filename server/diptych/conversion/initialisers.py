"""Initialising weights: PyTorch writes into those of a layer that is there, Keras is told before they are made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import application, keras_classes, keras_initialisers, layer_values, memory
from diptych.conversion.structure import VARIABLE
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import atom
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PREFIX = "torch.nn.init."
METHODS = {"normal_": "normal_", "uniform_": "uniform_", "fill_": "constant_", "zero_": "zeros_"}
# Weights of Keras layers that an initialiser is given for, with the flag that says whether they are there.
# Initialisers that look at no axes.
ELEMENTWISE = ("constant_", "zeros_", "ones_", "normal_", "uniform_", "trunc_normal_")
WEIGHTS = {"kernel": None, "embeddings": None, "bias": "use_bias", "gamma": "scale", "beta": "center"}
SWAPPED = {"fan_in": "fan_out", "fan_out": "fan_in"}


def statement(c: Converter, node: cst.Call) -> Any:
    """``nn.init.f_(layer.weight, ...)`` and the like where they stand alone; ``None`` for anything else."""
    if c.source != "torch":
        return keras_initialisers.statement(c, node)
    applied = _applied(c, node)
    if applied is not None:
        return applied
    qualified = c.qualified(node.func)
    arguments = list(node.args)
    if qualified is not None and qualified.startswith(PREFIX) and qualified.endswith("_"):
        target = _target(arguments)
    elif isinstance(node.func, cst.Attribute) and node.func.attr.value in METHODS:
        qualified = PREFIX + METHODS[node.func.attr.value]
        target = cst.Arg(node.func.value)
        arguments.insert(0, target)
        if weight_of(c, node.func.value) is None and parameter(c, node.func.value) is None:
            return None
    else:
        return None
    if target is None:
        return None
    weight = weight_of(c, target.value)
    if weight is not None:
        return _of_layer(c, node, qualified, arguments, target, weight)
    known = parameter(c, target.value)
    if known is not None and (isinstance(target.value, cst.Attribute) or c.expr(known)[1].api == VARIABLE):
        return _of_parameter(c, node, qualified, arguments, target)
    return None


def tensor(c: Converter, node: cst.Call) -> Code:
    """``nn.init.f_(x, ...)`` of a tensor: the name gets a new one, if nobody else sees the old one change."""
    qualified = c.qualified(node.func) or PREFIX
    target = _target(list(node.args))
    if target is None:
        return c.leave(node, qualified, "the tensor is not known")
    if weight_of(c, target.value) is not None or parameter(c, target.value) is not None:
        return c.leave(node, qualified, "a weight is initialised only by a statement of its own")
    value = c.expr(target.value)[1]
    if value.kind == "module" or value.kind == "unknown":
        return c.leave(node, qualified, "it is not known which layer's weight this is")
    rebound = target.value.value if isinstance(target.value, cst.Name) else None
    if rebound is None and not isinstance(target.value, cst.Call):
        return c.leave(node, qualified, "an attribute or element is written in place, and others may see it")
    refusal = memory.why_not_in_place(c, target.value, rebound)
    if refusal:
        return c.leave(node, qualified, refusal)
    found = application.apply(c, node, qualified)
    if found is None or found[0] is node or rebound is None:
        return found or c.leave(node, qualified, "no rule knows this combination of arguments")
    if c.scope.prefix is None:
        return c.leave(node, qualified, "a name is written in place inside an expression")
    code, result = found
    c.scope.prefix.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(rebound))], code)]))
    c.scope.names[rebound] = replace(result, memory=value.memory, of=None)
    return cst.Name(rebound), c.scope.names[rebound]


def _target(arguments: list[cst.Arg]) -> cst.Arg | None:
    for place, argument in enumerate(arguments):
        if argument.star:
            return None
        if (place == 0 and argument.keyword is None) or (argument.keyword and argument.keyword.value == "tensor"):
            return argument
    return None


def _without_data(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.value if isinstance(node, cst.Attribute) and node.attr.value == "data" else node


def parameter(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The parameter that an expression names, without ``.data``; ``None`` if it is not known to be one."""
    node = _without_data(node)
    if not isinstance(node, (cst.Name, cst.Attribute)) or c.qualified(node) is not None:
        return None
    if isinstance(node, cst.Attribute) and c.expr(node.value)[1].kind != "self":
        return None
    return node if c.expr(node)[1].api in ("torch.nn.Parameter", VARIABLE) else None


def weight_of(c: Converter, node: cst.BaseExpression) -> tuple[cst.BaseExpression, str, str] | None:
    """The layer in the twin, its attribute and the rule's name, of ``layer.weight``; ``None`` for anything else."""
    node = _without_data(node)
    if not isinstance(node, cst.Attribute) or node.attr.value not in ("weight", "bias") or c.qualified(node):
        return None
    mark = c.journal.mark()
    code, value = c.expr(node.value)
    layer = value.layer
    if value.kind != "module" or layer is None or layer.definition is not None:
        c.journal.back_to(mark)
        return None
    if layer.within is None:
        return None
    place = (c.index.rule(layer.name).attributes.get("weights") or {}).get(node.attr.value)
    if place is None or place[0] not in WEIGHTS:
        return None
    return layer_values.inside(code, layer.within), place[0], layer.name


def _initialiser(
    c: Converter, node: cst.Call, qualified: str, arguments: list[cst.Arg], target: cst.Arg
) -> cst.BaseExpression | None:
    """The Keras initialiser with these arguments; ``None`` if there is none, which is noted."""
    stand_in = cst.Name("weight")
    c._memo[id(stand_in)] = stand_in, c.fresh(Value("tensor", dtype="float32"))
    given = [a.with_changes(value=stand_in) if a is target else a for a in arguments]
    made = c.source_call(qualified, given)
    c.alive.append(stand_in)
    c.journal.origins[id(made)] = node
    found = application.apply(c, made, qualified)
    if found is None:
        c.leave(node, qualified, "no rule knows this combination of arguments")
        return None
    code = found[0]
    if code is made or not isinstance(code, cst.Call):
        return None
    if isinstance(code.func, cst.Call):
        return code.func
    arguments = [cst.Arg(cst.Name(name)) for name in ("shape", "dtype")] + list(code.args[2:])
    names = [cst.Param(cst.Name("shape")), cst.Param(cst.Name("dtype"), default=cst.Name("None"))]
    return cst.Lambda(cst.Parameters(names), call(code.func, arguments))


def _of_layer(
    c: Converter,
    node: cst.Call,
    qualified: str,
    arguments: list[cst.Arg],
    target: cst.Arg,
    weight: tuple[cst.BaseExpression, str, str],
) -> Any:
    layer, attribute, rule = weight
    if attribute == "embeddings":
        arguments = [_swapped(c, argument) for argument in arguments]
        if qualified.startswith(f"{PREFIX}kaiming") and len(arguments) < 3 and not _says_mode(arguments):
            mode = cst.Arg(cst.SimpleString('"fan_out"'), keyword=cst.Name("mode"))
            arguments = [*arguments, mode]
        target = next(a for a in arguments if a.value is target.value)
    if qualified.startswith((f"{PREFIX}dirac", f"{PREFIX}sparse")):
        return c.leave(node, qualified, "Keras has no initialiser that does the same")[0]
    mark = c.journal.mark()
    made = _initialiser(c, node, qualified, arguments, target)
    if made is None:
        if not c.journal.errors_since(mark):
            c.leave(node, qualified, f"the {attribute} of {rule} cannot be initialised so")
        return node
    if _fresh(c):
        place = cst.Attribute(atom(layer), cst.Name(f"{attribute}_initializer"))
        return cst.Assign([cst.AssignTarget(place)], made)
    c.helpers.add("initialize")
    name = cst.SimpleString(f'"{attribute}"')
    return call(c.name("helper.initialize"), [cst.Arg(layer), cst.Arg(name), cst.Arg(made)])


def _says_mode(arguments: list[cst.Arg]) -> bool:
    return any(argument.keyword and argument.keyword.value == "mode" for argument in arguments)


def _swapped(c: Converter, argument: cst.Arg) -> cst.Arg:
    """PyTorch counts the width of an embedding as what goes in, Keras its rows."""
    literal = c.literal(argument.value)
    other = SWAPPED.get(literal) if isinstance(literal, str) else None
    return argument.with_changes(value=cst.SimpleString(f'"{other}"')) if other else argument


def _fresh(c: Converter) -> bool:
    """Whether the layers of a model cannot have been built yet where this stands: its constructor runs it."""
    owner = c.scope.owner
    return owner is not None and c.scope.name.rpartition(".")[2] in owner.constructing


def _of_parameter(c: Converter, node: cst.Call, qualified: str, arguments: list[cst.Arg], target: cst.Arg) -> Any:
    if c.expr(_without_data(target.value))[1].api == VARIABLE and qualified.removeprefix(PREFIX) not in ELEMENTWISE:
        reason = "the axes of its weights differ in Keras: initialise them layer by layer, where isinstance tells which"
        return c.leave(node, qualified, reason)[0]
    made = _initialiser(c, node, qualified, arguments, target)
    if made is None:
        return node
    code = c.code(_without_data(target.value))
    shape = [cst.Arg(cst.Attribute(atom(code), cst.Name(name))) for name in ("shape", "dtype")]
    value = call(atom(made), shape)
    return call(cst.Attribute(atom(code), cst.Name("assign")), [cst.Arg(value)])


def _applied(c: Converter, node: cst.Call) -> Any:
    """``model.apply(f)``: a loop over the layers."""
    if not isinstance(node.func, cst.Attribute) or node.func.attr.value != "apply" or len(node.args) != 1:
        return None
    if c.qualified(node.func) is not None or node.args[0].keyword or node.args[0].star:
        return None
    code, value = c.expr(node.func.value)
    if value.kind not in ("self", "module") or c.scope.prefix is None:
        return None
    function = c.code(node.args[0].value)
    if not isinstance(function, (cst.Name, cst.Attribute)):
        return None
    layer = c.twin.fresh("layer")
    body = cst.Expr(call(function, [cst.Arg(cst.Name(layer))]))
    lines = getattr(c.scope.statement, "leading_lines", ())
    c.scope.prefix.append(
        cst.For(
            cst.Name(layer),
            every_layer(code),
            cst.IndentedBlock([cst.SimpleStatementLine([body])]),
            leading_lines=lines,
        )
    )
    return True


def every_layer(code: cst.BaseExpression) -> cst.Call:
    """All layers of a model, at any depth, itself included."""
    return call(cst.Attribute(atom(code), cst.Name("_flatten_layers")), [])


INITIALISING = ("_", "init", "reset", "weight")  # how names begin of methods that a constructor may run


def constructing(node: cst.ClassDef) -> frozenset[str]:
    """The methods that the constructor alone runs, itself included."""
    methods = {item.name.value: item for item in node.body.body if isinstance(item, cst.FunctionDef)}
    found = {"__init__"}
    if not any(name.startswith(INITIALISING) for name in methods if name not in found):
        return frozenset(found)
    mentioned = {name: _mentions(function) & set(methods) for name, function in methods.items()}
    while True:
        more = {
            name
            for name in methods
            if name not in found
            and name.startswith(INITIALISING)
            and any(name in mentioned[user] for user in found if user in mentioned)
            and all(user in found or user == name for user in methods if name in mentioned[user])
        }
        if not more:
            return frozenset(found)
        found |= more


def _mentions(node: cst.CSTNode) -> set[str]:
    return {part.attr.value for part in walk(node) if isinstance(part, cst.Attribute)}


def narrowed(c: Converter, test: cst.BaseExpression) -> dict[str, Value]:
    """What ``isinstance(m, nn.Linear)`` or ``torch.is_tensor(m)`` says of ``m`` where it holds."""
    tensor = _tensor_tested(c, test)
    if tensor is not None:
        known = c.scope.lookup(tensor) or Value()
        return {tensor: Value("tensor", memory=known.memory)} if known.kind == "unknown" else {}
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        return {**narrowed(c, test.left), **narrowed(c, test.right)}
    if (
        not isinstance(test, cst.Call)
        or not isinstance(test.func, cst.Name)
        or test.func.value != "isinstance"
        or len(test.args) != 2
        or not isinstance(test.args[0].value, cst.Name)
    ):
        return {}
    kinds = test.args[1].value
    names = [e.value for e in kinds.elements] if isinstance(kinds, (cst.Tuple, cst.List)) else [kinds]
    of_class = layer_values.of_class if c.source == "torch" else keras_classes.of_class
    values = [of_class(c, c.qualified(name) or "") for name in names]
    if not values or any(value is None for value in values):
        return {}
    first = values[0]
    assert first is not None and first.layer is not None
    weights = [_weights(c, value) for value in values if value is not None]
    if any(other != weights[0] for other in weights):
        return {}
    return {test.args[0].value.value: first}


def _tensor_tested(c: Converter, test: cst.BaseExpression) -> str | None:
    """The name of which a test asks whether it is a tensor."""
    if not isinstance(test, cst.Call) or not test.args or not isinstance(test.args[0].value, cst.Name):
        return None
    if len(test.args) == 2 and isinstance(test.func, cst.Name) and test.func.value == "isinstance":
        asked = c.qualified(test.args[1].value) == "torch.Tensor"
    else:
        asked = c.qualified(test.func) == "torch.is_tensor"
    return test.args[0].value.value if asked else None


def _weights(c: Converter, value: Value) -> dict[str, str]:
    assert value.layer is not None
    found = c.index.rule(value.layer.name).attributes.get("weights") or {}
    return {name: found[name][0] for name in ("weight", "bias") if name in found}


def there(c: Converter, node: cst.Comparison) -> Code | None:
    """``layer.bias is not None``: whether a Keras layer has that weight."""
    comparison = node.comparisons[0]
    if c.source != "torch" or len(node.comparisons) != 1 or not isinstance(comparison.operator, (cst.Is, cst.IsNot)):
        return None
    if not isinstance(comparison.comparator, cst.Name) or comparison.comparator.value != "None":
        return None
    found = weight_of(c, node.left)
    if found is None:
        return None
    flag = WEIGHTS[found[1]]
    wanted = isinstance(comparison.operator, cst.IsNot)
    if flag is None:
        return cst.Name(str(wanted)), Value("bool", literal=wanted)
    code = cst.Attribute(atom(found[0]), cst.Name(flag))
    return (code if wanted else cst.UnaryOperation(cst.Not(), code)), Value("bool")


def asking(node: cst.FunctionDef) -> bool | None:
    """True for a function that asks nothing but ``return x is not None``, false for ``is``; ``None`` for others."""
    body = node.body.body
    returned = body[0].body[0] if len(body) == 1 and isinstance(body[0], cst.SimpleStatementLine) else None
    asked = returned.value if isinstance(returned, cst.Return) else None
    if not isinstance(asked, cst.Comparison) or len(asked.comparisons) != 1 or len(node.params.params) != 1:
        return None
    [comparison] = asked.comparisons
    of_argument = asked.left.deep_equals(node.params.params[0].name)
    of_none = comparison.comparator.deep_equals(cst.Name("None"))
    if not of_argument or not of_none or not isinstance(comparison.operator, (cst.Is, cst.IsNot)):
        return None
    return isinstance(comparison.operator, cst.IsNot)


def asked(c: Converter, node: cst.Call, present: bool | None) -> Code | None:
    """``exists(layer.bias)`` where ``exists`` is such a function: whether a Keras layer has that weight."""
    if present is None or len(node.args) != 1 or node.args[0].star or node.args[0].keyword:
        return None
    operator = cst.IsNot() if present else cst.Is()
    comparison = cst.Comparison(node.args[0].value, [cst.ComparisonTarget(operator, cst.Name("None"))])
    c.stands_for(comparison, node)
    return there(c, comparison)
