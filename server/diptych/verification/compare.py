"""Pairs what two sides returned into items to judge: outputs, gradients and states, in the source's axes and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from diptych.conversion.result import Axes
from diptych.verification.judge import Item, largest
from diptych.worker.weights import fit_names, plain

Answer = dict[str, Any]


@dataclass(frozen=True)
class Four:
    """The answers of the four runs on one sample, and of source32 with everything moved by one unit in the last
    place.
    """

    source32: Answer
    source64: Answer
    twin32: Answer
    twin64: Answer
    moved32: Answer | None = None


class Mismatch(Exception):
    """The two sides cannot be compared item by item: they differ in structure. The text says how."""


def to_source(array: np.ndarray, axes: Axes | None) -> np.ndarray:
    """An array of the twin in the source's axes."""
    if axes is None or axes.permutation is None or len(axes.permutation) != array.ndim:
        return array
    return np.transpose(array, np.argsort(axes.permutation))


def check_structure(source: Answer, twin: Answer) -> None:
    """Raise :class:`Mismatch` unless both returned the same structure with the same texts in it."""
    if source["structure"] != twin["structure"]:
        raise Mismatch(f"the source returns {_shape_of(source)}, the twin {_shape_of(twin)}")
    for ours, theirs in zip(source["leaves"], twin["leaves"], strict=True):
        if ours["kind"] == "text" and ours["value"] != theirs["value"]:
            raise Mismatch(f"{ours['path']} is {ours['value']} in the source and {theirs['value']} in the twin")


def _shape_of(answer: Answer) -> str:
    def text(structure: Any) -> str:
        if structure is None:
            return "None"
        if isinstance(structure, str):
            return {"array": "a tensor or number", "text": "a string", "model": "a model"}.get(structure, "an object")
        if isinstance(structure, dict):
            return "a dict with " + (", ".join(key for key, _ in structure["dict"]) or "nothing")
        return (
            f"{len(structure)} values ({', '.join(text(item) for item in structure)})" if structure else "an empty list"
        )

    return text(answer["structure"])


def outputs(four: Four, axes: tuple[Axes, ...]) -> list[Item]:
    """The returned tensors and numbers."""
    items = []
    place = 0
    for index, leaf in enumerate(four.source32["leaves"]):
        if leaf["kind"] != "array":
            continue
        own = axes[0] if len(axes) == 1 else axes[place] if place < len(axes) else None
        place += leaf["dtype"] != "python"

        def value(answer: Answer, index: int = index) -> np.ndarray:
            return answer["leaves"][index]["value"]

        twin = four.twin32["leaves"][index]
        name = "the result" if leaf["path"] == "result" else leaf["path"]
        items.append(
            Item(
                name,
                value(four.source32),
                like_number(leaf, twin, to_source(value(four.twin32), own)),
                value(four.source64),
                to_source(value(four.twin64), own),
                value(four.moved32)
                if four.moved32 and four.moved32["structure"] == four.source32["structure"]
                else None,
                0.0,
                leaf["dtype"],
                twin["dtype"],
            )
        )
    return items


def like_number(source: Answer, twin: Answer, value: np.ndarray) -> np.ndarray:
    """A Python number counts as a tensor of the other side's kind where it has the same value."""
    other = source["value"]
    if (
        "python" in (source["dtype"], twin["dtype"])
        and other.shape == value.shape == ()
        and other.dtype.kind != value.dtype.kind
    ):
        if other.dtype.kind in "iu" and value.dtype.kind == "f" and float(value).is_integer():
            return value.astype(other.dtype)
        if other.dtype.kind == "f" and value.dtype.kind in "iu":
            return value.astype(other.dtype)
    return value


