from __future__ import annotations

import pytest

from diptych.text.pieces import split
from diptych.text.same_code import lines_before

BEFORE = """\
import torch

def f(x):
    y = 'a # b'  # why
    return torch.sum(x)

z = f(1)
"""


def moved(after: str, line: int, before: str = BEFORE) -> int | None:
    found = lines_before(split(before), split(after), line, line)
    return found[0] if found is not None else None


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("torch\n", "torch  \n", {1: 1, 4: 4, 7: 7}),
        ("# why", "# because", {4: 4, 7: 7}),
        ("  # why", "", {4: 4, 7: 7}),
        ("def f(x):\n", "# new\n\ndef f(x):\n\n", {1: 1, 5: 3, 7: 4, 8: 5, 10: 7}),
        ("\n\nz", "\nz", {5: 5, 6: 7}),
    ],
)
def test_comments_and_empty_space_are_no_code(old: str, new: str, lines: dict[int, int]) -> None:
    after = BEFORE.replace(old, new, 1)
    assert after != BEFORE
    assert {line: moved(after, line) for line in lines} == lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("f(1)", "f(2)"),
        ("# b", "# c"),
        ("    y", "  y"),
        ("# why", "# diptych: x=float32[2]"),
        ("z =", "z  ="),
        ("\nz = f(1)\n", "\nz = f(1)\nw = 2\n"),
        ("# why", "# 'why'"),
        ("f(1)", "f(1) \\"),
        ("f(1)\n", "f(1)\n\u0085\t\n"),
        ("f(1)\n", "f(1)\u00a0\n"),
    ],
)
def test_all_else_is_code(old: str, new: str) -> None:
    after = BEFORE.replace(old, new, 1)
    assert after != BEFORE
    assert moved(after, 1) is None


def test_spaces_within_a_string_are_code() -> None:
    before = 'x = """\na\n"""\ny = 1\n'
    assert moved(before.replace("a\n", "a \n"), 4, before) is None
    assert moved(before.replace("y = 1", "y = 1 "), 4, before) == 4
    assert moved(before.replace("x", "# c\nx"), 5, before) == 4


def test_a_line_without_code_stood_nowhere() -> None:
    assert moved(BEFORE.replace("import torch", "import torch\n# new"), 2) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [("x = 1\f\n", "x = 1\f \n"), ("x = \\\n  1\n", "x = \\\n  1 \n"), ("x = 1\r\ny\r\n", "x = 1\ny\n")],
)
def test_where_it_is_not_sure_the_code_is_another(before: str, after: str) -> None:
    assert moved(after, 1, before) is None
