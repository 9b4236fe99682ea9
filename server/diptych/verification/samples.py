"""The test of rules on their samples: each is written as code, converted both ways, and run on both sides."""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from diptych.catalog import samples as catalog_samples
from diptych.catalog.index import Index, load
from diptych.catalog.rule import SIDES, Rule, other
from diptych.conversion import Conversion, convert
from diptych.verification import snippets
from diptych.verification.snippets import Snippet

Outcome = Literal["same", "refused", "one way", "seen", "failed"]
Progress = Callable[[int, int], None]
TOLERANCES = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7)}
BATCH = 40


@dataclass(frozen=True)
class Check:
    """One sample in one direction. ``side`` is the framework that it was written in.

    ``outcome``: "same", "refused" (as the rule says), "one way" (this spelling cannot be read back, and was left over),
    "seen" (a known difference was seen) or "failed", for which ``detail`` says why.
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


@dataclass
class Task:
    """A pair of texts to run. ``source`` and ``twin`` are jobs for the worker, by framework."""

    snippet: Snippet
    rule: Rule
    twin: str
    jobs: dict[str, dict[str, Any]]
    conversion: Conversion | None = None
    naive: bool = False


def test_rules(names: Sequence[str] = (), progress: Progress | None = None, index: Index | None = None) -> Report:
    """Test the rules of these names (all, if none are given). Raises ``KeyError`` for a name that no rule has."""
    index = index or load()
    rules = [index.rule(name) for name in names] if names else list(index.rules)
    planned = [(rule, snippet) for rule in rules for snippet in snippets.snippets(index, rule)]
    naive = [(rule, sample) for rule in rules for sample in snippets.of_rule(rule) if sample.differs]
    total = len(planned) + len(naive)
    checks: list[Check] = []
    done = 0

    def finished(found: Iterable[Check]) -> None:
        nonlocal done
        for check in found:
            checks.append(check)
            done += 1
            if progress is not None:
                progress(done, total)

    with _Pipeline(finished) as pipeline:
        for rule, snippet in planned:
            task = _task(rule, snippet)
            if isinstance(task, Check):
                finished([task])
            else:
                pipeline.put(task)
        for rule, sample in naive:
            task = _naive(index, rule, sample)
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
        conversion = convert(snippet.text, to=other(snippet.side))  # type: ignore[arg-type]
    except Exception as error:
        return check("failed", f"the conversion raised {type(error).__name__}: {error}")
    if not conversion.complete:
        reason = next(leftover.reason for leftover in conversion.leftovers if leftover.severity == "error")
        if snippet.refusal is not None or snippet.differs is not None:
            return check("refused", reason)
        if snippet.one_way:
            return check("one way", reason)
        return check("failed", f"left over: {reason}", conversion.twin)
    try:
        return _paired(rule, snippet, conversion)
    except LookupError as error:
        return check("failed", str(error), conversion.twin)


def _paired(rule: Rule, snippet: Snippet, conversion: Conversion) -> Task:
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
        "weights": snippet.kind == "step" or "weights" in rule.attributes,
    }  # fmt: skip
    source = {
        **common,
        "text": snippet.text,
        "arrays": list(snippet.arrays),
        "constructor": list(snippet.constructor),
        "outputs": [],
    }
    twin = {**common, "text": conversion.twin, "arrays": arrays, "constructor": constructor, "outputs": outputs}
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
        side: {**job, "outputs": [], "modes": [False], "state": {}, "gradients": _smooth(rule), "weights": False}
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


# --- Running -------------------------------------------------------------------------------------------------------


class _Process:
    """One framework in a process of its own, started anew when a snippet ends it."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "diptych.worker.snippets", self.framework]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def run(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The results of the jobs, in their order."""
        try:
            return self._exchanged(jobs)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.process.kill()
            code = self.process.wait()
            self.process = self._started()
            if len(jobs) == 1:
                return [{"error": f"the process ended with exit code {code}"}]
            return [result for job in jobs for result in self.run([job])]

    def _exchanged(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert self.process.stdin is not None and self.process.stdout is not None
        pickle.dump(jobs, self.process.stdin)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout)

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()


