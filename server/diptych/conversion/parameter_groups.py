"""Groups of parameters with settings of their own: in the twin an optimizer for each, made by one function of them.

Keras makes variables at the first call of a layer. So a group that is written as a module's parameters becomes a
function that gives them, which is called at the first step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.catalog.signatures import bind_all, default_of
from diptych.conversion import application, closures, initialisers, slices
from diptych.conversion.checkpoints import helper
from diptych.inference.values import SEVERAL, SINGLE, Value, element_of, is_grouped, replace
from diptych.matching.emit import call
from diptych.syntax.keywords import TIGHT
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

PARAMS = "params"
OPTIMIZERS, SCHEDULERS = "torch.optim.", "torch.optim.lr_scheduler."
LISTS = ("parameters", "named_parameters", "modules", "named_modules")
# The kind of a name that holds a function in the twin, which gives a list of parameters at the first step.
LATER = "later"
UNSURE = (
    "Keras makes variables at the first call of a layer, and it is not known which of them this lists: "
    "write module.parameters(), or a list of module.named_parameters(), in the group"
)
UNKNOWN = "it is not known whether these are parameters or groups of them: write the groups where the optimizer is made"
NOT_ONE = "the optimizer has several groups of parameters: give each group's optimizer schedulers of its own"


def facts_of(text: str) -> set[str]:
    """What a file says of groups: "grouped" if it writes some, "adds groups", and "group key: NAME" of their keys."""
    if PARAMS not in text and "add_param_group" not in text:
        return set()
    found = {"grouped"} if any(form in text for form in FORMS) else set[str]()
    if "add_param_group" in text:
        found |= {"grouped", "adds groups"}
    if found:
        found |= {f"group key: {key}" for key in SETTINGS if f'"{key}"' in text or f"'{key}'" in text}
        found |= {f"group key: {key}" for key in SETTINGS if f"dict({PARAMS}=" in text and f"{key}=" in text}
    return found


FORMS = ('"params":', "'params':", "dict(params=")
SETTINGS = ("lr", "momentum", "dampening", "weight_decay", "nesterov", "betas", "eps", "amsgrad", "alpha", "rho")


def converted(c: Converter, node: cst.Call, qualified: str) -> Code | None:
    """``torch.optim.SGD([{"params": ..., "lr": ...}, ...], lr=...)``; ``None`` for optimizers of one group."""
    if c.source != "torch" or not qualified.startswith(OPTIMIZERS) or not _is_optimizer(c, qualified):
        return None
    bound = _bound(c, node, qualified)
    if bound is None or PARAMS not in bound:
        return None
    given, mark = bound[PARAMS], c.journal.mark()
    value = c.expr(given)[1]
    if c.journal.errors_since(mark):
        return node, Value()
    groups = _groups(value)
    if groups is None:
        if _may_be_groups(value) and "grouped" in c.facts:
            return c.leave(node, qualified, UNKNOWN)
        if "adds groups" not in c.facts:
            return None
    keys = _keys(c, groups, qualified)
    if isinstance(keys, str):
        return c.leave(node, qualified, keys)
    made = _maker(c, node, qualified, bound, keys)
    if made is None:
        return c.leave(node, qualified, c.why(qualified, "no rule knows this combination of arguments"))
    if isinstance(made, str):
        return c.leave(node, qualified, made)
    code = c.expr(given)[0] if groups is not None else _one_group(later(c, given)[0])
    if c.journal.errors_since(mark):
        return node, Value()
    args = [cst.Arg(argument(code)), cst.Arg(made)]
    return helper(c, "OptimizerGroups", args), Value("optimizer", api=_owner(c, given, groups, value), keys=SEVERAL)


def _one_group(params: cst.BaseExpression) -> cst.List:
    return cst.List([cst.Element(cst.Dict([cst.DictElement(cst.SimpleString(f'"{PARAMS}"'), params)]))])


def _is_optimizer(c: Converter, qualified: str) -> bool:
    return any(rule.base == "OptimizerEquivalence" for rule, _, _ in c.index.candidates("torch", qualified))


def _bound(c: Converter, node: cst.Call, qualified: str) -> dict[str, cst.BaseExpression] | None:
    """The arguments by the names of PyTorch's signature."""
    if any(a.star for a in node.args):
        return None
    positional = [a.value for a in node.args if a.keyword is None]
    keywords = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
    found = bind_all(c.index.overloads(qualified), positional, keywords)
    return dict(found[0]) if len(found) == 1 else None  # type: ignore[arg-type]  # none of them takes *arguments


