from __future__ import annotations

from diptych.conversion.result import Leftover
from diptych.lsp.carrying import carried


def at(line: int) -> Leftover:
    return Leftover(line, 0, line, 1, "torch.f", "unknown")


BEFORE = "a\nb\nc\nd\n"


def test_unchanged_text_keeps_all() -> None:
    assert carried(BEFORE, BEFORE, [at(1), at(4)]) == [at(1), at(4)]


def test_lines_below_an_insertion_move_down() -> None:
    assert carried(BEFORE, "a\nnew\nnew\nb\nc\nd\n", [at(1), at(2), at(4)]) == [at(1), at(4), at(6)]


def test_lines_below_a_deletion_move_up_and_deleted_ones_go() -> None:
    assert carried(BEFORE, "a\nd\n", [at(2), at(3), at(4)]) == [at(2)]


def test_a_changed_line_loses_its_remarks() -> None:
    assert carried(BEFORE, "a\nb!\nc\nd\n", [at(1), at(2), at(3)]) == [at(1), at(3)]


def test_everything_deleted() -> None:
    assert carried(BEFORE, "", [at(1), at(4)]) == []


def test_repeated_lines() -> None:
    assert carried("a\na\na\n", "a\na\n", [at(1), at(2), at(3)]) == [at(1), at(2)]
