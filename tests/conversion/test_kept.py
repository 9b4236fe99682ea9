"""Rules are loaded when they are asked for, each once."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Barrier

import pytest

from diptych.catalog import index
from diptych.catalog.index import load
from diptych.catalog.kept import KeptDict, KeptList
from diptych.conversion import convert

EXAMPLE = Path(__file__).parents[2] / "examples" / "torch" / "transformer.py"


def test_a_list_is_what_it_was_made_of() -> None:
    values = [("a", 1), ("b", [2]), ("c", None)]
    kept = pickle.loads(pickle.dumps(KeptList(values)))
    assert len(kept) == 3 and list(kept) == values and kept == values and kept[-1] == ("c", None)
    assert kept[1:] == values[1:] and kept[1] is kept[1] and kept[-2] is kept[1]
    with pytest.raises(IndexError):
        _ = kept[3]


def test_a_dictionary_is_what_it_was_made_of() -> None:
    values = {"a": [1], "b": None}
    kept = pickle.loads(pickle.dumps(KeptDict(values)))
    assert dict(kept) == values and list(kept) == ["a", "b"] and len(kept) == 2
    assert "a" in kept and "c" not in kept and kept.get("c", 3) == 3 and kept.get("a") is kept["a"]
    with pytest.raises(KeyError):
        _ = kept["c"]


def test_what_is_loaded_is_not_kept_twice() -> None:
    kept = KeptList([[1], [2]])
    assert kept[0] == [1] and pickle.dumps(kept) == pickle.dumps(KeptList([[1], [2]]))


def test_threads_that_ask_at_once_get_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_load", cache(index._load.__wrapped__))
    together = Barrier(3)

    def ask(_: int) -> index.Index:
        together.wait()
        return load()

    with ThreadPoolExecutor(3) as threads:
        assert len({id(found) for found in threads.map(ask, range(3))}) == 1


def test_converting_a_file_loads_the_rules_that_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    index = load()
    assert isinstance(index.rules, KeptList)
    monkeypatch.setattr(index.rules, "_loaded", {})
    convert(EXAMPLE.read_text(encoding="utf-8"))
    assert 0 < len(index.rules._loaded) < len(index.rules) / 10
