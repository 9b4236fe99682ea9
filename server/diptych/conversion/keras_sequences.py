"""``keras.Sequential``: layers in a row, written out or in lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import libcst as cst

from diptych.conversion import activations, application, handed_layers
from diptych.conversion.sequences import FlowState, first_layout, first_rank, nested, permute
from diptych.inference.layers import Layer
from diptych.inference.permutations import inverse
from diptych.inference.values import MIXED, Value, element_of
from diptych.matching.emit import call
from diptych.syntax.precedence import argument
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

API = "keras.Sequential"
ACTIVATION = "an activation of one of its layers could not be converted"
PART = "one of its parts could not be converted"


@dataclass
class _Part:
    """One layer, or several in a list (``star``), and the element of the source's list that it came from."""

    code: cst.BaseExpression
    layer: Layer
    element: cst.BaseElement
    star: Literal["", "*"] = ""


def of_keras(c: Converter, node: cst.Call) -> Code | None:
    """``keras.Sequential([a, b])`` -> ``nn.Sequential(a, b)``."""
    if not node.args:
        empty = Layer("Sequential", any_layout=True, dtype="same")
        return call(c.name("torch.nn.Sequential"), []), Value("module", layer=empty)
    given, *others = node.args
    named = given.keyword is not None and given.keyword.value != "layers"
    if named or given.star or any(not (each.keyword and each.keyword.value == "name") for each in others):
        return c.leave(node, API, "only its layers and its name are converted")
    elements = (
        given.value.elements if isinstance(given.value, (cst.List, cst.Tuple)) else [cst.StarredElement(given.value)]
    )
    one = _as_one(c, node, elements)
    if one is not None:
        return one
    try:
        parts = _parts(c, elements)
    finally:
        c.flowing = None
    if isinstance(parts, str):
        return c.leave(node, API, parts)
    arranged, layer = _arranged(c, parts)
    return _call(c, given.value, arranged), Value("module", layer=layer)


def _parts(c: Converter, elements: Sequence[cst.BaseElement]) -> list[_Part] | str:
    """The layers, each with what flows into it where that is known; or why they are not converted."""
    parts: list[_Part] = []
    c.flowing = None
    for element in elements:
        if isinstance(element, cst.StarredElement):
            c.flowing = None
            several = _several(c, element)
            if several is None:
                return PART
            parts.append(several)
            continue
        if isinstance(element.value, cst.Call) and c.qualified(element.value.func) in (
            "keras.Input",
            "keras.InputLayer",
        ):
            c.flowing = _input(c, element.value)
            continue
        mark = c.journal.mark()
        code, value = c.expr(element.value)
        if value.kind == "unknown" and not c.journal.errors_since(mark):
            _assume(c, element.value, "is a layer that takes its")
            value = Value("module")
        if value.kind != "module":
            return PART
        layer = value.layer or Layer("module", fresh=False)
        parts.append(_Part(code, replace(layer, activation=None), element))
        c.flowing = layer.result(c.flowing) if c.flowing is not None else layer.result(Value("tensor"))
        if layer.activation is not None:
            code, value = activations.layer(c, layer.activation)
            if value.kind != "module" or value.layer is None:
                return ACTIVATION
            parts.append(_Part(code, value.layer, element))
    return parts


def _several(c: Converter, element: cst.StarredElement) -> _Part | None:
    """The layers of a list; ``None`` where one of them was not converted."""
    mark = c.journal.mark()
    code, value = c.expr(element.value)
    if c.journal.errors_since(mark):
        return None
    item = element_of(value)
    known = item.layer if item.kind == "module" and item.api != MIXED else None
    if known is None or known.activation is not None or (known.moves_axes and known.takes != known.gives):
        if handed_layers.called_otherwise(value) or item.api == MIXED:
            code, value = handed_layers.handed(c, element.value, code, value)
        elif item.kind != "module":
            _assume(c, element.value, "holds layers that take their")
        known = Layer("Sequential", fresh=False)
    layer = replace(
        known, name="Sequential", definition=None, width_in=None, width=None, keeps_width=False, inputs=1, fresh=False,
        parts=None, within=None,
    )  # fmt: skip
    return _Part(code, layer, element, "*")


def _assume(c: Converter, node: cst.BaseExpression, what: str) -> None:
    text = code_of(node)
    c.journal.assume(node, API, f"assumes that `{text}` {what} axes in the source's order", ("layer", text))


