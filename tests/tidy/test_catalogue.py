"""The page of ``make catalogue``: it builds, holds every rule and reason, and is HTML that loads nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from diptych.catalog.index import load
from diptych.catalog.rule import Rule

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "catalogue"))

from build import build  # noqa: E402
from content import Content, Entry  # noqa: E402
from rendering import highlighted, page  # noqa: E402

VOID = {"meta", "input", "wbr", "br"}
LOADING = {"src", "srcset", "data", "action", "background"}


class Reader(HTMLParser):
    """Checks that elements nest, and collects ids, links, texts and what would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.articles: dict[str, str] = {}
        self._article = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.loads += [f"{tag} {name}" for name in found if name in LOADING] + (["link"] if tag == "link" else [])
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "a":
            self.links.append(found["href"] or "")
        if tag == "article":
            self._article = found["id"] or ""
            self.articles[self._article] = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open[-3:]} at {self.getpos()}"
        self.open.pop()
        if tag == "article":
            self._article = ""

    def handle_data(self, data: str) -> None:
        if self._article:
            self.articles[self._article] += data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Content, Path]:
    """The page with the results of two parts of the conformance tests, in the two forms that they have."""
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "ops.json").write_text(
        json.dumps(
            {
                "add": {"outcome": "same", "reasons": {}},
                "fft<2>": {"outcome": "refused", "reasons": {"torch.fft: no <b> & c": 3}},
            }
        )
    )
    (folder / "modules.json").write_text(json.dumps({"results": [{"name": "Linear", "ending": "same", "reasons": {}}]}))
    target = folder / "page" / "index.html"
    return build(folder, target), target


@pytest.fixture(scope="module")
def reader(built: tuple[Content, Path]) -> Reader:
    found = Reader()
    found.feed(built[1].read_text(encoding="utf-8"))
    found.close()
    return found


def test_every_rule_is_there_with_both_sides(built: tuple[Content, Path], reader: Reader) -> None:
    assert [entry.rule for entry in built[0].rules] == load().rules
    for entry in built[0].rules:
        text = reader.articles[f"rule-{entry.rule.family.replace('/', '-')}-{entry.rule.name}"]
        for code in entry.codes.values():
            assert code in text
        for words in [*entry.differences, *(refusal.why for refusal in entry.refusals)]:
            assert words in text
        assert f"same on {entry.samples} sample" in text


def test_every_reason_is_there(built: tuple[Content, Path], reader: Reader) -> None:
    assert len(built[0].reasons) > 400
    for _, reason in built[0].reasons:
        text = reader.articles[f"name-{reason.names[0]}".replace("*", "-")]
        assert reason.text[1:] in text
        assert all(name in text for name in reason.names)


def test_elements_nest_and_links_lead_somewhere(reader: Reader) -> None:
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link for link in reader.links if not link.startswith("#")} == set()
    assert {link[1:] for link in reader.links} <= set(reader.ids)


def test_the_page_loads_nothing(built: tuple[Content, Path], reader: Reader) -> None:
    assert reader.loads == []
    text = built[1].read_text(encoding="utf-8")
    assert "url(" not in text and "@import" not in text and "://" not in text and "{{" not in text


def test_text_is_escaped(built: tuple[Content, Path]) -> None:
    hostile = '</code><script>alert("&amp;")</script>'
    entry = built[0].rules[0]
    rule: Rule = replace(entry.rule, name="Hostile", family=f"math/{hostile}", doc=hostile)
    changed: Entry = replace(
        entry, rule=rule, names=(hostile,), codes={"torch": f"f({hostile})", "tensorflow": hostile},
        differences=(hostile,), helpers=((hostile, hostile),),
    )  # fmt: skip
    text = page(Content(rules=[changed], outcomes=built[0].outcomes))
    body = text[: text.rindex("<script>")]
    assert "<script" not in body and "alert(" in body and "fft&lt;2&gt;" in body and "no &lt;b&gt; &amp; c" in body
    Reader().feed(text)


@pytest.mark.parametrize(
    "code", ["x = torch.add(x, alpha=1)  # <b>\n", "f(\n    'a&b',\n    k=1,\n)", "not python (", ""]
)
def test_highlighting_keeps_the_text(code: str) -> None:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(highlighted(code))
    parser.close()
    assert "".join(found) == code.removesuffix("\n") or "".join(found) == code


def test_it_builds_from_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "index.html"
    command = [sys.executable, str(ROOT / "catalogue" / "build.py"), str(target)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert str(target) in result.stdout and f"{len(load().rules)} rules" in result.stdout
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
