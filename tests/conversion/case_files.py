"""Markdown files of cases: a title, the source, its twin, and what was left over or assumed.

A case is a ``## title``, a ``python`` block, a second ``python`` block with the expected twin, and, where there are
any, a ``leftovers`` block: one line for each, ``LINE:COLUMN API: REASON``, after ``assumed`` for an assumption.
Prose may stand anywhere. ``python preserve`` as the first line of the second block asks for the layout ``preserve``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from diptych.conversion import convert
from diptych.conversion.result import Conversion, Layout

BLOCK = re.compile(r"^```(?P<kind>\w+)(?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    path: Path
    title: str
    source: str
    layout: Layout
    twin: str | None
    leftovers: str

    @property
    def name(self) -> str:
        return f"{self.path.stem}: {self.title}"


@dataclass(frozen=True)
class Outcome:
    twin: str
    leftovers: str


def read(path: Path) -> list[Case]:
    """The cases of a file. Raises ``ValueError`` where a block is missing or one too many."""
    cases: list[Case] = []
    for section in _sections(path.read_text(encoding="utf-8"))[1:]:
        title = section.split("\n", 1)[0].removeprefix("## ").strip()
        blocks = list(BLOCK.finditer(section))
        programs = [block for block in blocks if block["kind"] == "python"]
        leftovers = [block["text"] for block in blocks if block["kind"] == "leftovers"]
        if not 1 <= len(programs) <= 2 or len(leftovers) > 1:
            raise ValueError(f"{path.name}: {title}: wanted two python blocks and at most one of leftovers")
        preserve = "preserve" in programs[-1]["words"].split()
        twin = programs[1]["text"] if len(programs) == 2 else None
        layout: Layout = "preserve" if preserve else "channels-last"
        cases.append(Case(path, title, programs[0]["text"], layout, twin, "".join(leftovers)))
    return cases


def run(case: Case) -> Outcome:
    conversion = convert(case.source, layout=case.layout)
    return Outcome(conversion.twin, listed(conversion))


def listed(conversion: Conversion) -> str:
    """Leftovers and assumptions as lines."""
    ordered = sorted(conversion.leftovers, key=lambda item: (item.line, item.column, item.api))
    return "".join(
        f"{'assumed ' if item.severity == 'warning' else ''}{item.line}:{item.column} {item.api}: {item.reason}\n"
        for item in ordered
    )


def update(path: Path) -> None:
    """Write the present outcome of every case of a file into it; prose and sources stay."""
    sections = _sections(path.read_text(encoding="utf-8"))
    cases = read(path)
    for number, case in enumerate(cases, start=1):
        outcome = run(case)
        blocks = list(BLOCK.finditer(sections[number]))
        head = sections[number][: blocks[0].end()]
        words = " preserve" if case.layout == "preserve" else ""
        text = f"{head}\n\n```python{words}\n{outcome.twin}```\n"
        if outcome.leftovers:
            text += f"\n```leftovers\n{outcome.leftovers}```\n"
        sections[number] = text + ("\n" if number < len(cases) else "")
    path.write_text("".join(sections), encoding="utf-8")


def _sections(text: str) -> list[str]:
    """The text before the first title, then each case with its title; a ``##`` inside a block is no title."""
    parts: list[list[str]] = [[]]
    inside = False
    for line in text.splitlines(keepends=True):
        if line.startswith("```"):
            inside = not inside
        if line.startswith("## ") and not inside:
            parts.append([])
        parts[-1].append(line)
    return ["".join(part) for part in parts]


FILES = sorted(Path(__file__).parent.joinpath("cases").glob("*.md"))
CASES = [case for path in FILES for case in read(path)]
