"""Every rule on its samples: written as code, converted both ways, run on both sides and compared."""

import pytest

from diptych.catalog.index import load
from diptych.verification import samples

NAMES = [rule.name for rule in load().rules]


@pytest.fixture(scope="session")
def report():
    return samples.test_rules()


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_agree_on_the_samples(report, name):
    checks = [check for check in report.checks if check.rule == name]
    wrong = [
        f"{check.sample} in {check.side}: {check.detail}\n{check.source}\n{check.twin}"
        for check in checks
        if check.outcome == "failed"
    ]
    assert not wrong, "\n".join(wrong)
    assert any(check.outcome in ("same", "refused") for check in checks), "no sample of this rule was run"


def test_every_sample_is_counted(report):
    assert report.rules == len(NAMES)
    assert report.number("same") > report.samples, "most samples are run in both directions"
