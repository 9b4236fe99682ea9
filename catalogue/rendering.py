"""The page's HTML, from page.html, page.css and page.js. Every text is escaped here, and nowhere else."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from content import Content, Entry, Outcome, shown

from diptych.catalog.card import TITLES
from diptych.catalog.reasons import Reason
from diptych.catalog.rule import SIDES

HERE = Path(__file__).parent
WAYS = {"both": "both ways", "torch": "PyTorch to TensorFlow only", "tensorflow": "TensorFlow to PyTorch only"}
API = re.compile(
    r"\b(?:torch|tf|keras|np|diptych|tape|model|layer|optimizer|strategy|dataset|writer)\.[\w.]*\w(?:\([^()]*\))?"
)
CONSTANTS = {"True", "False", "None", "Absent"}
UNSEEN = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
BUILTINS = set(dir(builtins))


def page(content: Content) -> str:
    """The whole page."""
    parts = {
        "style": (HERE / "page.css").read_text(encoding="utf-8"),
        "script": (HERE / "page.js").read_text(encoding="utf-8"),
        "summary": _summary(content),
        "contents": _contents(content),
        "coverage": _coverage(content),
        "outcomes": "".join(_outcome(outcome) for outcome in content.outcomes),
        "entries": "".join(_entries(content)),
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def highlighted(code: str) -> str:
    """Python as HTML with its parts marked; text that is no Python is only escaped."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return escape(code)
    lines = code.splitlines(keepends=True)
    tokens = [token for token in tokens if token.type not in UNSEEN]
    found: list[str] = []
    line, column = 1, 0
    for place, token in enumerate(tokens):
        while line < token.start[0]:
            found.append(escape(lines[line - 1][column:]))
            line, column = line + 1, 0
        found.append(escape(lines[line - 1][column : token.start[1]]) if line <= len(lines) else "")
        following = tokens[place + 1].string if place + 1 < len(tokens) else ""
        before = tokens[place - 1].string if place else ""
        kind = _kind(token, before, following)
        text = escape(token.string)
        found.append(f'<i class="{kind}">{text}</i>' if kind else text)
        line, column = token.end
    if line <= len(lines):
        found.append(escape(lines[line - 1][column:]))
        found += [escape(text) for text in lines[line:]]
    return "".join(found)


def _kind(token: tokenize.TokenInfo, before: str, following: str) -> str:
    if token.type == tokenize.COMMENT:
        return "c"
    if token.type == tokenize.STRING:
        return "s"
    if token.type == tokenize.NUMBER:
        return "n"
    if token.type != tokenize.NAME:
        return ""
    if token.string in CONSTANTS:
        return "n"
    if keyword.iskeyword(token.string):
        return "k"
    if following == "(":
        return "f"
    if following == "=" and before in ("(", ","):
        return "a"
    return "b" if token.string in BUILTINS and before != "." else ""


# --- The parts of the page ------------------------------------------------------------------------------------------


def _summary(content: Content) -> str:
    both = sum(entry.ways == "both" for entry in content.rules)
    counted = [
        (len(content.rules), "rules"),
        (both, "of them both ways"),
        (sum(entry.samples for entry in content.rules), "samples that both sides agree on"),
        (sum(len(reason.names) for _, reason in content.reasons), "names with a reason instead"),
    ]
    numbers = "".join(f"<li><b>{number:,}</b> {escape(what)}</li>" for number, what in counted)
    versions = " · ".join(f"{escape(name)} {escape(number)}" for name, number in content.versions.items())
    return f'<ul class="numbers">{numbers}</ul><p class="versions">With {versions}</p>'


def _contents(content: Content) -> str:
    rules = "".join(
        f'<li><a href="#{_anchor(family)}">{_breakable(family)}<span>{len(entries)}</span></a></li>'
        for family, entries in content.families().items()
    )
    reasons = "".join(
        f'<li><a href="#{_anchor(side, family)}">{_breakable(family)}<span>{len(found)}</span></a></li>'
        for (side, family), found in content.reason_families().items()
    )
    return f"<h2>Rules</h2><ul>{rules}</ul><h2>Not converted</h2><ul>{reasons}</ul>"


