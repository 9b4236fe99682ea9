"""A long class is read part by part, which nobody can tell from what is found."""

from __future__ import annotations

import ast
import random
from typing import Any

import pytest

from diptych.checks import Checked, inspect
from diptych.syntax.scout import Scout
from diptych.syntax.source import ParseError
from diptych.text import members

TOP = [
    "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n",
    "model = Net()\n",
    "loss = nn.CrossEntropyLoss()(model(x), y)\n",
    "def f(q):\n    global model\n    return F.softmax(model(q))\n\n",
    "# c\n\n",
    "@deco(\n  1)\n",
]
HEADS = [
    "class Net(nn.Module):\n",
    "@deco\n# c\nclass Net(nn.Module,\n   key=3):  # why\n\n    # first\n",
    "class Net(nn.Module): # x\n    '''Doc.'''\n",
    "class Two(Net):\n",
]
MEMBERS = [
    "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 4)\n",
    '    def forward(self, x):\n        """Doc\n    string"""\n        y = F.softmax(self.fc(x))\n'
    "        return self.out(y)\n",
    "    @property\n    def out(self):\n        return nn.Softmax()\n",
    "    x = 1; z = [torch.relu(q) for q in range(3) if (w := q)]\n",
    "    # a comment\n\n",
    "    layer = nn.Softmax()\n",
    "    def g(self):\n        global model\n        model = nn.Linear(2, 3)\n",
    "    class Inner(nn.Module):\n        def __init__(self):\n            self.layers = [nn.Linear(1, 2)]\n",
    "    if x:\n        y = 2\n    else:\n        y = torch.ger(a, b)\n",
    "    async def h(self, data: 'str' = nn.Linear(1, 2)) -> int:\n        import torch.nn.functional as FF\n"
    "        return FF.softmax(data)\n",
    '    s = "a # b" + "é" + self.layers.append(torch.qr(x))\n',
    "    try:\n        import torch\n    except ImportError:\n        torch = None\n",
    "    def k(self, loss):\n        self.optimizer = torch.optim.Adam(self.parameters())\n        for batch in data:\n"
    "            loss = F.cross_entropy(F.softmax(self(batch)), y)\n            loss.backward()\n"
    "            self.optimizer.step()\n        total = 0\n        total += loss\n",
]
BROKEN = ["  bad = 1\n", "        deeper = 1\n", "x = (\n", '    def t(self): y = """\n']


def found(text: str, checked: Checked | None = None) -> Any:
    try:
        report = inspect(text, checked=checked)
    except ParseError as error:
        return str(error), error.line, error.column
    return report.findings, report.failures


def seen(scout: Scout) -> Any:
    return scout.calls, scout.definitions, scout.aliases, scout.last_import


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def set_length(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_LONG", length)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_read_in_parts_gives_what_the_whole_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)

    def one() -> str:
        return chance.choice(BROKEN if chance.random() < 0.03 else MEMBERS)

    pieces = [TOP[0], chance.choice(TOP), chance.choice(HEADS), *(one() for _ in range(4)), chance.choice(TOP)]
    pieces += [chance.choice(HEADS), one(), one()]
    checked, scout = Checked(), None
    for _ in range(6):
        text = "".join(pieces)
        set_length(30, monkeypatch)
        in_parts, scout, alone = found(text, checked), Scout(text, scout), Scout(text)
        assert any(part.before for part in alone.parts) or not parses(text)
        set_length(10**9, monkeypatch)
        whole = Scout(text)
        assert in_parts == found(text)
        if parses(text):
            assert seen(scout) == seen(alone) == seen(whole)
            for call in whole.calls:
                place = call.span.end_line, call.span.end_column
                assert alone.call_at(*place) == whole.call_at(*place)
        place = chance.randrange(len(pieces))
        pieces[place : place + chance.randrange(2)] = [one() if chance.random() < 0.8 else chance.choice(HEADS + TOP)]


def test_parts_are_the_text_and_the_statements_of_the_body() -> None:
    text = f"@deco\nclass A(  # why\n    B\n):\n    '''{'x' * 5000}'''\n\n"
    text += "    @c\n\n    # d\n    def f(self):\n        pass\n# e\n"
    cut = members.members(text)
    assert cut is not None
    assert "".join(part.text for part in cut) == text
    assert [part.text[:9] for part in cut] == ["@deco\ncla", "    '''xx", "    @c\n\n "]
    assert members.members(f"class A: x = '{'x' * 5000}'\n") is None
    assert members.members(f"if a:\n    x = '{'x' * 5000}'\n") is None
