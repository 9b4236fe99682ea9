"""Other language servers and linters on the same files in the same run.

They are installed into ``build/bench-venv``, not among the project's dependencies; ruff and pyright are those of the
project's own checks.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from client import Client
from texts import ROOT, generated, one_class

VENV = ROOT / "build" / "bench-venv"
PACKAGES = ("python-lsp-server", "jedi-language-server", "flake8", "fixit", "libcst")
OWN = Path(sys.executable).parent
SERVERS = {
    "diptych": [sys.executable, "-m", "diptych", "lsp"],
    "ruff": [str(OWN / "ruff"), "server"],
    "pyright": [str(OWN / "pyright-langserver"), "--stdio"],
    "pylsp": [str(VENV / "bin" / "pylsp")],
    "jedi": [str(VENV / "bin" / "jedi-language-server")],
}
FILES: dict[str, Callable[[], str]] = {
    "100 lines": lambda: generated(100),
    "1,250 lines": lambda: generated(1250),
    "10,000 lines": lambda: generated(10_000),
    "one class of 3,000 lines": lambda: one_class(3000),
}
MEASURES = ("edit to diagnostics", "hover", "code actions", "memory")
WARM, TIMES = 2, 10
PATIENCE = 120.0
"""Seconds for one answer; a server that takes longer is left out."""
ENOUGH = 60.0
"""Seconds for one server and file, after which a slow one is asked no more."""
CHECKED = 10_000
Found = dict[str, list[float]]


def set_up() -> None:
    """Make the environment of the other tools, once. TorchFix goes without what it depends on: that is PyTorch."""
    if (VENV / "done").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *PACKAGES], check=True)
    subprocess.run([*pip, "--no-deps", "torchfix"], check=True)
    (VENV / "done").touch()


def versions() -> str:
    """What was compared with, in words."""
    code = "import importlib.metadata as m, sys; print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    own = subprocess.run([sys.executable, "-c", code, "ruff", "pyright"], capture_output=True, text=True, check=True)
    names = [*PACKAGES[:-1], "torchfix"]
    rest = subprocess.run([VENV / "bin" / "python", "-c", code, *names], capture_output=True, text=True, check=True)
    return f"{own.stdout.strip()}, {rest.stdout.strip()}"


def starts(times: int = 5) -> dict[str, list[float]]:
    """Seconds from the start of each server to its answer of ``initialize``, in turn, so that noise hits all."""
    found: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(times):
        for name, command in SERVERS.items():
            with Client(command) as client:
                found[name].append(client.initialize())
    return found


def servers(progress: Callable[[str], None]) -> Iterator[tuple[str, dict[str, Found | None]]]:
    """For each file what each server takes; ``None`` for one that does not answer in time."""
    for title, make in FILES.items():
        text = make()
        results: dict[str, Found | None] = {}
        for name, command in SERVERS.items():
            progress(f"{name}, {title}")
            try:
                results[name] = measured(command, text)
            except (RuntimeError, OSError):
                results[name] = None
        yield title, results


def measured(command: list[str], text: str, warm: int = WARM, times: int = TIMES) -> Found:
    """Times of each feature on an open file: a letter is typed, then hover and code actions are asked at a call.

    Raises ``RuntimeError`` where the server ends, or does not answer in time.
    """
    lines = text.splitlines()
    places = [(n, line.index("nn.") + 4) for n, line in enumerate(lines) if "nn." in line and "class" not in line]
    places = places[:: max(1, len(places) // (warm + times))]
    found: Found = {name: [] for name in MEASURES}
    with tempfile.TemporaryDirectory() as folder, Client(command, patience=PATIENCE) as client:
        uri = Path(folder, "model.py").as_uri()
        Path(folder, "model.py").write_text(text, encoding="utf-8")
        client.initialize(Path(folder).as_uri())
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": document})
        client.wait_for_diagnostics(1)
        end = time.perf_counter() + ENOUGH
        for number in range(warm + times):
            line, column = places[number % len(places)]
            edit = insertion(uri, line, len(lines[line]), " ", number + 2)
            at = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
            span = {"start": at["position"], "end": at["position"]}
            action = {"textDocument": {"uri": uri}, "range": span, "context": {"diagnostics": []}}

            def type_one(edit: Any = edit, version: int = number + 2) -> None:
                client.notify("textDocument/didChange", edit)
                client.wait_for_diagnostics(version)

            seconds = {
                "edit to diagnostics": timed(type_one),
                "hover": timed(lambda at=at: client.ask("textDocument/hover", at)),
                "code actions": timed(lambda action=action: client.ask("textDocument/codeAction", action)),
            }
            late = time.perf_counter() > end
            if number >= warm or late:  # the first ones load what is needed
                for name, value in seconds.items():
                    found[name].append(value)
            if late:
                break
        time.sleep(1)
        found["memory"] = [client.memory()]
    return found


def linters() -> dict[str, float]:
    """Seconds that each linter takes for one file of 10,000 lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.py")
        path.write_text(generated(CHECKED), encoding="utf-8")
        tools = VENV / "bin"
        commands = {
            "diptych check": [sys.executable, "-m", "diptych", "check", str(path)],
            "flake8 with TorchFix": [str(tools / "flake8"), "--isolated", "--select", "TOR", str(path)],
            "fixit lint": [str(tools / "fixit"), "lint", str(path)],
        }
        return {name: statistics.median(timed(lambda c=c: run(c)) for _ in range(3)) for name, c in commands.items()}


def run(command: list[str]) -> None:
    """Run a linter: 0 says that nothing, 1 that something was found."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-500:]}")


def timed(action: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def insertion(uri: str, line: int, column: int, text: str, version: int) -> dict[str, object]:
    """The parameters of ``textDocument/didChange`` that type a text."""
    place = {"line": line, "character": column}
    change = {"range": {"start": place, "end": place}, "text": text}
    return {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
