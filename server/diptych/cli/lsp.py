"""``diptych lsp``: the language server."""

from __future__ import annotations

from typing import Annotated

import typer

from diptych.cli.messages import examples

EXAMPLES = examples("diptych lsp", codes="0 after shutdown and exit, 1 when the editor went away without them")


def lsp(
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Accepted because editors pass it; there is no other way.")
    ] = True,
) -> None:
    """Run the language server on standard input and output."""
    from diptych.lsp.server import serve

    serve()
