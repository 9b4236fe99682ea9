"""Verification: runs both sides of a conversion and says, entry by entry, whether they agree."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from diptych.conversion.result import Conversion, Entry
from diptych.verification.cases import Case, Given, load, settings_of
from diptych.verification.children import Limits, Stopped
from diptych.verification.claims import Options, Pair
from diptych.verification.entry_claim import EntryClaim
from diptych.verification.first import Clue, Examined, examine
from diptych.verification.standby import Unavailable, standby
from diptych.verification.verdict import Outcome, Verdict

Progress = Callable[[int, int, str], None]
Claim = TypeVar("Claim", bound=EntryClaim)


def verify(
    conversion: Conversion | Pair,
    entries: Sequence[str] | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    given: Mapping[str, Given] | None = None,
    record: Callable[[Case], None] | None = None,
) -> list[Verdict]:
    """Run the entries (all of them, or those named) on both sides; one verdict each, in order. Executes user code, in
    other processes.

    ``progress(done, total, text)`` is called before each entry and while it runs; ``cancelled()`` is asked twenty
    times a second, and what it stops is *not verified*. ``given`` holds inputs and weights by entry, where they are not
    to be drawn; ``record`` is called with all that each verdict depends on. Raises ``KeyError`` for a name that is no
    entry.
    """
    options = options or Options()
    known = {entry.name: entry for entry in conversion.entries}
    if entries is not None:
        unknown = [name for name in entries if name not in known]
        if unknown:
            have = ", ".join(known) or "none"
            raise KeyError(f"no entry named {', '.join(unknown)}; there are: {have}")
    chosen = [entry for entry in conversion.entries if entries is None or entry.name in entries]
    stop = cancelled or (lambda: False)
    verdicts: list[Verdict] = []
    problem = _unavailable(conversion, options, stop) if chosen else None
    for index, entry in enumerate(chosen):
        if progress is not None:
            progress(index, len(chosen), entry.name)
        if problem is not None or stop():
            verdicts.append(Verdict(entry.name, "not verified", problem or "cancelled"))
            continue
        verdicts.append(_verify_entry(conversion, entry, options, stop, (given or {}).get(entry.name), record))
    return verdicts


def repeat(
    path: Path,
    options: Options | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[tuple[Case, Verdict]]:
    """Run saved cases again, each with its own settings. Raises ``OSError`` and ``BadCase``."""
    found = []
    cases = load(path)
    for index, case in enumerate(cases):
        if progress is not None:
            progress(index, len(cases), case.entry.name)
        given = {case.entry.name: case.given}
        [verdict] = verify(case.pair, None, case.options(options or Options()), None, cancelled, given)
        found.append((case, verdict))
    return found


def _unavailable(conversion: Conversion | Pair, options: Options, stop: Callable[[], bool]) -> str | None:
    """Start both standby workers at once; why that is not possible, or ``None``."""
    from concurrent.futures import ThreadPoolExecutor

    def start(side: tuple[Any, bool]) -> str | None:
        framework, twin = side
        try:
            standby(options.interpreter(framework), framework, options.device_of(framework, twin)).start(stop)
        except Unavailable as error:
            return str(error)
        return None

    with ThreadPoolExecutor(2) as pool:
        sides = ((conversion.framework, False), (conversion.to, True))
        problems = [text for text in pool.map(start, sides) if text]
    return "; ".join(dict.fromkeys(problems)) or None


def _verify_entry(
    conversion: Conversion | Pair,
    entry: Entry,
    options: Options,
    stop: Callable[[], bool],
    given: Given | None,
    record: Callable[[Case], None] | None,
) -> Verdict:
    started = time.perf_counter()
    left = _leftovers(conversion, entry)
    if left:
        return Verdict(entry.name, "not verified", left)
    limits = Limits(options.timeout, options.memory, stop)
    claim, outcome, reason = decide_twice(lambda limits: EntryClaim(conversion, entry, options, limits, given), limits)
    seconds = round(time.perf_counter() - started, 3)
    if outcome == "differs" and claim.twin_failed and isinstance(conversion, Conversion) and not conversion.complete:
        first = next(item for item in conversion.leftovers if item.severity == "error")
        outcome, reason = "not verified", f"{reason}; line {first.line} was not converted: {first.reason}"
    seen = _examined(claim, outcome == "differs", reason or "")
    verdict = Verdict(
        entry.name, outcome, reason, claim.evidence(seconds), claim.twin_line, seen.divergence, seen.lines
    )
    if record is not None:
        record(Case(_as_pair(conversion, entry), entry, settings_of(options), claim.used, verdict.to_json()))
    return verdict


def _as_pair(conversion: Conversion | Pair, entry: Entry) -> Pair:
    if isinstance(conversion, Pair):
        return replace(conversion, entries=(entry,))
    return Pair(
        conversion.source, conversion.twin, conversion.framework, conversion.to, (entry,), lines=conversion.lines,
        held=conversion.held,
    )  # fmt: skip


def decide_twice(make: Callable[[Limits], Claim], limits: Limits) -> tuple[Claim, Outcome, str | None]:
    """Run a claim; where it differs and random draws could be read in two orders of axes, run it in the other one."""
    claim = make(limits)
    outcome, reason = _decide(claim)
    if outcome == "differs" and claim.draws_ambiguous:
        again = make(limits)
        again.runs.prefer_permuted = True
        other, _ = _decide(again)
        if other in ("identical", "equal within rounding"):
            return again, other, None
    return claim, outcome, reason


def _examined(claim: EntryClaim, parted: bool, reason: str) -> Examined:
    """Where the sides part first, looked for only once it is known that they do, and the lines that were asked for: of
    the run that differs, else of the first one.
    """
    every = claim.options.trace
    if not parted and not (every and claim.first is not None):
        return Examined()
    limits = Limits(claim.limits.seconds, claim.limits.memory, claim.limits.cancelled)
    where = claim.largest.where if claim.largest is not None else ""
    job, plan = (claim.job, claim.plan) if parted or claim.first is None else claim.first
    clue = Clue(job, plan, claim.runs.prefer_permuted, where, reason, claim.twin_line, claim.runs.initial)
    return examine(claim.pair, claim.entry, claim.options, limits, clue, parted=parted, every=every)


def _decide(claim: EntryClaim) -> tuple[Outcome, str | None]:
    """Run a claim; what stops it is the twin's fault only once the source has run through."""
    try:
        return claim.run()
    except Unavailable as error:
        return "not verified", str(error)
    except OSError as error:
        return "not verified", f"the processes could not be set up: {error.strerror or error}"
    except Stopped as error:
        twin = error.kind == "died" and error.side == "twin" and claim.source_finished
        return ("differs" if twin else "not verified"), str(error)


def _leftovers(conversion: Conversion | Pair, entry: Entry) -> str | None:
    """Why an entry that was not converted whole is not run."""
    if isinstance(conversion, Pair) or conversion.complete:
        return None
    first, last = _lines_of(conversion.source, entry)
    inside = [item for item in conversion.leftovers if item.severity == "error" and first <= item.line <= last]
    if not inside:
        return None
    more = f" (and {len(inside) - 1} more)" if len(inside) > 1 else ""
    return f"line {inside[0].line} was not converted: {inside[0].reason}{more}"


def _lines_of(source: str, entry: Entry) -> tuple[int, int]:
    try:
        nodes = [
            node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt) and node.lineno == entry.line
        ]
    except SyntaxError:
        nodes = []
    for node in ast.walk(ast.parse(source)) if not nodes else ():
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == entry.name:
            nodes.append(node)
    return entry.line, max((node.end_lineno or entry.line for node in nodes), default=entry.line)
