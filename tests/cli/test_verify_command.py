"""``diptych verify``: which entries are run, what is printed, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from diptych import verification
from diptych.cli.main import app
from diptych.cli.verify import exit_code
from diptych.conversion import Conversion
from diptych.verification import Difference, Evidence, Options, Pair, Verdict
from diptych.verification.divergence import Place
from diptych.verification.line_by_line import LinePair

RUNNER = CliRunner()

SOURCE = """\
import torch
import torch.nn.functional as F


# diptych: x=float32[2,3]
def right(x):
    return F.relu(torch.add(x, 1.0)).sum(dim=-1)


# diptych: x=float32[2,3]
def approximate(x):
    return F.gelu(x)


def nothing():
    return torch.ones(2, 3).sum()


def unknown(x):
    return x + 1


# diptych: y=float32[2,3]
def misnamed(x):
    return x + 1
"""
GELU = "    return tf.nn.gelu(x, approximate=True)"
TWIN = """\
import tensorflow as tf


def right(x):
    return tf.reduce_sum(tf.nn.relu(x + 1.0), axis=-1)


def approximate(x):
    return tf.nn.gelu(x, approximate=True)


def nothing():
    return tf.reduce_sum(tf.ones((2, 3)))
"""


def run(*arguments: object) -> Any:
    return RUNNER.invoke(app, ["verify", *map(str, arguments)])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(SOURCE)
    return path


class Recorder:
    """Stands in for the run: keeps what it was asked and answers as told."""

    def __init__(self, outcomes: dict[str, str]) -> None:
        self.outcomes = outcomes
        self.pair: Conversion | Pair | None = None
        self.entries: list[str] = []
        self.options = Options()

    def __call__(
        self,
        pair: Conversion | Pair,
        entries: Sequence[str],
        options: Options,
        progress: Callable[..., None] | None,
        record: Callable[..., None] | None,
    ) -> list[Verdict]:
        assert record is None
        self.pair, self.entries, self.options = pair, list(entries), options
        evidence = Evidence(Difference("the result", 1e-7, 1e-7), 6, ("eager",), versions={"torch": "2.13.0"})
        return [Verdict(name, self.outcomes.get(name, "identical"), "why", evidence) for name in entries]  # type: ignore[arg-type]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder({})
    monkeypatch.setattr(verification, "verify", recorder)
    return recorder


def test_everything_whose_inputs_are_known(source: Path, recorder: Recorder) -> None:
    result = run(source, "--to", "tensorflow")
    assert recorder.entries == ["right", "approximate", "nothing", "misnamed"]
    assert "unknown is not run: " in result.stderr and "# diptych: x=" in result.stderr
    assert result.exit_code == 0


def test_one_by_name_even_with_unknown_inputs(source: Path, recorder: Recorder) -> None:
    run(f"{source}::unknown")
    assert recorder.entries == ["unknown"]


def test_when_no_inputs_are_known_that_is_the_answer(source: Path, recorder: Recorder) -> None:
    source.write_text("import torch\n\n\ndef unknown(x):\n    return torch.relu(x)\n")
    run(source)
    assert recorder.entries == ["unknown"]


def test_no_such_name(source: Path) -> None:
    result = run(f"{source}::absent")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{source}: no function or class is named absent; there are: right, ")


def test_options_arrive(source: Path, recorder: Recorder) -> None:
    run(
        source,
        "--device",
        "cpu",
        "--timeout",
        7,
        "--torch-python",
        "/a",
        "--tensorflow-python",
        "/b",
        "--layout",
        "preserve",
    )
    options = recorder.options
    assert (options.device, options.timeout, options.folder) == ("cpu", 7.0, source.parent)
    assert (options.torch_interpreter, options.tensorflow_interpreter) == ("/a", "/b")
    assert isinstance(recorder.pair, Conversion) and recorder.pair.layout == "preserve"


def test_a_twin_of_ones_own_is_paired_by_name(source: Path, tmp_path: Path, recorder: Recorder) -> None:
    (tmp_path / "twin.py").write_text(TWIN)
    result = run(source, "--twin", tmp_path / "twin.py", "--json")
    assert isinstance(recorder.pair, Pair) and recorder.pair.twin == TWIN
    assert recorder.entries == ["right", "approximate", "nothing"]
    entries = {entry["entry"]: entry for entry in json.loads(result.stdout)["entries"]}
    assert entries["misnamed"]["verdict"] == "not verified" and "does not define it" in entries["misnamed"]["reason"]
    assert result.exit_code == 4


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["identical", "equal within rounding"], 0),
        (["identical", "not verified"], 4),
        (["not verified", "undecided"], 3),
        (["undecided", "not verified", "differs", "identical"], 1),
        ([], 4),
    ],
)
def test_exit_codes(outcomes: list[Any], code: int) -> None:
    assert exit_code([Verdict("f", outcome) for outcome in outcomes]) == code


def test_table_and_reasons(source: Path, recorder: Recorder) -> None:
    recorder.outcomes = {"approximate": "differs"}
    result = run(source)
    assert result.exit_code == 1
    assert "approximate  differs" in result.stdout and "1.0e-07 in the result" in result.stdout
    assert "approximate: why" in result.stdout and "torch 2.13.0" in result.stdout


def test_json_holds_the_evidence_and_nothing_else_is_printed(source: Path, recorder: Recorder) -> None:
    result = run(source, "--json")
    values = json.loads(result.stdout)
    assert [entry["entry"] for entry in values["entries"]] == recorder.entries
    assert [entry["entry"] for entry in values["skipped"]] == ["unknown"]
    assert values["entries"][0]["largest"]["absolute"] == 1e-7
    assert values["entries"][0]["samples"] == 6


@pytest.mark.parametrize(("text", "code"), [("x = 1\n", 4), ("", 4), ("def f(:\n", 2), ("\0", 2)])
def test_files_with_nothing_to_run(source: Path, text: str, code: int) -> None:
    source.write_text(text)
    result = run(source, "--to", "tensorflow")
    assert result.exit_code == code and result.stderr


def test_a_twin_that_does_not_parse(source: Path, tmp_path: Path) -> None:
    (tmp_path / "twin.py").write_text("def f(:\n")
    result = run(source, "--twin", tmp_path / "twin.py")
    assert result.exit_code == 2 and result.stderr.startswith(f"{tmp_path}/twin.py:1:")


def test_what_each_line_assigned_is_for_files(source: Path, recorder: Recorder) -> None:
    run(source)
    assert recorder.options.trace is False
    result = run(source, "--trace")
    assert recorder.options.trace is True and result.exit_code == 0
    result = run(source.parent, "--trace")
    assert result.exit_code == 2 and result.stderr.startswith("--trace is for a file, ")


def test_what_each_line_assigned_is_a_table(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Place(6, "y = x", (2, 3), "float32"), Place(9, "y = x", (2, 3), "float32")
    pairs = (
        LinePair("y", *first, status="rounding", passes=2, worst=2, absolute=1e-7, relative=1e-7),
        LinePair("z", Place(7, "z = y"), Place(10, "z = y"), "not compared", 1, 1, None, None),
    )
    answers = [Verdict("right", "identical", lines=pairs), Verdict("approximate", "identical", lines=())]
    monkeypatch.setattr(verification, "verify", lambda *_, **__: answers)
    text = run(source, "--trace").stdout
    table = [" ".join(line.split()) for line in text.splitlines()]
    assert "6: y = x 9: y = x float32[2, 3] 1.0e-07 (pass 2 of 2)" in table
    assert "7: z = y 10: z = y not compared" in table
    assert "approximate: nothing could be seen line by line" in text


def test_missing_interpreter(source: Path) -> None:
    result = run(f"{source}::right", "--torch-python", "/no/such/python", "--json")
    (entry,) = json.loads(result.stdout)["entries"]
    assert result.exit_code == 4
    assert entry["verdict"] == "not verified" and "/no/such/python" in entry["reason"]


@pytest.mark.slow
def test_both_frameworks_really_run(source: Path, tmp_path: Path) -> None:
    (tmp_path / "twin.py").write_text(TWIN)
    result = run(source, "--twin", tmp_path / "twin.py", "--json")
    entries = {entry["entry"]: entry for entry in json.loads(result.stdout)["entries"]}
    assert entries["right"]["verdict"] in ("identical", "equal within rounding")
    assert entries["nothing"]["verdict"] in ("identical", "equal within rounding")
    assert entries["approximate"]["verdict"] == "differs" and entries["approximate"]["reason"]
    apart = entries["approximate"]["divergence"]
    assert (apart["source"]["text"], apart["twin"]["line"]) == ("return F.gelu(x)", TWIN.split("\n").index(GELU) + 1)
    assert entries["right"]["divergence"] is None
    assert entries["right"]["versions"]["torch"] and entries["right"]["versions"]["tensorflow"]
    assert result.exit_code == 1
