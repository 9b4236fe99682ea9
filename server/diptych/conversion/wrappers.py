"""Keras layers made of other layers or functions: ``TimeDistributed(Dense(3))``, ``RNN(LSTMCell(4))``,
``Lambda(f)``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import expressions
from diptych.conversion.checkpoints import helper
from diptych.inference.layers import Layer
from diptych.inference.permutations import Permutation
from diptych.inference.values import Value
from diptych.matching.emit import call, sequence
from diptych.syntax.keywords import keyword

if TYPE_CHECKING:
    from diptych.conversion.converter import Code, Converter

CELLS = ("LSTMCellLayer", "GRUCellLayer", "SimpleRNNCellLayer", "StackedCells")
RNN_FLAGS = {"return_sequences": "sequences", "return_state": "states", "go_backwards": "backwards"}


def _given(node: cst.Call, first: str) -> tuple[cst.BaseExpression | None, dict[str, cst.BaseExpression]] | None:
    """The first argument and those by keyword, but for names; ``None`` where there are others."""
    named: dict[str, cst.BaseExpression] = {}
    found: cst.BaseExpression | None = None
    for position, argument in enumerate(node.args):
        if argument.star or (argument.keyword is None and position > 0):
            return None
        name = argument.keyword.value if argument.keyword else first
        if name == first:
            found = argument.value
        elif name != "name":
            named[name] = argument.value
    return found, named


def time_distributed(c: Converter, node: cst.Call) -> Code | None:
    """A layer applied to each step: time and batch become one axis around it."""
    given = _given(node, "layer")
    if given is None or given[0] is None or given[1]:
        return c.leave(node, "keras.layers.TimeDistributed", "its arguments are not known here")
    flowing = c.flowing
    if flowing is not None and flowing.rank is not None:
        c.flowing = replace(flowing, rank=flowing.rank - 1)
    code, value = c.expr(given[0])
    c.flowing = flowing
    layer = value.layer
    if value.kind != "module" or layer is None or code is given[0]:
        return c.leave(node, "keras.layers.TimeDistributed", "the layer inside could not be converted")
    outer = replace(
        layer, name="TimeDistributed", takes=_later(layer.takes), gives=_later(layer.gives), any_layout=False,
        rank=None if layer.rank is None else layer.rank + 1, fresh=False, definition=None,
        gives_rank=None if layer.gives_rank is None else layer.gives_rank + 1, inputs=1,
    )  # fmt: skip
    return helper(c, "TimeDistributed", [cst.Arg(code)]), replace(value, layer=outer)


def _later(permutation: Permutation | None) -> Permutation | None:
    """The same order with an axis of time after the batch."""
    return None if permutation is None else (0, 1, *(axis + 1 for axis in permutation[1:]))


def _cells(c: Converter, node: cst.BaseExpression) -> Code | None:
    """A cell, or several stacked; ``None`` where one of them is not known."""
    if not isinstance(node, (cst.List, cst.Tuple)):
        code, value = c.expr(node)
        known = value.kind == "module" and value.layer is not None and value.layer.name in CELLS
        return (code, value) if known else None
    flowing, codes, value = c.flowing, [], Value()
    for element in node.elements:
        found = _cells(c, element.value)
        if found is None or found[1].layer is None:
            c.flowing = flowing
            return None
        codes.append(cst.Element(found[0]))
        value = found[1]
        c.flowing = Value("tensor", dtype="float", width=value.layer.width if value.layer else None)
    c.flowing = flowing
    layer = replace(value.layer or Layer("StackedCells"), name="StackedCells")
    return helper(c, "StackedCells", [cst.Arg(sequence(codes, as_list=True))]), replace(value, layer=layer)


def stacked_cells(c: Converter, node: cst.Call) -> Code | None:
    """Cells of which each reads the output of the one before it."""
    given = _given(node, "cells")
    found = _cells(c, given[0]) if given is not None and isinstance(given[0], cst.List) and not given[1] else None
    return found or c.leave(node, "keras.layers.StackedRNNCells", "it takes a list of Keras' own cells")


def rnn(c: Converter, node: cst.Call) -> Code | None:
    """A cell run over time."""
    given = _given(node, "cell")
    if given is None or given[0] is None or not set(given[1]) <= {*RNN_FLAGS, "unroll"}:
        return c.leave(node, "keras.layers.RNN", "no rule knows this combination of arguments")
    found = _cells(c, given[0])
    flags = {name: c.literal(value) for name, value in given[1].items() if name != "unroll"}
    if found is None:
        return c.leave(node, "keras.layers.RNN", "a cell of your own: write the loop over time in forward")
    if any(not isinstance(flag, bool) for flag in flags.values()):
        return c.leave(node, "keras.layers.RNN", "what it returns must be written as True or False")
    args = [cst.Arg(found[0])]
    for name, flag in flags.items():
        if flag:
            args.append(keyword(RNN_FLAGS[name], cst.Name("True")))
    width = found[1].layer.width if found[1].layer else None
    layer = Layer(
        "CellRNN", width=width, mode=False, inputs=1, options=("initial_state",),
        outputs=_states(found[1]) if flags.get("return_state") else None,
    )  # fmt: skip
    return helper(c, "CellRNN", args), Value("module", layer=layer)


def _states(cell: Value) -> int | None:
    names = {"LSTMCellLayer": 3, "GRUCellLayer": 2, "SimpleRNNCellLayer": 2}
    return names.get(cell.layer.name) if cell.layer else None


def function_layer(c: Converter, node: cst.Call) -> Code | None:
    """``Lambda(f)``: a module that calls the function."""
    given = _given(node, "function")
    if given is None or given[0] is None or set(given[1]) - {"output_shape"}:
        return c.leave(node, "keras.layers.Lambda", "its arguments are not known here")
    mark = c.journal.mark()
    tensor = replace(c.flowing or Value("tensor", dtype="float"), permutation=None, of=None)
    if isinstance(given[0], cst.Lambda):
        code, result = expressions.function_of(c, given[0], [tensor])
    else:
        (code, _), result = c.expr(given[0]), Value("tensor")
    if c.journal.errors_since(mark):
        return node, Value()
    layer = Layer("Lambda", dtype=result.dtype, gives_rank=result.rank, mode=False, fresh=False, inputs=1)
    return helper(c, "Lambda", [cst.Arg(code)]), Value("module", layer=layer)


def input_layer(c: Converter, node: cst.Call) -> Code:
    """``InputLayer(...)`` called like any layer hands its input on."""
    identity = Layer("Identity", any_layout=True, dtype="same", mode=False, fresh=False, keeps_width=True)
    return call(c.name("torch.nn.Identity"), []), Value("module", layer=identity)
