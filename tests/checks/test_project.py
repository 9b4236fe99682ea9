"""What ``[tool.diptych]`` of a pyproject.toml says of files, on the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.checks.project import project_of
from diptych.cli.main import app

BAD = "import torch\nx = torch.ger(a, b)\ny = torch.qr(a)\n"
SETTINGS = """\
[tool.diptych]
ignore = ["DPT108"]

[tool.diptych.per-file-ignores]
"tests/*" = ["DPT10"]
"generated.py" = ["DPT"]
"""


def check(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("model.py", "tests/deep/test_model.py", "src/generated.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(BAD)
    return tmp_path


def test_files_ignore_what_their_project_says(folder: Path) -> None:
    assert check(".").stdout.count("DPT") == 6
    (folder / "pyproject.toml").write_text(SETTINGS)
    result = check(".")
    assert [line.split(" ")[:2] for line in result.stdout.splitlines()[:-1]] == [["model.py:3:5:", "DPT105"]]
    assert result.exit_code == 1 and result.stderr == ""
    assert check(folder / "src", folder / "tests").exit_code == 0


def test_what_is_ignored_is_not_fixed(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(SETTINGS)
    assert check(".", "--fix").exit_code == 0
    assert (folder / "model.py").read_text() == BAD.replace("torch.qr", "torch.linalg.qr")
    assert (folder / "src" / "generated.py").read_text() == BAD


def test_the_nearest_project_counts(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "tests" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert project_of(folder / "tests" / "deep" / "test_model.py") == project_of(folder / "model.py")
    (folder / "tests" / "pyproject.toml").write_text("[tool.diptych]\n")
    assert check(folder / "tests").stdout.count("DPT") == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.diptych]\nignored = []\n", "tool.diptych has no setting ignored"),
        ("[tool.diptych]\nignore = 'DPT105'\n", "tool.diptych.ignore is a list of codes"),
        ("[tool.diptych]\nignore = ['qr']\n", "tool.diptych.ignore is a list of codes"),
        ("[tool.diptych]\nignore = ['DPT999']\n", "no check has the code DPT999"),
        ("[tool.diptych]\nper-file-ignores = ['a']\n", "is a table of patterns"),
        ("[tool]\ndiptych = 1\n", "tool.diptych is a table"),
        ("[tool.diptych\n", "cannot be read: "),
    ],
)
def test_wrong_settings_are_told_once(folder: Path, text: str, message: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    result = check(".")
    assert result.exit_code == 2 and result.stdout.count("DPT") == 6
    [line] = result.stderr.splitlines()
    assert line.startswith(str(folder / "pyproject.toml")) and message in line
