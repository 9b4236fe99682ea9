"""``diptych report``: what a port of a folder has come to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diptych.cli.convert import LayoutChoice
from diptych.cli.files import write, write_output
from diptych.cli.messages import Target, examples, fail, plural, problems_reported, say

if TYPE_CHECKING:
    from diptych.cli.port import Port

SHOWN = 20
"""Reasons in the terminal; the page and JSON have all."""
STYLES = {"agrees": "green", "converted": "", "differs": "red", "left over": "yellow", "unreadable": "red"}
EXAMPLES = examples(
    "diptych report src/models",
    "diptych report src/models --html port.html",
    "diptych report src/models --verify --json",
    codes="2 an error, else 1 something is left over or differs, else 0",
)


def report(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The package that is to be ported.")],
    to: Annotated[
        Target | None, typer.Option("--to", help="The framework of the twin. Left out: the one a file does not import.")
    ] = None,
    layout: Annotated[
        LayoutChoice, typer.Option(help="How the axes of images are laid out in the twin.")
    ] = LayoutChoice.channels_last,
    verify: Annotated[
        bool, typer.Option("--verify", help="Run both sides of what can be run; this executes the code.")
    ] = False,
    html: Annotated[
        str | None, typer.Option(metavar="PAGE.html", help="Write one self-contained page as well.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Tell of a folder what converts, what is left and why, first what stands in the way of most files.

    Nothing is written but the page, and nothing runs without --verify; its verdicts are kept in the folder's
    .diptych/verdicts.jsonl, and are taken from there as long as the texts are the same.
    """
    from diptych.cli.convert_tree import convert_all
    from diptych.cli.port import port_of
    from diptych.cli.verify import TreeRequest, verify_all
    from diptych.verification import Options

    if not folder.is_dir():
        fail(f"{folder}: is no folder")
    framework = to.framework if to else None
    reports, finished = None, True
    with problems_reported():
        files = convert_all(folder, framework, layout.value)
        if verify:
            request = TreeRequest(folder, None, framework, layout, None, resume=True)
            reports, finished = verify_all(request, Options(timing=True))
        port = port_of(folder.resolve().name, files, reports)
        if html is not None:
            from diptych.cli.report_page import page

            write(html, page(port).encode())
    if as_json:
        write_output((json.dumps(port.to_json(), indent=2, ensure_ascii=False) + "\n").encode())
    else:
        show(port)
    if html is not None:
        say(f"{html} written")
    if not finished:
        say("Stopped; what is known is kept.", color="red")
    in_the_way = {"left over", "differs", "unreadable"} & set(port.states)
    raise typer.Exit(1 if in_the_way or not finished else 0)


def show(port: Port) -> None:
    """What is in the way, then the files, then one line that sums up."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from diptych.cli.port import AGREEING

    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    found = port.obstacles
    if found:
        table = Table("Files", "Alone", "Places", "What is left over, and why", box=None, pad_edge=False)
        for item in found[:SHOWN]:
            table.add_row(
                str(item.files), str(item.alone), str(len(item.places)), Text(f"{item.api}: {item.reason}", style="")
            )
        console.print(table)
        if len(found) > SHOWN:
            console.print(f"and {plural(len(found) - SHOWN, 'more reason')}; --json and --html have all")
        console.print()
    table = Table("File", "Lines", "Left over", "Assumed", "Agree", "State", box=None, pad_edge=False)
    for file in sorted(port.files, key=lambda file: (-len(file.left), file.file)):
        agree = sum(verdict["verdict"] in AGREEING for verdict in file.verdicts.values())
        table.add_row(
            Text(file.file), str(file.lines), str(len(file.left) or ""), str(len(file.assumed) or ""),
            f"{agree} of {len(file.entries)}" if port.verified else "", Text(file.state, style=STYLES[file.state]),
        )  # fmt: skip
    console.print(table)
    states = ", ".join(f"{number} {state}" for state, number in port.states.most_common())
    console.print(f"\n{plural(len(port.files), 'file')} of a framework: {states or 'none'}; {port.others} without one")
