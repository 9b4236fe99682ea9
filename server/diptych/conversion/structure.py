"""What a model is made of, looked at from outside: parameters, layers, names; and what is trained.

Keras makes weights at the first call, so that helpers walk the attributes as PyTorch does and say so where there are
none yet. The variables that an optimizer updates stay ``trainable_variables``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import handed_layers, layer_parts, layer_values, tapes
from diptych.conversion.checkpoints import helper
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.precedence import argument, atom
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

# In ``api`` of a tensor: a variable of a model that a loop over its parameters gives.
VARIABLE = "variable"
WALKS = ("children", "named_children", "named_modules", "named_parameters")
SHAPED = (
    "assumes that names and shapes of parameters are looked at only as PyTorch and Keras agree: a kernel's axes differ"
)


def walked(c: Converter, node: cst.Call, function: cst.Attribute, code: cst.BaseExpression) -> Code | None:
    """``model.named_parameters()`` and the like."""
    name = function.attr.value
    if name not in WALKS or node.args:
        return None
    args = [cst.Arg(argument(code))]
    module = Value("module", api=layer_values.WALKED if name == "named_modules" else None)
    parameter = _parameter(c)
    if name == "named_parameters":
        c.journal.assume(node, "Module.named_parameters", SHAPED, ("named_parameters", c.scope.name))
    if name == "named_modules":
        c.journal.note("Lists and dicts of modules are no modules in the twin: named_modules() gives what is in them.")
    item = parameter if name == "named_parameters" else module
    if name != "children":
        item = Value("tuple", items=(Value("str"), item))
    if name == "named_parameters" and c.alike:
        args = [cst.Arg(helper(c, "alike", args))]
    return helper(c, name, args), Value("list", item=item)


def walks_itself(node: cst.Call, name: str, value: Value) -> bool:
    """Whether a module looks at what it is made of by a method of PyTorch's own."""
    owner = value.definition
    own = owner is not None and owner.is_module and name not in owner.attributes
    return own and name in ("modules", "parameters", *WALKS) and not node.args


def _parameter(c: Converter) -> Value:
    return c.fresh(Value("tensor", dtype="float", api=VARIABLE))


def iterated(c: Converter, node: cst.BaseExpression, code: cst.BaseExpression, value: Value) -> Code:
    """``model.parameters()`` where a loop goes over it."""
    layers = layer_parts.iterated(c, node, code, value)
    if layers is not None or value.kind != "parameters":
        return layers or (code, value)
    called = node.func if isinstance(node, cst.Call) else None
    listed = isinstance(called, cst.Attribute) and called.attr.value == "parameters"
    if listed and isinstance(code, cst.Attribute):
        args = [cst.Arg(argument(code.value))]
        code = helper(c, "parameters", [cst.Arg(helper(c, "alike", args))] if c.alike else args)
    return code, Value("list", item=_parameter(c))


def listed(c: Converter, node: cst.Call, args: list[cst.Arg], values: list[Value]) -> tuple[list[cst.Arg], list[Value]]:
    """The arguments of ``zip`` and ``enumerate``, those that are a model's parameters as lists."""
    found = [iterated(c, a.value, b.value, v) for a, b, v in zip(node.args, args, values, strict=True)]
    codes = [b if b.value is code else b.with_changes(value=code) for b, (code, _) in zip(args, found, strict=True)]
    return codes, [value for _, value in found]


def several(c: Converter, values: list[Value]) -> Value | None:
    """The parameters of several modules joined; ``None`` where some are something else."""
    if not values or any(value.kind != "parameters" or value.api is None for value in values):
        return None
    keys = tuple(flag for value in values for flag in value.keys or (False,) * (str(value.api).count(";") + 1))
    return Value("parameters", api=";".join(str(value.api) for value in values), keys=keys if any(keys) else None)


def _only_trained(value: Value) -> Value:
    return replace(value, keys=(True,) * (str(value.api).count(";") + 1))


def chosen(c: Converter, node: cst.Call, values: list[Value]) -> Value | None:
    """``list(parameters)``, ``itertools.chain(a, b)`` and ``filter(lambda p: p.requires_grad, parameters)``."""
    name = code_of(node.func)
    if name in ("list", "tuple", "iter") and len(values) == 1:
        return several(c, values)
    if name in ("chain", "itertools.chain"):
        return several(c, values)
    return None


