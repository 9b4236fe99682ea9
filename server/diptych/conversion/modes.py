"""Training mode: a state of PyTorch's modules, an argument of Keras's calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.conversion import layer_values, step_modes
from diptych.inference.layers import ClassInfo, ModeOfMethod, Signature
from diptych.inference.values import Value
from diptych.matching.emit import COMMA, call
from diptych.syntax.keywords import keyword
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

APART = (
    "a part of a model in a mode of its own: Keras gives the mode with a call and hands it on to all layers inside, so "
    "call that part with training= where it is called"
)
ALWAYS = "a layer that is always called in the same mode is not converted"
NOT_KNOWN = "the mode of this call is not known here"
# Rules for layers of Keras whose call takes the mode after its input.
MODE_SECOND = ("Dropout", "SpatialDropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "BatchNormalization")
WALKS = ("modules", "named_modules", "children", "named_children")


def asked(function: cst.FunctionDef) -> Value:
    """What is known of the argument ``training`` of a Keras layer's ``call``: it is PyTorch's ``self.training``."""
    place = None if _binds_training(function) else f"{function.params.params[0].name.value}.training"
    return Value("bool", of="training", api=place)


def asked_at_first(function: cst.FunctionDef, body: Any) -> Any:
    """The body of ``call``, with the argument ``training`` as a name of its own where the body binds that anew."""
    if not _binds_training(function) or not isinstance(body, cst.IndentedBlock):
        return body
    own = cst.Attribute(function.params.params[0].name, cst.Name("training"))
    first = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name("training"))], own)])
    documented = function.get_docstring() is not None
    return body.with_changes(body=[*body.body[:documented], first, *body.body[documented:]])


def read(known: Value) -> cst.BaseExpression | None:
    """The mode that a Keras layer's ``call`` is given, as a PyTorch module knows it; ``None`` for other names."""
    return cst.parse_expression(known.api) if known.of == "training" and known.api else None


def _binds_training(function: cst.FunctionDef) -> bool:
    given = [p.name.value for p in (*function.params.params, *function.params.kwonly_params)]
    targets = (
        node.target
        for node in walk(function.body)
        if isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For))
    )
    return "training" in given and any(isinstance(each, cst.Name) and each.value == "training" for each in targets)


def _matters(c: Converter, module: Value) -> bool:
    """Whether the mode must be said: Keras hands it on by itself inside a model's call."""
    return (not c.scope.in_module or c.scope.step is not None) and (module.layer is None or module.layer.mode)


def passed_on(c: Converter, source: cst.Call, module: Value, code: cst.BaseExpression) -> cst.BaseExpression:
    """The converted call with ``training=``, by the mode that the module is in."""
    if (
        not _matters(c, module)
        or not isinstance(code, cst.Call)
        or (code is source and any(r.node is source and r.severity == "error" for r in c.journal.remarks[-2:]))
    ):
        return code
    text = code_of(source.func)
    if c.scope.step is not None:
        return _with_mode(code, of_step(c))
    mode = c.scope.mode(text)
    if module.of is not None and module.of.startswith("mode:"):
        mode = module.of == "mode:True"
    elif mode is None and isinstance(source.func, cst.Call):
        mode = True
    if mode is None:
        mode = not c.scope.no_grad
        state = "training" if mode else "evaluation"
        c.journal.assume(source, text, f"assumes that `{text}` is in {state} mode", ("mode", c.scope.name, text))
    return _with_mode(code, cst.Name(str(mode)))


def _with_mode(code: cst.Call, mode: cst.BaseExpression) -> cst.Call:
    args = list(code.args)
    if args:
        args[-1] = args[-1].with_changes(comma=COMMA)
    return code.with_changes(args=[*args, keyword("training", mode)])


def of_step(c: Converter) -> cst.Name:
    """The mode in which a step runs the model, or the name of the argument that tells it."""
    name = c.scope.step or "training"
    c.scope.reads_training = c.scope.reads_training or name == "training"
    return cst.Name(name)