def _groups(value: Value) -> list[Value] | None:
    """The groups that are listed, as far as they are known; ``None`` where these are none."""
    held = [*(value.items or ()), *([value.item] if value.item is not None else [])]
    dicts = [item for item in held if item.kind == "dict"]
    return dicts if dicts and len(dicts) == len(held) and value.kind in ("list", "tuple") else None


def _may_be_groups(value: Value) -> bool:
    """Whether nothing is known of what an optimizer is made of, so that it may be groups."""
    held = [*(value.items or ()), *([value.item] if value.item is not None else [])]
    return value.kind in ("unknown", "list", "tuple") and all(item.kind in ("unknown", "dict") for item in held)


def _keys(c: Converter, groups: list[Value] | None, qualified: str) -> list[str] | str:
    """The settings that groups have, or why they cannot be converted."""
    names = [entry[0] for overload in c.index.overloads(qualified) for entry in overload]
    known = groups is not None and all(group.keys is not None for group in groups)
    if not known or "adds groups" in c.facts:
        return [name for name in names if f"group key: {name}" in c.facts]
    assert groups is not None
    found = {key for group in groups for key in group.keys or ()}
    if PARAMS not in found:
        return f'a group has no "{PARAMS}"'
    other = sorted(str(key) for key in found if key not in names)
    if other:
        return f'a group\'s "{other[0]}" is no setting of this optimizer: keep it apart from the groups'
    return [name for name in names if name in found and name != PARAMS]


def _maker(
    c: Converter, node: cst.Call, qualified: str, bound: dict[str, cst.BaseExpression], keys: list[str]
) -> cst.Lambda | str | None:
    """``lambda lr=0.1: keras.optimizers.SGD(learning_rate=lr)``: the optimizer of a group, of what it sets itself."""
    parameters: list[cst.Param] = []
    args = [cst.Arg(bound[PARAMS])]
    values: dict[str, Value] = {}
    overloads = c.index.overloads(qualified)
    for name in [*keys, *(name for name in bound if name not in (*keys, PARAMS))]:
        if name in bound and name not in keys and c.literal(bound[name]) is not MISSING:
            args.append(cst.Arg(bound[name], keyword=cst.Name(name)))
            continue
        default = default_of(overloads, name)
        if name not in bound and default is ...:
            return f'there is no default for "{name}"'
        first = c.code(bound[name]) if name in bound else node_of(default)
        size = len(default) if isinstance(default, tuple) else None
        parameters.append(cst.Param(cst.Name(name), default=argument(first), equal=TIGHT))
        values[name] = _setting(default, size)
        args.append(cst.Arg(_read(name, size), keyword=cst.Name(name)))
    made = c.source_call(qualified, args)
    c.stands_for(made, node)
    names, prefix = dict(c.scope.names), c.scope.prefix
    c.scope.prefix = None
    try:
        c.scope.names |= values
        result = application.apply(c, made, qualified)
    finally:
        c.scope.names, c.scope.prefix = names, prefix
    if result is None or result[0] is made:
        return None
    return cst.Lambda(cst.Parameters(parameters), result[0])


def _setting(default: Any, size: int | None) -> Value:
    """What is known of a group's setting, by PyTorch's default."""
    if size is not None:
        return Value("tuple", items=(Value("float"),) * size)
    return Value("bool") if isinstance(default, bool) else Value() if default is None else Value("float")


def _read(name: str, size: int | None) -> cst.BaseExpression:
    if size is None:
        return cst.Name(name)
    parts = [cst.parse_expression(f"{name}[{place}]") for place in range(size)]
    return cst.Tuple([cst.Element(part) for part in parts])


# --- What is in a group -------------------------------------------------------------------------------------------


def display(c: Converter, node: cst.Call) -> cst.Dict | None:
    """``dict(params=..., lr=...)`` as it is written with braces; ``None`` for other calls."""
    named = isinstance(node.func, cst.Name) and node.func.value == "dict" and c.scope.lookup("dict") is None
    if not named or c.source != "torch" or "grouped" not in c.facts:
        return None
    keys = [a.keyword.value for a in node.args if a.keyword is not None]
    if PARAMS not in keys or len(keys) < len(node.args):
        return None
    pairs = [cst.DictElement(cst.SimpleString(f'"{key}"'), a.value) for key, a in zip(keys, node.args, strict=True)]
    made = cst.Dict(pairs)
    c.stands_for(made, node)
    return made


def put(c: Converter, element: cst.BaseDictElement) -> Code | None:
    """What stands at ``"params"`` in a dict; ``None`` for other elements."""
    if c.source != "torch" or "grouped" not in c.facts or not isinstance(element, cst.DictElement):
        return None
    return later(c, element.value) if c.literal(element.key) == PARAMS else None


