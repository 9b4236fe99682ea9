"""Layer classes as values: handed on, in a table, or called with arguments that cannot be seen.

In the twin a class of the catalogue stands for each, which is made as the source's class is and whose layers take and
give axes in the source's order. What such a value is called on, compared with or asked for is not known here, so only
calling it and handing it on are converted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.catalog.rule import Rule
from diptych.conversion import factory_arguments, layer_values
from diptych.conversion.names import dotted
from diptych.conversion.rewriting import fit
from diptych.inference.layers import Layer
from diptych.inference.values import Value
from diptych.syntax.source import code_of
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

KIND = "maker"
ASKED = (
    "a class stands for it in the twin that no layer of the twin need be of: nothing may be asked of the class itself"
)
IN_PLACE = "it writes into its input, which cannot be seen where its layers are called"


def rule_of(c: Converter, qualified: str) -> Rule | None:
    """The rule for a layer class as a value; ``None`` for anything else."""
    found = (rule for rule, _, _ in c.index.candidates(c.source, qualified))
    return next((rule for rule in found if rule.attributes.get("result") == "class"), None)


def named(c: Converter, qualified: str) -> Code | None:
    """What stands for a layer class; ``None`` for anything else."""
    rule = rule_of(c, qualified)
    if rule is None:
        return None
    kind, name = rule.side(c.target).branches[0].spellings[0]
    if kind == "helper":
        c.helpers.add(name)
    return c.name(f"helper.{name}" if kind == "helper" else name), Value(KIND, api=qualified)


def makes(c: Converter, node: cst.BaseExpression) -> bool:
    """Whether an expression is a layer class, or a ``partial`` of one."""
    if isinstance(node, cst.Call) and _is_partial(c, node):
        return makes(c, node.args[0].value)
    return rule_of(c, c.qualified(node) or "") is not None


def _is_partial(c: Converter, node: cst.Call) -> bool:
    name = dotted(node.func)
    if name not in ("partial", "functools.partial") or not node.args or node.args[0].star or node.args[0].keyword:
        return False
    known = c.scope.lookup(name.split(".")[0])
    return known is not None and known.kind == "foreign"


def partial(c: Converter, node: cst.Call, values: list[Value]) -> Value | None:
    """What ``partial(nn.LayerNorm, eps=1e-6)`` is; ``None`` for other calls."""
    return replace(values[0], api=None) if values and values[0].kind == KIND and _is_partial(c, node) else None


def refused(c: Converter, node: cst.Call, values: list[Value]) -> str | None:
    """Why a call may not be given a layer class; ``None`` where it may."""
    classes = [value.kind == KIND for value in values]
    if classes[:1] == [True] and _is_partial(c, node):
        return IN_PLACE if _writes(c, node) else None
    asks = isinstance(node.func, cst.Name) and node.func.value in ("isinstance", "issubclass", "getattr", "hasattr")
    return ASKED if asks and any(classes) else None


def _writes(c: Converter, node: cst.Call) -> bool:
    """Whether a layer is told to write into its input, or may be."""
    given = factory_arguments.spread(c, list(node.args))
    return any(a.keyword and a.keyword.value == "inplace" and c.literal(a.value) is not False for a in given)


def called(c: Converter, node: cst.Call, qualified: str) -> Code | None:
    """A layer of a class that is called with arguments that cannot be seen; ``None`` where nothing stands for it."""
    rule = rule_of(c, qualified)
    found = named(c, qualified)
    if rule is None or found is None:
        return None
    code = _call(c, node, found[0], seen=not _has_place(c, rule))
    return code, Value("module", layer=_layer(c, qualified, writes=_writes(c, node)))


def _layer(c: Converter, qualified: str, *, writes: bool) -> Layer:
    """What is known of the layers of a class, whose axes stand in the source's order."""
    rules = layer_values.general_rules(c, qualified)
    if not rules:
        return Layer("module", mutates=writes, fresh=False)
    rule = rules[0]
    layout = (rule.attributes.get("layout") or {}).get("call")
    elementwise = bool(rule.attributes.get("elementwise"))
    rank = len(layout[0]) if layout else None
    return Layer(
        rule.name, any_layout=elementwise, rank=rank, gives_rank=rank, keeps_rank=layout is None, mutates=writes,
        dtype="same" if elementwise else "float", mode=not elementwise, fresh=False, inputs=1,
    )  # fmt: skip


def made(c: Converter, node: cst.Call, function: cst.BaseExpression) -> Code:
    """A layer that a class of unknown kind makes, such as ``norm_layer(dim)``."""
    return _call(c, node, function, seen=False), Value(
        "module", layer=Layer("module", mutates=_writes(c, node), fresh=False)
    )


def _has_place(c: Converter, rule: Rule) -> bool:
    """Whether layers of a class may be told to write into their input."""
    kind, name = rule.side("tensorflow").branches[0].spellings[0]
    return kind == "helper" and "inplace" in c.index.helpers[name]


def _call(c: Converter, node: cst.Call, function: cst.BaseExpression, *, seen: bool) -> cst.BaseExpression:
    """The call, with ``seen`` where it is known whether the layer writes into its input."""
    from diptych.conversion import calls

    args, _ = calls.arguments(c, node)
    given = factory_arguments.spread(c, list(node.args))
    if not seen and any(argument.star == "**" for argument in given) and not _writes(c, node):
        text = code_of(node.func)
        reason = f"assumes that no layer of `{text}` writes into its input"
        c.journal.assume(node, text, reason, ("inplace", c.scope.name, text))
    if function is node.func and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node
    return node.with_changes(func=fit(node, "func", function), args=args)


def asked(values: list[Value]) -> bool:
    """Whether a layer class is compared with something that may be one too."""
    classes = [value for value in values if value.kind == KIND]
    return len(classes) > 1 or (bool(classes) and any(v.kind != KIND and v.literal is MISSING for v in values))
