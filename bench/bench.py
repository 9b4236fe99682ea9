"""``make bench``: speed and memory on this machine, beside a pygls server that does nothing.

A loaded machine is slow in both, so read the ratios first; the budgets are those of a quiet machine with two cores.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from client import Client
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).parents[1]
DIPTYCH = [sys.executable, "-m", "diptych", "lsp"]
BARE = [sys.executable, str(Path(__file__).with_name("bare_server.py"))]
LINES = 1250
URI = "file:///bench/model.py"
EXAMPLES = ("cnn.py", "transformer.py", "lstm_tagger.py", "residual.py", "functions.py")
PAUSE = 3.0
"""Seconds between warm verifications: the workers get ready for the next one meanwhile."""
Row = tuple[str, str, str, str]


def generated() -> str:
    """A file of 1,250 lines made of the examples, each definition under a name of its own."""
    imports = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
    texts = [(ROOT / "examples" / "torch" / name).read_text(encoding="utf-8") for name in EXAMPLES]
    bodies = [
        "\n".join(line for line in t.splitlines() if not line.startswith(("import", '"""'))).strip() for t in texts
    ]
    names = ["SmallCNN", "CausalSelfAttention", "Block", "LSTMTagger", "BasicBlock", "shifted_relu_sum", "keep_top_two"]
    lines = imports.splitlines()
    number = 0
    while True:
        body = bodies[number % len(bodies)]
        for name in names:
            body = body.replace(f"{name}(", f"{name}{number}(")
        if len(lines) + body.count("\n") + 3 > LINES:
            break
        lines += [*body.splitlines(), "", ""]
        number += 1
    lines += [f"setting_{rest} = {rest}" for rest in range(LINES - len(lines))]
    return "\n".join(lines) + "\n"


def timed(action: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


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
    results = [measured(command, text) for command in (DIPTYCH, BARE)]
    budgets = {"edit to diagnostics": "20 / 40 ms", "hover": "2 / 10 ms", "code actions": "5 / 20 ms"}
    rows: list[Row] = []
    for name, budget in budgets.items():
        ours, bare = (result[name] for result in results)
        rows.append((f"{name}, median / p95", shown(ours), f"{shown(bare)} (x {ratio(ours, bare)})", budget))
    memory = [result["memory"][0] for result in results]
    rows.append(("idle memory", f"{memory[0]:.0f} MiB", f"{memory[1]:.0f} MiB", "80 MiB"))
    return rows


def measured(command: list[str], text: str) -> dict[str, list[float]]:
    """Times of each feature; one letter is typed per edit, then hover and code actions are asked at calls."""
    lines = text.splitlines()
    places = [(n, line.index("nn.") + 4) for n, line in enumerate(lines) if "nn." in line and "class" not in line]
    places = places[:: max(1, len(places) // 10)]
    found: dict[str, list[float]] = {"edit to diagnostics": [], "hover": [], "code actions": []}
    with Client(command) as client:
        client.initialize()
        document = {"uri": URI, "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": document})
        version = 1
        for warm, (line, column) in enumerate([*places[:3], *places]):
            version += 1
            edit = insertion(line, len(lines[line]), " ", version)

            def type_one(edit: object = edit, version: int = version) -> None:
                client.notify("textDocument/didChange", edit)
                client.wait_for_diagnostics(version)

            at = {"textDocument": {"uri": URI}, "position": {"line": line, "character": column}}
            span = {"start": at["position"], "end": at["position"]}
            action = {"textDocument": {"uri": URI}, "range": span, "context": {"diagnostics": []}}
            seconds = {
                "edit to diagnostics": timed(type_one),
                "hover": timed(lambda at=at: client.request("textDocument/hover", at)),
                "code actions": timed(lambda action=action: client.request("textDocument/codeAction", action)),
            }
            if warm >= 3:  # the first ones load what is needed
                for name, value in seconds.items():
                    found[name].append(value)
        time.sleep(1)
        found["memory"] = [client.memory()]
    return found


def insertion(line: int, column: int, text: str, version: int) -> dict[str, object]:
    place = {"line": line, "character": column}
    change = {"range": {"start": place, "end": place}, "text": text}
    return {"textDocument": {"uri": URI, "version": version}, "contentChanges": [change]}


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


def main() -> None:
    """Measure everything and print the table."""
    text = generated()
    rows: list[Row] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Measuring", total=4)
        for step in (lambda: [starts()], lambda: features(text), lambda: [conversion(text)], verification):
            rows += step()
            progress.advance(bar)
    table = Table("what", "diptych", "bare pygls", "budget", box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 130).print(table)


if __name__ == "__main__":
    main()
