"""Converting ``x[...]`` where tensors or lists stand in the index, alone or among slices and numbers.

PyTorch takes numbers, slices and ``None`` first and applies the tensors to what is left. Neighbours pick points,
whose axes stand where the first of them stood.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.rewriting import fit
from diptych.inference.values import Value, category
from diptych.matching.emit import call
from diptych.syntax.keywords import keyword
from diptych.syntax.literals import node_of
from diptych.syntax.precedence import argument, atom
from diptych.text.missing import MISSING

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

NAMES = ("tensor", "list", "tuple")
WHOLE = cst.Slice(lower=None, upper=None)
SPACED = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def convert(
    c: Converter, node: cst.Subscript, base: cst.BaseExpression, value: Value, kinds: list[str],
    elements: list[cst.SubscriptElement],
) -> Code:  # fmt: skip
    """The elements at the positions, or under the mask. ``elements`` is the index in the twin, ``kinds`` its kinds."""
    places = [place for place, kind in enumerate(kinds) if kind in NAMES]
    indices = [_index(c, node.slice[place].slice.value) for place in places]  # type: ignore[union-attr]
    found = [index for index in indices if index is not None]
    axis = _axis(kinds[: places[0]], kinds[places[-1] + 1 :])
    either = not found and len(places) == 1 and c.target == "tensorflow" and axis >= 0
    either = either and c.expr(node.slice[places[0]].slice.value)[1].is_tensor  # type: ignore[union-attr]
    if len(found) < len(indices) and not either:
        return c.leave(
            node,
            "indexing",
            "it is not known whether the index is a mask or holds positions: annotate it with # diptych:",
        )
    base = c.plain(base, value)
    if c.target == "torch":
        return _in_torch(c, node, base, value, elements)
    others = [kind for kind in kinds if kind not in NAMES]
    if "unknown" in others or "bool" in others:
        return c.leave(node, "indexing", "it is not known what stands in the index beside the tensor")
    rest, left = _without(base, kinds, elements, places)
    if either:
        return _by_either(c, rest, elements[places[0]].slice.value, axis), c.fresh(Value("tensor", dtype=value.dtype))  # type: ignore[union-attr]
    rank = None if value.rank is None else value.rank - kinds.count("int") + kinds.count("new")
    if len(found) == 1:
        return _one(c, node, rest, replace(left, dtype=value.dtype, rank=rank), found[0], axis)
    return _several(c, node, rest, replace(left, dtype=value.dtype, rank=rank), (places, found), kinds)


def _index(c: Converter, node: cst.BaseExpression) -> Code | None:
    """A tensor whose dtype is known, or a list of numbers; ``None`` for others."""
    code, value = c.expr(node)
    if value.is_tensor:
        return (c.plain(code, value), value) if category(value.dtype) is not None else None
    literal = c.literal(node)
    if literal is MISSING or not all(isinstance(item, int) and not isinstance(item, bool) for item in literal):
        return None
    return cst.List([cst.Element(node_of(item)) for item in literal]), Value("tensor", "int", 1, literal=literal)


def _in_torch(
    c: Converter, node: cst.Subscript, base: cst.BaseExpression, value: Value, elements: list[cst.SubscriptElement]
) -> Code:
    if len(elements) > 1:
        return c.leave(node, "indexing", "indexing by tensors together with slices has no direct equivalent")
    return node.with_changes(value=atom(base), slice=elements), c.fresh(Value("tensor", dtype=value.dtype))


def _without(
    base: cst.BaseExpression, kinds: list[str], elements: list[cst.SubscriptElement], places: list[int]
) -> tuple[cst.BaseExpression, Value]:
    """The tensor indexed by everything but the tensors."""
    kept = [e.with_changes(slice=WHOLE) if place in places else e for place, e in enumerate(elements)]
    while kept and _is_whole(kept[-1], kinds[len(kept) - 1]):
        kept.pop()
    if all(_is_whole(e, kind) for e, kind in zip(kept, kinds, strict=False)):
        return base, Value("tensor")
    kept = [e.with_changes(comma=SPACED) for e in kept[:-1]] + [kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    subscript = cst.Subscript(base, kept)
    return subscript.with_changes(value=fit(subscript, "value", base)), Value("tensor")


def _is_whole(element: cst.SubscriptElement, kind: str) -> bool:
    part = element.slice
    return kind == "..." or (
        isinstance(part, cst.Slice) and part.lower is None and part.upper is None and part.step is None
    )


def _axis(before: list[str], after: list[str]) -> int:
    """The axis that the tensors index in what is left; counted from the end behind ``...``."""
    if "..." in before:
        return -1 - sum(kind in ("slice", "new") for kind in after)
    return sum(kind in ("slice", "new") for kind in before)


def _by_either(c: Converter, rest: cst.BaseExpression, index: cst.BaseExpression, axis: int) -> cst.BaseExpression:
    """Elements at positions or under a mask, whichever the dtype says when the twin runs."""
    arguments = [cst.Arg(argument(rest)), cst.Arg(argument(index))]
    c.helpers.add("taken")
    return call(c.name("helper.taken"), [*arguments, keyword("axis", node_of(axis))] if axis else arguments)


def _one(c: Converter, node: cst.Subscript, rest: cst.BaseExpression, left: Value, index: Code, axis: int) -> Code:
    code, value = index
    masks = category(value.dtype) == "bool"
    if masks and (axis < 0 or (axis > 0 and value.rank != 1)):
        return c.leave(node, "indexing", "a mask behind ... or one of several axes behind others is not converted")
    rank = None
    if left.rank is not None and value.rank is not None:
        rank = left.rank - value.rank + 1 if masks else left.rank + value.rank - 1
    if _counts_from_end([index]):
        return _by_either(c, rest, code, axis), c.fresh(Value("tensor", dtype=left.dtype, rank=rank))
    if not masks:
        _assume(c, node, [index])
    arguments = [cst.Arg(argument(rest)), cst.Arg(argument(code))]
    if axis:
        arguments.append(keyword("axis", node_of(axis)))
    name = "boolean_mask" if masks else "gather"
    result = call(cst.Attribute(c.name("tf"), cst.Name(name)), arguments)
    return result, c.fresh(Value("tensor", dtype=left.dtype, rank=rank))


def _several(
    c: Converter, node: cst.Subscript, rest: cst.BaseExpression, left: Value,
    index: tuple[list[int], list[Code]], kinds: list[str],
) -> Code:  # fmt: skip
    places, found = index
    axis = _axis(kinds[: places[0]], kinds[places[-1] + 1 :])
    if any(category(value.dtype) != "int" for _, value in found):
        return c.leave(node, "indexing", "a mask together with other tensors is not converted")
    if axis or places[-1] - places[0] != len(places) - 1 or _counts_from_end(found):
        return _apart(c, node, rest, left, index, kinds)
    _assume(c, node, found)
    if all(value.rank == 1 for _, value in found):
        listed = cst.List([cst.Element(code) for code, _ in found])
        points = call(cst.Attribute(c.name("tf"), cst.Name("stack")), [cst.Arg(listed), keyword("axis", node_of(-1))])
    else:
        c.helpers.add("points")
        points = call(c.name("helper.points"), [cst.Arg(argument(code)) for code, _ in found])
    ranks = [value.rank for _, value in found]
    rank = None
    if left.rank is not None and None not in ranks:
        rank = left.rank - len(found) + max(r for r in ranks if r is not None)
    result = call(cst.Attribute(c.name("tf"), cst.Name("gather_nd")), [cst.Arg(argument(rest)), cst.Arg(points)])
    return result, c.fresh(Value("tensor", dtype=left.dtype, rank=rank))


def _apart(
    c: Converter, node: cst.Subscript, rest: cst.BaseExpression, left: Value,
    index: tuple[list[int], list[Code]], kinds: list[str],
) -> Code:  # fmt: skip
    """Points along axes that are not the first ones, or not neighbours."""
    places, found = index
    if "..." in kinds[: places[-1]]:
        return c.leave(node, "indexing", "several tensors that index axes behind ... are not converted")
    axes = [sum(kind in ("slice", "new", *NAMES) for kind in kinds[:place]) for place in places]
    c.helpers.add("pick")
    listed = cst.List([cst.Element(node_of(axis)) for axis in axes])
    arguments = [cst.Arg(argument(rest)), cst.Arg(listed), *(cst.Arg(argument(code)) for code, _ in found)]
    ranks = [value.rank for _, value in found]
    rank = None
    if left.rank is not None and None not in ranks:
        rank = left.rank - len(found) + max(r for r in ranks if r is not None)
    return call(c.name("helper.pick"), arguments), c.fresh(Value("tensor", dtype=left.dtype, rank=rank))


def _counts_from_end(found: list[Code]) -> bool:
    """Whether positions that are written out count from the end, which `tf.gather` does not know."""
    return any(value.literal is not MISSING and min(value.literal, default=0) < 0 for _, value in found)


def _assume(c: Converter, node: cst.Subscript, found: list[Code]) -> None:
    if all(value.literal is not MISSING and min(value.literal, default=0) >= 0 for _, value in found):
        return
    c.journal.assume(
        node,
        "indexing",
        "assumes no negative positions in the index: tf.gather does not wrap them",
        ("index", c.scope.name),
    )
