"""Whole programs: none of those that are right has a finding, and in the others each mistake is found where it stands.

``#! DPT220`` ends the line of a mistake. ``planted_unseen.md`` holds mistakes of the same classes that the text alone
does not show for sure.
"""

import re
from pathlib import Path

import pytest

from diptych import checks

DATA = Path(__file__).parent / "data"
MARK = re.compile(r" *#! (DPT\d+)$", re.MULTILINE)


def programs(pattern):
    """The programs of some files, each with its title."""
    for path in sorted(DATA.glob(pattern)):
        text = path.read_text(encoding="utf-8")
        for title, code in re.findall(r"^## (.*?)\n.*?^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            yield pytest.param(code, id=f"{path.stem}: {title}")


def found(code):
    """Code and line of each finding, without the marks that could be read as words of the program."""
    return sorted((one.line, one.code) for one in checks.run(MARK.sub("", code)))


@pytest.mark.parametrize("code", programs("right_*.md"))
def test_what_is_right_is_left_alone(code):
    assert found(code) == []


@pytest.mark.parametrize("code", programs("planted_[!u]*.md"))
def test_the_mistake_is_found_where_it_stands(code):
    marked = [(number, mark[1]) for number, line in enumerate(code.split("\n"), 1) if (mark := MARK.search(line))]
    assert len(marked) == 1
    assert found(code) == marked


@pytest.mark.parametrize("code", programs("planted_unseen.md"))
def test_what_is_not_found_is_still_told(code):
    assert found(code) == [], "found now: move it to the others"


def test_there_are_many():
    assert len(list(programs("right_*.md"))) > 30
    assert len(list(programs("planted_[!u]*.md"))) > 50
