"""A quick part of what ``make conformance`` runs of modules, layers, round trips and programs, and that it can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.conformance import census, layers, modules, roundtrip, scoring
from tests.conformance.case import BAD, GOOD, Case
from tests.conformance.converting import Converted
from tests.conformance.keras_layers import LAYERS
from tests.conformance.running import Runner

from diptych.catalog.index import load

MODULES = ("Conv2d", "BatchNorm1d", "Embedding", "Softplus", "NLLLoss")
LAYERS_OF_KERAS = ("Dense", "Conv2D", "BatchNormalization", "Add", "Dropout")
RULES = ("Linear", "Softmax", "Stack", "Where")


@pytest.fixture(scope="module")
def from_torch():
    with Runner("torch") as runner:
        yield runner


@pytest.fixture(scope="module")
def from_tensorflow():
    with Runner("tensorflow") as runner:
        yield runner


def test_modules_are_the_same(from_torch: Runner) -> None:
    outcomes = list(from_torch.outcomes(modules.cases(MODULES, most=2)))
    assert {outcome.case.subject for outcome in outcomes} == set(MODULES)
    assert not [outcome.detail for outcome in outcomes if outcome.kind in BAD and outcome.case.typed]
    assert all(score.count()["same"] for score in scoring.scores(outcomes))


def test_layers_are_the_same(from_tensorflow: Runner) -> None:
    outcomes = list(from_tensorflow.outcomes(layers.cases(LAYERS_OF_KERAS, most=1)))
    assert {outcome.case.subject for outcome in outcomes} == set(LAYERS_OF_KERAS)
    assert not [outcome.detail for outcome in outcomes if outcome.kind in BAD and outcome.case.typed]
    assert all(score.count()["same"] for score in scoring.scores(outcomes))


def test_every_layer_of_the_installed_keras_has_samples() -> None:
    assert set(layers.public()) == set(LAYERS)


def test_samples_come_back() -> None:
    index = load()
    outcomes = list(roundtrip.outcomes(roundtrip.rules(index, RULES), index, most=3))
    assert {outcome.case.subject for outcome in outcomes} == set(RULES)
    assert not [outcome.detail for outcome in outcomes if outcome.kind not in GOOD]


def test_a_twin_that_computes_something_else_is_seen(from_torch: Runner) -> None:
    case = next(case for case in modules.cases(["Softplus"], most=1) if case.typed)
    twin = (
        "import keras\nclass Model_0(keras.Model):\n"
        "    def call(self, input):\n        return keras.activations.{}(input)\n"
    )
    kinds = [
        from_torch.ran([case], [Converted(twin.format(name), "Model_0", (None,), outputs=(None,))])[0].kind
        for name in ("softplus", "elu", "no_such_function")
    ]
    assert kinds == ["same", "wrong", "raises"]


def test_weights_that_train_otherwise_are_seen(from_torch: Runner) -> None:
    case = next(case for case in modules.cases(["BatchNorm1d"], most=1) if case.typed)
    text = (
        "import keras\nclass Model_0(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layer = keras.layers.BatchNormalization(epsilon=1e-5, momentum={})\n\n"
        "    def call(self, input):\n        return self.layer(input)\n"
    )
    outcome = from_torch.ran([case], [Converted(text.format(0.9), "Model_0", (None,), outputs=(None,))])[0]
    assert outcome.kind == "wrong"
    assert "running_var after training" in outcome.detail


def test_programs_that_prove_nothing_do_not_count() -> None:
    text = "import torch\n\n\n# diptych: x=float32[2,3]\ndef sample(x):\n    return torch.no_such_name(x)\n"
    case: Case = next(case for _, case in census.programs("torch") if case.entry == "sample")
    assert census.converted(replace(case, code=text), "tensorflow").error


def test_each_program_names_names_of_the_census() -> None:
    known = {name.name for name in census.census("torch")} | {name.name for name in census.census("tensorflow")}
    for side in census.SIDES:
        for names, _ in census.programs(side):
            assert set(names) <= known
