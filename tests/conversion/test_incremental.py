"""Converting with what an earlier version of the text left in a cache gives what converting afresh gives."""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

import pytest
from case_files import CASES

from diptych.conversion import ParseError, convert
from diptych.conversion.convert import definition_at
from diptych.conversion.expression import Rewritten
from diptych.conversion.result import Conversion
from diptych.conversion.units import Cache

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted([*ROOT.glob("examples/torch/*.py"), *ROOT.glob("examples/keras/*.py")])
EDITS = 25
STATEMENTS = (
    "import numpy as np\n",
    "scale = 2\n",
    "scale = torch.ones(3)\n",
    "torch = None\n",
    "# diptych: x=float32[2,3,8,8]\n",
    "model = SmallCNN()\n",
    "tf = 1\n",
    "if True:\n    extra = 3\n",
    '"""\ndef not_code(): ...\n"""\n',
    "def helper(x):\n    return x.sum(1) + scale\n",
    "class Wrapped(nn.Module):\n    def __init__(self, inner):\n"
    "        super().__init__()\n        self.inner = inner\n\n"
    "    def forward(self, x):\n        return helper(self.inner(x))\n",
)


def result(text: str, cache: Cache | None) -> tuple[Conversion, list[Rewritten]] | str:
    """Everything that a conversion gives, or why there is none."""
    expressions: list[Rewritten] = []
    try:
        return convert(text, expressions=expressions, cache=cache), expressions
    except ParseError as error:
        return str(error)


def edited(text: str, chance: random.Random) -> str:
    """A text after one edit: typing, deleting, moving, renaming, pasting."""
    lines = text.splitlines(keepends=True) or ["\n"]
    place = chance.randrange(len(lines))
    kind = chance.choice(["type", "delete", "copy", "rename", "number", "statement", "move", "break"])
    if kind == "type":
        lines[place] = lines[place].rstrip("\n") + chance.choice(["  # why", " ", ""]) + "\n"
    elif kind == "delete":
        del lines[place]
    elif kind == "copy":
        lines.insert(place, lines[chance.randrange(len(lines))])
    elif kind == "rename":
        names = sorted(set(re.findall(r"\b[A-Za-z_]\w+\b", text)))
        old, new = chance.choice(names), chance.choice([*names, "fresh_name"])
        return re.sub(rf"\b{old}\b", new, text, count=chance.choice([0, 1]))
    elif kind == "number":
        return re.sub(r"\b\d+\b", lambda found: chance.choice([found[0], "1", "8"]), text, count=chance.randrange(1, 9))
    elif kind == "statement":
        tops = [number for number, line in enumerate(lines) if line[:1] not in ("", " ", "\n", "\t", ")", "]", "}")]
        lines.insert(chance.choice([*tops, len(lines)]), chance.choice(STATEMENTS))
    elif kind == "move":
        tops = [number for number, line in enumerate(lines) if re.match(r"(def|class|@)", line)]
        cut = chance.choice(tops) if tops else 0
        return "".join([*lines[cut:], *lines[:cut]])
    else:
        lines.insert(place, chance.choice(["(\n", "'''\n", "    else:\n", "x = \\\n"]))
    return "".join(lines)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_random_edits(path: Path, seed: int) -> None:
    chance = random.Random(f"{path.name} {seed}")
    text = path.read_text(encoding="utf-8")
    cache = Cache()
    same = result(text, None)
    assert result(text, cache) == same
    for _ in range(EDITS):
        before, text = text, edited(text, chance)
        found = result(text, cache)
        assert found == result(text, None)
        if isinstance(found, str):  # what is broken is mended at once, as by a person who types
            text = before


def test_one_file_after_another() -> None:
    cache = Cache()
    for case in CASES:
        found = convert(case.source, layout=case.layout, cache=cache)
        assert found == convert(case.source, layout=case.layout), case.name


def test_an_edit_converts_one_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    from diptych.conversion.units import Unit

    text = (ROOT / "examples" / "torch" / "transformer.py").read_text(encoding="utf-8")
    cache = Cache()
    convert(text, cache=cache)
    converted: list[str] = []
    original = Unit._convert

    def noting(unit: Unit) -> None:
        converted.append(unit.name)
        original(unit)

    monkeypatch.setattr(Unit, "_convert", noting)
    convert(text, cache=cache)
    assert converted == []
    convert(text.replace("class Block(nn.Module):\n", "class Block(nn.Module):\n    width = 3\n"), cache=cache)
    assert "Block" in converted
    assert "CausalSelfAttention" not in converted


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_definition_by_itself_is_what_the_whole_file_makes_of_it(path):
    chance = random.Random(path.stem)
    cache = Cache()
    text = path.read_text(encoding="utf-8")
    told = 0
    for _ in range(6):
        line = chance.randrange(1, text.count("\n") + 2)
        try:
            found = definition_at(text, line, cache)
        except ParseError:
            found = None
        whole = result(text, None)
        if found is not None:
            assert isinstance(whole, tuple)
            conversion, expressions = whole
            first, last = _definition_around(text, line)
            assert found.to == conversion.to
            assert list(found.expressions) == [each for each in expressions if first <= each.span.line <= last]
            errors = [each for each in conversion.leftovers if each.severity == "error"]
            assert list(found.leftovers) == [each for each in errors if first <= each.line <= last]
            told += bool(found.expressions)
        assert result(text, cache) == whole
        text = edited(text, chance)
    assert told or not re.search(r"^(?:def|class) ", text, re.MULTILINE)


def _definition_around(text: str, line: int) -> tuple[int, int]:
    for node in ast.parse(text).body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        if first <= line <= (node.end_lineno or line):
            return first, node.end_lineno or line
    raise AssertionError(f"line {line} stands in no statement")
