from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import libcst as cst
import pytest

from diptych.syntax.chunks import assembled, parse_chunk
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_pieces_parse_to_the_tree_of_the_whole(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
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
