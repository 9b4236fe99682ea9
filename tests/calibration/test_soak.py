"""The counting of ``make soak``; the run itself takes minutes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .pairs import read
from .soak import GROWTH, NAMES, State, descendants, files_of, grown

BEFORE = State(100 << 20, 12, 3, 2, 900 << 20, 40, 0)


def test_whatever_is_more_at_the_end_is_named():
    assert grown(BEFORE, BEFORE) == []
    assert grown(BEFORE, replace(BEFORE, memory=BEFORE.memory + GROWTH)) == []
    for name in ("files", "threads", "processes", "workers_files", "folders"):
        [text] = grown(BEFORE, replace(BEFORE, **{name: getattr(BEFORE, name) + 1}))
        assert text.startswith(f"{name}: ")
    [text] = grown(BEFORE, replace(BEFORE, memory=BEFORE.memory + GROWTH + 1))
    assert text.startswith("memory: 100 MiB at first")


def test_open_files_and_processes_are_counted(tmp_path: Path):
    before = files_of("self")
    with (tmp_path / "file").open("w"):
        assert files_of("self") == before + 1
    assert descendants() == []


def test_the_pairs_are_there():
    assert set(NAMES) <= {pair.name for pair in read()}
