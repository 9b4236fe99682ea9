"""Nodes that are made and copied the short way are those that libcst makes, with its checks."""

import dataclasses

import libcst as cst
import pytest

from diptych.syntax.source import parse

CODE = """import a.b as c, d
from . import (e, f)


@c.d(1, *x, k=2.5, **y)
class A(B, metaclass=C):  # why
    x: int = -1 + 2 * 3

    def f(self, a, /, b: str = "s", *args, c=None, **kw) -> None:
        if a < b and not c[0, 1:2]:
            return (a, [b, {c: 1}], lambda z: z)
        for i in range(3): a.b += i; del a
        with f() as g, h(
            1,
        ):
            assert x, f"{y!r}"
"""


def nodes(node):
    yield node
    for child in node.children:
        yield from nodes(child)


def test_a_copy_is_the_same_but_for_its_changes():
    kinds = set()
    for node in nodes(parse(CODE)):
        kinds.add(type(node))
        copy = node.with_changes()
        assert copy is not node and copy.deep_equals(node)
        for field in dataclasses.fields(node):
            assert getattr(copy, field.name) is getattr(node, field.name)
        with pytest.raises(TypeError):
            node.with_changes(nothing=1)
    changed = cst.Name("a").with_changes(value="b")
    assert changed.value == "b"
    assert len(kinds) > 50


def test_what_is_left_out_gets_its_default():
    first, second = cst.Call(cst.Name("f")), cst.Call(cst.Name("f"))
    assert first.args == () and first.lpar == () and first.whitespace_after_func.value == ""
    assert first.whitespace_after_func is not second.whitespace_after_func
    assert cst.Module([]).code_for_node(cst.Call(func=cst.Name("f"), args=[cst.Arg(cst.Integer("1"))])) == "f(1)"


@pytest.mark.parametrize(
    "make",
    [
        lambda: cst.Name(""),
        lambda: cst.Name("a b"),
        lambda: cst.Name("a", lpar=[cst.LeftParen()]),
        lambda: cst.Name("a").with_changes(value="1"),
        lambda: cst.SimpleWhitespace("x"),
        lambda: cst.Newline("x"),
        lambda: cst.Integer("a"),
        lambda: cst.Name("a").with_changes(rpar=[cst.RightParen()]),
    ],
)
def test_nodes_are_checked_as_ever(make):
    with pytest.raises(cst.CSTValidationError):
        make()
