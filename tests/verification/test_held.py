"""Histograms of values that were recorded at a line."""

import numpy as np
import pytest

from diptych.verification.held import BINS, histograms


def test_a_histogram_counts_the_finite_values_over_the_range_of_both():
    source = np.array([*np.linspace(0, 1, 100), np.nan, np.inf], np.float32)
    (ours, theirs), span = histograms(source, np.linspace(0, 2, 200))
    assert span == (0, 2) and (len(ours), len(theirs)) == (BINS, BINS)
    assert sum(ours) == 100 and not any(ours[BINS // 2 + 1 :])
    assert sum(theirs) == 200 and max(theirs) - min(theirs) <= 1


def test_masks_whole_numbers_and_complex_numbers_have_histograms_too():
    mask = np.arange(20) % 4 == 0
    (ours, _), span = histograms(mask, mask)
    assert span == (0, 1) and (ours[0], ours[-1]) == (15, 5)
    _, span = histograms(np.arange(20), np.arange(20) * 1j)
    assert span == (0, 19)


@pytest.mark.parametrize(
    "values",
    [np.zeros(100), np.ones(BINS - 1), np.full(100, np.nan), np.array([1e300, -1e300] * 50) * 1e8, np.zeros((0, 3))],
    ids=["all the same", "few", "none finite", "beyond float64", "none"],
)
def test_there_is_none_where_it_would_say_nothing(values: np.ndarray):
    assert histograms(values, values) == (((), ()), None)
