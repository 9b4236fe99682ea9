"""Running the checks over a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from diptych.checks.finding import Failure, Finding, Report
from diptych.text.parsing import syntax_error
from diptych.text.pieces import split

if TYPE_CHECKING:
    from diptych.checks.check import Check
    from diptych.checks.source import Source
    from diptych.checks.use import Problem
    from diptych.text.positions import LineIndex

_FRAMEWORKS = re.compile(r"\b(?:torch|tensorflow|keras)")
_NOQA = re.compile(r"#\s*noqa(?P<codes>\s*:\s*[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*|\s*:)?", re.IGNORECASE)


class Checked:
    """What is known of the pieces of the last text that was checked, for its next version."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.parse: set[str] = set()

    def all_parse(self, text: str) -> bool:
        """Whether every piece of a text is Python by itself; pieces that are known are not parsed again."""
        self.pieces = split(text, self.pieces)
        fine = {piece for piece in self.pieces if piece in self.parse or syntax_error(piece) is None}
        self.parse = fine
        return len(fine) == len(set(self.pieces))


def mentions_framework(text: str) -> bool:
    """Whether a text says torch, tensorflow or keras anywhere; only such files are checked."""
    return _FRAMEWORKS.search(text) is not None


def inspect(text: str, checks: Sequence[Check] | None = None, checked: Checked | None = None) -> Report:
    """Run the checks (all, unless given) over a text. Nothing of the text is run or imported.

    ``checked`` is what an earlier version of the text left; the findings are the same without it.

    Raises ``diptych.syntax.source.ParseError`` if a text that mentions a framework is not Python.
    """
    if not mentions_framework(text):
        return Report()
    from diptych.checks.registry import all_checks, scout

    if checks is None:
        checks = all_checks()
        if not scout().search(text):
            if checked is None or not checked.all_parse(text):
                require_python(text)
            return Report()
    from diptych.checks.source import Source
    from diptych.syntax.source import ParseError

    try:
        source = Source(text)
        findings, failures = _visit(source, checks)
    except RecursionError as error:
        raise ParseError("the code is nested too deeply", 1, 0) from error
    kept = sorted({one for one in findings if not _silenced(one, source.lines)}, key=_order)
    return Report(tuple(kept), tuple(failures))


def require_python(text: str) -> None:
    """Raise ``diptych.syntax.source.ParseError`` if a text is not Python, without building its tree."""
    from diptych.syntax.source import parse

    text = text.removeprefix("\ufeff")
    if syntax_error(text) is not None:
        parse(text)  # the last word is libcst's, which reads newer Python than this interpreter does


def _visit(source: Source, checks: Iterable[Check]) -> tuple[list[Finding], list[Failure]]:
    from diptych.checks.guards import is_guarded
    from diptych.checks.use import Use

    by_name: dict[str, list[Check]] = {}
    for check in checks:
        for name in check.names:
            by_name.setdefault(name, []).append(check)
    findings: list[Finding] = []
    failures: dict[str, Failure] = {}
    for node in source.names.loads:
        name = source.names.qualified(node)
        if name not in by_name or is_guarded(source, node):
            continue
        for check in by_name[name]:
            try:
                problem = check.visit(Use(source, node, name))
                if problem is not None:
                    findings.append(_finding(check, problem, source))
            except RecursionError:
                raise
            except Exception as error:  # one check must not take the others down
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                failures.setdefault(check.code, Failure(check.code, reason))
    return findings, list(failures.values())


def _finding(check: Check, problem: Problem, source: Source) -> Finding:
    return Finding(
        code=check.code,
        name=check.name,
        severity=check.severity,
        message=problem.message or check.message,
        line=source.lines.place(problem.start)[0],
        column=source.lines.place(problem.start)[1],
        end_line=source.lines.place(problem.end)[0],
        end_column=source.lines.place(problem.end)[1],
        url=check.url,
        tags=check.tags,
        fix=problem.fix,
    )


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.line, finding.column, finding.code


def _silenced(finding: Finding, lines: LineIndex) -> bool:
    """Whether ``# noqa`` or ``# noqa: CODE`` stands on the finding's first or last line."""
    for number in {finding.line, finding.end_line}:
        for comment in _NOQA.finditer(lines.line(number)):
            codes = comment["codes"]
            if codes is None or finding.code in re.findall(r"[A-Z]+[0-9]+", codes.upper()):
                return True
    return False
