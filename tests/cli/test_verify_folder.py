"""``diptych verify`` of folders, of saved cases, and of a file against itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
RELU = """
import torch

# diptych: x=float32[4]
def relu_{number}(x):
    return torch.relu(x) + {number}
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "diptych", "verify", *arguments, "--device", "cpu"]


def diptych(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "models"
    (place / "deep").mkdir(parents=True)
    (place / ".hidden").mkdir()
    (place / "one.py").write_text(RELU.format(number=1))
    (place / "deep" / "two.py").write_text(RELU.format(number=2) + "\ndef unknown(x):\n    return torch.exp(x)\n")
    (place / "broken.py").write_text("import torch\ndef f(:\n")
    (place / "plain.py").write_text("x = 1\n")
    (place / ".hidden" / "three.py").write_text(RELU.format(number=3))
    return place


def test_every_file_of_a_folder_is_verified_and_kept(folder: Path):
    found = diptych("models", "--json", cwd=folder.parent)
    assert found.returncode == 2, found.stderr  # one file does not parse
    report = json.loads(found.stdout)
    files = {item["file"]: item for item in report["files"]}
    assert list(files) == ["broken.py", "one.py", "deep/two.py"]
    assert "cannot be read or parsed" in files["broken.py"]["error"]
    assert report["finished"] and report["verdicts"] == {"identical": 2}
    assert files["deep/two.py"]["skipped"][0]["entry"] == "unknown"
    assert files["one.py"]["entries"][0]["times"]["source"] > 0
    lines = (folder / ".diptych" / "verdicts.jsonl").read_text().split("\n")
    assert sum(bool(line) for line in lines) == 2

    (folder / "broken.py").unlink()
    (folder / "one.py").write_text(RELU.format(number=7))
    started = time.monotonic()
    found = diptych("models", "--resume", cwd=folder.parent)
    assert found.returncode == 0, found.stderr
    assert "relu_7" in found.stdout and "relu_2" in found.stdout and "2 identical" in found.stdout
    assert "ms" in found.stdout and time.monotonic() - started < 200
    lines = (folder / ".diptych" / "verdicts.jsonl").read_text().split("\n")
    assert sum(bool(line) for line in lines) == 3


def test_an_interrupted_run_goes_on_where_it_stopped(folder: Path):
    (folder / "broken.py").unlink()
    slow = "import time\nimport torch\n\n# diptych: x=float32[4]\ndef slow(x):\n    time.sleep(100)\n    return x + 1\n"
    (folder / "zz_slow.py").write_text(slow)
    run = subprocess.Popen(
        command("models", "--jobs", "1", "--timeout", "200"), cwd=folder.parent, stderr=subprocess.PIPE, text=True,
        stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    kept = folder / ".diptych" / "verdicts.jsonl"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (kept.exists() and kept.read_text().count("\n") >= 1):
        time.sleep(0.2)
    os.killpg(run.pid, signal.SIGINT)
    _, printed = run.communicate(timeout=60)
    assert run.returncode == 130, printed
    assert "Go on with --resume" in printed
    (folder / "zz_slow.py").write_text(slow.replace("100", "0"))
    found = diptych("models", "--resume", "--json", cwd=folder.parent)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["verdicts"] == {"identical": 3}
    assert kept.read_text().count('"key"') == 3


def test_a_folder_of_twins_is_paired_by_path(folder: Path):
    (folder / "broken.py").unlink()
    twins = folder.parent / "twins"
    (twins / "deep").mkdir(parents=True)
    (twins / "one.py").write_text("import tensorflow as tf\n\ndef relu_1(x):\n    return tf.nn.relu(x) + 1\n")
    (twins / "deep" / "two.py").write_text("import tensorflow as tf\n\ndef relu_2(x):\n    return tf.nn.relu(x) + 3\n")
    found = diptych("models", "--twin", "twins", "--json", cwd=folder.parent)
    assert found.returncode == 1, found.stderr
    assert json.loads(found.stdout)["verdicts"] == {"identical": 1, "differs": 1, "not verified": 1}


def test_a_case_is_saved_and_repeated(tmp_path: Path):
    text = "import torch\n\n# diptych: x=float32[4,5]\ndef f(x):\n    return torch.softmax(x, 1)\n"
    (tmp_path / "model.py").write_text(text)
    found = diptych("model.py", "--save", "case.npz", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "1 case saved" in found.stderr
    (tmp_path / "model.py").unlink()
    found = diptych("--load", "case.npz", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "the same as saved" in found.stdout
    found = diptych("--load", "other.npz", cwd=tmp_path)
    assert found.returncode == 2 and "cannot be read" in found.stderr


def test_a_file_against_itself_and_what_does_not_go_together(tmp_path: Path):
    (tmp_path / "model.py").write_text(dedent(RELU.format(number=1)))
    found = diptych("model.py", "--against", "cpu", cwd=tmp_path)
    assert found.returncode == 0 and "PyTorch against PyTorch" in found.stdout, found.stderr
    for arguments, words in (
        ((), "say what to verify"),
        (("model.py", "--load", "case.npz"), "leave FILE out"),
        ((".", "--save", "case.npz"), "is a folder"),
        (("model.py", "--torch-device", "gpu"), "gpu is no device"),
    ):
        found = diptych(*arguments, cwd=tmp_path)
        assert found.returncode == 2 and words in found.stderr
