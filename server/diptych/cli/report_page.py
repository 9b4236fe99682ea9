"""The report of a port as one self-contained page."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from diptych import __version__
from diptych.cli.messages import plural

if TYPE_CHECKING:
    from diptych.cli.port import Obstacle, Place, Port, PortedFile

MANY = 12
"""Places of a reason that are listed at once; more of them are folded away."""


def page(port: Port) -> str:
    """The page, with its style in it; it needs nothing from elsewhere."""
    style = files("diptych.cli").joinpath("report.css").read_text(encoding="utf-8")
    numbers = "".join(f"<li><b>{count}</b> {escape(state)}</li>" for state, count in port.states.most_common())
    found = port.obstacles
    title = f"Port of {escape(port.folder)}"
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
<main>
<h1>{title}</h1>
<p class="quiet">{plural(len(port.files), "file")} with a framework, {port.others} without.
{"What can be run was run on both sides." if port.verified else "Nothing was run."} Diptych {__version__}.</p>
<ul class="numbers">{numbers}</ul>
{_obstacles(found)}
<h2>Files</h2>
{"".join(_file(file) for file in sorted(port.files, key=lambda file: (-len(file.left), file.file)))}
</main>
</html>
"""


def _obstacles(found: list[Obstacle]) -> str:
    if not found:
        return "<h2>What is in the way</h2><p>Nothing is left over.</p>"
    rows = "".join(
        f'<tr><td class="number">{item.files}</td><td class="number">{item.alone}</td>'
        f'<td class="number">{len(item.places)}</td><td><code>{escape(item.api)}</code> {escape(item.reason)}'
        f"{_where(item)}</td></tr>\n"
        for item in found
    )
    return f"""<h2>What is in the way</h2>
<p class="quiet">First what stands in most files. <i>Alone</i>: in so many of them nothing else is.</p>
<table><thead><tr><th class="number">Files</th><th class="number">Alone</th><th class="number">Places</th>
<th>What is left over, and why</th></tr></thead>
<tbody>{rows}</tbody></table>"""


def _where(item: Obstacle) -> str:
    links = ", ".join(
        f'<a href="#{escape(place.file)}:{place.line}">{escape(place.file)}:{place.line}</a>' for place in item.places
    )
    return f"<details><summary>where</summary>{links}</details>" if len(item.places) > MANY else f"<p>{links}</p>"


def _file(file: PortedFile) -> str:
    kind = file.state.replace(" ", "-")
    body = f'<p class="error">{escape(file.error)}</p>' if file.error is not None else ""
    body += _verdicts(file) + _places("Left over", file.left) + _places("Assumed", file.assumed)
    if file.notes:
        body += "<h4>Notes</h4><ul>" + "".join(f"<li>{escape(note)}</li>" for note in file.notes) + "</ul>"
    opened = " open" if file.state in ("differs", "unreadable") else ""
    return (
        f'<details class="file"{opened}><summary>'
        f'<span class="badge {kind}">{file.state}</span> '
        f"<b>{escape(file.file)}</b> <span class=quiet>{plural(file.lines, 'line')}{_counts(file)}</span></summary>"
        f"{body or '<p>Nothing is left over or assumed.</p>'}</details>\n"
    )


def _counts(file: PortedFile) -> str:
    left = f", {len(file.left)} left over" if file.left else ""
    return left + (f", {plural(len(file.assumed), 'assumption')}" if file.assumed else "")


def _verdicts(file: PortedFile) -> str:
    if not file.verdicts:
        return ""
    rows = "".join(
        f"<li><code>{escape(name)}</code> {escape(verdict['summary'])}</li>" for name, verdict in file.verdicts.items()
    )
    return f"<h4>Verdicts</h4><ul>{rows}</ul>"


def _places(title: str, places: list[Place]) -> str:
    if not places:
        return ""
    rows = "".join(
        f'<tr id="{escape(place.file)}:{place.line}"><td class="number">{place.line}</td>'
        f'<td><code class="line">{escape(place.text)}</code>'
        f"<p><code>{escape(place.api)}</code> {escape(place.reason)}</p></td></tr>"
        for place in places
    )
    return f"<h4>{title}</h4><table>{rows}</table>"
