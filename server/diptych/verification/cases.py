"""Cases: what a verdict depends on, in a file, so that it can be repeated bit for bit.

A file is an ``.npz``: the texts, entries, settings and verdicts as JSON under ``case``, and beside it every input and
every initial weight as an array. It holds no pickled objects.
"""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from diptych.conversion.result import Axes, Entry, Held, Parameter
from diptych.verification.claims import Options, Pair
from diptych.verification.inputs import Sample

FORMAT = 1
SETTINGS = ("timeout", "seed", "device", "torch_device", "tensorflow_device", "twin_device")


class BadCase(ValueError):
    """A file that is no case; the text says why."""


@dataclass
class Given:
    """The inputs of an entry by stage (the entry itself, then each model that it returned) and the initial weights of
    each model, in order of first call.
    """

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    states: list[dict[str, np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """One claim as it was run, and its verdict as JSON."""

    pair: Pair
    entry: Entry
    settings: dict[str, Any]
    given: Given
    verdict: dict[str, Any]

    def options(self, base: Options) -> Options:
        """The options to repeat it with: its own settings, the interpreters of ``base``."""
        return dataclasses.replace(base, **self.settings)

    def same(self, verdict: dict[str, Any]) -> bool:
        """Whether a verdict is the saved one, but for the time that it took."""
        return _timeless(verdict) == _timeless(self.verdict)


def settings_of(options: Options) -> dict[str, Any]:
    """What of the options a verdict depends on."""
    return {name: getattr(options, name) for name in SETTINGS}


UNSAVED = ("seconds", "times", "lines")
"""What may differ where a verdict is the same: how long it took, and what was only shown where it was asked for."""


def _timeless(verdict: dict[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(verdict))
    return {name: value for name, value in plain.items() if name not in UNSAVED}


def save(path: Path, cases: Sequence[Case]) -> None:
    """Write cases. Raises ``OSError``."""
    arrays: dict[str, np.ndarray] = {}
    described = []
    for number, case in enumerate(cases):
        samples = {
            stage: [
                {"name": sample.name, "values": _put(arrays, f"{number}/{stage}/{index}", sample.arrays)}
                for index, sample in enumerate(some)
            ]
            for stage, some in case.given.samples.items()
        }
        states = [_put(arrays, f"{number}/weights/{index}", state) for index, state in enumerate(case.given.states)]
        pair = {name: getattr(case.pair, name) for name in ("source", "twin", "framework", "to")}
        paths = {name: str(value) for name in ("source_path", "twin_path") if (value := getattr(case.pair, name))}
        described.append(
            {
                "pair": {**pair, **paths, "renamed": dict(case.pair.renamed)},
                "lines": case.pair.lines,
                "held": [dataclasses.asdict(held) for held in case.pair.held],
                "entry": dataclasses.asdict(case.entry),
                "settings": case.settings,
                "samples": samples,
                "states": states,
                "verdict": case.verdict,
            }
        )
    text = json.dumps({"format": FORMAT, "cases": described}).encode()
    with path.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, case=np.frombuffer(text, np.uint8), **arrays)  # type: ignore[arg-type]


def _put(arrays: dict[str, np.ndarray], place: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values by name: arrays go beside, by reference; plain numbers stay."""
    kept: dict[str, Any] = {}
    for index, (name, value) in enumerate(values.items()):
        if isinstance(value, np.ndarray):
            kept[name] = {"array": f"{place}/{index}"}
            arrays[f"{place}/{index}"] = value
        else:
            kept[name] = value
    return kept


def load(path: Path) -> list[Case]:
    """Read cases. Raises ``OSError`` and :class:`BadCase`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            content = json.loads(bytes(stored["case"]))
            if content["format"] != FORMAT:
                raise BadCase(f"{path} was saved by another version of Diptych")

            def values(kept: dict[str, Any]) -> dict[str, Any]:
                return {k: stored[v["array"]] if isinstance(v, dict) else v for k, v in kept.items()}

            return [_case(one, values) for one in content["cases"]]
    except (EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, BadCase):
            raise
        raise BadCase(f"{path} is not a case saved by diptych verify --save") from error


def _case(one: dict[str, Any], values: Any) -> Case:
    entry = _entry(one["entry"])
    pair = dict(one["pair"])
    for name in ("source_path", "twin_path"):
        if name in pair:
            pair[name] = Path(pair[name])
    samples = {
        stage: [Sample(sample["name"], values(sample["values"])) for sample in some]
        for stage, some in one["samples"].items()
    }
    given = Given(samples, [values(state) for state in one["states"]])
    lines = tuple((here, there) for here, there in one["lines"])
    held = tuple(Held(**{**kept, "permutations": _permutations(kept["permutations"])}) for kept in one["held"])
    return Case(Pair(**pair, entries=(entry,), lines=lines, held=held), entry, one["settings"], given, one["verdict"])


def _entry(kept: dict[str, Any]) -> Entry:
    def parameters(items: list[dict[str, Any]]) -> tuple[Parameter, ...]:
        return tuple(Parameter(**{**item, "axes": _axes(item["axes"])}) for item in items)

    return Entry(
        **{
            **kept,
            "parameters": parameters(kept["parameters"]),
            "constructor": parameters(kept["constructor"]),
            "outputs": tuple(_axes(item) for item in kept["outputs"]),
        }
    )


def _permutations(kept: list[list[int] | None]) -> tuple[tuple[int, ...] | None, ...]:
    return tuple(tuple(permutation) if permutation is not None else None for permutation in kept)


def _axes(kept: dict[str, Any]) -> Axes:
    return Axes(**{name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()})
