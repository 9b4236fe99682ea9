"""Running the checks over a text."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from diptych.checks.finding import Failure, Finding, Report
from diptych.checks.mentions import Abridged, Mentioned

if TYPE_CHECKING:
    from diptych.checks.check import Check, Described, FlowCheck
    from diptych.checks.flow import Flow
    from diptych.checks.source import Source
    from diptych.checks.use import Problem
    from diptych.text.positions import LineIndex

_FRAMEWORKS = re.compile(r"\b(?:torch|functorch|tensorflow|keras)")
_NOQA = re.compile(r"#\s*noqa(?P<codes>\s*:\s*[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*|\s*:)?", re.IGNORECASE)


class Checked:
    """What is known of the pieces of the last text that was checked, for its next version; for one thread at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.mentioned = Mentioned()
        self.flow: Flow | None = None


def mentions_framework(text: str) -> bool:
    """Whether a text says torch, tensorflow or keras anywhere; only such files are checked."""
    return _FRAMEWORKS.search(text) is not None


def inspect(text: str, checks: Sequence[Described] | None = None, checked: Checked | None = None) -> Report:
    """Run the checks (all, unless given) over a text. Nothing of the text is run or imported.

    ``checked`` is what an earlier version of the text left; the findings are the same without it.

    Raises ``diptych.syntax.source.ParseError`` if a text that mentions a framework is not Python.
    """
    if not mentions_framework(text):
        return Report()
    checked = checked or Checked()
    with checked.lock:
        return _inspect(text, checks, checked)


def _inspect(text: str, checks: Sequence[Described] | None, checked: Checked) -> Report:
    from diptych.checks.check import FlowCheck
    from diptych.checks.registry import all_checks, may_find
    from diptych.syntax.source import ParseError
    from diptych.text.positions import LineIndex

    mentioned = checked.mentioned
    mentioned.read(text)
    by_name = _by_name(all_checks() if checks is None else tuple(checks))
    if checks is None:
        checks = all_checks()
        names_used = may_find(text)
    else:
        names_used = True
    abridged: Abridged | None = None
    if names_used and mentioned.all_parse():
        names_used = bool(mentioned.meant(lambda name: bool(_looking_for(name, by_name))))
        if names_used:
            asked = _by_name(tuple(checks), evidence=True)
            abridged = mentioned.abridged(mentioned.meant(lambda name: bool(_looking_for(name, asked))))
    words = mentioned.words
    following = [check for check in checks if isinstance(check, FlowCheck) and check.is_asked(words)]
    findings: list[Finding] = []
    failures: dict[str, Failure] = {}
    flow = read_flow(text, checked) if following else None
    lines = flow.lines if flow is not None else LineIndex(text)
    try:
        if names_used:
            _visit(_source(text, abridged), by_name, findings, failures)
        elif flow is None and not mentioned.all_parse():
            require_python(text)
        if flow is not None:
            _follow(flow, following, findings, failures)
    except RecursionError as error:
        raise ParseError("the code is nested too deeply", 1, 0) from error
    kept = sorted({one for one in findings if not _silenced(one, lines)}, key=_order)
    return Report(tuple(kept), tuple(failures.values()))


def read_flow(text: str, checked: Checked | None = None) -> Flow | None:
    """The text for checks that follow values; ``None`` if this interpreter cannot read it."""
    from diptych.checks.flow import Flow

    try:
        flow = Flow(text, checked.flow if checked is not None else None)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if checked is not None:
        checked.flow = flow
    return flow


def require_python(text: str) -> None:
    """Raise ``diptych.syntax.source.ParseError`` if a text is not Python, without building its tree."""
    from diptych.syntax.source import parse
    from diptych.text.parsing import syntax_error

    text = text.removeprefix("\ufeff")
    if syntax_error(text) is not None:
        parse(text)  # the last word is libcst's, which reads newer Python than this interpreter does


def _source(text: str, abridged: Abridged | None) -> Source:
    """The text for the checks that look for names, without what does not concern them."""
    from diptych.checks.source import Source
    from diptych.syntax.source import ParseError

    try:
        return Source(text, abridged)
    except ParseError:
        if abridged is None:
            raise
        return Source(text)  # says where


def _visit(
    source: Source, by_name: Mapping[str, Sequence[Check]], findings: list[Finding], failures: dict[str, Failure]
) -> None:
    """What the checks that look for names say."""
    from diptych.checks.guards import is_guarded
    from diptych.checks.imported import Import, is_handed_on
    from diptych.checks.use import Use

    def note(check: Check, problem: Problem | None) -> None:
        if problem is not None:
            findings.append(_finding(check, problem, source.lines))

    for node in source.names.loads:
        name = source.names.qualified(node)
        found = _looking_for(name, by_name) if name is not None else []
        if name is None or not found or is_guarded(source, node):
            continue
        for check in found:
            with _alone(check, failures):
                note(check, check.visit(Use(source, node, name)))
    for statement in source.names.imports:
        hits = {one: _looking_for(one.name, by_name) for one in statement.names if not is_handed_on(one.alias)}
        found = list(dict.fromkeys(check for checks in hits.values() for check in checks))
        if not found or is_guarded(source, statement.node):
            continue
        for check in found:
            meant = tuple(one for one, checks in hits.items() if check in checks)
            with _alone(check, failures):
                note(check, check.visit_import(Import(source, statement, meant)))


@cache
def _by_name(checks: tuple[Described, ...], *, evidence: bool = False) -> dict[str, list[Check]]:
    """The checks that look for names, by each name as they write it; with their ``evidence`` where that is wanted."""
    from diptych.checks.check import Check

    found: dict[str, list[Check]] = {}
    for check in checks:
        if isinstance(check, Check):
            for name in (*check.names, *check.evidence) if evidence else check.names:
                found.setdefault(name, []).append(check)
    return found


def _looking_for(name: str, by_name: Mapping[str, Sequence[Check]]) -> list[Check]:
    """The checks that look for a full name, or for all that is below a part of it."""
    found = list(by_name.get(name, ()))
    above = name.rpartition(".")[0]
    while above:
        found += [check for check in by_name.get(f"{above}.*", ()) if check not in found]
        above = above.rpartition(".")[0]
    return found


def _follow(flow: Flow, checks: Sequence[FlowCheck], findings: list[Finding], failures: dict[str, Failure]) -> None:
    """What the checks that follow values say, but for what stands where an error is expected."""
    for part, asking in flow.parts(checks):
        quiet: list[FlowCheck] = []
        for check in asking:
            with _alone(check, failures):
                problems = list(check.visit(part))
                if not problems:
                    quiet.append(check)
                for problem in problems:
                    if not any(start <= problem.start < end for start, end in flow.expected_errors):
                        findings.append(_finding(check, problem, flow.lines))
        part.found_nothing(quiet)


@contextmanager
def _alone(check: Described, failures: dict[str, Failure]) -> Iterator[None]:
    """One check must not take the others down."""
    try:
        yield
    except RecursionError:
        raise
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        failures.setdefault(check.code, Failure(check.code, reason))


def _finding(check: Described, problem: Problem, lines: LineIndex) -> Finding:
    line, column = lines.place(problem.start)
    end_line, end_column = lines.place(problem.end)
    return Finding(
        code=check.code,
        name=check.name,
        severity=check.severity,
        message=problem.message or check.message,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
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
