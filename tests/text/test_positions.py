"""Places in a text, against Python's own idea of lines and UTF-16."""

import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diptych.text.edits import Edit, apply, overlap
from diptych.text.lines import split_lines
from diptych.text.positions import LineIndex, code_point_column, utf16_column

# Line ends, what only looks like one, characters of one and of two UTF-16 units, and combining ones.
texts = st.text(st.sampled_from(list("ab \t\n\r\x0b\x0c\x1c\x85\u2028é😋\u0301\ufeff")), max_size=40)


@settings(deadline=None)
@given(texts)
@example("a\r\n\x0cb\rc\n")
def test_lines_are_those_that_python_reads(text):
    index = LineIndex(text)
    ends = re.findall("\r\n|\r|\n", text)
    assert [index.line(number) for number in range(1, len(index) + 1)] == io.StringIO(text, newline=None).read().split(
        "\n"
    )
    assert [index.newline(number) for number in range(1, len(index))] == ends
    assert "".join(split_lines(text)) == text
    assert len(split_lines(text)) == len(index) - (index.line(len(index)) == "")


@settings(deadline=None)
@given(texts, st.data())
def test_offset_and_place_are_inverse(text, data):
    index = LineIndex(text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = index.place(offset)
    if column <= len(index.line(line)):
        assert index.offset(line, column) == offset
    else:  # between a carriage return and its line feed
        assert text[offset - 1 : offset + 1] == "\r\n"


@settings(deadline=None)
@given(texts)
def test_a_place_outside_is_moved_to_the_nearest_end(text):
    index = LineIndex(text)
    assert index.offset(0, 5) == 0
    assert index.offset(len(index) + 1, 0) == len(text)
    assert index.offset(len(index), 10**6) == len(text)
    assert index.place(10**6) == index.place(len(text))
    assert index.place(-1) == (1, 0)
    with pytest.raises(IndexError):
        index.line(0)


@settings(deadline=None)
@given(st.text(max_size=20).filter(lambda line: not set(line) & {"\r", "\n"}), st.data())
@example("😋x", None)
def test_utf16_columns_go_there_and_back(line, data):
    columns = range(len(line) + 1) if data is None else [data.draw(st.integers(0, len(line)))]
    for column in columns:
        units = utf16_column(line, column)
        assert units == sum(2 if ord(character) > 0xFFFF else 1 for character in line[:column])
        assert code_point_column(line, units) == column
    assert code_point_column(line, 10**6) == len(line)


def test_the_middle_of_a_character_is_its_start():
    assert code_point_column("a😋b", 2) == 1
    assert [utf16_column("a😋b", column) for column in range(4)] == [0, 1, 3, 4]


@settings(deadline=None)
@given(texts, st.data())
def test_edits_change_nothing_else(text, data):
    index = LineIndex(text)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    new = [data.draw(st.text("xyz", max_size=3)) for _ in pairs]
    places = [(*index.place(start), *index.place(end)) for start, end in pairs]
    if any(
        index.offset(*place[:2]) != start or index.offset(*place[2:]) != end
        for place, (start, end) in zip(places, pairs, strict=True)
    ):
        return  # a cut between a carriage return and its line feed has no place of its own
    expected, position = "", 0
    for (start, end), put in zip(pairs, new, strict=True):
        expected += text[position:start] + put
        position = end
    expected += text[position:]
    edits = [Edit(*place, put) for place, put in zip(places, new, strict=True)]
    assert apply(text, reversed(edits)) == expected


def test_overlapping_edits_are_refused():
    first, second = Edit(1, 0, 1, 3, "x"), Edit(1, 2, 1, 4, "y")
    assert overlap(first, second)
    assert overlap(second, first)
    with pytest.raises(ValueError, match="overlap"):
        apply("abcdef", [first, second])
    assert not overlap(first, Edit(1, 3, 1, 4, "y"))
    assert apply("abcdef", [first, first]) == "xdef"
