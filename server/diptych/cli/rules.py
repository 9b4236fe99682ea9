"""``diptych rules``: the equivalences that conversion knows, and the test of their samples."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from diptych.cli.messages import TITLES, examples, fail, plural

if TYPE_CHECKING:
    from diptych.verification.samples import Report

TEST_EXAMPLES = examples(
    "diptych rules test", "diptych rules test Sum Conv2d", "diptych rules test nn/ --json",
    codes="0 if every sample agrees, 1 if one does not, 2 if the rules cannot be read",
)  # fmt: skip
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


@app.command("test", epilog=TEST_EXAMPLES)
def test(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Rules, or families that end in a slash; all, if none are given."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome of every sample as JSON.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the code of each failure.")] = False,
) -> None:
    """Write each sample of each rule as code, convert it both ways, run both sides and compare."""
    from diptych.catalog.compiler import RuleError
    from diptych.catalog.index import load
    from diptych.verification.samples import test_rules
    from diptych.verification.snippet_runs import FrameworkMissing

    try:
        index = load()
    except RuleError as error:
        fail(str(error))
    chosen = []
    for name in names or ():
        found = [
            rule.name
            for rule in index.rules
            if name in (rule.name, rule.family) or (name.endswith("/") and rule.family.startswith(name))
        ]
        if not found:
            fail(f"No rule is named {name}: `diptych rules list` shows them.")
        chosen += [rule for rule in found if rule not in chosen]

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{done} of {total}", nl=done == total, err=True)

    try:
        report = test_rules(chosen, show)
    except FrameworkMissing as error:
        fail(str(error))
    if as_json:
        typer.echo(as_text(report))
    else:
        _print(report, verbose)
    raise typer.Exit(1 if report.failures else 0)


def as_text(report: Report) -> str:
    """The report as JSON."""
    return json.dumps(
        {"rules": report.rules, "samples": report.samples, "checks": [asdict(check) for check in report.checks]},
        indent=1,
    )


def _print(report: Report, verbose: bool) -> None:
    for check in report.failures:
        typer.echo(f"{check.rule} ({check.sample}) in {TITLES[check.side]}: {check.detail}")
        if verbose:
            for text in (check.source, check.twin):
                if text:
                    typer.echo("\n".join(f"    {line}" for line in text.splitlines()) + "\n")
    counts = [
        f"{report.number('same')} same", f"{report.number('refused')} refused as they should be",
        f"{report.number('one way')} one way only",
        f"{report.number('untyped')} left for want of types", f"{report.number('seen')} differences seen",
        f"{len(report.failures)} failed",
    ]  # fmt: skip
    typer.echo(f"{plural(report.rules, 'rule')}, {plural(report.samples, 'sample')}: {', '.join(counts)}")
