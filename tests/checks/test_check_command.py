"""``diptych check``: files, folders, formats, exit codes, and fixes that keep every other byte."""

import json

import pytest
from typer.testing import CliRunner

from diptych.cli.main import app

BAD = "import torch\nx = '😋', torch.ger(a, b)\ny = torch.solve(B, A).solution\nz = torch.eig(A)\n"


def check(*arguments, stdin=None):
    return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_text(folder):
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    result = check("model.py")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "model.py:2:10: DPT108 torch.ger is deprecated: use torch.outer [fix]"
    assert lines[1].startswith("model.py:3:5: DPT101 ")
    assert lines[1].endswith(" [unsafe fix]")
    assert lines[2].startswith("model.py:4:5: DPT103 ")
    assert lines[3] == "Found 3 mistakes in 1 file, 1 can be fixed with --fix, 1 more with --fix --unsafe-fixes."
    assert result.stderr == ""


def test_nothing_found(folder):
    (folder / "model.py").write_text("import torch\n")
    (folder / "empty.py").write_text("")
    result = check(".")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Nothing found in 2 files.\n", "")


def test_colour_only_where_it_is_wanted(folder, monkeypatch):
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    assert "\x1b[" not in check("model.py").stdout
    coloured = CliRunner().invoke(app, ["check", "model.py"], color=True).stdout
    assert "\x1b[" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(app, ["check", "model.py"], color=True).stdout


def test_json(folder):
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    result = check("model.py", "--format", "json")
    values = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [one["code"] for one in values["findings"]] == ["DPT108", "DPT101", "DPT103"]
    first = values["findings"][0]
    assert [first[key] for key in ("file", "line", "column", "end_line", "end_column")] == ["model.py", 2, 9, 2, 18]
    assert first["severity"] == "warning"
    assert first["tags"] == ["deprecated"]
    assert first["fix"]["safety"] == "safe"
    assert first["fix"]["edits"] == [{"line": 2, "column": 9, "end_line": 2, "end_column": 18, "text": "torch.outer"}]
    assert values["findings"][2]["fix"] is None
    assert (values["errors"], values["files"], values["fixed"]) == ([], 1, 0)


def test_sarif(folder):
    (folder / "a model.py").write_text(BAD, encoding="utf-8")
    (folder / "broken.py").write_text("import torch\nx = (\n")
    result = check(".", "--format", "sarif")
    log = json.loads(result.stdout)
    assert result.exit_code == 2
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    first = run["results"][0]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "DPT108"
    assert first["level"] == "warning"
    location = first["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20model.py"
    assert location["region"] == {"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 19}
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "torch.outer"
    assert "fixes" not in run["results"][2]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert "broken.py:2:5" in invocation["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize(
    ("encoding", "mark", "newline"),
    [
        ("utf-8", b"", "\r\n"),
        ("utf-8", b"\xef\xbb\xbf", "\n"),
        ("utf-8", b"", "\r"),
        ("latin-1", b"", "\n"),
        ("shift_jis", b"", "\r\n"),
    ],
)
def test_fix_keeps_every_other_byte(folder, encoding, mark, newline):
    text = f"# -*- coding: {encoding} -*-\nimport torch\nx = 'ÿé'  # ¡\n\x0c\ny = torch.ger(a,\n\tb)  \n"
    text = (text.replace("ÿé", "日本").replace("¡", "語") if encoding == "shift_jis" else text).replace("\n", newline)
    path = folder / "model.py"
    path.write_bytes(mark + text.encode(encoding))
    path.chmod(0o640)
    assert check("model.py", "--fix").exit_code == 0
    fixed = mark + text.replace("torch.ger", "torch.outer").encode(encoding)
    assert path.read_bytes() == fixed
    assert path.stat().st_mode & 0o777 == 0o640
    again = check("model.py", "--fix")
    assert (again.exit_code, again.stdout) == (0, "Nothing found in 1 file.\n")
    assert path.read_bytes() == fixed


def test_fix_leaves_unsafe_ones_unless_asked(folder):
    path = folder / "model.py"
    path.write_text(BAD, encoding="utf-8")
    result = check("model.py", "--fix")
    assert result.exit_code == 1
    assert result.stdout.endswith("Fixed 1 mistake, 2 mistakes left, 1 with --fix --unsafe-fixes.\n")
    assert "torch.solve" in path.read_text(encoding="utf-8")
    result = check("model.py", "--fix", "--unsafe-fixes")
    assert result.stdout.endswith("Fixed 1 mistake, 1 mistake left.\n")
    assert "torch.linalg.solve(A, B)\n" in path.read_text(encoding="utf-8")


def test_a_file_without_a_safe_fix_is_not_written(folder):
    path = folder / "model.py"
    path.write_text("import torch\nz = torch.eig(A)\n")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert check("model.py", "--fix").exit_code == 1
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_folders_that_are_not_the_users_own_are_skipped(folder):
    for name in ("src", ".hidden", ".venv", "env", "node_modules", "build", "src/__pycache__"):
        (folder / name).mkdir()
        (folder / name / "model.py").write_text(BAD, encoding="utf-8")
    (folder / "env" / "pyvenv.cfg").write_text("")
    (folder / "src" / "notes.txt").write_text(BAD, encoding="utf-8")
    found = json.loads(check(".", "src/../src", "src/model.py", "--format", "json").stdout)
    assert {one["file"] for one in found["findings"]} == {"src/model.py"}
    assert len(found["findings"]) == 3
    named = json.loads(check("build", "src/notes.txt", "--format", "json").stdout)
    assert {one["file"] for one in named["findings"]} == {"build/model.py", "src/notes.txt"}


def test_one_bad_file_does_not_stop_the_others(folder):
    (folder / "a.py").write_text("import torch\nx = (\n")
    (folder / "b.py").write_bytes(b"import torch\n\x00\x01")
    (folder / "c.py").write_bytes(b"import torch\nx = '\xff'\n")
    (folder / "d.py").write_text(BAD, encoding="utf-8")
    result = check(".", "missing.py")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "a.py:2:5: '(' was never closed",
        "b.py: is not a text file (byte 13 is zero)",
        "c.py:2:6: byte 0xff is not utf-8; is this a text file, or is its coding comment missing?",
        "missing.py: there is no such file or folder",
    ]
    assert len(result.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x = (\n", "odd.py:1:5: '(' was never closed"),
        (b"\x7fELF\x00\x01", "odd.py: is not a text file (byte 4 is zero)"),
        (b"# coding: nonsense\nimport torch\n", "odd.py:1:1: unknown encoding: nonsense"),
    ],
)
def test_a_named_file_that_cannot_be_checked_says_why(folder, content, message):
    (folder / "odd.py").write_bytes(content)
    result = check("odd.py")
    assert (result.exit_code, result.stderr, result.stdout) == (2, message + "\n", "Nothing was checked.\n")
    assert (folder / "odd.py").read_bytes() == content


def test_standard_input():
    result = check("-", stdin="import torch\ntorch.ger(a, b)\n")
    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>:2:1: DPT108 ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.py", "--unsafe-fixes"), "give --fix too"),
        (("-", "--fix"), "name a file"),
        (("a.py", "--format", "xml"), "xml"),
        ((), "PATH"),
    ],
)
def test_bad_usage(arguments, message):
    result = check(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