def set_before(c: Converter, node: cst.Call, module: Value) -> cst.Call:
    """The call without ``training=``; the module is put into that mode before the statement where it is not in it."""
    node = _with_mode_named(c, node, module)
    given = [a for a in node.args if a.keyword and a.keyword.value == "training"]
    kept = [a for a in node.args if a not in given]
    if kept and given:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    stripped = node.with_changes(args=kept) if given else node
    c.alive.append(stripped)
    if stripped is not node:
        c.journal.origins[id(stripped)] = node
    literal = c.literal(given[0].value) if given else False
    literal = bool(literal) if literal in (None, 0, 1) else literal
    if c.scope.sets_modes:
        step_modes.before_layer(c, node, module, given[0].value if given else None)
        return stripped
    if c.scope.in_module:
        if given and not _hands_on(c, given[0].value) and (module.layer is None or module.layer.mode):
            c.journal.error(node, "training", ALWAYS)
        return stripped
    if not _matters(c, module):
        return stripped
    _switch(c, node, node.func, literal)
    return stripped


def _hands_on(c: Converter, given: cst.BaseExpression) -> bool:
    """Whether a call in a model is given the model's own mode."""
    return (isinstance(given, cst.Name) and given.value == "training") or c.literal(given) is None


def _switch(c: Converter, node: cst.Call, model: cst.BaseExpression, mode: Any) -> None:
    """Put a model into the mode of a call before the statement, where it is not in it."""
    text = code_of(model)
    if not isinstance(mode, bool) or not isinstance(model, (cst.Name, cst.Attribute)):
        c.journal.error(node, "training", NOT_KNOWN)
        return
    if step_modes.is_another(c, text, mode):
        c.journal.error(node, "training", step_modes.TWO)
        return
    # another function may have switched what is not this one's own, such as a model of the file, before it is called
    known = c.scope.modes.get(text) if c.scope.kind == "function" else c.scope.mode(text)
    if known is not mode:
        if c.scope.prefix is None:
            c.journal.error(node, "training", step_modes.MIDDLE)
            return
        switch = call(cst.Attribute(model, cst.Name("train" if mode else "eval")), [])
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Expr(switch)]))
        c.scope.modes[text] = mode


def before_method(c: Converter, node: cst.Call, method: ModeOfMethod | None, owner: ClassInfo | None) -> None:
    """The mode in which a call of a Keras model's method, other than ``call``, runs the layers in it."""
    if method is None or owner is None:
        return
    if c.scope.sets_modes:
        step_modes.before_method(c, node, method, owner)
        return
    held = [owner.attributes[name].kind for name in method.reads & owner.attributes.keys()]
    runs = any(kind in ("module", "modules", "unknown", "function") for kind in held)
    if method.says or not runs or not isinstance(node.func, cst.Attribute) or not step_modes.may_matter(owner):
        return
    given = step_modes.given_to(node, method)
    mode = method.default if given is None else c.literal(given)
    if not c.scope.in_module:
        _switch(c, node, node.func.value, bool(mode) if mode in (None, 0, 1) else mode)
    elif not _hands_on(c, given) if given is not None else method.default is not None:
        c.journal.error(node, "training", ALWAYS)


def before_unknown(c: Converter, node: cst.Call, called: Value) -> cst.Call:
    """A call of something unknown that is given ``training``: inside a model without it, as a layer of PyTorch's."""
    given = [a for a in node.args if a.keyword is not None and a.keyword.value == "training"]
    if c.source != "tensorflow" or called.kind != "unknown" or not given:
        return node
    if not c.scope.in_module or not _hands_on(c, given[0].value):
        c.journal.error(node, "training", ALWAYS if c.scope.in_module else NOT_KNOWN)
        return node
    text = code_of(node.func)
    c.journal.assume(node, text, f"assumes that `{text}` is a layer, in the mode of the model", ("layer", text))
    kept = [each for each in node.args if each not in given]
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    stripped = node.with_changes(args=kept)
    c.stands_for(stripped, node)
    return stripped


