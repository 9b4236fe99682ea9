"""``diptych rules``: the equivalences that conversion knows, and the test of their samples."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from diptych.cli.messages import examples, fail

LIST_EXAMPLES = examples("diptych rules list", "diptych rules list conv", "diptych rules list nn/")

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List the rules, and test them on their samples.")


@app.command("list", epilog=LIST_EXAMPLES)
def list_rules(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="Only rules whose name, family or calls hold a word."),
    ] = None,
) -> None:
    """List the rules with the calls that they relate."""
    from diptych.catalog.index import load
    from diptych.catalog.rendering import short_name

    index = load()
    calls: dict[str, dict[str, list[str]]] = {rule.name: {"torch": [], "tensorflow": []} for rule in index.rules}
    for side, keys in index.entries.items():
        for key, entries in keys.items():
            for number, _, _ in entries:
                listed = calls[index.rules[number].name][side]
                if (name := short_name(key)) not in listed:
                    listed.append(name)
    rows = [
        (rule.family, rule.name, ", ".join(calls[rule.name]["torch"]), ", ".join(calls[rule.name]["tensorflow"]))
        for rule in index.rules
    ]
    wanted = [word.lower() for word in words or ()]
    rows = [row for row in rows if not wanted or any(word in " ".join(row).lower() for word in wanted)]
    if not rows:
        fail(f"No rule matches {' '.join(wanted)}.")
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Family", "Rule", "PyTorch", "TensorFlow", box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