def filtered(c: Converter, node: cst.Call) -> Code | None:
    """``filter(lambda p: p.requires_grad, model.parameters())``: what is trained."""
    if not isinstance(node.func, cst.Name) or node.func.value != "filter" or len(node.args) != 2:
        return None
    test = node.args[0].value
    if not isinstance(test, cst.Lambda) or not _asks_whether_trained(test.body):
        return None
    code, value = c.expr(node.args[1].value)
    return (code, _only_trained(value)) if value.kind == "parameters" else None


def trained(c: Converter, node: cst.BaseExpression) -> Code | None:
    """``[p for p in model.parameters() if p.requires_grad]``."""
    if not isinstance(node, (cst.ListComp, cst.GeneratorExp)) or not isinstance(node.elt, cst.Name):
        return None
    clause = node.for_in
    if len(clause.ifs) != 1 or clause.inner_for_in or not _asks_whether_trained(clause.ifs[0].test):
        return None
    if not isinstance(clause.target, cst.Name) or clause.target.value != node.elt.value:
        return None
    code, value = c.expr(clause.iter)
    return (code, _only_trained(value)) if value.kind == "parameters" else None


def _asks_whether_trained(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "requires_grad" and isinstance(node.value, cst.Name)


def frozen(c: Converter, node: cst.For) -> Any:
    """``for p in layer.parameters(): p.requires_grad = False``, also of layers that have no weights yet."""
    iterable = node.iter
    if c.source != "torch" or not isinstance(node.target, cst.Name) or node.orelse is not None:
        return None
    body = node.body.body
    line = body[0] if len(body) == 1 else None
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else line
    if not isinstance(iterable, cst.Call) or not isinstance(iterable.func, cst.Attribute):
        return None
    if not isinstance(small, cst.Assign) or len(small.targets) != 1 or c.expr(iterable)[1].kind != "parameters":
        return None
    target = small.targets[0].target
    if not isinstance(target, cst.Attribute) or target.attr.value != "requires_grad":
        return None
    if not isinstance(target.value, cst.Name) or target.value.value != node.target.value:
        return None
    code = helper(c, "set_trainable", [cst.Arg(argument(c.code(iterable.func.value))), cst.Arg(c.code(small.value))])
    return cst.SimpleStatementLine([cst.Expr(code)], leading_lines=node.leading_lines)


def switched(c: Converter, node: cst.Call, code: cst.BaseExpression) -> Code | None:
    """``layer.requires_grad_(False)``."""
    if len(node.args) > 1 or any(a.star for a in node.args):
        return None
    flag = c.code(node.args[0].value) if node.args else cst.Name("True")
    body = getattr(c.scope.statement, "body", ())
    if not (len(body) == 1 and isinstance(body[0], cst.Expr) and body[0].value is node):
        return c.leave(node, "Module.requires_grad_", "only a statement of its own is converted")
    return helper(c, "set_trainable", [cst.Arg(argument(code)), cst.Arg(argument(flag))]), Value("none", literal=None)


def attribute(c: Converter, name: str, base: cst.BaseExpression, value: Value) -> Code | None:
    """``p.requires_grad`` of a model's parameter."""
    if value.api != VARIABLE or name != "requires_grad":
        return None
    return cst.Attribute(atom(base), cst.Name("trainable")), Value("bool")


FROZEN = "PyTorch reads no such attribute: requires_grad_(flag) freezes weights, eval() keeps batch statistics too"


def assigned(c: Converter, node: cst.Assign) -> Any:
    """``p.requires_grad = flag`` and ``p.data = v`` of a model's parameter; ``None`` for other assignments."""
    target = node.targets[0].target
    if len(node.targets) != 1 or not isinstance(target, cst.Attribute):
        return None
    if target.attr.value == "trainable" and c.source == "tensorflow":
        known = c.expr(target.value)[1]
        if known.kind in ("module", "unknown") or (known.kind == "self" and c.scope.in_module):
            c.journal.error(node, "Layer.trainable", FROZEN)
            return node
    if target.attr.value not in ("requires_grad", "data") or c.source != "torch" or c.qualified(target) is not None:
        return None
    code, value = c.expr(target.value)
    if value.api != VARIABLE:
        wanted = target.attr.value == "requires_grad" and c.literal(node.value) is True
        return (wanted and tapes.marked(c, target.value)) or None
    new = c.code(node.value)
    if target.attr.value == "data":
        return cst.Expr(call(cst.Attribute(atom(code), cst.Name("assign")), [cst.Arg(argument(new))]))
    place = cst.AssignTarget(cst.Attribute(atom(code), cst.Name("trainable")))
    return node.with_changes(targets=[place], value=new)


def refused(c: Converter, node: cst.Call, qualified: str) -> str | None:
    """Why an optimizer may not be made of these parameters; ``None`` if it may."""
    if not qualified.startswith("torch.optim.") or ".lr_scheduler." in qualified or ".swa_utils." in qualified:
        return None
    given = [a.value for a in node.args if not a.star and (a.keyword is None or a.keyword.value == "params")]
    if not given:
        return None
    value = c.expr(given[0])[1]
    held = [*(value.items or ()), *([value.item] if value.item is not None else [])]
    written = isinstance(given[0], (cst.List, cst.ListComp, cst.Tuple))
    if written and any(item.is_tensor for item in held):
        return "an optimizer of single tensors has no counterpart here: make them parameters of a module"
    if any(item.kind in ("dict", "unknown") for item in held):
        return "groups of parameters with settings of their own have no counterpart: make an optimizer for each"
    if value.kind in ("unknown", "list") and not held:
        text = code_of(given[0])
        reason = f"assumes that `{text}` is one group of parameters, without settings of its own"
        c.journal.assume(node, qualified, reason, ("groups", c.scope.name, text))
    return None


def added(c: Converter, node: cst.Call) -> Any:
    """``self.add_module("name", layer)`` and ``self.register_parameter``: attributes; ``None`` for other calls."""
    function = node.func
    names = ("add_module", "register_module", "register_parameter")
    if c.source != "torch" or not isinstance(function, cst.Attribute) or function.attr.value not in names:
        return None
    held = c.expr(function.value)[1]
    if held.kind == "self" and len(node.args) == 1 and node.args[0].star == "*":
        return _added_pair(c, node, function)
    if held.kind != "self" or len(node.args) != 2 or any(a.star for a in node.args):
        return None
    name = c.literal(node.args[0].value)
    if isinstance(name, str) and name.isidentifier():
        made = cst.Assign([cst.AssignTarget(cst.Attribute(function.value, cst.Name(name)))], node.args[1].value)
        c.alive.append(made)
        return made
    if isinstance(name, str):
        return None
    given = node.args[1].value
    code, value = handed_layers.handed(c, given, *c.expr(given))
    args = [cst.Arg(function.value), cst.Arg(argument(c.code(node.args[0].value))), cst.Arg(argument(code))]
    return cst.Expr(call(cst.Name("setattr"), args)) if value.kind in ("module", "unknown") else None


def _added_pair(c: Converter, node: cst.Call, function: cst.Attribute) -> Any:
    """``self.add_module(*pair)``, of a name and a layer."""
    given = node.args[0].value
    code, value = handed_layers.handed(c, given, *c.expr(given))
    if value.kind not in ("unknown", "tuple", "list"):
        return None
    pair = cst.Arg(argument(code), star="*")
    return cst.Expr(call(cst.Name("setattr"), [cst.Arg(function.value), pair]))


def parameter_list(c: Converter, node: cst.Call) -> Code | None:
    """``nn.ParameterList([...])``: a list of variables, which Keras tracks."""
    if not node.args:
        return cst.List([]), Value("list", items=())
    if len(node.args) != 1 or node.args[0].star or node.args[0].keyword:
        return None
    code, value = c.expr(node.args[0].value)
    if isinstance(node.args[0].value, cst.GeneratorExp) and isinstance(code, cst.GeneratorExp):
        code = cst.ListComp(code.elt, code.for_in)
    return (code, value) if isinstance(code, (cst.List, cst.ListComp)) else None


def parameter_dict(c: Converter, node: cst.Call) -> Code | None:
    """``nn.ParameterDict({...})``: a dict of variables, which Keras tracks."""
    if not node.args:
        return cst.Dict([]), Value("dict")
    code, value = c.expr(node.args[0].value)
    return (code, replace(value, kind="dict")) if isinstance(code, cst.Dict) else None
