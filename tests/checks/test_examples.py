"""Each check's own examples: what it finds, what its fix makes of it, and what it leaves alone."""

import libcst
import pytest

from diptych import checks
from diptych.checks.check import Check
from diptych.checks.registry import all_checks

EVERY = all_checks()
BAD = [
    pytest.param(
        check,
        check.setup + bad + "\n",
        fixed if fixed is None else check.setup + fixed + "\n",
        id=f"{check.code}-{number}",
    )
    for check in EVERY
    for number, (bad, fixed) in enumerate(zip(check.bad, check.fixed, strict=True))
]
GOOD = [
    pytest.param(check.setup + good + "\n", id=f"{check.code}-{number}")
    for check in EVERY
    for number, good in enumerate(check.good)
]


@pytest.mark.parametrize(("check", "bad", "fixed"), BAD)
def test_bad_is_found_once_where_it_stands(check, bad, fixed):
    (finding,) = checks.run(bad)
    assert (finding.code, finding.name, finding.severity) == (check.code, check.name, check.severity)
    line = bad.split("\n")[finding.line - 1]
    assert finding.line == finding.end_line
    shown = line[finding.column : finding.end_column]
    if isinstance(check, Check):
        assert not {name.removesuffix(".*").rpartition(".")[2] for name in check.names}.isdisjoint(shown.split("."))
    else:
        assert shown == shown.strip() != ""
        assert finding.line > check.setup.count("\n")


@pytest.mark.parametrize(("check", "bad", "fixed"), BAD)
def test_fix_gives_what_is_promised(check, bad, fixed):
    result = checks.fix(bad, unsafe=True)
    assert result.text == (bad if fixed is None else fixed)
    libcst.parse_module(result.text)
    again = checks.fix(result.text, unsafe=True)
    assert (again.text, again.applied) == (result.text, 0)


@pytest.mark.parametrize("good", GOOD)
def test_good_is_left_alone(good):
    assert checks.run(good) == []


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.code)
def test_stated_safety_is_the_best_that_its_examples_show(check):
    shown = {
        finding.fix.safety if finding.fix else "none" for bad in check.bad for finding in checks.run(check.setup + bad)
    }
    best = next(safety for safety in ("safe", "unsafe", "none") if safety in shown)
    assert check.fix == best


def test_every_check_explains_itself():
    codes = [check.code for check in EVERY]
    assert len(codes) >= 10
    assert len({check.name for check in EVERY}) == len(codes)
    for check in EVERY:
        assert check.__doc__
        assert check.url.startswith("https://")
        assert check.good
        assert set(check.tags) <= {"deprecated", "unnecessary"}
