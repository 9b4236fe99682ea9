"""``nn.Sequential``, and what layers in a row do to axes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import sequence_names
from diptych.inference.layers import Layer
from diptych.inference.permutations import Permutation, inverse
from diptych.inference.values import MIXED, Value, replace
from diptych.matching.emit import call, sequence
from diptych.syntax.literals import node_of
from diptych.syntax.source import code_of

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter


@dataclass
class FlowState:
    """The tensor between two layers: its axes, how many they are, and the size of the last."""

    permutation: Permutation | None
    rank: int | None
    width: int | None
    fresh: bool = False


def of_torch(c: Converter, node: cst.Call) -> Code | None:
    """``nn.Sequential(a, b)`` -> ``keras.Sequential([a, b])``."""
    if any(argument.keyword for argument in node.args):
        return c.leave(node, "torch.nn.Sequential", "it takes modules")
    if (named := sequence_names.spelled_out(c, node)) is not None:
        code, value = c.expr(named[0])
        if value.layer is None or value.layer.parts is None:
            return (node if code is named[0] else code), value
        return code, replace(value, layer=replace(value.layer, names=named[1]))
    node = _spelled_out(c, node)
    if not node.args:
        identity = Layer("Identity", any_layout=True, dtype="same", mode=False, fresh=False, keeps_width=True)
        return call(c.name("keras.layers.Identity"), []), Value("module", layer=identity)
    if len(node.args) == 1 and node.args[0].star == "*":
        found = _repeated(c, node.args[0].value)
        if found is None:
            reason = "the layers in the list are not known here, so neither is the order of axes that they take"
            return c.leave(node, "torch.nn.Sequential", reason)
        layer = replace(found[1], each=replace(found[1], fresh=False))
        return call(c.name("keras.Sequential"), [cst.Arg(found[0])]), Value("module", layer=layer)
    if any(argument.star for argument in node.args):
        return _starred(c, node)
    codes, layers, strangers = [], [], []
    for argument in node.args:
        code, value = c.expr(argument.value)
        if value.kind not in ("module", "unknown", "foreign") or (value.kind != "module" and len(node.args) == 1):
            return c.leave(node, "torch.nn.Sequential", "one of its parts is not known to be a module")
        if value.api == MIXED:
            return c.leave(node, "torch.nn.Sequential", "one of its parts may be layers with different axes")
        if value.kind != "module" or value.layer is None:
            strangers.append((argument.value, value))
        codes.append(code)
        layers.append(value.layer or Layer("module", fresh=False))
    moved = not all(layer.any_layout or layer.takes is layer.gives is None for layer in layers)
    for stranger, value in strangers:
        text = code_of(stranger)
        if value.kind == "module" and not moved and not c.moves_axes:
            continue
        c.journal.assume(
            stranger,
            "torch.nn.Sequential",
            f"assumes that `{text}` is a layer that takes its axes in the source's order",
            ("layer", text),
        )
    codes, layer = _arranged(c, codes, layers)
    elements: list[cst.BaseElement] = [cst.Element(code) for code in codes]
    brackets = _multi_line(node, elements)
    return call(c.name("keras.Sequential"), [cst.Arg(brackets)]) if not _is_multi_line(node) else _kept_layout(
        c, node, codes
    ), Value("module", layer=layer)


def _spelled_out(c: Converter, node: cst.Call) -> cst.Call:
    """``nn.Sequential(*[a, b])`` as ``nn.Sequential(a, b)``."""
    displays = (cst.List, cst.Tuple)
    if not any(a.star == "*" and isinstance(a.value, displays) and a.value.elements for a in node.args):
        return node
    args: list[cst.Arg] = []
    for argument in node.args:
        if argument.star == "*" and isinstance(argument.value, displays):
            for each in argument.value.elements:
                args.append(cst.Arg(each.value, star="*" if isinstance(each, cst.StarredElement) else ""))
        else:
            args.append(argument.with_changes(comma=cst.MaybeSentinel.DEFAULT))
    written = node.with_changes(args=args)
    c.stands_for(written, node)
    return written


def _all_plain(value: Value) -> bool:
    items = value.items or ()
    return bool(items) and all(
        item.kind == "module" and item.layer is not None and item.layer.takes is None and item.layer.gives is None
        for item in items
    )


def _may_be_plain(value: Value) -> bool:
    """Whether a value is a layer with the source's order of axes, or something unknown that takes and gives them."""
    return value.kind == "unknown" or (value.kind == "module" and value.api != MIXED and not value.moves_axes)


