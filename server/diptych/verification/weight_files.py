"""Weights as files: from the format of one framework into that of the other, through a model and its twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from diptych.conversion.result import Conversion, Entry, Framework
from diptych.verification.cases import Given
from diptych.verification.children import Limits, Stopped
from diptych.verification.claims import Options
from diptych.verification.inputs import SAMPLES, Plan, UnknownInputs, plan, samples
from diptych.verification.runs import Job, Runs
from diptych.verification.specs import BadComment
from diptych.verification.standby import Unavailable
from diptych.verification.verdict import Verdict
from diptych.verification.verify import verify

SUFFIXES: dict[str, Framework] = {
    ".weights.h5": "tensorflow",
    ".h5": "tensorflow",
    ".keras": "tensorflow",
    ".safetensors": "torch",
    ".safetensors.index.json": "torch",
    ".pt": "torch",
    ".pth": "torch",
    ".bin": "torch",
    ".ckpt": "torch",
}
WRITTEN = (".weights.h5", ".keras", ".safetensors", ".pt", ".pth")
UNFIT = "the weights do not fit: "


class WeightsError(Exception):
    """Why weights cannot be carried over; ``unmatched`` lists those that fit nowhere."""

    def __init__(self, reason: str, unmatched: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.unmatched = unmatched


@dataclass(frozen=True)
class Carried:
    """What was carried: the ``weights`` (name in torch -> shape), and the ``verdict`` on both sides with them."""

    weights: dict[str, tuple[int, ...]]
    verdict: Verdict


def framework_of(path: Path) -> Framework | None:
    """The framework whose format a file's name tells; a folder is taken for safetensors."""
    if path.is_dir():
        return "torch"
    return next((framework for suffix, framework in SUFFIXES.items() if path.name.endswith(suffix)), None)


def carry(
    conversion: Conversion, entry: Entry, given: Path, output: Path, options: Options, cancelled: Callable[[], bool]
) -> Carried:
    """Read the weights ``given``, run the entry and its twin with them, and, where both agree, write ``output``.
    Executes user code, in other processes. Raises ``WeightsError``, and writes nothing then.
    """
    reader, writer = framework_of(given), framework_of(output)
    assert reader is not None and writer is not None
    with _errors_told(), _Session(conversion, entry, options, cancelled) as session:
        state = session.read(reader, given)
    found = {entry.name: Given(states=[state])}
    [verdict] = verify(conversion, (entry.name,), options, cancelled=cancelled, given=found)
    if not verdict.agrees:
        reason = verdict.reason or verdict.summary
        if UNFIT in reason:
            raise WeightsError(f"the weights do not fit {entry.name}", tuple(reason.split(UNFIT, 1)[1].split("; ")))
        raise WeightsError(f"{entry.name} and its twin do not agree with these weights ({verdict.verdict}): {reason}")
    with _errors_told(), _Session(conversion, entry, options, cancelled) as session:
        session.write(writer, output, state)
    return Carried({name: array.shape for name, array in state.items()}, verdict)


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except (Unavailable, Stopped, UnknownInputs, BadComment) as error:
        raise WeightsError(str(error)) from None
    except OSError as error:
        raise WeightsError(f"{error.filename or 'the processes'}: {error.strerror or error}") from None


class _Session:
    """Both sides of an entry, ready to read or write weights."""

    def __init__(self, conversion: Conversion, entry: Entry, options: Options, cancelled: Callable[[], bool]) -> None:
        self.conversion, self.entry = conversion, entry
        self.limits = Limits(options.timeout, options.memory, cancelled)
        self.runs = Runs(conversion, entry, options, self.limits)
        self.keep: int | None = None

    def __enter__(self) -> _Session:
        self.runs.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.runs.close()

    def _key(self, framework: Framework) -> str:
        return "source32" if framework == self.conversion.framework else "twin32"

    def _answered(self, what: str, answer: dict[str, Any]) -> dict[str, Any]:
        if not answer["ok"]:
            raise WeightsError(f"{what}: {answer['error']}")
        return answer

    def _start(self, state: dict[str, np.ndarray] | None) -> None:
        """Load both texts, construct the entry and call it once, as Keras makes its weights at the first call."""
        runs = self.runs
        unknown: UnknownInputs | None = None
        try:
            runs.plan = plan(self.entry)
        except UnknownInputs as error:
            if self.entry.kind != "model":
                raise
            unknown = error
        runs.initial = [state] if state is not None else ()
        for what, ask in (("cannot run", runs.greet), ("does not load", runs.load)):
            self._check(what, ask())
        targets = runs.target()
        self._check("cannot be constructed", targets)
        found = targets["source32"]
        if found["is"] == "model":
            if (unknown or not runs.plan.call) and (declared := found.get("inputs")):
                runs.plan = plan(self.entry, declared)
            elif unknown is not None:
                raise unknown
            self._call(None)
            return
        stated = runs.plan if self.entry.kind == "model" else Plan(())  # what is known of a model that is returned
        if self.entry.kind == "model":
            runs.plan = Plan(())
        kept = self._call(None)
        if len(kept) != 1:
            raise WeightsError(f"{self.entry.name} is no model, and returns {len(kept)} of them: name one model")
        self.keep = 0
        if stated.call:
            runs.plan = stated
        elif kept[0]["inputs"]:
            runs.plan = plan(Entry(self.entry.name, "model", self.entry.line), kept[0]["inputs"])
        else:
            raise WeightsError(f"the inputs of the model that {self.entry.name} returns are not known")
        self._call(0)

    def _check(self, what: str, answers: dict[str, dict[str, Any]]) -> None:
        for key, answer in answers.items():
            self._answered(f"the {'source' if key.startswith('source') else 'twin'} {what}", answer)

    def _call(self, keep: int | None) -> list[dict[str, Any]]:
        """Call both sides on one sample; the models that the source returned."""
        [sample] = samples(self.runs.plan, SAMPLES[:1], self.runs.options.seed)
        job = Job(sample, False, keep)
        first = self._answered("the source raises", self.runs.record(job))
        self._answered("the twin raises", self.runs.replay(job, first["draws"], "twin32").result())
        return first["kept"]

    def read(self, framework: Framework, path: Path) -> dict[str, np.ndarray]:
        """The weights in a file, under torch's names."""
        self._start(None)
        request = {"path": str(path.resolve()), "keep": self.keep}
        answer = self.runs.submit(self._key(framework), "read_weights", **request).result()
        return self._answered(f"{path} cannot be read", answer)["state"]

    def write(self, framework: Framework, path: Path, state: dict[str, np.ndarray]) -> None:
        """Write a file from these weights: under another name first, so that nothing half done is left."""
        self._start(state)
        suffix = next(suffix for suffix in SUFFIXES if path.name.endswith(suffix))
        part = path.resolve().with_name(f".{path.name.removesuffix(suffix)}.part{suffix}")
        try:
            answer = self.runs.submit(self._key(framework), "write_weights", path=str(part), keep=self.keep).result()
            self._answered(f"{path} cannot be written", answer)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
