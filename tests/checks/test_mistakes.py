"""Each mistake and each rule of TorchFix is found by the check that the page names, or there is a reason."""

import pytest
from tests.checks.mistakes import PAGE, found, load, page, rules

from diptych import checks

MISTAKES = load()
EXAMPLES = [pytest.param(example, id=f"{one.code}-{n}") for one in rules() for n, example in enumerate(one.examples)]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.mistake[:40])
def test_it_is_found_or_there_is_a_reason(mistake):
    assert bool(found(mistake.example)) is not bool(mistake.why)


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_torchfix_looks_for_is_found(example):
    assert found(example)


def test_every_rule_of_torchfix_has_an_example_or_a_reason():
    assert all(bool(one.examples) is not bool(one.why) for one in rules())


def test_what_imports_nothing_but_functorch_is_checked():
    assert [one.code for one in checks.run("import functorch\ny = functorch.vmap(f)(x)\n")] == ["DPT129"]


def test_the_page_is_up_to_date():
    assert len(MISTAKES) == 100
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.checks.mistakes docs/mistakes.md"
