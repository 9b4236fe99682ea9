"""Why something was left over, a rule drafted for it, and the rules that a project keeps for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from raw import RawClient

from diptych.catalog import drafting
from diptych.catalog.compiler import compile_file
from diptych.catalog.index import signature_of
from diptych.catalog.user_rules import user_rules
from diptych.conversion import convert

TEXT = """\
import torch


def f(x: torch.Tensor, y):
    a = torch.linalg.solve_ex(x, y, check_errors=True)
    b = torch.distributed.all_gather(a, x)
    return torch.relu(x, True, 3), torch.overrides.is_tensor_like(x)
"""
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

    samples = cases(x=floats(2, 3))
'''
CREATES = {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(TEXT)
    return tmp_path


def started(project: Path, **options: Any) -> RawClient:
    client = RawClient(**options)
    client.initialize([project.as_uri()], workspace=CREATES)
    client.open((project / "model.py").as_uri(), TEXT)
    return client


@pytest.fixture
def trusted(project: Path) -> Iterator[RawClient]:
    client = started(project, workspaceTrusted=True)
    yield client
    client.close()


def ask(client: RawClient, method: str, project: Path, word: str) -> dict[str, Any]:
    offset = TEXT.index(word)
    line = TEXT.count("\n", 0, offset)
    character = offset - (TEXT.rfind("\n", 0, offset) + 1)
    document = {"uri": (project / "model.py").as_uri()}
    return client.request(method, {"textDocument": document, "position": {"line": line, "character": character}})


def converted(client: RawClient, project: Path) -> str:
    return client.request("diptych/convert", {"textDocument": {"uri": (project / "model.py").as_uri()}})["result"][
        "twin"
    ]


def test_why_not_and_a_rule_of_ones_own(trusted: RawClient, project: Path) -> None:
    answer = ask(trusted, "diptych/explain", project, "relu(x, True")["result"]
    assert answer["api"] == "torch.relu" and answer["rules"]
    assert "do not fit its signature" in answer["rules"][0]["misfit"]
    assert answer["text"].startswith("**Not converted: `torch.relu`**")
    answer = ask(trusted, "diptych/explain", project, "all_gather")["result"]
    assert not answer["rules"] and answer["reason"] in answer["text"]
    assert "error" in ask(trusted, "diptych/explain", project, "def f")
    bad = trusted.request("diptych/explain", {"textDocument": {"uri": "file:///a.py"}})
    assert bad["error"]["code"] == -32602

    drafted = ask(trusted, "diptych/draftRule", project, "is_tensor_like")["result"]
    path = project / ".diptych" / "rules" / "torch_overrides_is_tensor_like.py"
    assert drafted["uri"] == path.as_uri() and path.read_text() == drafted["text"]
    assert "is there already" in ask(trusted, "diptych/draftRule", project, "is_tensor_like")["error"]["message"]
    assert "does not say yet" in ask(trusted, "diptych/explain", project, "is_tensor_like")["result"]["reason"]
    assert "torch.overrides.is_tensor_like(x)" in converted(trusted, project)
    path.write_text(OWN)
    trusted.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2}]})
    assert "tf.is_tensor(x)" in converted(trusted, project)
    path.write_text(OWN.replace("samples", "examples"))
    assert "torch.overrides.is_tensor_like(x)" in converted(trusted, project)
    shown = [m["params"] for m in trusted.seen if m.get("method") == "textDocument/publishDiagnostics"]
    (problem,) = next(each for each in reversed(shown) if each["uri"] == path.as_uri())["diagnostics"]
    assert "examples" in problem["message"] and problem["range"]["start"]["line"] == 17


def test_a_draft_is_offered_as_a_new_file(trusted: RawClient, project: Path) -> None:
    place = {"line": 6, "character": 50}
    document = {"uri": (project / "model.py").as_uri()}
    params = {"textDocument": document, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    trusted.until(lambda message: '"not-converted"' in json.dumps(message))
    actions = trusted.request("textDocument/codeAction", params)["result"]
    draft = next(action for action in actions if action["title"].startswith("Draft a rule"))
    create, edit = draft["edit"]["documentChanges"]
    assert create["kind"] == "create" and create["uri"].endswith("/.diptych/rules/torch_overrides_is_tensor_like.py")
    assert "class OwnIsTensorLike(Equivalence):" in edit["edits"][0]["newText"]


def test_rules_of_a_workspace_that_is_not_trusted_are_not_read(project: Path) -> None:
    folder = project / ".diptych" / "rules"
    folder.mkdir(parents=True)
    (folder / "own.py").write_text(OWN)
    client = started(project)
    try:
        assert "torch.overrides.is_tensor_like(x)" in converted(client, project)
    finally:
        client.close()


@pytest.mark.parametrize(
    "api, code, call",
    [
        (
            "torch.linalg.solve_ex",
            "torch.linalg.solve_ex(x, y, check_errors=True)",
            "solve_ex(A, B, check_errors=check",
        ),
        ("Tensor.frobnicate", "x.frobnicate(3, -1.5, mode='a')", "x.frobnicate(argument, argument_, mode=mode)"),
        ("tf.raw_ops.Abs", "tf.raw_ops.Abs(x=x)", "tf.raw_ops.Abs(x=x)"),
        ("torch.foo_bar", "torch.foo_bar()", "torch.foo_bar()"),
    ],
)
def test_a_draft_is_a_rule_that_refuses(tmp_path: Path, api: str, code: str, call: str) -> None:
    side = drafting.side_of(api, "torch")
    path = tmp_path / drafting.file_name(api)
    path.write_text(drafting.draft(api, code, side, signature_of(api)))
    assert call in path.read_text()
    (rule,) = compile_file(path).rules
    other = "tensorflow" if side == "torch" else "torch"
    assert [branch.why for branch in rule.side(other).branches] == [
        f"{path.name} does not say yet what it is in {drafting.TITLES[other]}"
    ]


def test_what_is_no_single_call_cannot_be_drafted() -> None:
    for code in ("torch.foo(*x)", "torch.foo(**x)", "x + 1", "for x"):
        with pytest.raises(ValueError):
            drafting.draft("torch.foo", code, "torch", [])


def test_a_taken_name_is_a_problem_and_hides_no_other_rule(tmp_path: Path) -> None:
    folder = tmp_path / ".diptych" / "rules"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text(OWN)
    (folder / "b.py").write_text(OWN.replace("OwnTensorLike", "Conv2d"))
    found = user_rules(tmp_path)
    assert found is not None and user_rules(tmp_path) is found
    (problem,) = found.problems
    assert problem.path.name == "b.py" and "Conv2d" in problem.text
    assert "tf.is_tensor(x)" in convert(TEXT, index=found.index).twin
    assert "tf.is_tensor" not in convert(TEXT).twin
