"""Converts one class of the corpus, runs it and its twin, and says what came of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from diptych.conversion import convert
from diptych.conversion.eager_values import EAGER
from diptych.conversion.packages import surroundings
from diptych.conversion.result import Axes, Conversion, Entry, Framework, Layout
from diptych.verification import Given, Options, Pair, Verdict, verify
from diptych.verification.inputs import TRAIN_SAMPLES, UnknownInputs, plan, samples

from .models import ENTRY, SITE, Model
from .vendored import Vendored, write

Outcome = Literal["equal", "left over", "undecided", "wrong", "crash"]
OUTCOMES: tuple[Outcome, ...] = ("crash", "wrong", "undecided", "left over", "equal")
LAYOUTS: tuple[Layout, ...] = ("channels-last", "preserve")
DRAWN = TRAIN_SAMPLES
"""Two kinds of inputs of the six that `diptych verify` draws, as there are many classes."""
RAISES = ("the twin raises", "the twin fails under", "the twin cannot", "the twin does not load")


@dataclass(frozen=True)
class Measured:
    """The outcome of one class in one layout. ``reason`` says why it is not equal, ``modes`` how it was run,
    ``difference`` is the largest, relative to the values.
    """

    model: Model
    layout: Layout
    outcome: Outcome
    reason: str = ""
    modes: tuple[str, ...] = ()
    difference: float = 0.0
    seconds: float = 0.0


def measure(model: Model, layout: Layout, timeout: float, known: Known) -> Measured:
    """Convert and verify. A conversion that raises is a crash, and a twin that raises though nothing was left over;
    values that differ are wrong; whatever has no verdict since something was not converted is left over. What is
    ``known`` of the same texts is not run again, and is added to.
    """
    vendored = Vendored(model)
    sources = vendored.texts
    try:
        conversions = converted(sources, "tensorflow", layout)
    except Exception:
        return Measured(model, layout, "crash", traceback.format_exc(limit=-1).strip().splitlines()[-1])
    twins = {path: conversion.twin for path, conversion in conversions.items()}
    key = hashlib.sha256(repr((sorted(sources.items()), sorted(twins.items()))).encode()).hexdigest()
    if key not in known.rows:
        path = model.path_in_library
        with folder_of(sources, vendored.within) as source, folder_of(twins, vendored.within) as twin:
            verdict = verdict_on(conversions[path], source / path, twin / path, timeout)
        known.add(key, judged(model, layout, list(conversions.items()), verdict))
    return replace(known.rows[key], model=model, layout=layout)


class Known:
    """The outcomes so far by their texts, in a file from which a run can go on."""

    def __init__(self, path: Path, models: Sequence[Model], resume: bool) -> None:
        self.path = path
        self.rows: dict[str, Measured] = {}
        by_name = {model.name: model for model in models}
        if resume and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                key, name, *rest = json.loads(line)
                if name in by_name:
                    self.rows[key] = Measured(by_name[name], *rest)
        else:
            path.unlink(missing_ok=True)

    def add(self, key: str, row: Measured) -> None:
        """Keep one."""
        self.rows[key] = row
        values = [row.layout, row.outcome, row.reason, row.modes, row.difference, row.seconds]
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([key, row.model.name, *values]) + "\n")


def converted(
    texts: dict[PurePosixPath, str], to: Framework, layout: Layout = "channels-last"
) -> dict[PurePosixPath, Conversion]:
    """Every file, as ``diptych convert FOLDER`` converts it."""
    around = surroundings(texts)
    return {path: convert(text, to=to, layout=layout, surroundings=around[path]) for path, text in texts.items()}


@contextmanager
def folder_of(texts: dict[PurePosixPath, str], within: str | None) -> Iterator[Path]:
    """A folder with these files, among those of the library ``within`` where there is one."""
    with tempfile.TemporaryDirectory(prefix="diptych-corpus-") as name:
        write(texts, Path(name), within)
        yield Path(name)


def verdict_on(
    conversion: Conversion, source: Path, twin: Path, timeout: float, back: Conversion | None = None
) -> Verdict:
    """The verdict on the model; the paths tell where both are imported from. ``back`` is the
    conversion of the twin, where the original is to be compared with what comes back.
    """
    [entry] = [entry for entry in conversion.entries if entry.name == ENTRY]
    pair = Pair(
        conversion.source, conversion.twin, conversion.framework, conversion.to, (entry,), {}, source, twin,
        conversion.lines, conversion.held,
    )  # fmt: skip
    if back is not None:
        joined = _there_and_back(entry, back)
        pair = Pair(conversion.source, back.twin, "torch", back.to, (joined,), {}, source, twin)
    options = Options(timeout=timeout, device="cpu", folder=SITE)
    given: dict[str, Given] | None
    try:
        given = {ENTRY: Given({"entry": samples(plan(pair.entries[0]), DRAWN, options.seed)})}
    except UnknownInputs:  # the verdict says so
        given = None
    [verdict] = verify(pair, None, options, given=given)
    return verdict


def _there_and_back(entry: Entry, back: Conversion) -> Entry:
    """The entry with the axes that are left of both conversions."""
    [again] = [each for each in back.entries if each.name == ENTRY]
    axes = {each.name: each.axes for each in again.parameters}
    parameters = tuple(replace(each, axes=_joined(each.axes, axes.get(each.name, Axes()))) for each in entry.parameters)
    outputs = tuple(_joined(one, other) for one, other in zip(entry.outputs, again.outputs, strict=False))
    return replace(entry, parameters=parameters, outputs=outputs)


def _joined(one: Axes, other: Axes) -> Axes:
    if one.permutation is None or other.permutation is None:
        return one if other.permutation is None else other
    found = tuple(one.permutation[axis] for axis in other.permutation)
    return Axes(None if found == tuple(sorted(found)) else found)


def judged(
    model: Model, layout: Layout, conversions: Sequence[tuple[PurePosixPath, Conversion]], verdict: Verdict
) -> Measured:
    """What a verdict means for the corpus."""
    outcome: Outcome
    reason = verdict.reason or ""
    left = [
        f"{path.name} line {item.line}: {item.reason}"
        for path, conversion in conversions
        for item in conversion.leftovers
        if item.severity == "error"
    ]
    said = [
        f"{path.name} line {item.line}: {item.reason}"
        for path, conversion in conversions
        for item in conversion.leftovers
        if EAGER in item.reason
    ]
    if verdict.agrees:
        outcome = "equal"
    elif verdict.verdict == "differs" and reason.startswith("the twin fails under tf.function") and said and not left:
        outcome, reason = "left over", f"{said[0]} ({reason})"
    elif verdict.verdict == "differs" and not reason.startswith(RAISES):
        outcome = "wrong"
    elif verdict.verdict == "differs" and left:
        outcome, reason = "left over", f"{left[0]} ({len(left)} in all; {reason})"
    else:
        outcome = "crash" if verdict.verdict == "differs" else "undecided"
    evidence = verdict.evidence
    largest = evidence.largest.relative if evidence.largest is not None else 0.0
    return Measured(model, layout, outcome, reason, evidence.modes, largest, evidence.seconds)
