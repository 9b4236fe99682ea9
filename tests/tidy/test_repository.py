"""What every file of the repository keeps to, and what the README promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.conversion import convert

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
FILES = [ROOT / name for name in LISTED.stdout.splitlines() if (ROOT / name).is_file()]
CODE = [path for path in FILES if path.suffix in (".py", ".ts", ".mjs", ".mk") or path.name == "Makefile"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_files_are_found() -> None:
    assert len(CODE) > 150, LISTED.stderr


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_over_500_lines(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 500


def test_no_words_left_over() -> None:
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        if path.suffix in (".py", ".ts", ".mjs", ".md", ".toml")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if words.search(line)
    ]
    assert not found


def commands(name: str) -> list[list[str]]:
    """The words of each command in the README's shell blocks that starts with ``name``."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line.split("#")[0].split() for block in blocks for line in block.splitlines()]
    return [words for words in lines if words[:1] == [name]]


def test_make_targets_of_the_readme_exist() -> None:
    rules = (ROOT / "Makefile").read_text() + (ROOT / "client" / "client.mk").read_text()
    assert commands("make")
    for words in commands("make"):
        assert re.search(rf"^{words[1]}:", rules, re.MULTILINE), words


def test_commands_of_the_readme_exist() -> None:
    assert len(commands("diptych")) > 6
    for _, *words in commands("diptych"):
        subcommand = words[:2] if words[0] == "rules" else words[:1]
        result = subprocess.run(
            [sys.executable, "-m", "diptych", *subcommand, "--help"], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        for word in words:
            if word.startswith("--"):
                assert word in result.stdout, f"{' '.join(subcommand)} has no {word}"
            elif word.startswith("examples"):
                assert (ROOT / word.split("::")[0]).exists(), word


def test_the_readme_shows_what_convert_gives() -> None:
    named = re.search(r"<code>(examples/\S+)</code>", README)
    assert named
    source, twin = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[:2]
    text = (ROOT / named[1]).read_text(encoding="utf-8")
    assert source == text
    assert twin == convert(text).twin


def test_links_of_the_documents_exist() -> None:
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / target).exists(), f"{name}: {target}"
