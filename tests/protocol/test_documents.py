"""Positions and edits: UTF-16 columns, CRLF, and characters that Python, not an editor, takes for line ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, Range, TextDocumentContentChangePartial, TextDocumentContentChangeWholeDocument

from diptych.lsp.documents import Document
from diptych.lsp.positions import Lines

FACE = "😋"  # two UTF-16 units, one code point


def edited(text: str, start: tuple[int, int], end: tuple[int, int], new: str) -> str:
    document = Document("file:///a.py", text)
    document.apply_change(TextDocumentContentChangePartial(Range(Position(*start), Position(*end)), new))
    return document.source


def test_columns_count_utf16_units() -> None:
    lines = Lines(f'x = "{FACE}{FACE}" + y\n')
    assert lines.place(Position(0, 13)) == (1, 11)
    assert lines.position(1, 11) == Position(0, 13)


def test_column_inside_a_pair_is_its_start() -> None:
    assert Lines(f"a{FACE}b").place(Position(0, 2)) == (1, 1)


@pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_line_ends_end_lines(separator: str) -> None:
    text = f"a{separator}b\nc\n"
    assert Lines(text).place(Position(1, 0)) == (2, 0)
    assert Document("file:///a.py", text).lines == [f"a{separator}b\n", "c\n"]
    assert edited(text, (1, 0), (1, 1), "d") == f"a{separator}b\nd\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_column_beyond_the_line_is_its_end(end: str) -> None:
    assert edited(f"ab{end}cd{end}", (0, 1), (0, 999), "X") == f"aX{end}cd{end}"
    assert edited(f"ab{end}cd", (1, 0), (1, 999), "X") == f"ab{end}X"


def test_edit_at_the_very_end() -> None:
    assert edited("a\n", (1, 0), (1, 0), "b") == "a\nb"
    assert edited("", (0, 0), (0, 0), "b") == "b"
    assert edited("a\nb\n", (0, 1), (2, 0), "") == "a"


def test_edit_after_an_emoji() -> None:
    assert edited(f'"{FACE}" + x\r\n', (0, 7), (0, 8), "y") == f'"{FACE}" + y\r\n'


def test_whole_document_change() -> None:
    document = Document("file:///a.py", "a\n")
    document.apply_change(TextDocumentContentChangeWholeDocument("b\n"))
    assert document.source == "b\n"


PIECES = ["a", "é", FACE, "\n", "\r\n", "\r", "\f", "\u2028", " "]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@given(TEXTS, st.data())
def test_every_place_survives_the_round_trip(text: str, data: st.DataObject) -> None:
    lines = Lines(text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = lines.index.place(offset)
    position = lines.position(line, column)
    assert lines.place(position) == lines.index.place(lines.offset(position))


@given(TEXTS, TEXTS, st.data())
def test_an_edit_changes_what_it_names_and_no_more(text: str, new: str, data: st.DataObject) -> None:
    lines = Lines(text)
    drawn = [data.draw(st.integers(0, len(text))) for _ in "ab"]
    start, end = sorted(lines.offset(lines.position(*lines.index.place(offset))) for offset in drawn)
    places = [lines.position(*lines.index.place(offset)) for offset in (start, end)]
    changed = edited(text, (places[0].line, places[0].character), (places[1].line, places[1].character), new)
    assert changed == text[:start] + new + text[end:]
