"""``make fuzz``: an editor that types, asks, cancels and errs at random; what the server holds is always what it typed.

A scenario is plain data, so that one that fails is kept as a file in ``tests/protocol/found`` and played again by every
test run.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import queue
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from raw import RawClient

FOUND = Path(__file__).parent / "found"
SERVER = [sys.executable, str(Path(__file__).parent / "telling_server.py")]
PATIENCE = 300.0
"""Seconds for an answer, on a machine that does much else."""
FAILED_WELL = {-32800, -32801, -32602, -32803}
"""Cancelled, content modified, invalid parameters, request failed with a reason."""
UNHEARD = ("The diagnostics of", "never retrieved", "Failed to handle notification")
"""What the server's log says of errors that no answer tells."""
NUMBERS = itertools.count(1)

Place = list[int]
Scenario = dict[str, Any]

PIECES = (
    "import torch\n",
    "from torch import nn\n",
    "import torch.nn.functional as F\n",
    "import tensorflow as tf\n",
    "\f\n",
    "x = 1\n",
    "# 😋 caf\u00e9\n",
    "name = '😋'; y = torch.qr(torch.ones(2, 2))  # 😋\n",
    "def f(a, b):\n    return torch.ger(a, b), torch.sum(a, dim=1)\n",
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.fc = nn.Linear(7, 2)\n\n    def forward(self, x):\n        return torch.relu(self.fc(x)).view(-1)\n",
    "def g(x):\n    y = x.permute(0, 2, 1)\n    y += 1\n    return F.softmax(y) + tf.nn.relu(y)\n",
    '"""\ndef not_code(): ...\n"""\n',
    "for i in range(3):\n    loss = f(i, torch.randn(3))\n    loss.backward()\n",
)
NOISE = (
    "",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\f",
    "\t",
    "😋",
    "\u2028",
    "\x85",
    "e\u0301",
    "(",
    ")",
    "'''",
    "#",
    "\\",
    "torch",
    ".",
    "0",
    "\ufeff",
    "\0",
)
METHODS = (
    "textDocument/hover",
    "textDocument/codeAction",
    "textDocument/completion",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "diptych/convert",
    "diptych/explain",
)  # fmt: skip
MALFORMED: tuple[Any, ...] = (
    None, [], {}, 7, "text", {"textDocument": None}, {"textDocument": {"uri": 3}}, {"position": {"line": "first"}},
    {"textDocument": {"uri": "file:///nowhere/other.py"}, "position": {"line": -1, "character": -1}},
    {"textDocument": {"uri": "no address"}, "range": {"start": {}}, "context": {"diagnostics": [{"severity": 99}]}},
)  # fmt: skip

lines = st.one_of(st.integers(0, 40), st.sampled_from([2**31 - 1, 60_000]))
columns = st.one_of(st.integers(0, 60), st.sampled_from([2**31 - 1, 60_000]))
places = st.tuples(lines, columns).map(list)
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(NOISE)), max_size=9).map("".join)
newlines = st.sampled_from(["\n", "\n", "\r\n", "\r"])
typed = st.one_of(st.sampled_from(NOISE), texts)
changes = st.one_of(st.tuples(places, places, typed).map(list), st.tuples(texts).map(list))
steps = st.one_of(
    st.tuples(st.just("edit"), st.lists(changes, min_size=1, max_size=3)).map(list),
    st.tuples(st.just("edit"), st.lists(changes, min_size=1, max_size=3)).map(list),
    st.tuples(st.just("ask"), st.sampled_from(METHODS), places, places).map(list),
    st.tuples(st.just("ask"), st.sampled_from(METHODS), places, places).map(list),
    st.tuples(st.just("wait")).map(list),
    st.tuples(st.just("cancel")).map(list),
    st.tuples(st.just("compare")).map(list),
    st.tuples(st.just("reopen"), texts).map(list),
    st.tuples(st.just("malformed"), st.sampled_from(METHODS), st.sampled_from(MALFORMED)).map(list),
)
scenarios = st.fixed_dictionaries(
    {
        "text": st.tuples(texts, newlines).map(lambda drawn: drawn[0].replace("\n", drawn[1])),
        "steps": st.lists(steps, max_size=12),
    }
)


def offset(text: str, line: int, character: int) -> int:
    """The place in a text by the protocol's own words, one character after another."""
    at = 0
    while line and at < len(text):
        line -= text[at] in "\r\n"
        at += 2 if text.startswith("\r\n", at) else 1
    while not line and character > 0 and at < len(text) and text[at] not in "\r\n":
        character -= 2 if ord(text[at]) > 0xFFFF else 1
        if character < 0:  # the middle of a pair is its beginning
            break
        at += 1
    return at


