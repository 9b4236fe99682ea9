"""The rules that a project keeps in ``.diptych/rules``, for commands that convert: used where the user trusts them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diptych.cli.files import STANDARD_STREAM
from diptych.cli.messages import say

if TYPE_CHECKING:
    from diptych.catalog.index import Index

TrustRules = Annotated[
    bool,
    typer.Option(
        "--trust-rules", help="Use the project's own rules in .diptych/rules. Reading a rule evaluates its samples."
    ),
]


def project_for(name: str, *, trusted: bool) -> Path | None:
    """The folder whose own rules are used for a file or folder: the nearest around it that keeps some, if they are
    trusted. Says on standard error which are not used, and what is wrong with those that are.
    """
    from diptych.catalog.user_rules import FOLDER, user_rules

    here = (Path() if name == STANDARD_STREAM else Path(name)).resolve()
    project = next((each for each in (here, *here.parents) if any((each / FOLDER).glob("*.py"))), None)
    if project is None:
        if trusted:
            say(f"--trust-rules: no folder around {here} keeps rules in {FOLDER}", color="yellow")
        return None
    if not trusted:
        say(
            f"{project / FOLDER}: the project's own rules are not used, since reading a rule evaluates its samples; "
            "use them with --trust-rules",
            color="yellow",
        )
        return None
    rules = user_rules(project)
    for problem in rules.problems if rules is not None else ():
        say(f"{problem.path}:{problem.line}: this rule file is not used: {problem.text}", color="red")
    return project


def index_for(project: Path | None) -> Index | None:
    """The installed rules with those of a project; ``None`` for the installed ones alone."""
    from diptych.catalog.user_rules import user_rules

    rules = user_rules(project) if project is not None else None
    return rules.index if rules is not None else None
