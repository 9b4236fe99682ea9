"""A few files of each package on every run; ``make sweep`` looks at all of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from diptych.conversion.result import Conversion

from . import __main__ as sweeping
from .__main__ import PARTS, files, found, sweep, sweep_all

SMALL = 30_000  # bytes


@pytest.mark.parametrize("part", PARTS)
def test_a_few_files(part: str) -> None:
    small = [path for path in files(part) if path.stat().st_size < SMALL]
    for path in random.Random(part).sample(small, 6):
        assert sweep(path).problems == (), path


def test_what_is_no_python_may_be_refused() -> None:
    assert list(found("import torch\ndef (:\n")) == []


def test_what_does_not_parse_or_raises_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str, to: object = None) -> Conversion:
        return Conversion(text, "def (:\n", "torch", "tensorflow")

    monkeypatch.setattr(sweeping, "convert", broken)
    problems = list(found("import torch\n"))
    assert len(problems) == 2 and all("does not parse: line 1" in problem for problem in problems)
    assert "there was nothing to convert, and the text is another one" in list(found("import os\n"))
    monkeypatch.setattr(sweeping, "convert", lambda text: 1 // 0)
    [problem] = found("import torch\n")
    assert problem.startswith("converted raised") and "ZeroDivisionError" in problem


def test_a_file_that_ends_its_process_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{name}.py" for name in "abc"]
    for path in paths:
        path.write_text("x = 1\n", encoding="utf-8")
    seen: dict[str, int] = {}
    monkeypatch.setattr(sweeping, "sweep", ends_at_b)
    sweep_all(paths, 1, lambda swept: seen.__setitem__(swept.path.stem, len(swept.problems)))
    assert seen == {"a": 0, "b": 1, "c": 0}


def ends_at_b(path: Path) -> sweeping.Swept:
    if path.stem == "b":
        sweeping.os._exit(7)
    return sweeping.Swept(path, (), 0.0, 1)