class Player:
    """An editor with one document, and what it expects of the server."""

    def __init__(self, client: RawClient) -> None:
        self.client = client
        self.uri = f"file:///nowhere/fuzz{next(NUMBERS)}.py"
        self.text = ""
        self.version = 0
        self.pending: dict[int, tuple[str, str]] = {}
        """What was asked and not answered yet: the method, and the text that it was asked of."""

    def play(self, scenario: Scenario) -> None:
        """Play a scenario from opening the document to closing it. Raises ``AssertionError``."""
        self.errors = len(self.client.errors)
        self.open(scenario["text"])
        for kind, *values in scenario["steps"]:
            getattr(self, kind)(*values)
        self.wait()
        self.compare()
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})
        said = self.client.errors[self.errors :].decode(errors="replace")
        assert not any(words in said for words in UNHEARD), said

    def open(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        self.client.open(self.uri, text, self.version)

    def reopen(self, text: str) -> None:
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})
        self.open(text)

    def edit(self, changes: list[list[Any]]) -> None:
        sent = []
        for change in changes:
            if len(change) == 1:
                self.text = change[0]
                sent.append({"text": change[0]})
                continue
            start, end, new = sorted(change[:2])[0], sorted(change[:2])[1], change[2]
            first, last = offset(self.text, *start), offset(self.text, *end)
            self.text = self.text[:first] + new + self.text[last:]
            place = {"start": position(start), "end": position(end)}
            sent.append({"range": place, "text": new})
        self.version += 1
        self.client.change(self.uri, self.version, *sent)

    def ask(self, method: str, start: Place, end: Place) -> None:
        start, end = sorted([start, end])
        params: dict[str, Any] = {"textDocument": {"uri": self.uri}}
        if method in ("textDocument/codeAction", "textDocument/inlayHint", "diptych/convert"):
            params["range"] = {"start": position(start), "end": position(end)}
        if method == "textDocument/codeAction":
            params["context"] = {"diagnostics": []}
        if method in ("textDocument/hover", "textDocument/completion", "diptych/explain"):
            params["position"] = position(start)
        self.pending[self.client.ask(method, params)] = method, self.text

    def malformed(self, method: str, params: Any) -> None:
        self.pending[self.client.ask(method, params)] = f"malformed {method}", self.text

    def cancel(self) -> None:
        for identifier in self.pending:
            self.client.notify("$/cancelRequest", {"id": identifier})

    def wait(self) -> None:
        """Every request has one answer, and what it says is in the text."""
        for identifier, (method, text) in list(self.pending.items()):
            answer = self.answer(identifier, method)
            del self.pending[identifier]
            if "error" in answer:
                allowed = FAILED_WELL | ({-32600, -32601} if method.startswith("malformed") else set())
                assert answer["error"]["code"] in allowed, f"{method}: {answer['error']}"
                continue
            if text == self.text:
                for place in positions(answer["result"]):
                    assert is_in(text, place), f"{method}: {place} is not in the text"

    def answer(self, identifier: int, method: str) -> dict[str, Any]:
        for number, message in enumerate(self.client.seen):
            if message.get("id") == identifier and "method" not in message:
                return self.client.seen.pop(number)
        try:
            return self.client.wait(identifier, PATIENCE)
        except queue.Empty:
            raise AssertionError(f"{method} was not answered") from None

    def compare(self) -> None:
        """The server has the same text, and knows of it what a server that has just started would."""
        answer = self.answer(self.client.ask("test/compare", {"uri": self.uri}), "test/compare")
        assert "error" not in answer, answer["error"]
        assert answer["result"]["text"] == self.text, f"the server has {answer['result']['text']!r}"
        assert not answer["result"]["differences"], answer["result"]["differences"]


def position(place: Place) -> dict[str, int]:
    return {"line": place[0], "character": place[1]}


def positions(value: Any) -> list[dict[str, int]]:
    """Every position anywhere in an answer."""
    if isinstance(value, dict):
        own = [value] if value.keys() == {"line", "character"} else []
        return own + [found for each in value.values() for found in positions(each)]
    return [found for each in value for found in positions(each)] if isinstance(value, list) else []


def is_in(text: str, place: dict[str, int]) -> bool:
    """Whether a position names a place of a text exactly."""
    at = offset(text, place["line"], place["character"])
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2]
    return (before.count("\n"), len(line.encode("utf-16-le", "surrogatepass")) // 2) == (
        place["line"],
        place["character"],
    )


class Search:
    """Draws scenarios and plays them in one server after another; remembers the smallest that failed."""

    def __init__(self) -> None:
        self.client: RawClient | None = None
        self.played = 0
        self.failed: Scenario | None = None

    def play(self, scenario: Scenario) -> None:
        """Play one. Raises ``AssertionError``."""
        if self.client is None:
            self.client = RawClient(SERVER)
            self.client.initialize()
        self.played += 1
        try:
            Player(self.client).play(scenario)
        except Exception:
            self.failed = scenario
            self.close()
            raise
        self.client.seen.clear()

    def run(self, number: int, examples: int) -> None:
        """Play scenarios drawn from a seed; the smallest that fails is raised."""

        @seed(number)
        @settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )  # fmt: skip
        @given(scenarios)
        def play(scenario: Scenario) -> None:
            self.play(scenario)

        play()

    def close(self) -> None:
        """End the server."""
        if self.client is not None:
            self.client.close()
            self.client = None


def keep(scenario: Scenario) -> Path:
    """Write a scenario among those that every test run plays."""
    text = json.dumps(scenario, indent=1, ensure_ascii=True) + "\n"
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{hashlib.sha256(text.encode()).hexdigest()[:10]}.json"
    path.write_text(text, encoding="ascii")
    return path


def main() -> int:
    """Search for some minutes; 1 at the first failure, which is kept."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first round; each has the next one")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    search = Search()
    try:
        for number in itertools.count(options.seed):
            if time.monotonic() > end:
                print(f"{search.played} scenarios from seeds {options.seed} to {number - 1}: nothing found")
                return 0
            search.run(number, 100)
    except Exception as error:
        print(f"seed {number}:", file=sys.stderr)
        traceback.print_exception(error)
        if search.failed is not None:
            print(f"kept as {keep(search.failed)}", file=sys.stderr)
        return 1
    finally:
        search.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
