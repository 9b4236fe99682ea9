"""DPT366."""

import ast
from collections.abc import Iterator

from diptych_checks._keras import KerasFlowCheck

from diptych.checks.finding import Fix
from diptych.checks.flow import Flow
from diptych.checks.use import Problem

OWN_INPUT_DIM = {"keras.layers.Embedding", "keras.layers.ReversibleEmbedding"}  # for them it is the size of the table


class KerasInputShape(KerasFlowCheck):
    """``input_shape=`` and ``input_dim=`` of layers draw a warning: begin a ``Sequential`` with ``keras.Input(shape)``.

    The fix is offered for the first layer of a ``Sequential`` that is written out; the model is the same, with the same
    weights.
    """

    code = "DPT366"
    name = "keras-input-shape"
    severity = "warning"
    message = "Keras 3 warns of input_shape= and input_dim=: give keras.Input(shape) to the model first"
    url = "https://keras.io/guides/sequential_model/#specifying-the-input-shape-in-advance"
    tags = ("deprecated",)
    fix = "safe"
    words = ("input_shape", "input_dim")
    setup = "import keras\n"
    bad = (
        "y = keras.Sequential([keras.layers.Dense(3, input_shape=(8,)), keras.layers.Dense(1)])",
        "y = keras.Sequential([keras.layers.Dense(3, input_dim=8, activation='relu')])",
        "layer = keras.layers.Dense(3, input_shape=(8,))",
        "y = keras.Sequential()\ny.add(keras.layers.Dense(3, input_shape=(8,)))",
    )
    fixed = (
        "y = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(3), keras.layers.Dense(1)])",
        "y = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(3, activation='relu')])",
        None,
        "y = keras.Sequential()\ny.add(keras.layers.Input((8,)))\ny.add(keras.layers.Dense(3))",
    )
    good = (
        "y = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])",
        "base = keras.applications.VGG16(input_shape=(64, 64, 3))",
        "layer = keras.layers.Embedding(input_dim=100, output_dim=8)",
        "layer = Own(input_shape=(8,))",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        for word in self.words:
            for call in flow.keyword_calls(word):
                name = flow.called(call) or ""
                if not name.startswith("keras.layers.") or not name.rpartition(".")[2][:1].isupper():
                    continue
                if word != "input_dim" or name not in OWN_INPUT_DIM:
                    yield flow.problem(call, fix=self._fix(flow, call, word))

    def _fix(self, flow: Flow, call: ast.Call, word: str) -> Fix | None:
        """Put an input before the first layer of a ``Sequential``."""
        made = self._input(flow, call, word)
        keyword = next(one for one in call.keywords if one.arg == word)
        if made is None or sum(one.arg in self.words for one in call.keywords) > 1:
            return None
        around = call.around  # type: ignore[attr-defined]
        if isinstance(around, ast.List) and around.elts[0] is call and flow.called(around.around) == "keras.Sequential":  # type: ignore[attr-defined]
            start = flow.offsets(call)[0]
            before = flow.edit(start, start, f"{made}, ")
        elif self._is_first_added(flow, call):
            before = flow.new_line(flow.statement(call), f"{flow.code(around.func)}({made})", before=True)
        else:
            return None
        return flow.fix("Begin with an Input", "safe", before, self._removed(flow, call, keyword))

    def _is_first_added(self, flow: Flow, call: ast.Call) -> bool:
        """Whether a layer is what ``model.add`` gets in the statement after ``model = keras.Sequential()``."""
        added: ast.AST = call.around  # type: ignore[attr-defined]
        if not isinstance(added, ast.Call) or not isinstance(added.func, ast.Attribute) or added.func.attr != "add":
            return False
        made, statement = flow.origin(added.func.value), flow.statement(added)
        if flow.called(made) != "keras.Sequential" or made.args or made.keywords or not isinstance(statement, ast.Expr):
            return False
        block = flow.block(statement)
        place = block.index(statement)
        return place > 0 and block[place - 1] is flow.statement(made)

    def _input(self, flow: Flow, call: ast.Call, word: str) -> str | None:
        """The call of ``Input`` as it is written where the layer's name comes from a module."""
        value = next(one.value for one in call.keywords if one.arg == word)
        if not isinstance(call.func, ast.Attribute) or "\n" in flow.code(value):
            return None
        shape = flow.code(value) if word == "input_shape" else f"({flow.code(value)},)"
        return f"{flow.code(call.func.value)}.Input({shape})"

    def _removed(self, flow: Flow, call: ast.Call, keyword: ast.keyword):
        """The edit that takes a keyword out, with the comma before it."""
        parts = sorted([*call.args, *call.keywords], key=flow.place)
        place = parts.index(keyword)
        start, end = flow.offsets(keyword)
        if place:
            return flow.edit(flow.offsets(parts[place - 1])[1], end, "")
        return flow.edit(start, flow.offsets(parts[1])[0] if len(parts) > 1 else end, "")
