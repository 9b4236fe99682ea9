"""``diptych convert`` as a user meets it: bytes on standard output, everything else on standard error, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from diptych.cli.convert import report_of
from diptych.cli.main import app
from diptych.conversion import Axes, Conversion, Entry, Leftover, Parameter

RUNNER = CliRunner()

SUM = "import torch\n\n\ndef f(x):\n    return torch.sum(x, dim=1)  # kept\n"
SUM_TWIN = "import tensorflow as tf\n\n\ndef f(x):\n    return tf.reduce_sum(x, axis=1)  # kept\n"
LEFT = "import torch\n\n\ndef f(x):\n    return torch.fx.wrap(x)\n"


def run(*arguments: object, stdin: bytes | None = None) -> Any:
    return RUNNER.invoke(app, ["convert", *map(str, arguments)], input=stdin)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(SUM)
    return path


def test_twin_alone_on_standard_output(source: Path) -> None:
    result = run(source, "--to", "tensorflow")
    assert result.exit_code == 0
    assert result.stdout == SUM_TWIN
    assert source.read_text() == SUM


def test_direction_from_the_imports(source: Path) -> None:
    assert run(source).stdout == SUM_TWIN
    source.write_text(SUM_TWIN)
    assert "torch.sum(x, dim=1)" in run(source).stdout


def test_standard_input() -> None:
    result = run("-", "--to", "tensorflow", stdin=SUM.encode())
    assert (result.exit_code, result.stdout) == (0, SUM_TWIN)


def test_assumptions_are_listed_and_do_not_count(source: Path) -> None:
    result = run(source)
    assert "floating" in result.stderr and f"{source}:5:12: " in result.stderr
    assert "nothing left over, 1 assumption" in result.stderr


def test_leftovers_are_listed_with_their_place(source: Path) -> None:
    source.write_text(LEFT)
    result = run(source)
    assert result.exit_code == 1
    assert "torch.fx.wrap(x)" in result.stdout
    assert f"{source}:5:12: not converted: torch.fx.wrap: " in result.stderr
    assert "1 place left over" in result.stderr


def test_output_file(source: Path, tmp_path: Path) -> None:
    result = run(source, "-o", tmp_path / "twin.py")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "twin.py").read_text() == SUM_TWIN


def test_the_file_itself_only_if_named(source: Path) -> None:
    assert run(source, "-o", source).exit_code == 0
    assert source.read_text() == SUM_TWIN


def test_diff(source: Path) -> None:
    result = run(source, "--diff")
    assert result.stdout.startswith(f"--- {source}\n+++ {source} (TensorFlow)\n")
    assert "\n-import torch\n+import tensorflow as tf\n" in result.stdout


def test_diff_can_be_applied(source: Path) -> None:
    source.write_bytes(SUM.rstrip("\n").replace("\n", "\r\n").encode())
    twin = RUNNER.invoke(app, ["convert", str(source)]).stdout_bytes
    patch = RUNNER.invoke(app, ["convert", str(source), "--diff", "-o", str(source) + ".new"]).stdout_bytes
    subprocess.run(["patch", "--binary", "-s", str(source)], input=patch, check=True)
    assert source.read_bytes() == twin


def test_report(source: Path, tmp_path: Path) -> None:
    source.write_text(LEFT)
    run(source, "--report", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    (leftover,) = report["leftovers"]
    assert {key: leftover[key] for key in ("line", "column", "end_line", "end_column", "api", "severity")} == {
        "line": 5, "column": 11, "end_line": 5, "end_column": 27, "api": "torch.fx.wrap", "severity": "error",
    }  # fmt: skip
    assert leftover["reason"]
    assert report["complete"] is False and report["notes"] == [] and report["helpers"] == []
    (entry,) = report["entries"]
    assert (entry["name"], entry["kind"], entry["line"], list(entry["inputs"])) == ("f", "function", 4, ["x"])


@pytest.mark.parametrize(
    ("to", "permutation", "source", "twin"),
    [
        ("tensorflow", (0, 2, 3, 1), "NCHW", "NHWC"),
        ("torch", (0, 3, 1, 2), "NHWC", "NCHW"),
        ("tensorflow", (0, 2, 1), "NCW", "NWC"),
        ("torch", (0, 2, 1), "NWC", "NCW"),
        ("tensorflow", (0, 2, 3, 4, 1), "NCDHW", "NDHWC"),
        ("tensorflow", (1, 0), None, None),
        ("tensorflow", (0, 3, 1, 2), None, None),
        ("tensorflow", None, None, None),
    ],
)
def test_report_names_layouts(
    to: str, permutation: tuple[int, ...] | None, source: str | None, twin: str | None
) -> None:
    entry = Entry("Net", "class", 3, (Parameter("x", axes=Axes(permutation)),), outputs=(Axes(permutation),))
    framework = "torch" if to == "tensorflow" else "tensorflow"
    (reported,) = report_of(Conversion("", "", framework, to, entries=(entry,)))["entries"]  # type: ignore[arg-type]
    axes = {"permutation": list(permutation) if permutation else None, "source": source, "twin": twin}
    assert reported["inputs"] == {"x": axes}
    assert reported["outputs"] == [axes]


def test_report_is_written_before_exit_code_1_and_holds_every_field() -> None:
    report = report_of(
        Conversion("", "", "torch", "tensorflow", leftovers=(Leftover(1, 2, 3, 4, "a", "b", "warning"),), notes=("n",))
    )
    assert json.loads(json.dumps(report)) == {
        "framework": "torch", "to": "tensorflow", "layout": "channels-last", "complete": True,
        "leftovers": [
            {"line": 1, "column": 2, "end_line": 3, "end_column": 4, "api": "a", "reason": "b", "severity": "warning"}
        ],
        "notes": ["n"], "helpers": [], "entries": [],
    }  # fmt: skip


# --- Encodings and line ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SUM.replace("\n", "\r\n").encode(), SUM_TWIN.replace("\n", "\r\n").encode()),
        (b"\xef\xbb\xbf" + SUM.encode(), b"\xef\xbb\xbf" + SUM_TWIN.encode()),
        (f"# coding: latin-1\n{SUM} # é\n".encode("latin-1"), f"# coding: latin-1\n{SUM_TWIN} # é\n".encode("latin-1")),
        (SUM.rstrip("\n").encode(), SUM_TWIN.rstrip("\n").encode()),
        (f"{SUM}\f\n\n# 😋\n".encode(), f"{SUM_TWIN}\f\n\n# 😋\n".encode()),
    ],
    ids=["crlf", "byte order mark", "latin-1", "no last line end", "form feed"],
)
def test_bytes_outside_the_conversion_stay(source: Path, before: bytes, after: bytes) -> None:
    source.write_bytes(before)
    result = RUNNER.invoke(app, ["convert", str(source), "--to", "tensorflow"])
    assert result.exit_code == 0
    assert result.stdout_bytes == after


def test_empty_file(source: Path) -> None:
    source.write_bytes(b"")
    result = run(source, "--to", "tensorflow")
    assert (result.exit_code, result.stdout) == (0, "")


def test_neither_framework(source: Path) -> None:
    source.write_text("x = 1\n")
    result = run(source)
    assert (result.exit_code, result.stdout) == (0, "x = 1\n")
    assert "note: Neither PyTorch nor TensorFlow is imported" in result.stderr


def test_already_in_the_framework_that_is_asked_for(source: Path) -> None:
    result = run(source, "--to", "torch")
    assert (result.exit_code, result.stdout) == (0, SUM)
    assert "note: Only PyTorch is imported: there is nothing to convert into it." in result.stderr


# --- What cannot be done: exit code 2 and one line -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"import torch\n\ndef f(:\n    pass\n", ":3:7: "),
        (b"import torch\nx = (1,\n", ":"),
        (b"\x7fELF\0\0", ": is not a text file"),
        (b"x = '\xe9'\n", ":1:6: byte 0xe9 is not utf-8"),
    ],
)
def test_files_that_are_not_python(source: Path, data: bytes, message: str) -> None:
    source.write_bytes(data)
    result = run(source, "--to", "tensorflow")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{source}{message}")
    assert result.stderr.count("\n") == 1
    assert source.read_bytes() == data


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.py"):
        result = run(path, "--to", "tensorflow")
        assert result.exit_code == 2 and result.stderr.startswith(f"{path}: ") and result.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["-o", "--report"])
def test_places_that_cannot_be_written(source: Path, tmp_path: Path, option: str) -> None:
    result = run(source, option, tmp_path / "no" / "file")
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr == f"{tmp_path}/no/file: its folder does not exist\n"


@pytest.mark.parametrize("arguments", [[], ["model.py", "--to", "jax"], ["model.py", "--layout", "sideways"], ["-q"]])
def test_bad_usage(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_as_a_process_with_a_closed_pipe(source: Path) -> None:
    source.write_text(SUM + "# long\n" * 100_000)
    command = f'"{sys.executable}" -m diptych convert "{source}" --to tensorflow | head -n 1'
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert result.stdout == "import tensorflow as tf\n"
    assert "Traceback" not in result.stderr


def test_help_has_examples() -> None:
    text = run("--help").stdout
    assert "Examples:" in text and "Exit code: 0 nothing left over, 1 something left over" in text
