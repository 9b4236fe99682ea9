"""A value is made and changed as a dataclass is, only sooner."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

from diptych.inference.layers import Layer
from diptych.inference.values import Value, replace

FIELDS = dataclasses.fields(Value)


def test_every_field_is_an_argument_in_order() -> None:
    parameters = list(inspect.signature(Value).parameters.values())
    assert [(one.name, one.default) for one in parameters] == [(one.name, one.default) for one in FIELDS]


@pytest.mark.parametrize("name", [each.name for each in FIELDS])
def test_a_field_is_kept(name: str) -> None:
    given: Any = object()
    value = Value(**{name: given})
    changed = replace(Value("tensor", rank=3), **{name: given})
    for each in FIELDS:
        assert getattr(value, each.name) is (given if each.name == name else each.default)
        before = {"kind": "tensor", "rank": 3}.get(each.name, each.default)
        assert getattr(changed, each.name) is (given if each.name == name else before)
    assert getattr(replace(value, **{name: None}), name) is None


def test_values_compare_by_their_fields() -> None:
    assert Value("tensor", rank=3) == replace(Value("tensor", rank=4), rank=3)
    assert hash(Value("int", literal=3)) == hash(replace(Value("int"), literal=3))
    assert replace(Layer("a"), mode=True) == Layer("a", mode=True)
    with pytest.raises(TypeError):
        replace(Value(), nothing=1)
