"""The four children of a claim and the runs asked of them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from diptych.conversion.result import Conversion, Entry
from diptych.verification.children import Child, Limits
from diptych.verification.claims import Options, Pair
from diptych.verification.inputs import ULP, Plan, Sample, samples, wire
from diptych.verification.judge import NUDGE64
from diptych.verification.standby import Standby, standby
from diptych.worker.channel import Closed

KEYS = ("source32", "source64", "twin32", "twin64")


@dataclass(frozen=True)
class Job:
    """One call to judge: a sample in a mode (``training`` is ``None`` for functions), of the entry itself or of the
    ``keep``-th model that the entry returned.
    """

    sample: Sample
    training: bool | None = None
    keep: int | None = None
    traced: str | None = None

    @property
    def mode(self) -> str:
        """The mode in words."""
        return "" if self.training is None else "train" if self.training else "eval"


class Runs:
    """Four child processes (source and twin, float32 and float64), each answered by a thread of its own."""

    def __init__(self, pair: Pair | Conversion, entry: Entry, options: Options, limits: Limits) -> None:
        self.pair, self.entry, self.options, self.limits = pair, entry, options, limits
        self.children: dict[str, Child] = {}
        self.threads: dict[str, ThreadPoolExecutor] = {}
        self.greetings: dict[str, dict[str, Any]] = {}
        self.prefer_permuted = False
        self.states: list[dict[str, Any]] = []
        self.initial: Sequence[dict[str, Any]] = ()  # the weights to start from, where they are given
        self.plan = Plan(())
        self.standbys: list[Standby] = []
        self.used: list[Standby] = []
        self.exit = contextlib.ExitStack()
        self.printed = ""

    def __enter__(self) -> Self:
        """Fork the children; raises ``Unavailable`` or ``Stopped``."""
        folder = Path(
            self.exit.enter_context(tempfile.TemporaryDirectory(prefix="diptych-", ignore_cleanup_errors=True))
        )
        try:
            for key in KEYS:
                side, precision = key[:-2], "float" + key[-2:]
                framework = self.pair.framework if side == "source" else self.pair.to
                device = self.options.device_of(framework, side == "twin")
                parent = standby(self.options.interpreter(framework), framework, device)
                parent.start(self.limits.cancelled)
                parent.busy += 1
                self.standbys.append(parent)
                self.used.append(parent)
                self.children[key] = self._fork(parent, side, precision, folder / key)
                self.threads[key] = ThreadPoolExecutor(1)
        except BaseException:
            self.close()
            raise
        return self

    def _fork(self, parent: Standby, side: str, precision: str, scratch: Path) -> Child:
        try:
            return Child(parent, side, precision, scratch, self.options.seed, self.limits)
        except Closed:
            parent.start(self.limits.cancelled)
            return Child(parent, side, precision, scratch.with_suffix(".again"), self.options.seed, self.limits)

    def __exit__(self, *_: object) -> None:
        """Kill the children."""
        self.close()

    def close(self) -> None:
        """Kill the children and clean up."""
        for child in self.children.values():
            child.kill()
        for thread in self.threads.values():
            thread.shutdown(wait=True, cancel_futures=True)
        for child in self.children.values():
            child.close()
        texts = {key: child.text() for key, child in self.children.items() if key.endswith("32")}
        self.printed = "".join(f"[{key[:-2]}]\n{text}" for key, text in texts.items() if text.strip())
        for parent in self.standbys:
            parent.busy -= 1
        self.children.clear()
        self.standbys.clear()
        self.exit.close()

    def submit(self, key: str, do: str, **content: Any) -> Future[dict[str, Any]]:
        """Ask one child, without waiting."""
        return self.threads[key].submit(self.children[key].request, do, **content)

    def everyone(self, do: str, **content: Any) -> dict[str, dict[str, Any]]:
        """Ask all four children the same and wait; raises ``Stopped``."""
        return gather({key: self.submit(key, do, **content) for key in KEYS})

    def greet(self) -> dict[str, dict[str, Any]]:
        """Wait for all children to be set up: their devices and flags."""
        self.greetings = gather({key: self.threads[key].submit(self.children[key].greet) for key in KEYS})
        self.limits.restart()
        return self.greetings

    def load(self) -> dict[str, dict[str, Any]]:
        """Execute both texts, each in both precisions."""
        return self.load_texts()

    def load_texts(self, **more: Any) -> dict[str, dict[str, Any]]:
        """Have every child execute its text; ``more`` goes with the request."""
        waiting = {}
        for key in KEYS:
            side = key[:-2]
            folders = [str(self.options.folder.resolve())] if self.options.folder else []
            package = ""
            if (path := getattr(self.pair, f"{side}_path", None)) is not None:
                root, package = import_root(path)
                folders = [str(root), *folders]
            text = self.pair.source if side == "source" else self.pair.twin
            waiting[key] = self.submit(key, "load", text=text, name=side, folders=folders, package=package, **more)
        return gather(waiting)

    def target(self) -> dict[str, dict[str, Any]]:
        """Find (and construct) the entry on both sides."""
        [given] = samples(Plan(self.plan.constructor), ("random",), self.options.seed)
        constructor = wire(self.plan.constructor, given, False)
        renamed = getattr(self.pair, "renamed", {}).get(self.entry.name, self.entry.name)
        names = {"source": self.entry.name, "twin": renamed}
        kind = self.entry.kind
        found = gather(
            {key: self.submit(key, "target", name=names[key[:-2]], kind=kind, constructor=constructor) for key in KEYS}
        )
        if self.initial:
            self.states = list(self.initial)
            gather({key: self.submit(key, "snapshots", start=0, states=self.states) for key in KEYS})
        return found

    def timed(self, job: Job, key: str, traced: bool) -> dict[str, Any]:
        """The median time of a call in one child, after a warm-up: ``seconds``."""
        arguments = wire(self.plan.call, job.sample, key.startswith("twin"))
        return self.submit(key, "time", arguments=arguments, training=job.training, traced=traced).result()

    def permutations(self) -> list[list[int]]:
        """Every permutation by which a tensor of the entry differs between the sides."""
        axes = [argument.axes.permutation for argument in self.plan.call]
        axes += [item.permutation for item in self.entry.outputs]
        return [list(item) for item in dict.fromkeys(item for item in axes if item is not None)]

    def _content(self, key: str, job: Job, sample: Sample, draws: Any) -> dict[str, Any]:
        twin = key.startswith("twin")
        outputs = [list(axes.permutation) if axes.permutation else None for axes in self.entry.outputs] if twin else []
        if job.keep is not None:
            outputs = []
        return {
            "arguments": wire(self.plan.call, sample, twin),
            "training": job.training,
            "draws": draws,
            "permutations": self.permutations() if twin else [],
            "outputs": outputs,
            "seed": self.options.seed,
            "keep": job.keep,
            "known": len(self.states),
            "prefer_permuted": self.prefer_permuted,
        }

    def record(self, job: Job) -> dict[str, Any]:
        """Run the source in float32, recording its draws and the states of new models; tells the other children."""
        answer = self.submit("source32", "run", **self._content("source32", job, job.sample, None)).result()
        if answer["ok"] and answer["snapshots"]:
            waiting = {
                key: self.submit(key, "snapshots", start=len(self.states), states=answer["snapshots"])
                for key in KEYS[1:]
            }
            gather(waiting)
            self.states += answer["snapshots"]
        return answer

    def replay(
        self, job: Job, draws: Any, key: str, move: float = 0.0, weights: bool = True, **more: Any
    ) -> Future[dict[str, Any]]:
        """Run one child on the recorded draws, with inputs (and weights) moved by ``move`` times their size."""
        sample = job.sample.moved(move, self.options.seed, key.endswith("32")) if move else job.sample
        content = self._content(key, job, sample, draws)
        return self.submit(key, "run", **content, nudge=move if weights else 0.0, **more)

    def moved_by_one_unit(self, job: Job, draws: Any) -> Future[dict[str, Any]]:
        """The source in float32 with inputs and weights moved by one unit in the last place."""
        return self.replay(job, draws, "source32", ULP)

    def nudged(self, job: Job, draws: Any, key: str) -> Future[dict[str, Any]]:
        """A float64 run with inputs and weights moved by 1e-11."""
        return self.replay(job, draws, key, NUDGE64)

    def traced(self, job: Job, draws: Any) -> Future[dict[str, Any]]:
        """The twin under ``tf.function``, with the batch size unknown where all tensors share it."""
        batch = shared_batch(self.plan.call, job.sample)
        return self.replay(job, draws, "twin32", traced="tf.function", shared_batch=batch, gradients=False)


def import_root(path: Path) -> tuple[Path, str]:
    """The folder from which a file is imported, and the package that it belongs to, if any."""
    folder = path.resolve().parent
    names: list[str] = []
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        names.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(names)


def gather(waiting: dict[str, Future[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Wait for all; the first exception is raised."""
    return {key: future.result() for key, future in waiting.items()}


def shared_batch(arguments: Sequence[Any], sample: Sample) -> bool:
    """Whether all tensors share their first axis, which then may be of unknown size."""
    sizes = set()
    for argument in arguments:
        permutation = argument.axes.permutation
        for path, value in sample.arrays.items():
            if path == argument.name or path.startswith(argument.name + "."):
                if not hasattr(value, "shape"):
                    continue
                if not value.shape or (permutation and permutation[0] != 0):
                    return False
                sizes.add(value.shape[0])
    return len(sizes) == 1
