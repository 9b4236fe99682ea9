"""Arguments of a call by the names that they have by position or by keyword."""

from __future__ import annotations

import libcst as cst
import pytest

from diptych.syntax.keywords import by_name
from diptych.syntax.source import code_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f()", {}),
        ("f(1, 2)", {"x": "1", "axis": "2"}),
        ("f(axis=1, x=2)", {"axis": "1", "x": "2"}),
        ("f(1, name='a')", {"x": "1", "name": "'a'"}),
        ("f(1, 2, 'a')", None),
        ("f(1, other=2)", None),
        ("f(*x)", None),
        ("f(1, **options)", None),
    ],
)
def test_arguments_by_name(text: str, expected: dict[str, str] | None) -> None:
    node = cst.ensure_type(cst.parse_expression(text), cst.Call)
    found = by_name(node, ("x", "axis"), also=("name",))
    assert (None if found is None else {name: code_of(value) for name, value in found.items()}) == expected
