"""The command line: every subcommand is registered here and lives in a file of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from diptych import __version__
from diptych.cli import check, convert, doctor, explain, lsp, report, rules, verify, weights

app = typer.Typer(
    name="diptych",
    no_args_is_help=True,
    rich_markup_mode=None,  # its panels double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"diptych {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """PyTorch and TensorFlow side by side: convert code, run both, and see whether they agree."""


app.command("convert", epilog=convert.EXAMPLES, short_help="Convert a file into the other framework.")(convert.convert)
app.command("verify", epilog=verify.EXAMPLES, short_help="Run both sides and say whether they agree.")(verify.verify)
app.command("report", epilog=report.EXAMPLES, short_help="Tell what a port of a folder has come to.")(report.report)
app.command("weights", epilog=weights.EXAMPLES, short_help="Carry a file of weights into the other framework.")(
    weights.weights
)
app.command("check", epilog=check.EXAMPLES, short_help="Find mistakes within one framework, and fix them.")(check.check)
app.command("explain", epilog=explain.EXAMPLES, short_help="Show a call in the other framework.")(explain.explain)
app.add_typer(rules.app, name="rules")
app.command("doctor", epilog=doctor.EXAMPLES, short_help="Tell what is there to run code with.")(doctor.doctor)
app.command("lsp", epilog=lsp.EXAMPLES, short_help="Run the language server.")(lsp.lsp)
