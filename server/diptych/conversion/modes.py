"""Training mode: a state of PyTorch's modules, an argument of Keras's calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from diptych.inference.layers import Signature
from diptych.inference.values import Value
from diptych.matching.emit import COMMA, call
from diptych.syntax.keywords import keyword
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter


def _matters(c: Converter, module: Value) -> bool:
    """Whether the mode must be said: Keras hands it on by itself inside a model's call."""
    return not c.scope.in_module and (module.layer is None or module.layer.mode)


def passed_on(c: Converter, source: cst.Call, module: Value, code: cst.BaseExpression) -> cst.BaseExpression:
    """The converted call with ``training=``, by the mode that the module is in."""
    if (
        not _matters(c, module)
        or not isinstance(code, cst.Call)
        or (code is source and any(r.node is source and r.severity == "error" for r in c.journal.remarks[-2:]))
    ):
        return code
    text = code_of(source.func)
    mode = c.scope.mode(text)
    if module.of is not None and module.of.startswith("mode:"):
        mode = module.of == "mode:True"
    elif mode is None and isinstance(source.func, cst.Call):
        mode = True
    if mode is None:
        mode = not c.scope.no_grad
        state = "training" if mode else "evaluation"
        c.journal.assume(source, text, f"assumes that `{text}` is in {state} mode", ("mode", c.scope.name, text))
    args = list(code.args)
    if args:
        args[-1] = args[-1].with_changes(comma=COMMA)
    args.append(keyword("training", cst.Name(str(mode))))
    return code.with_changes(args=args)


def set_before(c: Converter, node: cst.Call, module: Value) -> cst.Call:
    """The call without ``training=``; the module is put into that mode before the statement where it is not in it."""
    given = [a for a in node.args if a.keyword and a.keyword.value == "training"]
    kept = [a for a in node.args if a not in given]
    if kept and given:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    stripped = node.with_changes(args=kept) if given else node
    c.alive.append(stripped)
    if stripped is not node:
        c.journal.origins[id(stripped)] = node
    literal = c.literal(given[0].value) if given else False
    if c.scope.in_module:
        if (
            given
            and not (isinstance(given[0].value, cst.Name) and given[0].value.value == "training")
            and (module.layer is None or module.layer.mode)
        ):
            c.journal.error(node, "training", "a layer that is always called in the same mode is not converted")
        return stripped
    if not _matters(c, module):
        return stripped
    text = code_of(node.func)
    if not isinstance(literal, bool) or not isinstance(node.func, (cst.Name, cst.Attribute)):
        c.journal.error(node, "training", "the mode of this call is not known here")
        return stripped
    if c.scope.mode(text) is not literal:
        if c.scope.prefix is None:
            c.journal.error(node, "training", "the mode cannot be set in the middle of an expression")
            return stripped
        switch = call(cst.Attribute(node.func, cst.Name("train" if literal else "eval")), [])
        c.scope.prefix.append(cst.SimpleStatementLine([cst.Expr(switch)]))
        c.scope.modes[text] = literal
    return stripped


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
