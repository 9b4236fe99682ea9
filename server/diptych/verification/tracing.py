"""Runs of instrumented code: which lines were passed, and what they assigned."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from diptych.verification.inputs import ULP, Plan, Sample
from diptych.verification.runs import KEYS, Job, Runs, gather

ROOM = 192 << 20
"""Bytes of values that one answer may hold."""
MOVED = "moved32"


class TraceRuns(Runs):
    """The four children with both texts instrumented. ``sites`` are those of each side."""

    sites: dict[str, list[dict[str, Any]]]
    draws: Any = None

    def load(self) -> dict[str, dict[str, Any]]:
        """Execute both texts, each in both precisions, with notes."""
        answers = self.load_texts(recorded=True)
        self.sites = {side: answers[f"{side}32"].get("sites", []) for side in ("source", "twin")}
        return answers

    def prepare(self, job: Job) -> str | None:
        """Bring all children to where the job can be traced; what prevents that, if anything."""
        for step in (self.greet, self.load, self.target):
            for answer in step().values():
                if not answer["ok"]:
                    return answer["error"]
        if job.keep is not None:  # the models that the entry returns
            plan, self.plan = self.plan, Plan(())
            first = Job(Sample("the call", {}))
            made = self.record(first)
            if made["ok"]:
                gather({key: self.replay(first, made["draws"], key) for key in KEYS[1:]})
            self.plan = plan
        recorded = self.record(job)
        if not recorded["ok"]:
            return recorded["error"]
        self.draws = recorded["draws"]
        gather({key: self.replay(job, self.draws, key) for key in KEYS[1:]})  # what happens at the first call only
        return None

    def trace(
        self,
        job: Job,
        wanted: dict[str, list[int]] | None = None,
        *,
        gradients: bool = False,
        states: bool = False,
        moved: bool = False,
    ) -> dict[str, dict[str, Any]]:
        """Run the job in every child, keeping the values of the events that are ``wanted`` of it. ``moved`` adds a run
        of the source in float32 with everything moved by one unit in the last place.
        """
        waiting: dict[str, Future[dict[str, Any]]] = {}
        for key in [*KEYS, *([MOVED] if moved else [])]:
            child = "source32" if key == MOVED else key
            move = ULP if key == MOVED else 0.0
            sample = job.sample.moved(move, self.options.seed, True) if move else job.sample
            content = self._content(child, job, sample, self.draws)
            numbers = (wanted or {}).get(child, [])
            waiting[key] = self.submit(
                child, "trace", **content, nudge=move, wanted=numbers, room=ROOM, gradients=gradients, states=states
            )
        return gather(waiting)