class _Pipeline:
    """Runs tasks in batches while more are converted: first in PyTorch, which makes the weights, then in TensorFlow."""

    def __init__(self, finished: Callable[[list[Check]], None]) -> None:
        self.finished = finished
        self.processes = {side: _Process(side) for side in SIDES}
        self.waiting: list[Task] = []
        self.queues: dict[str, queue.Queue[Any]] = {side: queue.Queue() for side in SIDES}
        self.errors: list[BaseException] = []
        self.threads = [threading.Thread(target=self._serve, args=(side,), daemon=True) for side in SIDES]

    def __enter__(self) -> _Pipeline:
        for thread in self.threads:
            thread.start()
        return self

    def put(self, task: Task) -> None:
        """Add a task."""
        for job in task.jobs.values():
            job["id"] = id(task)
        self.waiting.append(task)
        if len(self.waiting) >= BATCH:
            self._send()

    def _send(self) -> None:
        self.queues["torch"].put((self.waiting, {}))
        self.waiting = []

    def _serve(self, side: str) -> None:
        try:
            while (item := self.queues[side].get()) is not None:
                tasks, results = item
                results[side] = self.processes[side].run([task.jobs[side] for task in tasks])
                if side == "torch":
                    for task, result in zip(tasks, results["torch"], strict=True):
                        task.jobs["tensorflow"]["state"] = result.get("state", {})
                    self.queues["tensorflow"].put((tasks, results))
                else:
                    rows = zip(tasks, results["torch"], results["tensorflow"], strict=True)
                    self.finished([_judged(task, {"torch": a, "tensorflow": b}) for task, a, b in rows])
        except BaseException as error:
            self.errors.append(error)
        if side == "torch":
            self.queues["tensorflow"].put(None)

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self._send()
        self.queues["torch"].put(None)
        if kind is None:
            for thread in self.threads:
                thread.join()
        for process in self.processes.values():
            process.close()
        if kind is None and self.errors:
            raise self.errors[0]


# --- Judging -------------------------------------------------------------------------------------------------------


def _judged(task: Task, results: dict[str, dict[str, Any]]) -> Check:
    snippet = task.snippet

    def check(outcome: Outcome, detail: str = "") -> Check:
        return Check(snippet.rule, snippet.sample, snippet.side, outcome, detail, snippet.text, task.twin)

    source, twin = results[snippet.side], results[other(snippet.side)]
    difference = _difference(task, source, twin)
    if task.naive:
        if difference is None:
            return check("failed", f"no difference was seen, though the rule says: {snippet.differs}")
        return check("seen", difference)
    return check("same") if difference is None else check("failed", difference)


def _difference(task: Task, source: dict[str, Any], twin: dict[str, Any]) -> str | None:
    """What differs first, ``None`` if nothing does."""
    if "error" in source:
        return f"the source raises {source['error']}"
    if "error" in twin:
        return f"the twin raises {twin['error']}"
    outputs = task.jobs[other(task.snippet.side)]["outputs"]
    inputs = _input_axes(task)
    tolerance = float(task.rule.attributes.get("tolerance") or 0)
    for mode, (a, b) in enumerate(zip(source["runs"], twin["runs"], strict=True)):
        where = f" (run {mode + 1})" if len(source["runs"]) > 1 else ""
        if len(a["outputs"]) != len(b["outputs"]):
            return f"{len(a['outputs'])} results, {len(b['outputs'])} in the twin{where}"
        for number, (left, right) in enumerate(zip(a["outputs"], b["outputs"], strict=True)):
            permutation = (
                (outputs[number] if number < len(outputs) else outputs[0] if len(outputs) == 1 else None)
                if outputs
                else None
            )
            found = _unlike(left, right, permutation, bool(task.rule.attributes.get("random")), tolerance)
            if found:
                return f"result {number + 1}{where}: {found}"
        found = _gradients_unlike(a["gradients"], b["gradients"], inputs, tolerance)
        if found:
            return f"{found}{where}"
    return _states_unlike(source, twin, tolerance)


