"""Each of a hundred mistakes is found by the check that the page names, or by none where it gives a reason."""

import pytest
from tests.checks.mistakes import PAGE, found, load, page

MISTAKES = load()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.mistake[:40])
def test_it_is_found_or_there_is_a_reason(mistake):
    assert found(mistake) or mistake.why


def test_the_page_is_up_to_date():
    assert len(MISTAKES) == 100
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.checks.mistakes docs/mistakes.md"
