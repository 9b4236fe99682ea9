"""The Markdown cases of ``cases/``: each twin and each list of leftovers, exactly."""

from __future__ import annotations

import ast

import pytest
from case_files import CASES, FILES, Case, run, update


@pytest.fixture(scope="session", autouse=True)
def updated(request: pytest.FixtureRequest) -> bool:
    """Whether ``--update-cases`` has just rewritten the files."""
    wanted = bool(request.config.getoption("update_cases", default=False))
    if wanted:
        for path in FILES:
            update(path)
    return wanted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, updated: bool) -> None:
    outcome = run(case)
    ast.parse(outcome.twin)
    if updated:
        return
    assert outcome.twin == case.twin
    assert outcome.leftovers == case.leftovers


def test_there_are_cases() -> None:
    assert len(CASES) > 40
    assert len({case.name for case in CASES}) == len(CASES)
