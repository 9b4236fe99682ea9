"""``diptych weights``: what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.cli.main import app

MODEL = "import torch\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return x\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.pt", "--model", "m.py::Net", "-o", "a.keras"], "none.pt: there is no such file"),
        (["m.py", "--model", "m.py::Net", "-o", "a.keras"], "its name tells no format that can be read"),
        (["w.pt", "--model", "m.py::Net", "-o", "a.npz"], "its name tells no format that can be written"),
        (["w.pt", "--model", "m.py::Net", "-o", "a.keras", "--to", "torch"], "but --to says torch"),
        (["w.pt", "--model", "m.py::Net", "-o", "old.keras"], "old.keras exists; --force writes over it"),
        (["w.pt", "--model", "m.py", "-o", "a.keras"], "say which model of the file"),
        (["w.pt", "--model", "m.py::Other", "-o", "a.keras"], "m.py: no function or class is named Other"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
):
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(MODEL)
    Path("w.pt").touch()
    Path("old.keras").touch()
    result = CliRunner().invoke(app, ["weights", *arguments])
    assert result.exit_code == 2
    assert message in result.output.replace("\n", " ")
    assert not Path("a.keras").exists()
