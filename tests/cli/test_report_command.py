"""``diptych report``: what a port has come to, in the terminal, as JSON and as a page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.cli.main import app

WHOLE = "import torch\n\n\ndef f(x: torch.Tensor):\n    return torch.relu(x)\n"
LEFT = "import torch\n\n\ndef g(x: torch.Tensor):\n    return torch.hub.load(x)\n"
TWICE = LEFT + "\n\ndef h(x: torch.Tensor):\n    torch.hub.load(x)\n    return torch.distributed.barrier() < 3 & 4\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "sub").mkdir(parents=True)
    for name, text in {
        "whole.py": WHOLE, "left.py": LEFT, "sub/twice.py": TWICE, "plain.py": "x = 1\n", "broken.py": "def (:\n"
    }.items():  # fmt: skip
        (folder / name).write_text(text)
    return folder


def report(*arguments: str):
    return CliRunner().invoke(app, ["report", *arguments])


def test_what_stands_in_most_files_comes_first(package: Path):
    result = report(str(package), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["states"] == {"left over": 2, "converted": 1, "unreadable": 1}
    assert found["without a framework"] == 1
    first = found["obstacles"][0]
    assert (first["api"], first["files"], first["alone"]) == ("torch.hub.load", 2, 1)
    assert first["places"] == ["left.py:5", "sub/twice.py:5", "sub/twice.py:9"]
    assert {file["file"]: file["state"] for file in found["files"]}["broken.py"] == "unreadable"
    assert all(file["verdicts"] == {} for file in found["files"])


def test_the_terminal_shows_reasons_and_files(package: Path):
    shown = report(str(package)).stdout
    assert re.search(r"2 +1 +3 +torch\.hub\.load: ", shown)
    assert re.search(r"sub/twice\.py +\d+ +3 .*left over", shown)
    assert shown.strip().endswith("1 without one")


class Page(HTMLParser):
    """Checks that tags are closed, collects what is linked to and what can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)
        targets = [str(given[name]) for name in ("src", "href") if name in given]
        self.foreign += [target for target in targets if not target.startswith("#")]
        if "href" in given:
            self.links.add(str(given["href"])[1:])
        if "id" in given:
            self.places.add(str(given["id"]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_leads_to_every_place(package: Path, tmp_path: Path):
    target = tmp_path / "port.html"
    report(str(package), "--html", str(target))
    text = target.read_text()
    page = Page()
    page.feed(text)
    assert page.open == [] and page.foreign == [] and "url(" not in text
    assert {"left.py:5", "sub/twice.py:9"} <= page.links <= page.places
    assert "&lt; 3 &amp; 4" in text


def test_nothing_to_report_is_said(tmp_path: Path):
    missing = report(str(tmp_path / "none"))
    assert missing.exit_code == 2 and "is no folder" in missing.output.replace("\n", "")
    empty = report(str(tmp_path))
    assert empty.exit_code == 2 and "there are no Python files in it" in empty.output.replace("\n", "")
