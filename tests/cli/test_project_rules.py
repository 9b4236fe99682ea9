"""The rules that a project keeps for itself, on the command line: not read unless they are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from diptych import verification
from diptych.cli.main import app

RUNNER = CliRunner()
OWN = '''\
import tensorflow as tf
import torch

from diptych.catalog.language import *


class OwnTensorLike(Equivalence):
    """Whether something may stand for a tensor."""

    result = "bool"

    def in_torch(x: Tensor):
        return torch.overrides.is_tensor_like(x)

    def in_tensorflow(x: Tensor):
        return tf.is_tensor(x)

    samples = cases(x=floats(2))
'''
SOURCE = "import torch\n\n\n# diptych: x=float32[2]\ndef f(x):\n    return torch.overrides.is_tensor_like(x)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    rules = tmp_path / ".diptych" / "rules"
    rules.mkdir(parents=True)
    (rules / "own.py").write_text(OWN)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "model.py").write_text(SOURCE)
    return tmp_path


def run(*arguments: object) -> Any:
    return RUNNER.invoke(app, [*map(str, arguments)])


def test_they_are_not_used_and_that_is_said(project: Path) -> None:
    (project / ".diptych" / "rules" / "broken.py").write_text("class")
    result = run("convert", project / "models" / "model.py")
    assert result.exit_code == 1 and "tf.is_tensor" not in result.stdout
    assert f"{project / '.diptych' / 'rules'}: the project's own rules are not used" in result.stderr
    assert "--trust-rules" in result.stderr and "broken.py" not in result.stderr


def test_they_are_used_where_they_are_trusted(project: Path) -> None:
    result = run("convert", project / "models" / "model.py", "--trust-rules")
    assert result.exit_code == 0 and "return tf.is_tensor(x)" in result.stdout
    assert "not used" not in result.stderr


def test_in_a_folder_too(project: Path) -> None:
    for options, used in (([], False), (["--trust-rules"], True)):
        run("convert", project / "models", "--to", "tensorflow", "-o", project / "twin", *options)
        assert ("tf.is_tensor(x)" in (project / "twin" / "model.py").read_text()) == used


def test_a_broken_rule_has_its_place_and_hides_no_other(project: Path) -> None:
    broken = project / ".diptych" / "rules" / "broken.py"
    broken.write_text("x = 1\nclass\n")
    result = run("convert", project / "models" / "model.py", "--trust-rules")
    assert f"{broken}:2: this rule file is not used" in result.stderr
    assert "tf.is_tensor(x)" in result.stdout


def test_trust_in_rules_that_are_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SOURCE)
    assert "--trust-rules: no folder around" in run("convert", tmp_path / "model.py", "--trust-rules").stderr
    assert ".diptych" not in run("convert", tmp_path / "model.py").stderr


def test_what_is_verified_is_converted_with_them(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins: list[str] = []

    def noting(pair: Any, *rest: Any, **more: Any) -> list[verification.Verdict]:
        twins.append(pair.twin)
        return []

    monkeypatch.setattr(verification, "verify", noting)
    run("verify", project / "models" / "model.py", "--trust-rules")
    result = run("verify", project / "models" / "model.py")
    assert ["tf.is_tensor" in twin for twin in twins] == [True, False]
    assert "the project's own rules are not used" in result.stderr