def names_by_twin(four: Four) -> list[dict[str, str]]:
    """For each model, the source's weight name for each of the twin's. Raises :class:`Mismatch`."""
    pairs = []
    for ours, theirs in zip(four.source32["states"], four.twin32["states"], strict=True):
        named = {name: _Named(name, value.shape) for name, value in ours.items()}
        known = {plain(name) for name in theirs}
        fixed = {name: value for name, value in named.items() if plain(name) in known or len(ours) == len(theirs)}
        try:
            fitted = fit_names(fixed, {name: value.shape for name, value in theirs.items()})
        except ValueError as error:
            raise Mismatch(str(error)) from None
        pairs.append({twin: value.name for twin, value in fitted.items()})
    return pairs


@dataclass(frozen=True)
class _Named:
    name: str
    shape: tuple[int, ...]


def gradients(four: Four, axes: dict[str, Axes], names: list[dict[str, str]]) -> list[Item]:
    """The gradients of inputs and weights; one that does not exist counts as zero where the other side has one."""
    answers = [four.source32, four.twin32, four.source64, four.twin64]
    if four.moved32 is not None:
        answers.append(four.moved32)
    found = [dict(answer["gradients"] or {}) for answer in answers]
    for position in (1, 3):
        found[position] = {
            _source_name(key, names): _turned(key, value, axes) for key, value in found[position].items()
        }
    scale = max((largest(value) for value in found[2].values() if value is not None), default=0.0)
    items = []
    for key in dict.fromkeys([*found[0], *found[1]]):
        values = [one.get(key) for one in found]
        known = next((value for value in values if value is not None), None)
        if known is None:
            continue
        filled = [np.zeros_like(known) if value is None else value for value in values]
        moved = filled[4] if len(filled) > 4 else None
        name = f"the gradient of {key.partition(':')[2] or key}"
        items.append(Item(name, filled[0], filled[1], filled[2], filled[3], moved, scale, "float32", "float32"))
    return items


def _source_name(key: str, names: list[dict[str, str]]) -> str:
    index, colon, name = key.partition(":")
    if not colon:
        return key
    return f"{index}:{names[int(index)].get(name, name)}" if int(index) < len(names) else key


def _turned(key: str, value: np.ndarray | None, axes: dict[str, Axes]) -> np.ndarray | None:
    return value if value is None or ":" in key else to_source(value, axes.get(key.partition(".")[0]))


def states(four: Four, names: list[dict[str, str]]) -> list[Item]:
    """The weights and running statistics after the call."""
    items = []
    for index, pairing in enumerate(names):
        sums = [*four.source32["sums"][index], *four.twin32["sums"][index]]

        def of(
            answer: Answer, twin: bool, index: int = index, pairing: dict[str, str] = pairing
        ) -> dict[str, np.ndarray]:
            state = answer["states"][index]
            return {pairing[name]: value for name, value in state.items() if name in pairing} if twin else state

        values = [_summed(of(answer, twin), sums) for answer, twin in _answers(four)]
        for name in values[0]:
            if name in values[1]:
                parts = [one[name] for one in values]
                moved = parts[4] if len(parts) > 4 else None
                label = f"{name} after the call"
                items.append(Item(label, parts[0], parts[1], parts[2], parts[3], moved, 0.0, "float32", "float32"))
    return items


def _answers(four: Four) -> list[tuple[Answer, bool]]:
    pairs = [(four.source32, False), (four.twin32, True), (four.source64, False), (four.twin64, True)]
    return [*pairs, (four.moved32, False)] if four.moved32 is not None else pairs


def _summed(state: dict[str, np.ndarray], sums: list[list[str]]) -> dict[str, np.ndarray]:
    state = dict(state)
    for group in sums:
        if all(name in state for name in group):
            total = sum(state[name].astype(np.float64) for name in group)
            dtype = state[group[0]].dtype
            for name in group:
                del state[name]
            state[" + ".join(group)] = np.asarray(total).astype(dtype)
    return state


def changed(before: list[dict[str, np.ndarray]], answer: Answer) -> bool:
    """Whether the call changed some weight or running statistic."""
    for old, new in zip(before, answer["states"], strict=False):
        if any(name in new and not np.array_equal(old[name], new[name], equal_nan=True) for name in old):
            return True
    return False
