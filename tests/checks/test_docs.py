"""The page that lists the checks."""

from pathlib import Path

from diptych.checks.docs import page
from diptych.checks.registry import all_checks

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m diptych.checks.docs docs/checks.md"


def test_every_link_of_the_table_has_its_heading():
    text = page()
    for check in all_checks():
        assert f"](#{check.code.lower()}-{check.name})" in text
        assert f"\n## {check.code} {check.name}\n" in text