def _repeated(c: Converter, node: cst.BaseExpression) -> tuple[cst.BaseExpression, Layer] | None:
    """A list of layers such that each takes what the one before it gives, and what they do in a row; ``None`` where
    that is not known.
    """
    code, value = c.expr(node)
    known = value.item.layer if value.item is not None and value.item.kind == "module" else None
    if known is None:
        held = value.items or ((value.item,) if value.item is not None else ())
        if value.kind not in ("list", "tuple", "modules") or not held or not all(map(_may_be_plain, held)):
            return None
        if not _all_plain(value):
            text = code_of(node)
            reason = f"assumes that `{text}` holds layers that take their axes in the source's order"
            c.journal.assume(node, "torch.nn.Sequential", reason, ("layers", c.scope.name, text))
        return code, Layer("Sequential", fresh=False)
    layer = replace(
        known, name="Sequential", definition=None, width_in=None, width=None, keeps_width=False, inputs=1, fresh=False,
        parts=None, each=None, names=None, within=None,
    )  # fmt: skip
    if known.any_layout or known.takes == known.gives:
        return code, layer
    moves = [permute(c, inverse(known.gives))] if known.gives is not None else []
    moves += [permute(c, known.takes)] if known.takes is not None else []
    each = nested(c, [cst.Name("layer"), *moves])
    listed = cst.ListComp(each, cst.CompFor(cst.Name("layer"), code))
    rank = layer.rank if known.takes is None else len(known.takes)
    return listed, replace(layer, gives=known.takes, gives_rank=rank)


def _starred(c: Converter, node: cst.Call) -> Code:
    codes, layers = [], []
    for argument in node.args:
        if argument.star:
            found = _repeated(c, argument.value)
        else:
            code, value = c.expr(argument.value)
            known = value.kind == "module" and value.api != MIXED
            found = (code, value.layer) if known and value.layer is not None else None
        if found is None:
            return c.leave(node, "torch.nn.Sequential", "the layers in its starred arguments are not known here")
        codes.append(found[0])
        layers.append(found[1])
    arranged, layer = _arranged(c, codes, layers)
    elements: list[cst.BaseElement] = []
    for argument, before, code in zip(node.args, codes, arranged, strict=True):
        if argument.star and code is not before:
            reason = "the layers in its starred arguments take another order of axes than the one before them gives"
            return c.leave(node, "torch.nn.Sequential", reason)
        elements.append(cst.StarredElement(code) if argument.star else cst.Element(code))
    made = call(c.name("keras.Sequential"), [cst.Arg(sequence(elements, as_list=True))])
    each = each_of(layer.parts) if layer.parts else None
    return made, Value("module", layer=replace(layer, parts=None, each=each))


def _is_multi_line(node: cst.Call) -> bool:
    return isinstance(node.whitespace_before_args, cst.ParenthesizedWhitespace)


def _multi_line(node: cst.Call, elements: list[cst.BaseElement]) -> cst.BaseExpression:
    return sequence(elements, as_list=True)


def _kept_layout(c: Converter, node: cst.Call, codes: list[cst.BaseExpression]) -> cst.Call:
    """One layer a line, with the comments, as the source has it."""
    elements = [
        cst.Element(
            code,
            comma=argument.comma if not isinstance(argument.comma, cst.MaybeSentinel) else cst.MaybeSentinel.DEFAULT,
        )
        for code, argument in zip(codes, node.args, strict=True)
    ]
    last = node.args[-1]
    closing = last.whitespace_after_arg if isinstance(last.comma, cst.MaybeSentinel) else cst.SimpleWhitespace("")
    brackets = cst.List(
        elements,
        lbracket=cst.LeftSquareBracket(whitespace_after=node.whitespace_before_args),
        rbracket=cst.RightSquareBracket(whitespace_before=closing),
    )
    return cst.Call(c.name("keras.Sequential"), [cst.Arg(brackets)])


