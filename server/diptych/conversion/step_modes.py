"""The mode in which a Keras model's own steps run it: said with each call in Keras, a state of the module in PyTorch.

Outside of a model's ``call`` a layer that is called without ``training`` is in evaluation mode, within ``fit`` as well.
So a step puts the whole module into the mode of the calls that follow, ``self.train()`` or ``self.eval()``, before the
statement that makes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import evidence, train_steps
from diptych.conversion.names import dotted
from diptych.inference.layers import ClassInfo, ModeOfMethod
from diptych.inference.values import Value
from diptych.matching.emit import call
from diptych.syntax.source import code_of
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter
    from diptych.conversion.definitions import LocalFunction

TRAINING = "training"
TWO = "two calls of one statement run the model in different modes: give each a line of its own"
MIDDLE = "the mode cannot be set in the middle of an expression"


def said_in(c: Converter, function: LocalFunction) -> bool:
    """Whether a method of a Keras model is called from outside of its ``call``: a step, or one with a tape."""
    if c.source != "tensorflow" or function.owner is None or not function.owner.is_module or function.is_forward:
        return False
    return function.node.name.value in train_steps.STEPS or has_tape(function.node)


def has_tape(node: cst.FunctionDef) -> bool:
    """Whether a method opens a tape."""
    calls = (part for part in walk(node.body) if isinstance(part, cst.Call))
    return any((dotted(each.func) or "").rpartition(".")[2] == "GradientTape" for each in calls)


def may_matter(info: ClassInfo | None) -> bool:
    """Whether some part of a model may compute something else in training."""
    if info is None:
        return True
    held = [value for value in info.attributes.values() if value.kind in ("module", "modules", "unknown")]
    return info.mode or any(each.layer is None or each.layer.mode for each in held)


def before_layer(c: Converter, node: cst.Call, module: Value, given: cst.BaseExpression | None) -> None:
    """The mode of a call of a layer or a model in a step."""
    if module.layer is None or module.layer.mode:
        _put(c, node, _told(c, given, _forward(module)))


def before_unknown(c: Converter, node: cst.Call, called: Value) -> cst.Call:
    """A call, in a step, of what the model holds and nothing is known of, without ``training``."""
    own = _self(c)
    if called.kind != "unknown" or own is None or not isinstance(node.func, cst.Attribute):
        return node
    if not (dotted(node.func) or "").startswith(f"{own}.") or not c.scope.in_module:
        return node
    given = [a for a in node.args if a.keyword is not None and a.keyword.value == TRAINING]
    known = c.scope.modes.get(own)
    if not given and evidence.LOSS.search(node.func.attr.value):
        if known is not False:
            text = code_of(node.func)
            reason = f"assumes that `{text}` computes the same in training and in evaluation mode"
            c.journal.assume(node, text, reason, ("mode", c.scope.name, text))
        return node
    _put(c, node, _told(c, given[0].value if given else None, None))
    if not given:
        return node
    kept = [each for each in node.args if each not in given]
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    stripped = node.with_changes(args=kept)
    c.stands_for(stripped, node)
    return stripped


def of_method(c: Converter, function: LocalFunction, positional: list[str]) -> ModeOfMethod | None:
    """What a method of a Keras model does with the mode; ``None`` for ``call`` and other functions."""
    owner = function.owner
    if c.source != "tensorflow" or owner is None or not owner.is_module or function.is_forward or function.is_property:
        return None
    node = function.node
    parameters = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
    default = next((p.default for p in parameters if p.name.value == TRAINING), None)
    return ModeOfMethod(
        positional.index(TRAINING) if TRAINING in positional else None,
        None if default is None else c.literal(default),
        said_in(c, function),
        frozenset(part.attr.value for part in c.inside(node.body) if isinstance(part, cst.Attribute)),
    )


def before_method(c: Converter, node: cst.Call, method: ModeOfMethod, owner: ClassInfo) -> None:
    """The mode of a call of another method of the model, which runs its layers in the mode that they are in."""
    if method.says:
        forget(c)
    elif may_matter(owner):
        given = given_to(node, method)
        _put(c, node, method.default is True if given is None else _told(c, given, None))


def given_to(node: cst.Call, method: ModeOfMethod) -> cst.BaseExpression | None:
    """What a call gives a method for its parameter ``training``."""
    by_name = [a.value for a in node.args if a.keyword is not None and a.keyword.value == TRAINING]
    by_place = [node.args[method.place].value] if method.place is not None and method.place < len(node.args) else []
    return (by_name or by_place or [None])[0]


def is_another(c: Converter, model: str, told: bool | str) -> bool:
    """Whether the statement runs a model, a part of it or what it is a part of, in another mode as well; noted."""
    here = c.scope.statement
    for name, (statement, mode) in c.scope.said.items():
        related = name == model or name.startswith(f"{model}.") or model.startswith(f"{name}.")
        if related and statement is here and mode != told:
            return True
    c.scope.said[model] = here, told
    return False


def forget(c: Converter, *models: str) -> None:
    """Nothing is known any more of the modes that modules are in here, these ``models`` among them."""
    c.scope.modes = dict.fromkeys([*c.scope.modes, *models])


def _forward(module: Value) -> cst.FunctionDef | None:
    info = train_steps.info_of(module)
    return info.forward if info is not None and isinstance(info.forward, cst.FunctionDef) else None


def _told(c: Converter, given: cst.BaseExpression | None, called: cst.FunctionDef | None) -> bool | cst.BaseExpression:
    """The mode that a call tells, or where it tells none its default; an expression where it is not known now."""
    if given is None and called is not None:
        parameters = [*called.params.params, *called.params.kwonly_params]
        given = next((p.default for p in parameters if p.name.value == TRAINING), None)
        return given is not None and c.literal(given) is True
    literal = c.literal(given) if given is not None else None
    return bool(literal) if literal is None or isinstance(literal, (bool, int)) else given or False


def _self(c: Converter) -> str | None:
    parameters = c.scope.function.params.params if c.scope.function is not None else ()
    return parameters[0].name.value if parameters else None


def _put(c: Converter, node: cst.Call, mode: bool | cst.BaseExpression) -> None:
    """Say the mode before the statement that is being converted."""
    own, root = _self(c), (dotted(node.func) or "").partition(".")[0]
    target: cst.BaseExpression = cst.Name(own) if own is not None and root == own else node.func
    if not isinstance(target, (cst.Name, cst.Attribute)):
        c.journal.error(node, TRAINING, "the mode of this call is not known here")
        return
    text, told = code_of(target), mode if isinstance(mode, bool) else code_of(mode)
    if is_another(c, text, told):
        c.journal.error(node, TRAINING, TWO)
        return
    if isinstance(mode, bool) and c.scope.modes.get(text) is mode:
        return
    if c.scope.prefix is None:
        c.journal.error(node, TRAINING, MIDDLE)
        return
    if isinstance(mode, bool):
        switch = call(cst.Attribute(target, cst.Name("train" if mode else "eval")), [])
    else:
        switch = call(cst.Attribute(target, cst.Name("train")), [cst.Arg(mode)])
    c.scope.prefix.append(cst.SimpleStatementLine([cst.Expr(switch)]))
    c.scope.modes = {name: known if known is mode else None for name, known in c.scope.modes.items()}
    c.scope.modes[text] = mode if isinstance(mode, bool) else None
