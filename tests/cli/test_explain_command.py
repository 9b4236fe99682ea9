from __future__ import annotations

import ast
import re

import pytest
from typer.testing import CliRunner

from diptych.catalog.card import card
from diptych.catalog.index import load
from diptych.catalog.lookup import rules_named
from diptych.cli.main import app

RUNNER = CliRunner()
INDEX = load()


@pytest.mark.parametrize(
    "name", ["torch.nn.Conv2d", "nn.Conv2d", "Conv2d", "keras.layers.Conv2D", "tf.keras.layers.Conv2D"]
)
def test_a_layer_by_all_its_names(name: str) -> None:
    result = RUNNER.invoke(app, ["explain", name])
    assert result.exit_code == 0
    assert "# Conv2d\n" in result.stdout and "nn.Conv2d(" in result.stdout and "keras.layers.Conv2D(" in result.stdout


def test_the_side_that_was_asked_for_comes_first() -> None:
    text = RUNNER.invoke(app, ["explain", "tf.reduce_sum"]).stdout
    assert text.index("**TensorFlow**") < text.index("**PyTorch**")


def test_overloads_are_all_shown() -> None:
    assert {rule.name for rule, _ in rules_named(INDEX, "torch.max")} >= {"Max", "MaxAlong"}


def test_method_by_its_name() -> None:
    for name in ("sum", "x.sum", "Tensor.sum", "torch.Tensor.sum"):
        assert "Sum" in [rule.name for rule, _ in rules_named(INDEX, name)]
    assert rules_named(INDEX, "torch.nothing.sum") == []


def test_unknown_name_gets_suggestions() -> None:
    result = RUNNER.invoke(app, ["explain", "torch.nn.Conv2D"])
    assert result.exit_code == 1 and result.stdout == ""
    assert (
        result.stderr.startswith("No rule knows torch.nn.Conv2D. Similar names: ")
        and "torch.nn.Conv2d" in result.stderr
    )


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("torch.distributed.all_reduce", "strategy.run"),
        ("nn.Module.load_state_dict", "diptych.weights.load_state_dict"),
        ("loss.backward", "tf.GradientTape"),
        ("tf.keras.callbacks.EarlyStopping", "break"),
        ("model.fit", "write the loop"),
        ("tf.Session", "TensorFlow 1"),
    ],
)
def test_a_name_without_a_rule_has_its_reason(name: str, part: str) -> None:
    result = RUNNER.invoke(app, ["explain", name])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{name} has no rule: ") and part in result.stdout


def test_differences_are_on_the_card() -> None:
    text = card(INDEX.rule("Sum"))
    assert "**Where they differ**" in text and "int32" in text


@pytest.mark.parametrize("rule", INDEX.rules, ids=lambda rule: rule.name)
def test_every_card_shows_python(rule: object) -> None:
    blocks = re.findall(r"```python\n(.*?)\n```", card(rule), re.DOTALL)  # type: ignore[arg-type]
    assert len(blocks) == 2
    for block in blocks:
        ast.parse(block)


def test_rules_are_listed_and_searched() -> None:
    everything = RUNNER.invoke(app, ["rules", "list"]).stdout.splitlines()
    assert len(everything) == len(INDEX.rules)
    some = RUNNER.invoke(app, ["rules", "list", "conv2d"]).stdout.splitlines()
    assert 0 < len(some) < len(everything)
    assert all("conv2d" in line.lower() for line in some)
    assert RUNNER.invoke(app, ["rules", "list", "no such thing"]).exit_code == 2