def _arranged(
    c: Converter, codes: list[cst.BaseExpression], layers: list[Layer]
) -> tuple[list[cst.BaseExpression], Layer]:
    """Wrap the layers that take another order of axes than the one before them gives."""
    given = first_layout(c, layers)
    result: list[cst.BaseExpression] = []
    parts: list[Layer] = []
    for code, layer in zip(codes, layers, strict=True):
        wrapped, part = code, layer
        if not layer.any_layout and layer.takes != given:
            wrapped = _with_permutation(c, code, given, layer.takes)
            part = replace(_wrapped(layer), takes=given)
        given = given if layer.any_layout else layer.gives
        result.append(wrapped)
        parts.append(part)
    if c.layout == "preserve" and given is not None and result:
        result[-1] = nested(c, [result[-1], permute(c, inverse(given))])
        takes = given if parts[-1].any_layout else parts[-1].takes
        parts[-1] = replace(_wrapped(parts[-1]), within=None, any_layout=False, takes=takes, gives=None)
    return result, chained(tuple(parts))


def _wrapped(layer: Layer) -> Layer:
    """What is known of a Sequential that ends with a layer."""
    within = ".layers[-1]" if layer.within == "" else None
    name = "Sequential" if within is None else layer.name
    return replace(layer, name=name, definition=None, within=within, inputs=1, parts=None, each=None, names=None)


def chained(parts: tuple[Layer, ...]) -> Layer:
    """What is known of a Sequential of layers, each of which takes the order of axes that the one before it gives."""
    takes = next((part.takes for part in parts if not part.any_layout), None)
    rank_in = first_rank(list(parts))
    state, mutates = FlowState(takes, rank_in, None), False
    for part in parts:
        mutates = mutates or (part.mutates and not state.fresh)
        value = part.result(Value("tensor", rank=state.rank, width=state.width))
        permutation = state.permutation if part.any_layout else part.gives
        state = FlowState(permutation, value.rank, value.width, state.fresh or part.fresh)
    return Layer(
        "Sequential", any_layout=bool(parts) and all(part.any_layout for part in parts), takes=takes,
        gives=state.permutation, rank=rank_in, gives_rank=state.rank,
        keeps_rank=bool(parts) and all(part.keeps_rank or part.any_layout for part in parts),
        width=state.width, keeps_width=bool(parts) and all(part.keeps_width for part in parts),
        dtype="same" if parts and all(part.dtype == "same" for part in parts) else "float",
        mode=any(part.mode for part in parts), mutates=mutates, fresh=state.fresh, parts=parts,
    )  # fmt: skip


def each_of(parts: tuple[Layer, ...]) -> Layer | None:
    """What is true of each of the layers; ``None`` where their axes stand in different orders."""
    plain = [replace(part, definition=None) for part in parts]
    return reduce(lambda one, other: one and one.joined(other), plain[1:], plain[0]) if plain else None


def first_layout(c: Converter, layers: list[Layer]) -> Permutation | None:
    """The order of axes that layers in a row take."""
    if c.layout == "preserve":
        return None
    for layer in layers:
        if not layer.any_layout:
            return layer.takes
    return None


def first_rank(layers: list[Layer]) -> int | None:
    """How many axes layers in a row take, where one of them settles it."""
    for layer in layers:
        if layer.rank is not None:
            return layer.rank
        if not (layer.any_layout or layer.keeps_rank):
            return None
    return None


def _with_permutation(
    c: Converter, code: cst.BaseExpression, given: Permutation | None, wanted: Permutation | None
) -> cst.BaseExpression:
    before = [permute(c, inverse(given))] if given is not None else []
    if wanted is not None:
        before.append(permute(c, wanted))
    return nested(c, [*before, code])


def nested(c: Converter, codes: list[cst.BaseExpression]) -> cst.BaseExpression:
    """Layers in a row."""
    if c.target == "torch":
        return call(c.name("torch.nn.Sequential"), [cst.Arg(code) for code in codes])
    return call(c.name("keras.Sequential"), [cst.Arg(sequence([cst.Element(code) for code in codes], as_list=True))])


def permute(c: Converter, permutation: Permutation) -> cst.BaseExpression:
    """A layer that reorders axes. Keras's counts them from 1 and leaves the batch alone; PyTorch has none, and a helper
    stands in for it.
    """
    if permutation[0] != 0:
        raise ValueError("the batch axis stays first")
    if c.target == "torch":
        c.helpers.add("Permute")
        return call(c.name("helper.Permute"), [cst.Arg(node_of(axis)) for axis in permutation])
    return call(c.name("keras.layers.Permute"), [cst.Arg(node_of(permutation[1:]))])
