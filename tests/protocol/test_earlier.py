"""What an earlier conversion tells of a later text is what converting that text tells."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from pathlib import Path

import pytest

from diptych.conversion import convert
from diptych.conversion.expression import Rewritten
from diptych.lsp.analysis import Analysis
from diptych.lsp.earlier import At, Earlier
from diptych.syntax.scout import Scout
from diptych.syntax.source import ParseError
from diptych.text.pieces import split

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted([*ROOT.glob("examples/torch/*.py"), *ROOT.glob("examples/keras/*.py")])
COMMENTS = ("# note", "# diptych: x=float32[2,3]", "# OneCycleLR(optimizer", "# autograd", "", "  ", "# a 'quote'")


def converted(text: str) -> Earlier:
    expressions: list[Rewritten] = []
    conversion = convert(text, expressions=expressions)
    return Earlier(split(text), None, conversion, expressions)


def commented(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    if chance.random() < 0.5:
        lines.insert(place, f"{chance.choice(COMMENTS)}\n")
    else:
        lines[place] = lines[place].rstrip() + f" {chance.choice(COMMENTS)}\n"
    return "".join(lines)


def recoded(text: str, chance: random.Random) -> str:
    numbers = list(re.finditer(r"\b\d+\b", text))
    found = chance.choice(numbers)
    return text[: found.start()] + str(int(found[0]) + 1) + text[found.end() :]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_tells_what_converting_tells(path: Path) -> None:
    chance = random.Random(path.stem)
    whole = path.read_text(encoding="utf-8")
    earlier = converted(whole)
    told = 0
    for number in range(6):
        text = commented(whole, chance)
        text = commented(text, chance) if number % 2 else text
        if number == 0:
            text = whole.rstrip() + "  # note\n"
        elif number == 5:
            text = recoded(text, chance)
        scout = Scout(text)
        answers = {call.span: earlier.at(text, scout.pieces, call.span, None) for call in scout.calls}
        known = {span: at for span, at in answers.items() if at is not None}
        try:
            fresh = converted(text)
        except ParseError:  # a comment within a string that goes on over the line
            assert not known
            continue
        for span, at in known.items():
            new = At.of(fresh.conversion.to, fresh.expressions, fresh.conversion.leftovers, span)
            assert (at.to, _bare(at.code)) == (new.to, _bare(new.code))
            assert [(item.api, item.reason) for item in at.left] == [(item.api, item.reason) for item in new.left]
        assert number < 5 or not known
        told += len(known)
    assert told


def _bare(code: str | None) -> str | None:
    return code and "\n".join(line.rstrip() for line in code.split("\n"))


def test_it_tells_nothing_by_other_rules() -> None:
    text = "import torch\n\nx = torch.ones(2)\n"
    scout = Scout(text)
    earlier = Earlier(scout.pieces, None, convert(text), [])
    (call,) = (each for each in scout.calls if each.name == "torch.ones")
    assert earlier.at(text, scout.pieces, call.span, None) is not None
    assert earlier.at(text, scout.pieces, call.span, object()) is None  # type: ignore[arg-type]


def test_who_points_into_a_long_class_need_not_wait_for_its_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    methods = "".join(f"    def f{n}(self, x):\n        return torch.relu(x)\n" for n in range(100))
    text = f"import torch\n\n\nclass A(torch.nn.Module):\n{methods}"
    analysis, converted = Analysis(), threading.Event()
    work = analysis._definition
    monkeypatch.setattr(analysis, "_definition", lambda *given: converted.wait() and work(*given))

    async def point_twice() -> None:
        span = next(call.span for call in (await analysis.scout(text)).calls if call.name == "torch.relu")
        assert await analysis.soon_at(text, span) is None
        converted.set()
        assert (await analysis.at(text, span)).code == "tf.nn.relu(x)"

    asyncio.run(point_twice())


def test_many_questions_at_once_are_all_answered() -> None:
    analysis, started = Analysis(), threading.Event()

    async def ask() -> None:
        waiting = [
            asyncio.ensure_future(analysis.once(("held", n), lambda n=n: started.wait() and n)) for n in range(12)
        ]
        await asyncio.sleep(0)
        started.set()
        assert await asyncio.gather(*waiting) == list(range(12))

    asyncio.run(ask())
