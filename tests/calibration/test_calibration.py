"""A slice of the labelled pairs; ``make calibration`` runs them all."""

from __future__ import annotations

import hashlib

import pytest

from diptych.verification import shutdown
from diptych.verification.judge import EPS32, FLOOR, Figures

from . import report
from .measure import Measured, measure
from .pairs import Labelled, read

SLICE = 9
PAIRS = read()
SOME = [pair for pair in PAIRS if hashlib.sha256(pair.name.encode()).digest()[1] % SLICE == 0]


@pytest.fixture(scope="module", autouse=True)
def workers():
    yield
    shutdown()


@pytest.mark.parametrize("pair", SOME, ids=lambda pair: pair.name)
def test_a_labelled_pair_gets_the_verdict_that_it_should(pair: Labelled):
    backwards = len(pair.name) % 2 == 1
    row = measure(pair, backwards)
    assert not row.wrong, f"{row.label}, called {row.outcome}: {row.reason}"


def test_there_are_enough_pairs_of_each_label_and_every_one_has_a_name_of_its_own():
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)
    for label in ("rounding", "bugs"):
        some = [pair for pair in PAIRS if pair.kept == label and not pair.hard]
        assert len(some) >= 60
        halves = sum(pair.held_back for pair in some)
        assert 0.35 * len(some) < halves < 0.65 * len(some)


def test_both_sides_define_every_pair():
    for pair in PAIRS:
        kind = "class" if pair.entry.kind == "class" else "def"
        assert f"{kind} {pair.name}(" in pair.tensorflow, pair.name


def row(name: str, outcome: str, reason: str = "", *figures: Figures, backwards: bool = False) -> Measured:
    pair = next(pair for pair in PAIRS if pair.name == name)
    return Measured(pair, backwards, outcome, reason, figures)  # type: ignore[arg-type]


def test_wrong_verdicts_and_too_many_undecided_ones_fail():
    held_back = next(pair.name for pair in PAIRS if pair.held_back and pair.kept == "bugs")
    right = [row(held_back, "differs")] * 9
    through = row(held_back, "equal within rounding")
    assert "a bug called equal within rounding" in report.failures([*right, through])[0]
    refused = row("total", "differs")
    assert "rounding called differs" in report.failures([*right, refused])[0]
    many = [*right[:8], row(held_back, "undecided")]
    assert any("are undecided" in text for text in report.failures(many))
    assert not any("are undecided" in text for text in report.failures([*right, *right, many[-1]]))


def test_a_threshold_that_rounding_passes_fails():
    name = next(pair.name for pair in PAIRS if not pair.held_back and pair.kept == "rounding" and not pair.hard)
    worst = Figures(1.0, 0.0, 0.0, 1000 * FLOOR * EPS32, 1.0)
    found = report.failures([row(name, "equal within rounding", "", worst)])
    assert len(found) == 1 and "ROUNDING_FACTOR" in found[0]
