from __future__ import annotations

import ast
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.syntax.scout import Call, Scout
from diptych.syntax.source import Span

TEXT = '''\
"""A model."""
import torch
import tensorflow.keras.layers as kl
from torch import nn
import torch.nn.functional as F


@torch.no_grad()
class Net(nn.Module):
    def forward(
        self, x
    ):
        a = "😋"; y = torch.sum(x.relu(), dim=torch.tensor(1).item())
        return F.gelu(y), map(F.relu, y), print(y)
'''
LINES = TEXT.splitlines()


def at(word: str, occurrence: int = 0) -> Call | None:
    offset = -1
    for _ in range(occurrence + 1):
        offset = TEXT.index(word, offset + 1)
    line = TEXT.count("\n", 0, offset)
    return Scout(TEXT).call_at(line + 1, offset - TEXT.rfind("\n", 0, offset) - 1)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("torch.sum", "torch.sum"),
        ("x.relu", "Tensor.relu"),
        ("relu()", "Tensor.relu"),
        ("dim", "torch.sum"),
        ("torch.tensor", "torch.tensor"),
        ("item()", "Tensor.item"),
        ("F.gelu", "torch.nn.functional.gelu"),
        ("F.relu", "torch.nn.functional.relu"),
        ("nn.Module", "torch.nn.Module"),
        ("torch.no_grad", "torch.no_grad"),
    ],
)
def test_the_innermost_call(word: str, name: str) -> None:
    call = at(word)
    assert call is not None and call.name == name
    assert call.is_method == name.startswith("Tensor.")


@pytest.mark.parametrize("word", ["a =", "y =", "print", "return", "😋", "self"])
def test_nothing_elsewhere(word: str) -> None:
    assert at(word) is None


def test_spans_count_code_points() -> None:
    call = at("torch.sum")
    assert call is not None and call.span == Span(13, 21, 13, 68)
    assert LINES[12][21:68] == "torch.sum(x.relu(), dim=torch.tensor(1).item())"


def test_names_of_keras_inside_tensorflow() -> None:
    assert Scout("import tensorflow.keras.layers as kl\nkl.Dense(2)\n").calls[0].name == "keras.layers.Dense"
    assert Scout("from tensorflow import keras\nkeras.Model()\n").calls[0].name == "keras.Model"
    assert Scout("import tensorflow as tf\ntf.keras.Model()\n").calls[0].name == "keras.Model"


def test_definitions_by_their_headers() -> None:
    scout = Scout(TEXT)
    for line, name in ((8, "Net"), (9, "Net"), (10, "forward"), (12, "forward")):
        definition = scout.definition_at(line)
        assert definition is not None and definition.name == name
    assert scout.definition_at(13) is None
    assert scout.definition_at(1) is None


def test_where_imports_end() -> None:
    assert Scout(TEXT).last_import == 5
    assert Scout('"""Only a docstring."""\nx = 1\n').last_import == 1
    assert Scout("x = 1\nimport torch\n").last_import == 0


def test_the_framework() -> None:
    assert Scout("import torch\n").framework() == "torch"
    assert Scout("import keras\n").framework() == "tensorflow"
    assert Scout(TEXT).framework() is None
    assert Scout("import os\n").framework() is None


@pytest.mark.parametrize("text", ["def f(:\n", "x = (\n", "\0", "", "(" * 5000])
def test_what_does_not_parse_holds_nothing(text: str) -> None:
    scout = Scout(text)
    assert scout.calls == [] and scout.framework() is None and scout.last_import == 0


@given(st.integers(0, 20), st.integers(0, 90))
def test_an_answer_holds_its_place(line: int, column: int) -> None:
    call = Scout(TEXT).call_at(line, column)
    if call is not None:
        span = call.span
        assert (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)
        assert span.line != span.end_line or ast.parse(LINES[span.line - 1][span.column : span.end_column])


@pytest.mark.parametrize("seed", range(40))
def test_what_an_earlier_version_left_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    lines = TEXT.splitlines(keepends=True)
    scout = Scout(TEXT)
    for _ in range(10):
        place = chance.randrange(len(lines) + 1)
        new = chance.choice(["x = (\n", "'''\n", "def f(y):\n", "    return y.sum()\n", "\n", "# why\n", *lines])
        lines[place : place + chance.randrange(3)] = [new]
        text = "".join(lines)
        scout = Scout(text, scout)
        alone = Scout(text)
        assert (scout.calls, scout.definitions) == (alone.calls, alone.definitions)
        assert (scout.aliases, scout.last_import) == (alone.aliases, alone.last_import)
