"""Cutting the twin of a selection out of the twin of its file."""

from __future__ import annotations

from diptych.conversion import convert
from diptych.conversion.excerpt import excerpt, needs
from diptych.conversion.result import Conversion, Leftover

SOURCE = """\
import os
import torch


def f(x):
    # over the sum
    y = torch.sum(x)  # kept
    z = torch.foo(y)

    return y


class Net:
    def g(self, x):
        if x:
            x = torch.relu(x)
        return x
"""
TWIN = """\
import os
import math
import tensorflow as tf


# diptych: helper
def helper(x):
    return math.floor(inner(x))


def inner(x):
    return x


def f(x):
    # over the sum
    bound = tf.identity(x)
    y = tf.reduce_sum(bound)  # kept
    z = torch.foo(y)

    return y


class Net:
    def g(self, x):
        if x:
            x = helper(x)
        return x
"""
LINES = ((1, 1), (2, 3), (5, 15), (7, 17), (8, 19), (10, 21), (13, 24), (14, 25), (15, 26), (16, 27), (17, 28))
LEFTOVER = Leftover(8, 8, 8, 20, "torch.foo", "no rule knows it")
CONVERSION = Conversion(
    SOURCE, TWIN, "torch", "tensorflow", leftovers=(LEFTOVER,), helpers=("helper", "inner"), lines=LINES
)


def test_one_statement_with_the_binding_it_needs() -> None:
    part = excerpt(CONVERSION, 7, 7)
    assert (part.first, part.last) == (7, 7)
    assert part.text == "    bound = tf.identity(x)\n    y = tf.reduce_sum(bound)  # kept\n"
    assert part.imports == ("import tensorflow as tf",)
    assert part.helpers == part.leftovers == ()
    assert part.lines == ((7, 1),)


def test_selected_comment_comes_along() -> None:
    assert excerpt(CONVERSION, 6, 7).above == "    # over the sum\n"
    assert excerpt(CONVERSION, 7, 7).above == ""


def test_leftovers_of_the_lines_alone() -> None:
    assert excerpt(CONVERSION, 8, 9).leftovers == (LEFTOVER,)
    assert excerpt(CONVERSION, 10, 10).leftovers == ()


def test_several_statements() -> None:
    assert excerpt(CONVERSION, 8, 10).text == "    z = torch.foo(y)\n\n    return y\n"


def test_part_of_a_block_stays_in_the_block() -> None:
    part = excerpt(CONVERSION, 16, 16)
    assert part.text == "            x = helper(x)\n"
    assert part.imports == ("import math",)


def test_helpers_come_with_the_helpers_and_imports_that_they_use() -> None:
    part = excerpt(CONVERSION, 13, 17)
    assert part.text.startswith("class Net:") and part.text.endswith("        return x\n")
    assert [text.splitlines()[0] for text in part.helpers] == ["def helper(x):", "def inner(x):"]


def test_touching_two_blocks_takes_the_statements_that_hold_both() -> None:
    part = excerpt(CONVERSION, 10, 14)
    assert (part.first, part.last) == (5, 17)
    assert part.text.startswith("def f(x):") and part.text.endswith("        return x\n")


def test_blank_lines_stay_as_they_are() -> None:
    assert excerpt(CONVERSION, 3, 4).text == "\n\n"


def test_as_a_conversion_it_stands_alone() -> None:
    whole = excerpt(CONVERSION, 16, 16).as_conversion()
    assert whole.twin.count("def helper(x):") == whole.twin.count("def inner(x):") == 1
    assert whole.helpers == ("helper", "inner")
    (pair,) = whole.lines
    assert whole.twin.splitlines()[pair[1] - 1].strip() == "x = helper(x)"


def test_needs_of_one_expression() -> None:
    assert needs(CONVERSION, "torch.sum(x)", "tf.reduce_sum(x)").imports == ("import tensorflow as tf",)
    assert needs(CONVERSION, "torch.f(x)", "os.getcwd()").imports == ()
    assert [text.splitlines()[0] for text in needs(CONVERSION, "x", "helper(x)").helpers] == [
        "def helper(x):",
        "def inner(x):",
    ]


def test_an_expression_that_needs_a_name_bound_before_it() -> None:
    assert needs(CONVERSION, "torch.sum(x)", "tf.reduce_sum(bound)").bound == ("bound",)
    assert needs(CONVERSION, "torch.sum(x)", "tf.reduce_sum([y for y in range(x)])").bound == ()
    assert needs(CONVERSION, "torch.sum(x)", "tf.map_fn(lambda item: item + x, (t := x, t))").bound == ()


def test_a_statement_that_became_two_is_cut_out_whole() -> None:
    source = "import torch\nindex = torch.zeros(3, 4, dtype=torch.int64)\n"
    source += "y = torch.scatter(torch.zeros(3, 4), 1, index, 1.0)\nz = torch.exp(y)\n"
    conversion = convert(source)
    assert [here for here, _ in conversion.lines] == [2, 3, 4]  # also of the first statement below the helper
    part = excerpt(conversion, 3, 3)
    assert [line.split(" = ")[0] for line in part.text.splitlines()] == ["x", "y"]
    assert part.helpers[0].startswith("def scatter(")
    assert excerpt(conversion, 2, 2).text == "index = tf.zeros((3, 4), dtype=tf.int64)\n"
