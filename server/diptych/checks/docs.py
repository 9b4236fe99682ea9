"""The page of the documentation that lists the checks; written by ``python -m diptych.checks.docs docs/checks.md``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from pathlib import Path

from diptych.checks.check import Described
from diptych.checks.registry import all_checks

_HEAD = """\
# Checks

`diptych check PATH...` looks for these mistakes; an editor shows them as you type. `--fix` applies the safe fixes,
which keep what the code computes (the tests run both and compare), `--fix --unsafe-fixes` also those that need a second
look. `# noqa` or `# noqa: DPT101` at the end of a line silences it. A use behind `hasattr`, a question about a version
or `except AttributeError` is left alone.

This page is generated from the checks in `rules/checks` by `python -m diptych.checks.docs docs/checks.md`.
"""


def page(checks: Iterable[Described] | None = None) -> str:
    """The whole page, as Markdown."""
    checks = list(all_checks() if checks is None else checks)
    rows = [
        f"| [{check.code}](#{check.code.lower()}-{check.name}) | {check.name} | {check.severity} | {check.fix} |"
        for check in checks
    ]
    table = "\n".join(["| code | name | severity | fix |", "|---|---|---|---|", *rows])
    return "\n".join([_HEAD, table, "", *(_section(check) for check in checks)])


def _section(check: Described) -> str:
    examples = []
    for bad, fixed in zip(check.bad, check.fixed, strict=True):
        examples += [f"-{line}" for line in bad.split("\n")]
        examples += [f"+{line}" for line in fixed.split("\n")] if fixed is not None else ["# no fix"]
        examples.append("")
    text = inspect.cleandoc(check.__doc__ or "").replace("``", "`")
    diff = "\n".join(["```diff", *examples[:-1], "```"])
    return f"## {check.code} {check.name}\n\n{text}\n\n[Documentation]({check.url})\n\n{diff}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
