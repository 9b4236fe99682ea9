"""``diptych convert FOLDER -o OUT``: a package whose files fit one another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from diptych.cli.main import app

RUNNER = CliRunner()
LAYER = "from torch import nn\n\n\nclass Layer(nn.Module):\n    def forward(self, x):\n        return x.relu()\n"
NET = "from .layer import Layer\n\n\nlayer = Layer()\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "inner").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "inner" / "layer.py").write_text(LAYER)
    (folder / "inner" / "net.py").write_text(NET)
    (folder / "__init__.py").write_text("")
    (folder / ".hidden" / "x.py").write_text(LAYER)
    return folder


def run(*arguments: object) -> Any:
    return RUNNER.invoke(app, ["convert", *map(str, arguments)])


def test_every_file_has_its_twin(package: Path, tmp_path: Path) -> None:
    result = run(package, "--to", "tensorflow", "-o", tmp_path / "twin", "--report", tmp_path / "report.json")
    assert result.exit_code == 0, result.stderr
    assert "def call(self, x):\n        return tf.nn.relu(x)" in (tmp_path / "twin" / "inner" / "layer.py").read_text()
    assert (tmp_path / "twin" / "inner" / "net.py").read_text() == NET
    assert (tmp_path / "twin" / "__init__.py").read_text() == ""
    assert not (tmp_path / "twin" / ".hidden").exists()
    assert (package / "inner" / "layer.py").read_text() == LAYER
    assert "3 files written" in result.stderr
    assert sorted(json.loads((tmp_path / "report.json").read_text())["files"]) == [
        "__init__.py", "inner/layer.py", "inner/net.py",
    ]  # fmt: skip


def test_what_does_not_parse_is_located_and_copied(package: Path, tmp_path: Path) -> None:
    (package / "broken.py").write_text("import torch\ndef f(:\n")
    result = run(package, "--to", "tensorflow", "-o", tmp_path / "twin")
    assert result.exit_code == 2
    assert f"{package / 'broken.py'}:2:" in result.stderr
    assert (tmp_path / "twin" / "broken.py").read_text() == "import torch\ndef f(:\n"
    assert (tmp_path / "twin" / "inner" / "layer.py").exists()


def test_many_files_are_converted_in_several_processes(package: Path, tmp_path: Path) -> None:
    for number in range(20):
        (package / f"more{number}.py").write_text(LAYER.replace("Layer", f"Layer{number}"))
    assert run(package, "-o", tmp_path / "twin").exit_code == 0
    assert all("def call" in (tmp_path / "twin" / f"more{number}.py").read_text() for number in range(20))


def test_a_folder_needs_another_folder(package: Path) -> None:
    assert "name the folder for its twin with -o" in run(package).stderr
    inside = run(package, "-o", package / "twin")
    assert inside.exit_code == 2
    assert "lies in the folder" in inside.stderr
    assert not (package / "twin").exists()


def test_a_folder_without_python_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run(tmp_path / "empty", "-o", tmp_path / "twin")
    assert result.exit_code == 2
    assert "no Python files" in result.stderr
