"""Who may import whom, and what the start of the server may load."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import diptych

ROOT = Path(__file__).parents[2]


def test_import_contracts() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Contracts: 4 kept, 0 broken." in result.stdout


def loaded_by(code: str) -> set[str]:
    """The modules in memory after some code ran in a fresh interpreter."""
    code += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(result.stdout))


def test_the_server_answers_before_it_loads_the_rest() -> None:
    modules = loaded_by("from diptych.lsp.server import DiptychServer; DiptychServer()")
    assert not {"libcst", "numpy", "rich", "typer", "diptych.catalog.index", "torch", "tensorflow"} & modules


def test_the_server_never_loads_openssl() -> None:
    start = "from diptych.__main__ import _without_openssl; _without_openssl()\n"
    serve = "from diptych.lsp import analysis, server; server.DiptychServer(); analysis._load()\n"
    modules = loaded_by(start + serve)
    assert "libcst" in modules and not {"ssl", "_ssl", "_hashlib"} & modules
    assert "_ssl" in loaded_by(start + "import ssl")  # who wants it gets it


def test_help_loads_no_more_than_it_needs() -> None:
    modules = loaded_by("import diptych.cli.main")
    assert not {"libcst", "numpy", "rich", "pygls", "lsprotocol", "diptych.conversion", "diptych.catalog"} & modules


def test_converting_loads_neither_framework() -> None:
    code = "from diptych.conversion import convert; convert('import torch\\nx = torch.ones(2)\\n', to='tensorflow')"
    assert not {"torch", "tensorflow", "keras", "pygls", "typer"} & loaded_by(code)


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    manifest = json.loads((ROOT / "package.json").read_text())["version"]
    assert project == manifest == diptych.__version__
