"""One entry: loads both sides, runs every sample in every mode, judges, and gathers the evidence."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np

from diptych.conversion.result import Conversion, Entry
from diptych.verification import compare
from diptych.verification.cases import Given
from diptych.verification.children import Limits
from diptych.verification.claims import Options, Pair
from diptych.verification.compare import Four, Mismatch
from diptych.verification.inputs import EDGES, SAMPLES, TRAIN_SAMPLES, Plan, Sample, UnknownInputs, plan, samples
from diptych.verification.judge import Finding, Item, apart, judge, largest, was_float64
from diptych.verification.reach import reachable
from diptych.verification.runs import Job, Runs, gather
from diptych.verification.specs import BadComment
from diptych.verification.verdict import Difference, Evidence, Outcome

MOVE = 1e-4
"""How far inputs are moved, relative to their size, to see whether a place is a kink."""
SELECTS = re.compile(
    r"\b(topk|top_k|sort|argsort|argmax|argmin|argpartition|kthvalue|median|mode|max|min|unique|nonzero)\b"
)

NO_GRADIENTS = re.compile(r"\b(no_grad|inference_mode|set_grad_enabled)\b")


class Ended(Exception):
    """The claim is decided."""

    def __init__(self, outcome: Outcome, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome
        self.reason, self.line = reason, line


ADVICE = {
    "memory": "close other programs, or state smaller sizes in the '# diptych:' comment",
    "GPU memory": "state smaller sizes in the '# diptych:' comment, run one side on the CPU, or free the GPU",
    "disk space": "make room in the temporary folder, or point TMPDIR to another one",
}


def _check_exhausted(side: str, answer: dict[str, Any]) -> None:
    """End the claim undecided where a side ran out of something: that says nothing of the twin."""
    if what := answer.get("exhausted"):
        raise Ended("undecided", f"the {side} ran out of {what} ({answer['error']}); {ADVICE[what]}")


class EntryClaim:
    """The state of one claim; :meth:`run` decides it, :meth:`evidence` tells how far it came."""

    def __init__(
        self, pair: Conversion | Pair, entry: Entry, options: Options, limits: Limits, given: Given | None = None
    ) -> None:
        self.pair, self.entry, self.options, self.limits = pair, entry, options, limits
        self.given = given
        self.used = Given()
        self.times: dict[str, float] = {}
        self.runs = Runs(pair, entry, options, limits)
        self.runs.initial = given.states if given is not None else ()
        self.plan = Plan(())
        self.returned_plan: Plan | None = None
        self.source_finished = self.twin_failed = False
        self.twin_line: int | None = None
        self.largest: Difference | None = None
        self.all_identical = True
        self.judged: set[str] = set()
        self.modes: dict[str, None] = {}
        self.kinks: dict[str, None] = {}
        self.dropped: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.undecided: str | None = None
        self.draws_ambiguous = False
        self.job: Job | None = None
        self.first: tuple[Job, Plan] | None = None  # the first run that was judged, and of what

    def run(self) -> tuple[Outcome, str | None]:
        """Decide the claim; raises ``Unavailable`` or ``Stopped``."""
        try:
            with self.runs:
                self._prepare()
                self._judge_all()
                if self.options.timing:
                    self._measure_time()
        except Ended as ended:
            self.twin_line = ended.line
            return ended.outcome, ended.reason
        except (UnknownInputs, BadComment) as error:
            return "not verified", str(error)
        if self.undecided:
            return "undecided", self.undecided
        return ("identical" if self.all_identical else "equal within rounding"), None

    def evidence(self, seconds: float) -> Evidence:
        """What was run and seen."""
        versions: dict[str, str] = {}
        greetings = self.runs.greetings
        for framework in (self.pair.framework, self.pair.to):
            for parent in self.runs.used:
                if parent.framework == framework:
                    versions.update({k: v for k, v in parent.versions.items() if k != "python"})
                    versions[f"python ({framework})"] = parent.versions.get("python", "")
        devices = {key[:-2]: greetings[key].get("device", "cpu") for key in greetings if key.endswith("32")}
        flags = [flag for key in greetings for flag in greetings[key].get("flags", [])]
        return Evidence(
            largest=self.largest,
            samples=len(self.judged),
            modes=tuple(self.modes),
            kinks=tuple(self.kinks),
            dropped=tuple(self.dropped),
            notes=tuple(self.notes),
            versions=versions,
            devices=devices,
            flags=tuple(dict.fromkeys(flags)),
            seed=self.options.seed,
            inputs=self.plan.describe(),
            output=self.runs.printed,
            seconds=seconds,
            times=self.times,
        )

    def _prepare(self) -> None:
        unknown: UnknownInputs | None = None
        try:
            self.runs.plan = self.plan = plan(self.entry)
        except UnknownInputs as error:
            if self.entry.kind != "model":
                raise
            unknown = error
        for key, answer in self.runs.greet().items():
            if not answer["ok"]:
                raise Ended("not verified", f"the {key[:-2]} cannot run: {answer['error']}")
        self._check(self.runs.load(), "does not load")
        targets = self.runs.target()
        self._check(targets, "cannot be constructed" if self.entry.kind == "class" else "cannot be found")
        kinds = {key: targets[key]["is"] for key in ("source32", "twin32")}
        if kinds["source32"] == "other":
            raise Ended(
                "not verified", f"{self.entry.name} is a {targets['source32'].get('type')}, not a model or a function"
            )
        if kinds["source32"] != kinds["twin32"]:
            self.twin_failed = True
            raise Ended(
                "differs", f"{self.entry.name} is a {kinds['source32']} in the source, in the twin a {kinds['twin32']}"
            )
        self.is_model = kinds["source32"] == "model"
        if self.entry.kind == "model" and not self.is_model:
            self.returned_plan, unknown = (None if unknown else self.plan), None
            self.runs.plan = self.plan = Plan(())
        if self.entry.kind == "model" and self.is_model and (unknown or not self.plan.call):
            declared = targets["source32"].get("inputs") or None
            if declared is None:
                raise unknown or UnknownInputs(
                    f"the inputs of {self.entry.name} are not known; write above its definition, with your own sizes: "
                    "# diptych: x=float32[2,3,32,32]"
                )
            self.runs.plan = self.plan = plan(self.entry, declared)

    def _samples(self, names: tuple[str, ...], keep: int | None) -> list[Sample]:
        """The samples of these names: those that were given, of whatever name, or drawn ones."""
        stage = "entry" if keep is None else f"returned {keep}"
        if self.given is not None and stage in self.given.samples:
            some = [one for one in self.given.samples[stage] if one.name in names or one.name not in SAMPLES]
        else:
            some = samples(self.plan, names, self.options.seed)
        known = self.used.samples.setdefault(stage, [])
        known += [one for one in some if one.name not in {other.name for other in known}]
        self.used.states = self.runs.states
        return some

    def _measure_time(self) -> None:
        """The time per call of both sides, one after the other, on the first sample; nothing where a call fails."""
        [sample, *_] = self._samples(SAMPLES, None)
        job = Job(sample, False if self.is_model else None)
        ways = [("source", "source32", False), ("twin", "twin32", False)]
        if "tf.function" in self.modes:
            ways.append(("twin, tf.function", "twin32", True))
        for name, key, traced in ways:
            answer = self.runs.timed(job, key, traced)
            if answer["ok"]:
                self.times[name] = answer["seconds"]

    def _check(self, answers: dict[str, dict[str, Any]], what: str) -> None:
        for key, answer in answers.items():
            if answer["ok"]:
                continue
            side = key[:-2]
            _check_exhausted(side, answer)
            line = self._line(side, answer)
            place = f" at line {line}" if line else ""
            text = f"the {side} {what}: {answer['error']}{place}"
            foreign = answer.get("error_type") in ("ModuleNotFoundError", "ImportError")
            if side == "source" or foreign:
                raise Ended("not verified", text)
            self.twin_failed = True
            raise Ended("undecided" if key == "twin64" else "differs", text, line)

    def _line(self, side: str, answer: dict[str, Any]) -> int | None:
        """Where a side raised: of the twin, the last line that stands for one of the source's, not one of a helper."""
        own = {there for _, there in self.pair.lines} if side == "twin" else set()
        passed = [line for line in answer.get("error_lines", ()) if line in own]
        return passed[-1] if passed else answer.get("error_line")

    def _judge_all(self) -> None:
        jobs = self._jobs(None)
        kept = self._run_jobs(jobs)
        if kept and not self.is_model and not self.plan.call:
            self._judge_returned(kept)

    def _jobs(self, keep: int | None) -> list[Job]:
        if keep is None and not self.is_model:
            return [Job(sample) for sample in self._samples(SAMPLES, None)]
        evals = self._samples(SAMPLES, keep)
        trains = self._samples(TRAIN_SAMPLES, keep)
        return [Job(s, True, keep) for s in trains] + [Job(s, False, keep) for s in evals]

    def _judge_returned(self, kept: list[dict[str, Any]]) -> None:
        """Models that a function returned are judged by calling them."""
        for index, model in enumerate(kept):
            if self.returned_plan is not None and self.returned_plan.call:
                self.runs.plan = self.returned_plan
            elif model["inputs"]:
                self.runs.plan = plan(Entry(self.entry.name, "model", self.entry.line), model["inputs"])
            else:
                self.notes["a returned model was not called, since its inputs are not known"] = None
                continue
            saved, self.plan = self.plan, self.runs.plan
            self._run_jobs(self._jobs(index))
            self.plan = self.runs.plan = saved

    def _run_jobs(self, jobs: list[Job]) -> list[dict[str, Any]]:
        waiting: list[tuple[Job, dict[str, Any], dict[str, Any]]] = []
        modes: set[str] = set()
        for job in jobs:
            source32 = self.runs.record(job)
            if not source32["ok"]:
                _check_exhausted("source", source32)
                line = f" at line {source32['error_line']}" if source32.get("error_line") else ""
                self.dropped[f"{job.sample.name}: {source32['error']}{line}"] = None
                continue
            if source32["draw_problem"]:
                raise Ended("undecided", source32["draw_problem"])
            waiting.append((job, source32, self._replays(job, source32["draws"], job.mode not in modes)))
            modes.add(job.mode)
        if all(job.sample.name in EDGES for job, _, _ in waiting):
            extent = "all but edge inputs" if waiting else "every input"
            raise Ended("not verified", f"the source raises on {extent}: {next(iter(self.dropped))}")
        for job, source32, futures in waiting:
            futures["moved32"] = self.runs.moved_by_one_unit(job, source32["draws"])
        self.source_finished = True
        for job, source32, futures in waiting:
            self._judge_job(job, source32, gather(futures))
        return waiting[0][1]["kept"]

    def _replays(self, job: Job, draws: Any, first: bool) -> dict[str, Any]:
        """Start the other runs of a job; the first of each mode is also nudged, and traced on the TensorFlow side."""
        futures = {key: self.runs.replay(job, draws, key) for key in ("source64", "twin32", "twin64")}
        if first:
            futures["nudged_source"] = self.runs.nudged(job, draws, "source64")
            futures["nudged_twin"] = self.runs.nudged(job, draws, "twin64")
            if self.pair.to == "tensorflow" and self.plan.has_tensors:
                futures["traced"] = self.runs.traced(job, draws)
        return futures

    def _judge_job(self, job: Job, source32: dict[str, Any], answers: dict[str, dict[str, Any]]) -> None:
        sample, mode = job.sample.name, job.mode
        self.job = job
        if not self._check_ran(job, answers):
            return
        moved = answers["moved32"] if answers["moved32"]["ok"] else None
        four = Four(source32, answers["source64"], answers["twin32"], answers["twin64"], moved)
        items, names = self._items(four, job)
        truly = self._check_float64(four, answers, job, names)
        for item in items:
            finding = judge(item, sample, mode)
            if finding.status == "differs" and self._is_kink(item, four, job, finding, names):
                self.kinks[item.where] = None
                continue
            self._count(finding, truly)
        self.judged.add(("returned " if job.keep is not None else "") + sample)
        if self.first is None or not self.first[1].has_tensors:
            self.first = job, self.plan
        self.modes.setdefault("eager" if self.pair.to == "tensorflow" else "run", None)
        if mode:
            self.modes.setdefault(mode, None)
        if "traced" in answers:
            self._judge_traced(job, four, answers["traced"])

    def _check_ran(self, job: Job, answers: dict[str, dict[str, Any]]) -> bool:
        """Whether every run came to an end and its draws were paired; a twin that raises differs."""
        mode = f" in {job.mode} mode" if job.mode else ""
        for key in ("twin32", "twin64", "source64"):
            answer = answers[key]
            side = key[:-2]
            if not answer["ok"]:
                _check_exhausted(side, answer)
                line = self._line(side, answer)
                place = f" at its line {line}" if line else ""
                if key == "twin32":
                    self.twin_failed = True
                    raise Ended(
                        "differs", f"the twin raises {answer['error']}{place} on {job.sample.name} inputs{mode}", line
                    )
                self.undecided = self.undecided or f"the {side} raises in float64: {answer['error']}{place}"
                return False
            if answer["draw_difference"]:
                raise Ended("differs", answer["draw_difference"])
            if answer["draw_problem"]:
                self.undecided = self.undecided or answer["draw_problem"]
                return False
            self.draws_ambiguous = self.draws_ambiguous or answer["draw_ambiguous"]
        return True

    def _items(self, four: Four, job: Job) -> tuple[list[Item], list[dict[str, str]]]:
        try:
            compare.check_structure(four.source32, four.twin32)
            compare.check_structure(four.source64, four.twin64)
            compare.check_structure(four.source32, four.source64)
            if four.source32["models"] != four.twin32["models"]:
                raise Mismatch(
                    f"the source calls {four.source32['models']} models with weights, the twin {four.twin32['models']}"
                )
            names = compare.names_by_twin(four)
        except Mismatch as error:
            raise Ended("differs", str(error)) from None
        self._check_arguments(four)
        opaque = [leaf["type"] for leaf in four.source32["leaves"] if leaf["kind"] == "opaque"]
        if opaque:
            self.notes[f"not compared: {', '.join(opaque)}"] = None
        items = compare.outputs(four, self.entry.outputs if job.keep is None else ())
        trains = job.training is None and bool(four.source32["states"]) and self._moved_weights(four)
        items += compare.states(four, names)
        if not items and not four.source32["kept"]:
            raise Ended("undecided", f"{self.entry.name} returns nothing that can be compared")
        if not trains:
            terms = max(
                (largest(a) for a in map(np.asarray, job.sample.arrays.values()) if a.dtype.kind == "f"), default=0.0
            )
            items += [replace(item, terms=terms) for item in self._gradient_items(four, names)]
        return items, names

    def _moved_weights(self, four: Four) -> bool:
        return compare.changed(self.runs.states, four.source32) or compare.changed(self.runs.states, four.twin32)

    def _check_arguments(self, four: Four) -> None:
        ours, theirs = four.source32["changed"], four.twin32["changed"]
        if ours and not theirs:
            raise Ended("differs", f"the source changes its argument {', '.join(ours)} in place, the twin does not")
        if theirs and not ours:
            raise Ended("differs", f"the twin changes its argument {', '.join(theirs)} in place, the source does not")

    def _gradient_items(self, four: Four, names: list[dict[str, str]]) -> list[Item]:
        for side, answer in (("source", four.source32), ("twin", four.twin32)):
            if answer.get("gradient_error"):
                if side == "twin" and not four.source32.get("gradient_error"):
                    raise Ended("differs", f"the twin's gradients cannot be taken: {answer['gradient_error']}")
                self.notes[f"gradients not compared: {answer['gradient_error']}"] = None
                return []
        if four.source32["gradients"] is None and four.twin32["gradients"] is None:
            return []
        if four.source32["gradients"] is None and NO_GRADIENTS.search(reachable(self.pair.source, self.entry.name)):
            self.notes["gradients not compared: the source asks for none"] = None
            return []
        axes = {argument.name: argument.axes for argument in self.plan.call}
        return compare.gradients(four, axes, names)

    def _check_float64(
        self, four: Four, answers: dict[str, dict[str, Any]], job: Job, names: list[dict[str, str]]
    ) -> str | None:
        """Which side's float64 run was not float64, if any. Checked on the first sample of each mode."""
        if four.moved32 is None:
            return None
        for side, wide in (("source", four.source64), ("twin", four.twin64)):
            nudged = answers.get(f"nudged_{side}")
            if nudged is None or not nudged["ok"] or nudged["structure"] != wide["structure"]:
                continue
            for index, leaf in enumerate(wide["leaves"]):
                if leaf["kind"] != "array":
                    continue
                base32 = (four.source32 if side == "source" else four.twin32)["leaves"][index]["value"]
                moved32 = four.moved32["leaves"][index]["value"]
                source32 = four.source32["leaves"][index]["value"]
                if (side == "twin" and base32.shape == moved32.shape) or side == "source":
                    reference = source32
                else:
                    reference = moved32 = base32
                if not was_float64(leaf["value"], nudged["leaves"][index]["value"], reference, moved32):
                    what = f"the float64 run of the {side} was not float64 throughout"
                    return f"{what} ({leaf['path']} does not answer to a change of 1e-11)"
        return None

    def _count(self, finding: Finding, not_float64: str | None) -> None:
        if finding.status != "identical":
            self.all_identical = False
        if finding.status == "differs":
            mode = f", {finding.difference.mode}" if finding.difference.mode else ""
            place = f" ({finding.difference.sample} inputs{mode})"
            self.largest = finding.difference
            if not_float64 and finding.difference.relative < 1e-4:
                self.undecided = self.undecided or not_float64
                return
            raise Ended("differs", finding.reason + place)
        if finding.status == "undecided":
            self.undecided = self.undecided or finding.reason
        elif not_float64:
            self.undecided = self.undecided or not_float64
        if self.largest is None or finding.difference.relative > self.largest.relative:
            self.largest = finding.difference

    def _is_kink(self, item: Item, four: Four, job: Job, finding: Finding, names: list[dict[str, str]]) -> bool:
        """Whether slightly moved inputs agree, while at this very point the source itself jumps."""
        gradient = item.where.startswith("the gradient of")
        selects = SELECTS.search(reachable(self.pair.source, self.entry.name)) is not None
        selection = job.sample.name in EDGES and selects and not math.isnan(finding.difference.absolute)
        if not (gradient or selection) or not self.plan.has_tensors or item.source32.shape != item.twin32.shape:
            return False
        base = job.sample
        moved = Job(base.moved(MOVE, self.options.seed + 1, True), job.training, job.keep)
        answer = self.runs.record(moved)
        if not answer["ok"] or answer["draw_problem"]:
            return False
        keys = ("source64", "twin32", "twin64")
        others = gather({key: self.runs.replay(moved, answer["draws"], key) for key in keys})
        unit = self.runs.moved_by_one_unit(moved, answer["draws"]).result()
        if not all(other["ok"] for other in others.values()) or not unit["ok"]:
            return False
        near, _ = self._items(Four(answer, others["source64"], others["twin32"], others["twin64"], unit), moved)
        same = [one for one in near if one.where == item.where]
        if not same or judge(same[0], base.name, job.mode).status == "differs":
            return False
        if not (item.source64 == item.source64).all() or not (item.twin64 == item.twin64).all():
            return True
        jump = max(apart(item.source64, same[0].source64)[0], apart(item.twin64, same[0].twin64)[0])
        return jump >= 0.25 * max(apart(item.source64, item.twin64)[0], finding.difference.absolute)

    def _judge_traced(self, job: Job, four: Four, traced: dict[str, Any]) -> None:
        strict = self.entry.kind != "function"
        if not traced["ok"] or traced["draw_problem"]:
            text = traced.get("error") or traced["draw_problem"]
            line = self._line("twin", traced)
            if strict:
                self.twin_failed = True
                place = f" at its line {line}" if line else ""
                raise Ended(
                    "differs", f"the twin fails under tf.function with an unknown batch size: {text}{place}", line
                )
            self.notes[f"not run under tf.function: {text.splitlines()[0][:160]}"] = None
            return
        try:
            compare.check_structure(four.source32, traced)
        except Mismatch:
            self.notes["not compared under tf.function: it returns another structure there"] = None
            return
        again = Four(four.source32, four.source64, traced, four.twin64, four.moved32)
        for item in compare.outputs(again, self.entry.outputs if job.keep is None else ()):
            finding = judge(item, job.sample.name, f"{job.mode} tf.function".strip())
            self._count(finding, None)
        self.modes.setdefault("tf.function", None)