def _coverage(content: Content) -> str:
    rows = []
    for family, entries in content.families().items():
        refusals = [(entry, refusal) for entry in entries for refusal in entry.refusals]
        listed = "".join(
            f'<li><a href="#{_anchor("rule", entry.rule.family, entry.rule.name)}">{escape(entry.rule.name)}</a>'
            f"{_where(refusal.side, refusal.where)}: {escape(refusal.why)}</li>"
            for entry, refusal in refusals
        )
        what = f"<details><summary>{len(refusals)}</summary><ul>{listed}</ul></details>" if refusals else "0"
        numbers = (
            len(entries),
            sum(entry.ways == "both" for entry in entries),
            sum(entry.samples for entry in entries),
            sum(bool(entry.differences) for entry in entries),
        )
        cells = "".join(f"<td>{number}</td>" for number in numbers)
        rows.append(
            f'<tr><th scope="row"><a href="#{_anchor(family)}">{escape(family)}</a></th>{cells}<td>{what}</td></tr>'
        )
    for (side, family), found in content.reason_families().items():
        names = sum(len(reason.names) for reason in found)
        rows.append(
            f'<tr class="out"><th scope="row"><a href="#{_anchor(side, family)}">{escape(family)}</a></th>'
            f'<td colspan="4">{escape(TITLES[side])} names without a rule, each with its reason</td>'
            f"<td>{names}</td></tr>"
        )
    heads = ("family", "rules", "both ways", "samples", "with differences", "refused, and why")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _outcome(outcome: Outcome) -> str:
    endings = "".join(
        f"<li><b>{number}</b> {escape(_plain(ending))}</li>" for ending, number in outcome.endings.items()
    )
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(why)}</td></tr>" for name, why in outcome.refused)
    summary = f"<summary>{len(outcome.refused)} that are not the same on every sample</summary>"
    listed = f"<details>{summary}<table>{rows}</table></details>"
    return (
        f'<section class="outcome"><h3>{escape(outcome.title)}</h3><ul class="numbers">{endings}</ul>{listed}</section>'
    )


def _plain(ending: str) -> str:
    return {
        "same": "the same",
        "some": "the same on some, refused on others",
        "not written": "that nobody writes as code",
    }.get(ending, ending)


def _entries(content: Content) -> Iterator[str]:
    for family, entries in content.families().items():
        yield f'<h2 id="{_anchor(family)}">{escape(family)}</h2>'
        yield from (_rule(entry) for entry in entries)
    for (side, family), reasons in content.reason_families().items():
        small = f"<small>{TITLES[side]} names without a rule</small>"
        yield f'<h2 id="{_anchor(side, family)}">{escape(family)} {small}</h2>'
        yield from (_reason(side, reason) for reason in reasons)


def _rule(entry: Entry) -> str:
    rule = entry.rule
    anchor = _anchor("rule", rule.family, rule.name)
    badges = [f'<span class="badge same">same on {entry.samples} sample{"" if entry.samples == 1 else "s"}</span>']
    badges.append(f'<span class="badge {"both" if entry.ways == "both" else "one"}">{WAYS[entry.ways]}</span>')
    if entry.differences:
        badges.append('<span class="badge differs">differs</span>')
    sides = "".join(
        f'<figure class="{side}"><figcaption>{TITLES[side]}</figcaption>{_block(entry.codes[side])}</figure>'
        for side in SIDES
    )
    parts = [f'<div class="sides">{sides}</div>', _listed("Where they differ", map(escape, entry.differences))]
    refusals = (f"{_where(r.side, r.where).strip(', ')}: {escape(r.why)}" for r in entry.refusals)
    parts.append(_listed("Refused", refusals))
    parts += [
        f"<details><summary>Helper <code>{escape(name)}</code></summary>{_block(text)}</details>"
        for name, text in entry.helpers
    ]
    names = " ".join(dict.fromkeys([rule.name, *entry.names, *map(shown, entry.names)]))
    return (
        f'<article id="{anchor}" data-names="{escape(names)}" data-ways="{entry.ways}"'
        f'{" data-differs" if entry.differences else ""}{" data-refused" if entry.refusals else ""} tabindex="-1">'
        f'<header><h3><a href="#{anchor}">{escape(rule.name)}</a></h3>{"".join(badges)}</header>'
        f"<p>{_prose(rule.doc)}</p>{''.join(parts)}</article>"
    )


def _reason(side: str, reason: Reason) -> str:
    anchor = _anchor("name", reason.names[0])
    names = "".join(f"<li><code>{escape(name)}</code></li>" for name in reason.names)
    return (
        f'<article class="reason" id="{anchor}" data-names="{escape(" ".join(reason.names))}" data-ways="none"'
        f' tabindex="-1"><header><ul class="names">{names}</ul>'
        f'<span class="badge {side}">{TITLES[side]}</span></header>'
        f"<p>{_sentence(reason.text)}.</p></article>"
    )


def _block(code: str) -> str:
    return f'<pre tabindex="0"><code>{highlighted(code)}</code></pre>'


def _where(side: str, where: str) -> str:
    condition = f" where <code>{escape(where)}</code>" if where else ""
    return f", in {TITLES[side]}{condition}"


def _listed(title: str, items: Iterable[str]) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<h4>{escape(title)}</h4><ul>{listed}</ul>" if listed else ""


def _prose(text: str) -> str:
    """Running text: what stands between backquotes is code."""
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", escape(" ".join(text.split())))


def _sentence(text: str) -> str:
    """A reason as a sentence of its own, in which names of the frameworks are code."""
    first = text if API.match(text) or text.startswith(("torch.", "tf.")) else text[0].upper() + text[1:]
    return API.sub(lambda found: f"<code>{escape(found[0])}</code>", escape(first, quote=False))


def _breakable(name: str) -> str:
    return f"<b>{escape(name).replace('_', '_<wbr>').replace('/', '/<wbr>')}</b>"


def _anchor(*parts: str) -> str:
    return re.sub(r"[^\w.-]+", "-", "-".join(parts))
