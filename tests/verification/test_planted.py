"""Planted bugs of a few models; ``make planted`` has all of them."""

from __future__ import annotations

import ast

import pytest
from planted.plant import bugs
from planted.reading import rightful
from planted.trial import MODELS, converted, names, of_the_user, trials

TWIN = """\
import tensorflow as tf

class Net:
    def __init__(self, k=3):
        self.scale = 0.5 * k

    def call(self, x, y):
        a = tf.reduce_sum(x - y, axis=1)
        b = tf.concat([x, a], axis=-2)
        for i in range(k):
            b = b + tf.transpose(a, (0, 1, 3, 2))
        return b * self.scale
"""


def test_every_kind_of_bug_is_one_line_that_parses():
    found = bugs(TWIN, range(1, 30), "seed")
    changed = {(bug.kind, bug.after.strip()) for bug in found}
    for bug in found:
        lines = bug.planted(TWIN).split("\n")
        assert sum(a != b for a, b in zip(lines, TWIN.split("\n"), strict=True)) == 1
        ast.parse(bug.planted(TWIN))
    assert changed >= {
        ("operator", "a = tf.reduce_sum(x + y, axis=1)"),
        ("constant", "self.scale = 0.75 * k"),
        ("axis", "a = tf.reduce_sum(x - y, axis=0)"),
        ("axis", "b = b + tf.transpose(a, (0, 1, 2, 3))"),
        ("order", "b = tf.concat([a, x], axis=-2)"),
    }
    assert found == bugs(TWIN, range(1, 30), "seed") != bugs(TWIN, range(1, 30), "another")
    assert {bug.kind for bug in found[:4]} == {"operator", "constant", "axis", "order"}


@pytest.mark.parametrize(
    ("line", "right"), [(4, {4, 5}), (5, {5, 12}), (8, {8, 9}), (9, {9, 11}), (10, {10}), (12, {12})]
)
def test_a_line_and_the_first_that_reads_it_are_right(line: int, right: set[int]):
    assert rightful(TWIN, line) == right


def test_helpers_are_not_the_users():
    conversion = converted(MODELS / "lstm.py")
    text = conversion.twin.split("\n")
    own = {text[line - 1] for line in of_the_user(conversion)}
    assert any("class Tagger" in line for line in own) and not any("class Recurrent" in line for line in own)


def test_there_are_models_of_twenty_kinds():
    assert len(names()) >= 20
    for name in names():
        converted(MODELS / f"{name}.py")


@pytest.mark.parametrize("name", ["siamese", "unet", "loops", "functional"])
def test_a_planted_bug_is_found(name: str):
    [trial] = trials(MODELS / f"{name}.py", seed=0, each=1)
    assert trial.right, trial.explained()
