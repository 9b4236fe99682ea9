"""The test of rules on their samples: each is written as code, converted both ways, and run on both sides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from diptych.catalog import samples as catalog_samples
from diptych.catalog.index import Index, load
from diptych.catalog.rule import SIDES, Rule, other
from diptych.conversion import Conversion, convert
from diptych.verification import snippets
from diptych.verification.snippet_judge import difference
from diptych.verification.snippet_runs import Pipeline, Results, Task
from diptych.verification.snippets import Snippet

Outcome = Literal["same", "refused", "one way", "untyped", "seen", "failed"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Check:
    """One sample in one direction. ``side`` is the framework that it was written in.

    ``outcome``: "same", "refused" (as the rule says), "one way" (this spelling cannot be read back, and was left over),
    "untyped" (left over or converted on an assumption where no types were stated), "seen" (a known difference was seen)
    or "failed", for which ``detail`` says why.
    """

    rule: str
    sample: str
    side: str
    outcome: Outcome
    detail: str = ""
    source: str = field(default="", repr=False)
    twin: str = field(default="", repr=False)


@dataclass(frozen=True)
class Report:
    """What a test of rules found. ``rules`` and ``samples`` are numbers of rules and of their cases."""

    rules: int
    samples: int
    checks: tuple[Check, ...]

    @property
    def failures(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.outcome == "failed"]

    def number(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(check.outcome == outcome for check in self.checks)


def test_rules(names: Sequence[str] = (), progress: Progress | None = None, index: Index | None = None) -> Report:
    """Test the rules of these names (all, if none are given). Raises ``KeyError`` for a name that no rule has,
    ``FrameworkMissing`` where this interpreter cannot import one.
    """
    index = index or load()
    rules = [index.rule(name) for name in names] if names else list(index.rules)
    checks: list[Check] = []
    lock = threading.Lock()
    total = 0

    def finished(found: Iterable[Check]) -> None:
        with lock:
            checks.extend(found)
            if progress is not None:
                progress(len(checks), total)

    def ran(rows: list[tuple[Task, Results]]) -> None:
        finished([_judged(task, results) for task, results in rows])

    with Pipeline(ran) as pipeline:
        planned = [partial(_task, rule, snippet) for rule in rules for snippet in snippets.snippets(index, rule)]
        planned += [
            partial(_naive, index, rule, sample)
            for rule in rules
            for sample in snippets.of_rule(rule)
            if sample.differs
        ]
        total = len(planned)
        for make in planned:
            task = make()
            if isinstance(task, Check):
                finished([task])
            else:
                pipeline.put(task)
    checks += [check for rule in rules for check in _uncovered(rule)]
    order = {rule.name: place for place, rule in enumerate(rules)}
    checks.sort(key=lambda check: (order[check.rule], check.side))
    return Report(len(rules), sum(catalog_samples.count(rule) for rule in rules), tuple(checks))


# --- Converting ----------------------------------------------------------------------------------------------------


def _task(rule: Rule, snippet: Snippet) -> Task | Check:
    """Convert a snippet: what to run, or the outcome where there is nothing to run."""

    def check(outcome: Outcome, detail: str = "", twin: str = "") -> Check:
        return Check(rule.name, snippet.sample, snippet.side, outcome, detail, snippet.text, twin)

    try:
        conversion = convert(snippet.text, to=other(snippet.side), layout=snippet.layout)  # type: ignore[arg-type]
    except Exception as error:
        return check("failed", f"the conversion raised {type(error).__name__}: {error}")
    if not conversion.complete:
        reason = next(leftover.reason for leftover in conversion.leftovers if leftover.severity == "error")
        if snippet.refusal is not None or snippet.differs is not None:
            return check("refused", reason)
        if not snippet.typed:
            return check("untyped", reason)
        if snippet.one_way:
            return check("one way", reason)
        return check("failed", f"left over: {reason}", conversion.twin)
    if not snippet.typed and conversion.leftovers and not snippet.floating:
        return check("untyped", conversion.leftovers[0].reason)
    try:
        return paired(rule, snippet, conversion)
    except LookupError as error:
        return check("failed", str(error), conversion.twin)


def paired(rule: Rule, snippet: Snippet, conversion: Conversion) -> Task:
    """What to run of a snippet and its twin. Raises ``LookupError`` where the conversion does not list the entry."""
    entry = next((entry for entry in conversion.entries if entry.name == snippet.entry), None)
    if entry is None:
        raise LookupError(f"the conversion lists no entry {snippet.entry!r}")
    axes = [parameter.axes.permutation for parameter in entry.parameters]
    outputs = [out.permutation for out in entry.outputs]
    arrays = [
        array if place >= len(axes) or axes[place] is None else array.transpose(axes[place])
        for place, array in enumerate(snippet.arrays)
    ]
    made = [parameter.axes.permutation for parameter in entry.constructor]
    constructor = [
        array if place >= len(made) or made[place] is None else array.transpose(made[place])
        for place, array in enumerate(snippet.constructor)
    ]
    trains = "running_mean" in (rule.attributes.get("weights") or {})
    modes = [False, True] if trains else [False]
    common = {
        "kind": snippet.kind, "entry": snippet.entry, "modes": modes, "state": {}, "gradients": _smooth(rule),
        "weights": snippet.kind == "step" or "weights" in rule.attributes, "map": rule.attributes.get("weights") or {},
    }  # fmt: skip
    source = {
        **common,
        "text": snippet.text,
        "arrays": list(snippet.arrays),
        "constructor": list(snippet.constructor),
        "outputs": [],
    }
    twin = {
        **common,
        "text": conversion.twin,
        "arrays": arrays,
        "constructor": constructor,
        "outputs": outputs,
        "traced": snippet.traced,
    }
    return Task(snippet, rule, conversion.twin, {snippet.side: source, other(snippet.side): twin}, conversion)


def _smooth(rule: Rule) -> bool:
    """Whether gradients are compared: not of numbers or shapes, not of what is drawn at random."""
    result = rule.attributes.get("result")
    tensors = result in (None, "tensors") or isinstance(result, tuple)
    return tensors and rule.attributes.get("gradient") is not False and not rule.attributes.get("random")


def _naive(index: Index, rule: Rule, sample: snippets.Sample) -> Task | Check:
    """Both sides of a case in which they are known to differ, written as if its dtypes were not known."""
    texts = {}
    entry = {"kind": "function", "entry": "sample"}
    for side in SIDES:
        facts = snippets.facts_of(sample, (side, other(side)), floating=True)
        branches = rule.side(side).branches
        place = snippets.branch_of(facts, branches)
        if place is None or not branches[place].spellings:
            place = next((n for n, branch in enumerate(branches) if branch.spellings), None)
        if place is None:
            return Check(rule.name, sample.label, side, "failed", "no branch to write the case that differs in")
        written = snippets.written(index, sample, side, branches[place].spellings[0], facts)
        called = snippets.in_axes_of(rule, side, sample.called)
        helpers = "".join(f"{index.helpers[name]}\n\n" for name in sorted(written.helpers))
        if rule.base == "LayerEquivalence":
            text = snippets.class_text(rule, side, written, called, helpers)
            entry = {"kind": "class", "entry": "Sample"}
            texts[side] = {**entry, "text": text, "arrays": called, "constructor": written.arrays}
        else:
            text = snippets.function_text(rule, side, written, helpers)
            texts[side] = {**entry, "text": text, "arrays": written.arrays, "constructor": []}
    jobs = {
        side: {
            **job,
            "outputs": [],
            "modes": [False],
            "state": {},
            "gradients": _smooth(rule),
            "weights": False,
            "map": {},
        }
        for side, job in texts.items()
    }
    source = jobs["torch"]
    snippet = Snippet(
        rule.name, sample.label, "torch", 0, None, source["text"], source["kind"], source["entry"],
        tuple(source["arrays"]), differs=sample.case.because,
    )  # fmt: skip
    return Task(snippet, rule, jobs["tensorflow"]["text"], jobs, naive=True)


def _uncovered(rule: Rule) -> Iterator[Check]:
    """A failure for each branch that no sample reaches."""
    reached: dict[str, set[int | None]] = {side: set() for side in SIDES}
    for sample in snippets.of_rule(rule):
        for side in SIDES:
            for sides in ((side,), (other(side), side)):
                facts = snippets.facts_of(sample, sides)
                reached[side].add(snippets.branch_of(facts, rule.side(side).branches))
    for side in SIDES:
        for place, branch in enumerate(rule.side(side).branches):
            if place not in reached[side] and branch.why is None:
                yield Check(rule.name, f"branch {place + 1}", side, "failed", "no sample reaches this branch")


def _judged(task: Task, results: Results) -> Check:
    snippet = task.snippet
    found = difference(task, results)
    outcome: Outcome = "same" if found is None else "failed"
    if task.naive:
        outcome = "failed" if found is None else "seen"
        found = found or f"no difference was seen, though the rule says: {snippet.differs}"
    return Check(snippet.rule, snippet.sample, snippet.side, outcome, found or "", snippet.text, task.twin)