def _as_one(c: Converter, node: cst.Call, elements: Sequence[cst.BaseElement]) -> Code | None:
    """Layers in a row that stand for one of PyTorch's, such as padding and a convolution; ``None`` for others."""
    made = [c.qualified(each.value.func) or "" if isinstance(each.value, cst.Call) else "" for each in elements]
    if any(name.startswith("helper.") for name in made):
        return application.apply(c, node, API)
    if len(made) != 2 or not made[0].startswith("keras.layers.ZeroPadding") or _differs_by_side(c, elements[0].value):
        return None
    mark = c.journal.mark()
    found = application.apply(c, node, API)
    if found is None or not c.journal.errors_since(mark):
        return found
    c.journal.back_to(mark)
    return None


def _differs_by_side(c: Converter, padding: cst.BaseExpression) -> bool:
    """Whether a padding tells the sides of an axis apart, which PyTorch's convolutions cannot."""
    assert isinstance(padding, cst.Call)
    given = [c.expr(argument.value)[1] for argument in padding.args]
    return any(item.kind in ("tuple", "list") for value in given for item in value.items or ())


def _input(c: Converter, node: cst.Call) -> Value:
    shape = next((a.value for a in node.args if a.keyword is None or a.keyword.value in ("shape", "input_shape")), None)
    literal = c.literal(shape) if shape is not None else None
    if not isinstance(literal, tuple):
        return Value("tensor", dtype="float")
    width = literal[-1] if literal and isinstance(literal[-1], int) else None
    return Value("tensor", dtype="float", rank=len(literal) + 1, width=width)


def _arranged(c: Converter, parts: list[_Part]) -> tuple[list[_Part], Layer]:
    """The layers with what reorders axes where one takes another order than the one before it gives, and what they do
    in a row.
    """
    layers = [part.layer for part in parts]
    state = FlowState(first_layout(c, layers), first_rank(layers), None)
    takes, rank_in = state.permutation, state.rank
    result: list[_Part] = []
    for part in parts:
        layer, code = part.layer, part.code
        if not layer.any_layout and layer.takes != state.permutation:
            moves = [] if state.permutation is None else [permute(c, inverse(state.permutation))]
            moves += [] if layer.takes is None else [permute(c, layer.takes)]
            if part.star:
                result += [replace(part, code=move, star="") for move in moves]
            else:
                code = nested(c, [*moves, code])
            state.permutation = layer.takes
        value = layer.result(Value("tensor", rank=state.rank, width=state.width))
        state = FlowState(state.permutation if layer.any_layout else layer.gives, value.rank, value.width)
        result.append(replace(part, code=code))
    if c.layout == "preserve" and state.permutation is not None and result:
        back = permute(c, inverse(state.permutation))
        last = result[-1]
        result[-1:] = (
            [last, replace(last, code=back, star="")]
            if last.star
            else [replace(last, code=nested(c, [last.code, back]))]
        )
        state.permutation = None
    layer = Layer(
        "Sequential", any_layout=all(each.any_layout for each in layers), takes=takes, gives=state.permutation,
        rank=rank_in, gives_rank=state.rank, width=state.width, mode=any(each.mode for each in layers), fresh=False,
    )  # fmt: skip
    return result, layer


def _call(c: Converter, source: cst.BaseExpression, parts: list[_Part]) -> cst.Call:
    function = c.name("torch.nn.Sequential")
    opening = source.lbracket.whitespace_after if isinstance(source, cst.List) else None
    if not isinstance(source, cst.List) or not isinstance(opening, cst.ParenthesizedWhitespace):
        return call(function, [cst.Arg(argument(part.code), star=part.star) for part in parts])
    line = cst.ParenthesizedWhitespace(indent=True, last_line=opening.last_line)
    closing = source.rbracket.whitespace_before
    args = []
    for position, part in enumerate(parts):
        final = position == len(parts) - 1
        shared = not final and parts[position + 1].element is part.element
        comma = part.element.comma
        if shared or isinstance(comma, cst.MaybeSentinel):
            comma = cst.Comma(whitespace_after=line)
        if final and isinstance(closing, cst.ParenthesizedWhitespace):
            comma = cst.Comma(whitespace_after=closing)
        args.append(cst.Arg(part.code, comma=comma, star=part.star))
    return cst.Call(function, args, whitespace_before_args=opening)
