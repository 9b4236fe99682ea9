"""``make demo``: every example beside its twin, with the verdict of running both."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from diptych import verification
from diptych.conversion import convert
from diptych.conversion.result import Conversion
from diptych.verification import Verdict

EXAMPLES = Path(__file__).parent
TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
COLORS = {"identical": "green", "equal within rounding": "green", "differs": "red"}


def main(names: Sequence[str]) -> int:
    """Show the examples named, or all; 1 where something was left over or does not agree."""
    paths = [Path(name) for name in names] or sorted(path for path in EXAMPLES.glob("*/*.py"))
    console = Console() if sys.stdout.isatty() else Console(width=200)
    agreed = total = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("Converting", total=len(paths))
            for path in paths:
                text = path.read_text(encoding="utf-8")
                conversion = convert(text)
                progress.update(bar, description=f"Running both sides of {path.name}")
                verdicts = verification.verify(conversion, _with_known_inputs(conversion))
                agreed += sum(verdict.agrees for verdict in verdicts)
                total += len(verdicts) + (not conversion.complete)
                console.print(page(f"{path.parent.name}/{path.name}", conversion, verdicts))
                progress.advance(bar)
    finally:
        verification.shutdown()
    console.print(Rule(style="dim"))
    console.print(Text(f"{agreed} of {total} agree.", style="bold green" if agreed == total else "bold red"))
    return int(agreed != total)


def _with_known_inputs(conversion: Conversion) -> list[str]:
    """The entries that can be run: those with a comment, or that take no arguments."""
    return [entry.name for entry in conversion.entries if entry.comment or not entry.parameters]


def page(title: str, conversion: Conversion, verdicts: Sequence[Verdict]) -> RenderableType:
    """One example: both texts side by side, line by line, and a verdict for each entry."""
    titles = (TITLES[conversion.framework], TITLES[conversion.to])
    table = Table(*titles, box=None, expand=True, header_style="bold", pad_edge=False)
    table.columns[0].ratio = table.columns[1].ratio = 1
    left, right = (_highlighted(text) for text in (conversion.source, conversion.twin))
    for a, b in aligned(conversion):
        table.add_row(left[a] if a is not None else "", right[b] if b is not None else "")
    parts: list[RenderableType] = [Rule(title, align="left"), table]
    for leftover in conversion.leftovers:
        color = "red" if leftover.severity == "error" else "yellow"
        parts.append(Text(f"line {leftover.line}: {leftover.api}: {leftover.reason}", style=color))
    parts += [verdict_line(verdict) for verdict in verdicts]
    return Group(*parts, "")


def verdict_line(verdict: Verdict) -> Text:
    """A verdict with its evidence in one line."""
    evidence = verdict.evidence
    line = Text(f"{verdict.entry}: ", style="bold")
    line.append(verdict.verdict, style=f"bold {COLORS.get(verdict.verdict, 'yellow')}")
    if evidence.samples:
        line.append(f" on {evidence.samples} sample{'s' * (evidence.samples != 1)}", style="default")
    if (largest := evidence.largest) is not None:
        line.append(f", largest difference {largest.absolute:.1e} in {largest.where}", style="default")
    if evidence.modes:
        line.append(f" ({', '.join(evidence.modes)}; {evidence.seconds:.1f} s)", style="dim")
    if verdict.reason:
        line.append(f" - {verdict.reason}", style="default")
    return line


def aligned(conversion: Conversion) -> list[tuple[int | None, int | None]]:
    """Pairs of line indices; lines without a partner stand beside nothing."""
    source, twin = conversion.source.splitlines(), conversion.twin.splitlines()
    anchors: list[tuple[int, int]] = []
    for line, other in sorted({(a - 1, b - 1) for a, b in conversion.lines}):
        if not anchors or (line > anchors[-1][0] and other > anchors[-1][1]):
            anchors.append((line, other))
    rows: list[tuple[int | None, int | None]] = []
    a = b = 0
    for line, other in [*anchors, (len(source), len(twin))]:
        rows += _between(source[a:line], twin[b:other], a, b)
        if line < len(source):
            rows.append((line, other))
        a, b = line + 1, other + 1
    return rows


def _between(source: list[str], twin: list[str], a: int, b: int) -> list[tuple[int | None, int | None]]:
    """Lines between two pairs: equal ones beside each other, changed ones as far as they go."""
    rows: list[tuple[int | None, int | None]] = []
    for _, i, j, k, n in difflib.SequenceMatcher(None, source, twin, autojunk=False).get_opcodes():
        for step in range(max(j - i, n - k)):
            rows.append((a + i + step if i + step < j else None, b + k + step if k + step < n else None))
    return rows


def _highlighted(code: str) -> list[Text]:
    return list(Syntax("", "python", background_color="default").highlight(code).split("\n", allow_blank=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