def _with_mode_named(c: Converter, node: cst.Call, module: Value) -> cst.Call:
    """A call that gives ``training`` by position, with its name."""
    place = _place_of_mode(module)
    if place is None or len(node.args) <= place or any(a.star or a.keyword for a in node.args[: place + 1]):
        return node
    named = keyword("training", node.args[place].value).with_changes(comma=node.args[place].comma)
    new = node.with_changes(args=[*node.args[:place], named, *node.args[place + 1 :]])
    c.stands_for(new, node)
    return new


def _place_of_mode(module: Value) -> int | None:
    """Where ``training`` stands among the arguments of a layer's call; ``None`` where that is not known."""
    if module.layer is None:
        return None
    if module.layer.definition is None:
        return 1 if module.layer.name.startswith(MODE_SECOND) else None
    forward = module.layer.definition.forward
    if isinstance(forward, cst.FunctionDef):
        names = [parameter.name.value for parameter in forward.params.params[1:]]
    else:
        names = [name for name, _, _ in (forward or ())[1:]]
    return names.index("training") if "training" in names else None


def after_call(c: Converter, node: cst.Call, signature: Signature) -> None:
    """A function that switches a module's mode leaves it so."""
    for position, argument in enumerate(node.args):
        name = (
            argument.keyword.value
            if argument.keyword
            else signature.parameters[position]
            if position < len(signature.parameters)
            else None
        )
        if name in signature.modes and isinstance(argument.value, (cst.Name, cst.Attribute)):
            c.scope.modes[code_of(argument.value)] = signature.modes[name]


def why_not_set(c: Converter, node: cst.Call, function: cst.Attribute, value: Value) -> str | None:
    """Why a call of ``train`` or ``eval`` cannot be left out; ``None`` where the calls of the module can tell."""
    if value.kind in ("self", "super"):
        return APART if c.scope.in_module else None
    if value.kind != "module" or not (value.layer is None or value.layer.mode):
        return None
    if c.scope.in_module:
        return APART
    part = function.value
    if isinstance(part, cst.Name):
        return APART if value.api == layer_values.WALKED or _of_model(c, part.value) else None
    if not isinstance(part, (cst.Attribute, cst.Subscript)) or c.expr(part.value)[1].kind not in ("module", "modules"):
        return None
    whole, mode = code_of(part.value), c.literal(node.args[0].value) if node.args else function.attr.value == "train"
    if c.scope.mode(whole) is mode:
        return None
    if any(
        isinstance(called, cst.Call) and code_of(called.func) == whole
        for called in walk(c.scope.function or c.alive[0])
    ):
        return APART
    reason = f"assumes that `{whole}` is not called as a whole while a part of it is in a mode of its own"
    c.journal.assume(node, f"Module.{function.attr.value}", reason, ("part", c.scope.name, whole))
    return None


def _of_model(c: Converter, name: str) -> bool:
    """Whether a name goes over the layers of a model: in a loop, or as the argument of what a model applies."""
    if name in c.scope.parameters and f"applied: {c.scope.name.rpartition('.')[2]}" in c.facts:
        return True
    for block, place in c.scope.around:
        loop = block[place]
        if isinstance(loop, cst.For) and any(isinstance(n, cst.Name) and n.value == name for n in walk(loop.target)):
            over = loop.iter.func if isinstance(loop.iter, cst.Call) else None
            walks = isinstance(over, cst.Attribute) and over.attr.value in WALKS
            return walks or c.expr(loop.iter)[1].kind == "module"
    return False


def put(c: Converter, module: str, *, training: bool) -> None:
    """A module is in this mode from here on, and so is all inside it."""
    for name in [name for name in c.scope.modes if name.startswith((f"{module}.", f"{module}["))]:
        del c.scope.modes[name]
    c.scope.modes[module] = training