def later(c: Converter, node: cst.BaseExpression) -> Code:
    """The parameters of a group, given by a function where Keras has not made them yet."""
    if isinstance(node, (cst.List, cst.Tuple)):
        weights = [_weight(c, element.value) for element in node.elements]
        if weights and all(weight is not None for weight in weights):
            elements = [cst.Element(weight) for weight in weights if weight is not None]
            return function_of(c, cst.List(elements)), Value("parameters", api=";".join(_layers(node)))
    walks = isinstance(node, (cst.ListComp, cst.GeneratorExp)) and lists_parameters(node)
    with listing(c, walks):
        code, value = c.expr(node)
    if value.kind == LATER:
        return _called(code, value), Value("list", item=Value("tensor", dtype="float"))
    if value.kind == "parameters":
        listed = _of_modules(c, value)
        if listed is None:
            return c.leave(node, "Module.parameters", "it is not known which module's parameters these are")
        return function_of(c, listed), value
    if walks:
        return function_of(c, code), value
    held = value.items if value.items is not None else (element_of(value),)
    if not value.is_tensor and not (held and all(item.is_tensor for item in held)):
        return c.leave(node, "Optimizer.param_groups", UNSURE)
    return code, value


def _called(code: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    """What gives a list of parameters when it is called."""
    if value.api is None:
        return code
    if value.literal == -1:
        return cst.Name(value.api)
    part = cst.parse_expression(f"{value.api}()[{value.literal}]")
    return cst.Lambda(cst.Parameters(), part)


@contextmanager
def listing(c: Converter, walks: bool = True) -> Iterator[None]:
    """While parameters are told apart by their names and shapes, they must be those that PyTorch has."""
    before, c.alike = c.alike, c.alike or walks
    try:
        yield
    finally:
        c.alike = before


def function_of(c: Converter, code: cst.BaseExpression) -> cst.Lambda:
    """A function that gives what the names in ``code`` stand for now."""
    inside = {
        name.value
        for each in walk(code)
        if isinstance(each, cst.CompFor)
        for name in walk(each.target)
        if isinstance(name, cst.Name)
    }
    again = sorted(c.reads(code) & closures.rebound(c) - inside)
    names = [cst.Param(cst.Name(name), default=cst.Name(name), equal=TIGHT) for name in again]
    return cst.Lambda(cst.Parameters(names), argument(code))


def _of_modules(c: Converter, value: Value) -> cst.BaseExpression | None:
    """The variables of the modules whose parameters these are, the frozen ones among them if they were listed."""
    if value.api is None or "(" in value.api:
        return None
    found: list[cst.BaseExpression] = []
    owners = value.api.split(";")
    for owner, chosen in zip(owners, value.keys or (False,) * len(owners), strict=True):
        asked = cst.parse_expression(f"{owner}.parameters()")
        code, known = c.expr(asked)
        if known.kind != "parameters" or not isinstance(code, cst.Attribute):
            return None
        found.append(code if chosen else helper(c, "parameters", [cst.Arg(argument(code.value))]))
    joined = found[0]
    for code in found[1:]:
        joined = cst.BinaryOperation(joined, cst.Add(), code)
    return joined


def _layers(node: cst.List | cst.Tuple) -> list[str]:
    held = [element.value for element in node.elements]
    return [code_of(each.value) for each in held if isinstance(each, cst.Attribute)]


def lists_parameters(node: cst.BaseExpression) -> bool:
    """Whether an expression lists the parameters of a module, or its modules."""
    return any(_receiver(each) is not None for each in walk(node))


def _receiver(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The module whose parameters or modules a call lists."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in LISTS:
        return node.func.value
    return None


def _weight(c: Converter, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """``layer.weight`` under Keras' name, where one variable stands for it."""
    found = initialisers.weight_of(c, node) if isinstance(node, cst.Attribute) else None
    return None if found is None else cst.Attribute(found[0], cst.Name(found[1]))


def _params(group: Value) -> Value | None:
    return next((item for key, item in zip(group.keys or (), group.items or (), strict=False) if key == PARAMS), None)


def _owner(c: Converter, node: cst.BaseExpression, groups: list[Value] | None, value: Value) -> str | None:
    """A module, or several by ``;``, that the gradients are taken for: all that the groups are parts of."""
    held = [_params(group) for group in groups or ()] or [value]
    owners = {part for each in held if each is not None for part in (each.api or "").split(";") if part}
    owners &= {owner for owner in owners if "(" not in owner}
    if any(each is None or each.kind != "parameters" for each in held):
        owners |= set(_listed_by(c, node))
    owners |= set(_added(c))
    parts = [owner.split(".") for owner in sorted(owners)]
    common = [first for first, *others in zip(*parts, strict=False) if all(other == first for other in others)]
    whole = ".".join(common)
    if whole and c.expr(cst.parse_expression(whole))[1].kind in ("module", "self"):
        return whole
    return ";".join(sorted(owners)) or None


def _added(c: Converter) -> Iterator[str]:
    """The modules whose parameters groups that are added list."""
    if "adds groups" not in c.facts or not c.scope.around:
        return
    for node in (each for statement in c.scope.around[0][0] for each in walk(statement)):
        if isinstance(node, cst.Call) and _adds(node) and code_of(node.func).rpartition(".")[0] == c.assigning:
            yield from (code_of(found) for each in walk(node) if (found := _receiver(each)) is not None)


def _adds(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "add_param_group"


def added(c: Converter, node: cst.Call, function: cst.Attribute) -> Code | None:
    """``optimizer.add_param_group({...})``; ``None`` for other calls."""
    if c.source != "torch" or not _adds(node) or len(node.args) != 1:
        return None
    code, value = c.expr(function.value)
    if not is_grouped(value) or PARAMS not in (c.expr(node.args[0].value)[1].keys or ()):
        return None
    made = call(cst.Attribute(atom(code), function.attr), [cst.Arg(argument(c.code(node.args[0].value)))])
    return made, Value("none", literal=None)


def _listed_by(c: Converter, node: cst.BaseExpression) -> Iterator[str]:
    """The modules that an expression lists the parameters of, or hands to a function, and what it is computed from."""
    names = set(c.reads(node))
    mentioned: list[cst.CSTNode] = [node]
    for statements, position in reversed(c.scope.around):
        for statement in reversed(statements[:position]):
            made = slices.assigned(statement)
            if names & (made | c.reads(statement) if isinstance(statement, cst.For) else made):
                names |= c.reads(statement)
                mentioned.append(statement)
    for each in (each for part in mentioned for each in walk(part) if isinstance(each, cst.Call)):
        for found in [_receiver(each), *(a.value for a in each.args)]:
            if isinstance(found, (cst.Name, cst.Attribute)) and c.expr(found)[1].kind in ("module", "self"):
                yield code_of(found)


# --- Schedulers ---------------------------------------------------------------------------------------------------


def scheduled(c: Converter, node: cst.Call, qualified: str) -> Code | None:
    """``StepLR(optimizer, 2)`` of an optimizer with groups: a scheduler for each; ``None`` for other calls."""
    if c.source != "torch" or not qualified.startswith(SCHEDULERS):
        return None
    bound = _bound(c, node, qualified)
    optimizer = (bound or {}).get("optimizer")
    if bound is None or optimizer is None or not is_grouped(c.expr(optimizer)[1]):
        return None
    if "schedulers" in bound or any(isinstance(each, (cst.List, cst.Tuple)) for each in _for_groups(bound)):
        return c.leave(node, qualified, NOT_ONE)
    name = c.twin.fresh("group")
    args = [cst.Arg(cst.Name(name), keyword=cst.Name("optimizer"))]
    for key, given in bound.items():
        if key != "optimizer":
            again = any(isinstance(each, cst.Call) for each in walk(given)) and not isinstance(given, cst.Lambda)
            args.append(cst.Arg(c.bind(c.code(given), key) if again else given, keyword=cst.Name(key)))
    made = c.source_call(qualified, args)
    c.stands_for(made, node)
    names, prefix = dict(c.scope.names), c.scope.prefix
    c.scope.prefix = None
    try:
        c.scope.names[name] = Value("optimizer", keys=SINGLE)
        result = application.apply(c, made, qualified)
    finally:
        c.scope.names, c.scope.prefix = names, prefix
    if result is None or result[0] is made:
        return c.leave(node, qualified, c.why(qualified, "no rule knows this combination of arguments"))
    each = cst.Lambda(cst.Parameters([cst.Param(cst.Name(name))]), result[0])
    code = helper(c, "EveryGroup", [cst.Arg(argument(c.code(optimizer))), cst.Arg(each)])
    return code, replace(result[1], kind="scheduler")


def _for_groups(bound: dict[str, cst.BaseExpression]) -> list[cst.BaseExpression]:
    """Arguments of a scheduler that may be a list with one for each group."""
    return [given for name, given in bound.items() if name not in ("milestones", "schedulers")]
