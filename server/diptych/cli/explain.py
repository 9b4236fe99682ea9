"""``diptych explain``: what a call is in the other framework."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from diptych.cli.messages import examples, say

EXAMPLES = examples(
    "diptych explain torch.nn.Conv2d",
    "diptych explain F.gelu",
    "diptych explain tf.reduce_sum",
    "diptych explain x.sum",
    "diptych explain torch.distributed.barrier",
    codes="0 found, 1 neither a rule nor a reason has this name",
)


def explain(name: Annotated[str, typer.Argument(metavar="NAME", help="A function, layer, method or rule.")]) -> None:
    """Show what a call is in the other framework and where both differ, or why it is not converted."""
    from diptych.catalog.card import card
    from diptych.catalog.index import load
    from diptych.catalog.lookup import reason_named, rules_named, similar_names

    index = load()
    found = rules_named(index, name)
    reason = None if found else reason_named(index, name)
    if reason is not None:
        typer.echo(f"{name} has no rule: {reason.text}.")
        return
    if not found:
        similar = similar_names(index, name)
        say(f"No rule knows {name}." + (f" Similar names: {', '.join(similar)}." if similar else ""), color="red")
        raise typer.Exit(1)
    text = "\n\n".join(f"# {rule.name}\n\n{card(rule, side)}" for rule, side in found)
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