def _input_axes(task: Task) -> list[Any]:
    if task.conversion is None:
        return []
    entry = next(entry for entry in task.conversion.entries if entry.name == task.snippet.entry)
    return [parameter.axes.permutation for parameter in entry.parameters]


def _unlike(left: Any, right: Any, permutation: Any, random: bool, tolerance: float) -> str | None:
    (a, dtype_a), (b, dtype_b) = left, right
    if dtype_a is None or dtype_b is None:
        plain_a = a.item() if isinstance(a, np.ndarray) and a.ndim == 0 else a
        plain_b = b.item() if isinstance(b, np.ndarray) and b.ndim == 0 else b
        return None if plain_a is plain_b or _equal(plain_a, plain_b) else f"{plain_a!r}, {plain_b!r} in the twin"
    if permutation is not None and len(permutation) == b.ndim:
        b = b.transpose(np.argsort(permutation))
    if a.shape != b.shape:
        return f"shape {list(a.shape)}, {list(b.shape)} in the twin"
    if dtype_a != dtype_b:
        return f"dtype {dtype_a}, {dtype_b} in the twin"
    return None if random else _apart(a, b, dtype_a, tolerance)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return bool(np.isclose(a, b, rtol=1e-6, equal_nan=True))
    return type(a) is type(b) and not isinstance(a, np.ndarray) and a == b


def _apart(a: np.ndarray, b: np.ndarray, dtype: str, tolerance: float) -> str | None:
    if a.dtype.kind not in "fc":
        wrong = int((a != b).sum())
        return f"{wrong} of {a.size} elements differ" if wrong else None
    rtol, atol = TOLERANCES.get(dtype, (1.3e-6, 1e-5))
    close = np.isclose(b, a, rtol=max(rtol, tolerance), atol=max(atol, tolerance), equal_nan=True)
    if close.all():
        return None
    place = tuple(int(axis[0]) for axis in np.nonzero(~close))
    values = f"{a[place]:.7g}, {b[place]:.7g} in the twin"
    return f"{int((~close).sum())} of {a.size} elements differ, at {list(place)}: {values}"


def _gradients_unlike(a: dict[str, Any], b: dict[str, Any], inputs: list[Any], tolerance: float) -> str | None:
    for name in [*a, *(name for name in b if name not in a)]:
        left, right = a.get(name), b.get(name)
        if name.isdigit():
            permutation = inputs[int(name)] if int(name) < len(inputs) else None
            if right is not None and permutation is not None:
                right = right.transpose(np.argsort(permutation))
            label = f"gradient of argument {int(name) + 1}"
        else:
            label = f"gradient of {name}"
        if left is None and right is None:
            continue
        left = np.zeros_like(right) if left is None else left
        right = np.zeros_like(left) if right is None else right
        if left.shape != right.shape:
            return f"{label}: shape {list(left.shape)}, {list(right.shape)} in the twin"
        found = _apart(left, right, str(left.dtype), max(tolerance, 1e-5))
        if found:
            return f"{label}: {found}"
    return None


def _states_unlike(source: dict[str, Any], twin: dict[str, Any], tolerance: float) -> str | None:
    a, b = source.get("after") or {}, twin.get("after") or {}
    for name in a:
        if name not in b:
            return f"{name} is missing after training"
        if a[name].shape != b[name].shape:
            return f"{name}: shape {list(a[name].shape)}, {list(b[name].shape)} in the twin"
        found = _apart(a[name], b[name], str(a[name].dtype), max(tolerance, 1e-5))
        if found:
            return f"{name} after training: {found}"
    return None
