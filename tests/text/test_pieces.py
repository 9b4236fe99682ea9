from __future__ import annotations

import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest

from diptych.syntax.chunks import assembled, parse_chunk
from diptych.text import members
from diptych.text import pieces as cut
from diptych.text.pieces import split

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = random.Random(3).sample([p for p in sorted(LIBRARY.glob("*.py")) if p.stat().st_size < 30_000], 30)
LINES = """\
x = 1
    y = 2
(
)
'''
\"\"\"a\"\"\"
@b
def f():
    pass
else:
# c
    # d

x = \\
s = 'it\\'s'
if x: pass
try:
except A:
\"
class C: pass; x = 2
""".splitlines(keepends=True)


IN_CLASSES = """\
    x = 1
    def f(self):
        return 1
        # deep
    # c
# at the side

    @b  # d

    # e
    def g(self):
      if x: pass
      else:

        pass
\t
    class C:
        # only

        y = 2
    s = ''\'
# no comment
''\'; t = 3
    async def h(self, a=(
1)):
        pass
""".splitlines(keepends=True)


@pytest.mark.parametrize("longest", [0, 4_000])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_pieces_parse_to_the_tree_of_the_whole(path: Path, longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_LONG", longest)
    same_tree(path.read_text(encoding="utf-8", errors="replace"))


@pytest.mark.parametrize("seed", range(40))
def test_classes_in_parts_parse_to_the_tree_of_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_LONG", 0)
    chance = random.Random(seed)
    for _ in range(20):
        lines = list(IN_CLASSES)
        for _ in range(chance.randrange(6)):
            place = chance.randrange(len(lines))
            lines[place : place + chance.randrange(2)] = [chance.choice([*IN_CLASSES, "\n", "#\n"])]
        text = chance.choice(["", "# a\n@b\n", "@b\n# c\n"]) + "class A:  # a\n" + "".join(lines)
        text += chance.choice(["", "# end\n", "\n    # end\n\nx = 1\n", "x = 1"])
        if chance.random() < 0.3:
            text = text.replace("\n", "\r\n")
        if chance.random() < 0.3:
            text = text.rstrip()
        try:
            cst.parse_module(text)
        except cst.ParserSyntaxError:
            continue
        same_tree(text)


def same_tree(text: str) -> None:
    """What the pieces of a text parse to, put together, is what the whole parses to."""
    pieces = split(text)
    assert "".join(pieces) == text
    chunks = [parse_chunk(piece, last=number == len(pieces) - 1) for number, piece in enumerate(pieces)]
    leads = [(), *(chunk.after for chunk in chunks)]
    statements = [
        chunk.statement.with_changes(leading_lines=lead) if lead else chunk.statement
        for chunk, lead in zip(chunks, leads, strict=False)
    ]
    assert assembled(chunks, statements).deep_equals(cst.parse_module(text))


@pytest.mark.parametrize("seed", range(60))
def test_known_pieces_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    follow(chance.choices(LINES, k=12), LINES, chance, edits=15)


@pytest.mark.parametrize("seed", range(60))
def test_known_parts_of_classes_change_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_LONG", 0)
    chance = random.Random(seed)
    before = chance.choice([[], ["import a\n"], ["@b\n"]])
    after = chance.choice([[], ["x = 1\n", "class D:\n", "  y = 2\n"]])
    lines = [*before, "class A:\n", *chance.choices(IN_CLASSES, k=8), *IN_CLASSES, *after]
    follow(lines, [*IN_CLASSES, *LINES[:3], "    else:\n", "    )\n", "\n"], chance, edits=25)


def follow(lines: list[str], spare: list[str], chance: random.Random, edits: int) -> None:
    """Edit a text at random: it is cut as if nothing were known of the text before."""
    known: list[str] = []
    for _ in range(edits):
        place = chance.randrange(len(lines) + 1)
        lines[place : place + chance.randrange(3)] = chance.choices(spare, k=chance.randrange(3))
        text = "".join(lines).removesuffix(chance.choice(["\n", "nothing"]))
        pieces = split(text, known)
        assert "".join(pieces) == text
        assert pieces == cut._split(text, ())
        for piece in filter(None, pieces):
            long = len(piece) > members._LONG and piece[0] != "\ufeff"
            assert members.members(piece) == (members._members(piece) if long else None)
        known = pieces


def test_an_edit_of_a_long_class_is_read_from_there_to_the_next_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "class A:\n" + "".join(f"    def f{n}(self):\n        return {n}\n\n" for n in range(300)) + "\nx = 1\n"
    known = split(text)
    members.members(known[0])
    tokens: list[int] = []
    original = members.line_starts

    def noting(*given: Any) -> Iterator[int]:
        for place in original(*given):
            tokens.append(place)
            yield place

    monkeypatch.setattr(members, "line_starts", noting)
    for number in (3, 150, 299):
        tokens.clear()
        edited = text.replace(f"return {number}\n", f"return {number} + 1\n")
        pieces = split(edited, known)
        assert len(pieces) == 2 and "".join(part.text for part in members.members(pieces[0]) or ()) == pieces[0]
        assert 0 < len(tokens) <= 3
