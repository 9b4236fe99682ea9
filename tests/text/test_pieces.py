from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import libcst as cst
import pytest

from diptych.syntax.chunks import assembled, parse_chunk
from diptych.text import members
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
    members.members.cache_clear()
    same_tree(path.read_text(encoding="utf-8", errors="replace"))


@pytest.mark.parametrize("seed", range(40))
def test_classes_in_parts_parse_to_the_tree_of_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_LONG", 0)
    members.members.cache_clear()
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
    lines = chance.choices(LINES, k=12)
    known: list[str] = []
    for _ in range(15):
        place = chance.randrange(len(lines) + 1)
        lines[place : place + chance.randrange(3)] = chance.choices(LINES, k=chance.randrange(3))
        text = "".join(lines).removesuffix(chance.choice(["\n", "nothing"]))
        pieces = split(text, known)
        assert "".join(pieces) == text
        assert pieces == split(text)
        known = pieces
