"""Long files, fast typing, places that are not there: the server always has the editor's text, and answers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import fuzz
import pytest
from fuzz import FOUND, SERVER, Player, Search, is_in, offset
from raw import RawClient

LINES = 50_000
FAR = 2**31 - 1


@pytest.fixture(scope="module")
def search() -> Iterator[Search]:
    """What plays scenarios, in one server as long as none fails."""
    search = Search()
    yield search
    search.close()


@pytest.fixture(scope="module")
def telling() -> Iterator[RawClient]:
    """A server that tells what it holds."""
    client = RawClient(SERVER)
    client.initialize()
    yield client
    client.close()


def test_random_scenarios(search: Search) -> None:
    search.run(number=7, examples=40)


@pytest.mark.parametrize("path", sorted(FOUND.glob("*.json")), ids=lambda path: path.stem)
def test_scenarios_that_failed_once(search: Search, path: Path) -> None:
    search.play(json.loads(path.read_text(encoding="ascii")))


def test_what_fails_is_seen(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor that counts code points where the server counts UTF-16 units no longer agrees with it."""
    monkeypatch.setattr(fuzz, "offset", lambda text, line, character: min(character, len(text)))
    with pytest.raises(AssertionError, match="the server has"):
        search.play({"text": "😋 = 1\n", "steps": [["edit", [[[0, 3], [0, 4], "x"]]]]})


def test_a_thousand_rapid_edits_with_requests_in_between(telling: RawClient) -> None:
    chance = random.Random(20)
    player = Player(telling)
    player.errors = len(telling.errors)
    player.open("".join(fuzz.PIECES))
    for number in range(1000):
        line, column = chance.randrange(60), chance.randrange(50)
        end = [line, column] if chance.random() < 0.5 else [line + chance.randrange(2), chance.randrange(50)]
        new = chance.choice([*fuzz.NOISE, "x", "(x)", chance.choice(fuzz.PIECES)])
        player.edit([[[line, column], end, new]] if len(player.text) < 8000 else [["".join(fuzz.PIECES)]])
        if number % 5 == 0:
            player.ask(chance.choice(fuzz.METHODS), [line, column], end)
        if number % 7 == 0:
            player.cancel()
        if number % 250 == 249:
            player.wait()
            player.compare()
    player.wait()
    player.compare()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_fifty_thousand_lines(telling: RawClient, newline: str) -> None:
    """Edits at both ends and in the middle are followed, and a hover is answered."""
    body = f"value = 1  # 😋{newline}" * (LINES - 4)
    text = f"import torch{newline}{body}def f(x):{newline}    return torch.sum(x, dim=1){newline}{newline}"
    player = Player(telling)
    player.open(text)
    for line in (0, LINES // 2, LINES - 4, FAR):
        player.edit([[[line, FAR], [line, FAR], f"  # 😋{newline}"]])
    line = next(number for number, each in enumerate(player.text.split(newline)) if "torch.sum" in each)
    params = {"textDocument": {"uri": player.uri}, "position": {"line": line, "character": 13}}
    hover = telling.request("textDocument/hover", params, timeout=600)["result"]
    assert "tf.reduce_sum" in hover["contents"]["value"]
    assert telling.request("test/text", {"uri": player.uri})["result"] == player.text
    telling.notify("textDocument/didClose", {"textDocument": {"uri": player.uri}})


@pytest.mark.parametrize("method", fuzz.METHODS)
def test_places_that_are_not_there(telling: RawClient, method: str) -> None:
    """They mean the end of the line or of the text; what is answered lies in the text."""
    player = Player(telling)
    player.open("import torch\r\n\f\r\nname = '😋'; y = torch.qr(torch.ones(2, 2))")
    for line in (0, 1, 2, 3, FAR):
        for column in (0, 9, 10, FAR):
            player.ask(method, [line, column], [FAR, FAR])
    assert len(player.pending) == 20
    player.wait()


@pytest.mark.parametrize("position", [{"line": -1, "character": 0}, {"line": 0, "character": -1}, {"line": 0.5}, None])
def test_positions_that_are_none(telling: RawClient, position: object) -> None:
    player = Player(telling)
    player.open("import torch\ny = torch.ones(2)\n")
    params = {"textDocument": {"uri": player.uri}, "position": position}
    for method in ("textDocument/hover", "textDocument/completion", "diptych/explain"):
        assert telling.request(method, params, timeout=30)["error"]["code"] == -32602


def test_malformed_requests_are_all_answered(telling: RawClient) -> None:
    asked = [telling.ask(method, params) for method in fuzz.METHODS for params in fuzz.MALFORMED]
    player = Player(telling)
    player.pending = dict.fromkeys(asked, ("malformed", ""))
    player.wait()


def test_offsets_are_those_of_the_protocol() -> None:
    text = "a😋b\r\nc\rd\n\fe"
    assert [offset(text, 0, column) for column in range(6)] == [0, 1, 1, 2, 3, 3]
    assert [text[offset(text, line, 0)] for line in range(4)] == ["a", "c", "d", "\f"]
    assert offset(text, 9, 9) == len(text)
    assert is_in(text, {"line": 0, "character": 4}) and not is_in(text, {"line": 0, "character": 5})
    assert not is_in(text, {"line": 0, "character": 2}) and not is_in(text, {"line": 4, "character": 0})
