"""``make bench``: speed and memory on this machine, beside a pygls server that does nothing and beside other tools.

A loaded machine is slow in both, so read the ratios first; the budgets are those of a quiet machine with two cores.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import others
from client import Client
from others import measured, timed
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from texts import ROOT, generated

DIPTYCH = [sys.executable, "-m", "diptych", "lsp"]
BARE = [sys.executable, str(Path(__file__).with_name("bare_server.py"))]
LINES = 1250
PAGE = ROOT / "docs" / "performance.md"
PAUSE = 3.0
"""Seconds between warm verifications: the workers get ready for the next one meanwhile."""
Row = tuple[str, str, str, str]
PARTS = ("own", "servers", "linters")
CPU = Path("/proc/cpuinfo")
PAGE_INTRO = """\
# Speed and memory

Written by `make bench WRITE=1` on {date}: {machine}. A busy machine slows everything down: read each number beside the
others of its table, which were measured in the same run, and the load beside the number of cores.

Compared with: {versions}. Every server has the same file open, and each time one character is typed; *edit to
diagnostics* ends with the first diagnostics of the new text, of which some servers wait on purpose before they look.
What each looks for is not the same: ruff reads syntax and style, pyright types, Diptych both frameworks.
"""


def shown(seconds: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"{statistics.median(ordered) * 1000:.1f} / {high * 1000:.1f} ms"


def ratio(ours: list[float], bare: list[float]) -> str:
    return f"{statistics.median(ours) / statistics.median(bare):.1f}"


def starts() -> Row:
    """From the start of the process to the answer of ``initialize``; both in turn, so that noise hits both."""
    ours, bare = [], []
    for _ in range(7):
        for command, found in ((DIPTYCH, ours), (BARE, bare)):
            with Client(command) as client:
                found.append(client.initialize())
    more = (statistics.median(ours) - statistics.median(bare)) * 1000
    label = "start to initialize, median / p95"
    return label, f"{shown(ours)} ({more:+.0f} ms)", shown(bare), "bare + 50 ms"


def features(text: str) -> list[Row]:
    """Edits, hovers and code actions on the generated file."""
    results = [measured(command, text, warm=3) for command in (DIPTYCH, BARE)]
    budgets = {"edit to diagnostics": "20 / 40 ms", "hover": "2 / 10 ms", "code actions": "5 / 20 ms"}
    rows: list[Row] = []
    for name, budget in budgets.items():
        ours, bare = (result[name] for result in results)
        rows.append((f"{name}, median / p95", shown(ours), f"{shown(bare)} (x {ratio(ours, bare)})", budget))
    memory = [result["memory"][0] for result in results]
    rows.append(("idle memory", f"{memory[0]:.0f} MiB", f"{memory[1]:.0f} MiB", "80 MiB"))
    return rows


def conversion(text: str) -> Row:
    """Converting the generated file, the index loaded."""
    from diptych.conversion import convert

    convert(text)
    seconds = [timed(lambda: convert(text)) for _ in range(5)]
    return f"conversion of {LINES} lines, median / p95", shown(seconds), "", "300 ms"


def verification() -> list[Row]:
    """Verifications of the small CNN: the first one, beside importing the slower framework, and later ones, some
    seconds apart as between two edits, beside running source and twin by hand.
    """
    from diptych import verification
    from diptych.conversion import convert

    text = (ROOT / "examples" / "torch" / "cnn.py").read_text(encoding="utf-8")
    converted = convert(text)
    slower = max(("torch", "tensorflow"), key=lambda name: imported(name))
    imports, cold, seconds = [], [], []
    try:
        for _ in range(3):
            imports.append(imported(slower))
            cold.append(timed(lambda: verification.verify(converted)))
            verification.shutdown()
        verification.verify(converted)
        for _ in range(5):
            time.sleep(PAUSE)
            seconds.append(timed(lambda: verification.verify(converted)))
    finally:
        verification.shutdown()
    with tempfile.TemporaryDirectory() as folder:
        source, twin = Path(folder, "source.py"), Path(folder, "twin.py")
        source.write_text(f"{text}\nprint(SmallCNN()(torch.randn(2, 3, 32, 32)))\n", encoding="utf-8")
        twin.write_text(f"{converted.twin}\nprint(SmallCNN()(tf.random.normal((2, 32, 32, 3))))\n", encoding="utf-8")
        by_hand = sum(timed(lambda path=path: run(path)) for path in (source, twin))
    warm, first, alone = (statistics.median(some) for some in (seconds, cold, imports))
    times = f"{by_hand / warm:.1f} times as fast"
    return [
        ("warm verification of the small CNN", f"{warm:.2f} s", f"by hand: {by_hand:.1f} s, {times}", "1 s, 10 times"),
        ("cold", f"{first:.2f} s", f"import {slower}: {alone:.2f} s ({first - alone:+.2f} s)", "import + 2 s"),
    ]


def imported(name: str) -> float:
    """Seconds that a process takes which only imports a module."""
    return timed(lambda: subprocess.run([sys.executable, "-c", f"import {name}"], check=True, capture_output=True))


def run(path: Path) -> None:
    subprocess.run([sys.executable, str(path)], check=True, capture_output=True)


def own(bar: Progress) -> Table:
    """Diptych beside a server of pygls that does nothing, and its budgets."""
    text = generated(LINES)
    rows: list[Row] = []
    task = bar.add_task("Diptych", total=4)
    for step in (lambda: [starts()], lambda: features(text), lambda: [conversion(text)], verification):
        rows += step()
        bar.advance(task)
    return table(["what", "diptych", "bare pygls", "budget"], rows)


def servers(bar: Progress) -> list[tuple[str, Table]]:
    """Diptych beside other language servers, a table for each file."""
    others.set_up()
    task = bar.add_task("Language servers")
    started = others.starts()
    names = list(others.SERVERS)
    first = ("start to initialize, median / p95", *(shown(started[name]) for name in names))
    found = [("Start", table(["what", *names], [first]))]
    for title, results in others.servers(lambda text: bar.update(task, description=text)):
        rows = []
        for what in others.MEASURES:
            cells = [results[name] for name in names]
            write = memory if what == "memory" else shown
            rows.append((what, *("no answer" if cell is None else write(cell[what]) for cell in cells)))
        found.append((title, table(["median / p95", *names], rows)))
    return found


def linters(bar: Progress) -> Table:
    """``diptych check`` beside other linters of the same kind."""
    others.set_up()
    bar.add_task(f"Linters, {others.CHECKED:,} lines", total=None)
    seconds = others.linters()
    first = next(iter(seconds.values()))
    return table(
        ["tool", f"{others.CHECKED:,} lines", "times as long"],
        [(name, f"{value:.2f} s", f"{value / first:.1f}") for name, value in seconds.items()],
    )


def memory(values: list[float]) -> str:
    return f"{values[0]:.0f} MiB"


def table(columns: list[str], rows: list[tuple[str, ...]] | list[Row]) -> Table:
    """A table for the terminal."""
    made = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        made.add_row(*row)
    return made


def markdown(made: Table) -> str:
    """The table as Markdown."""
    columns = [[str(column.header), *map(str, column.cells)] for column in made.columns]
    lines = ["| " + " | ".join(row) + " |" for row in zip(*columns, strict=True)]
    return "\n".join([lines[0], "|" + "---|" * len(columns), *lines[1:]])


def machine() -> str:
    """What it was measured on, and how busy that was."""
    model = next(
        (line.partition(":")[2].strip() for line in CPU.read_text().splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    load = os.getloadavg()[1]
    return f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores ({model}); load {load:.1f}"


def main() -> None:
    """Measure what is asked for and print it; write the page only when asked to."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; left out: all")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    before = machine()
    found: list[tuple[str, Table]] = []
    with Progress(console=Console(stderr=True), transient=True) as bar:
        if "own" in parts:
            found.append(("Diptych and its budgets", own(bar)))
        if "servers" in parts:
            found += servers(bar)
        if "linters" in parts:
            found.append(("Linters", linters(bar)))
    console = Console(width=None if sys.stdout.isatty() else 150)
    for title, made in found:
        console.print(f"\n[bold]{title}[/bold]")
        console.print(made)
    if options.write:
        intro = PAGE_INTRO.format(date=datetime.now(UTC).date(), machine=before, versions=others.versions())
        text = "\n\n".join(f"## {title}\n\n{markdown(made)}" for title, made in found)
        PAGE.write_text(f"{intro}\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
