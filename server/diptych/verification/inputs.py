"""Inputs for an entry: which arguments it gets, and the samples drawn for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diptych.conversion.result import Axes, Entry, Parameter
from diptych.verification.specs import (
    FLOATS,
    Expression,
    Group,
    Literal,
    NumberSpec,
    Spec,
    TensorSpec,
    from_annotation,
    guess,
    parse_comment,
)

SAMPLES = ("random", "random again", "large", "shifted", "zeros", "ties")
EDGES = ("zeros", "ties")
TRAIN_SAMPLES = ("random", "large")
ULP = float(np.finfo(np.float32).eps)


class UnknownInputs(Exception):
    """The inputs of an entry are not known; the text proposes the comment to write. ``missing`` are the parameters in
    question.
    """

    def __init__(self, message: str, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)


@dataclass(frozen=True)
class Argument:
    """A spec for the parameter at ``index``."""

    index: int
    name: str
    spec: Spec
    axes: Axes = field(default_factory=Axes)


@dataclass(frozen=True)
class Plan:
    """The arguments of a call and of a constructor."""

    call: tuple[Argument, ...]
    constructor: tuple[Argument, ...] = ()

    @property
    def has_tensors(self) -> bool:
        """Whether some argument is drawn, so that samples differ."""
        return any(_drawn(argument.spec) for argument in self.call)

    def describe(self) -> dict[str, str]:
        """Each argument as a comment would write it."""
        return {argument.name: argument.spec.text() for argument in (*self.constructor, *self.call)}


def plan(entry: Entry, declared: list[dict[str, Any]] | None = None) -> Plan:
    """Decide every argument of ``entry``; ``declared`` are the inputs that a model itself names (in order).

    Raises :class:`UnknownInputs` where a parameter without default remains, ``BadComment`` for an unreadable comment.
    """
    specs = parse_comment(entry.comment) if entry.comment else {}
    parameters = [p for p in entry.parameters if not (entry.kind != "function" and p.name == "training")]
    if declared is None and not parameters and entry.kind == "model":
        parameters = [Parameter(name) for name in specs]
    elif declared is not None and not parameters:
        parameters = [Parameter(f"input{index}" if index else "x") for index in range(len(declared))]
    call: list[Argument] = []
    missing: list[str] = []
    for index, parameter in enumerate(parameters):
        if parameter.name.startswith("*"):
            continue
        spec = specs.get(parameter.name) or from_annotation(parameter.annotation)
        if spec is None and declared is not None and index < len(declared):
            spec = from_declared(declared[index])
        if spec is not None:
            call.append(Argument(index, parameter.name, spec, parameter.axes))
        elif parameter.default is None:
            missing.append(parameter.name)
    taken = {argument.name for argument in call}
    constructor: list[Argument] = []
    for index, parameter in enumerate(entry.constructor):
        if parameter.name.startswith("*"):
            continue
        if parameter.name in specs and (
            parameter.name not in taken or not isinstance(specs[parameter.name], TensorSpec)
        ):
            constructor.append(Argument(index, parameter.name, specs[parameter.name]))
        elif parameter.default is None:
            missing.append(parameter.name)
    known = {p.name for p in parameters} | {p.name for p in entry.constructor}
    strange = [name for name in specs if name not in known]
    if strange:
        raise UnknownInputs(f"the comment names {', '.join(strange)}, which {entry.name} does not take")
    if missing:
        written = [f"{name}={spec.text()}" for name, spec in specs.items()]
        proposal = ", ".join([*written, *(guessed(entry, name) for name in missing)])
        raise UnknownInputs(
            f"{', '.join(missing)} of {entry.name}: not known; write above its definition, with your own sizes: "
            f"# diptych: {proposal}",
            missing,
        )
    return Plan(tuple(call), tuple(constructor))


def guessed(entry: Entry, name: str) -> str:
    """A plausible spec for a parameter of an entry, by its name alone."""
    return f"{name}=8" if any(parameter.name == name for parameter in entry.constructor) else guess(name)


def from_declared(declared: dict[str, Any]) -> TensorSpec:
    """The spec of an input that a model declares: its unknown axes get size 2 (the batch) or 8."""
    shape = tuple(size if size is not None else (2 if axis == 0 else 8) for axis, size in enumerate(declared["shape"]))
    return TensorSpec(shape, declared["dtype"])


def _drawn(spec: Spec) -> bool:
    if isinstance(spec, Group):
        return any(_drawn(item) for item in spec.items)
    return isinstance(spec, (TensorSpec, NumberSpec))


def draw(spec: TensorSpec, sample: str, rng: np.random.Generator) -> np.ndarray:
    """The values of one tensor in one sample, representable in its dtype; floats come as float32 values."""
    if spec.dtype == "bool":
        if sample in ("zeros", "ties"):
            return np.full(spec.shape, sample == "ties")
        return np.asarray(rng.random(spec.shape) < 0.5)
    if spec.dtype == "complex64":
        return np.asarray(rng.standard_normal(spec.shape) + 1j * rng.standard_normal(spec.shape), np.complex64)
    if spec.dtype not in FLOATS:
        low, high = (0, 9) if spec.low is None or spec.high is None else (int(spec.low), int(spec.high))
        if sample in ("zeros", "ties"):
            high = low if sample == "zeros" else min(low + 1, high)
        return np.asarray(rng.integers(low, high + 1, spec.shape)).astype(spec.dtype)
    if spec.low is not None and spec.high is not None:
        values = _bounded(spec.shape, spec.low, spec.high, sample, rng)
    else:
        values = _free(spec.shape, sample, rng)
    values = np.asarray(values, dtype=np.float32)
    return values.astype(np.float16).astype(np.float32) if spec.dtype == "float16" else values


def _free(shape: tuple[int, ...], sample: str, rng: np.random.Generator) -> np.ndarray:
    normal = rng.standard_normal(shape)
    if sample == "large":
        return normal * 30
    if sample == "shifted":
        return normal + 300
    if sample == "zeros":
        return np.zeros(shape)
    return np.round(normal) if sample == "ties" else np.asarray(normal)


def _bounded(shape: tuple[int, ...], low: float, high: float, sample: str, rng: np.random.Generator) -> np.ndarray:
    share = rng.random(shape)
    if sample in ("large", "shifted"):
        share = 1 - share**4 / 8
    elif sample == "zeros":
        share = np.zeros(shape)
    elif sample == "ties":
        share = np.round(share * 2) / 2
    return low + (high - low) * share


@dataclass
class Sample:
    """One set of inputs: its name and the numpy value of each drawn item by path (``x``, ``states.0``)."""

    name: str
    arrays: dict[str, Any]

    def moved(self, amount: float, seed: int, single: bool) -> Sample:
        """The sample with every float moved by up to ``amount`` times the size of its tensor; ``single`` rounds to
        float32.
        """
        rng = np.random.default_rng([seed, 5])
        arrays: dict[str, Any] = {}
        for path, value in self.arrays.items():
            if not isinstance(value, np.ndarray) or value.dtype.kind not in "fc" or not value.size:
                arrays[path] = value
                continue
            size = float(np.max(np.abs(value))) or 1.0
            moved = np.asarray(value + amount * size * rng.uniform(-1, 1, value.shape))
            arrays[path] = moved.astype(value.dtype) if single else moved
        return Sample(self.name, arrays)


def samples(arguments: Plan, names: tuple[str, ...], seed: int) -> list[Sample]:
    """Draw the named samples, always the same for the same seed; one unnamed sample where nothing is drawn."""
    if not arguments.has_tensors:
        return [Sample("the call", {})]
    drawn = []
    for name in names:
        arrays: dict[str, Any] = {}
        rng = np.random.default_rng([seed, SAMPLES.index(name)])

        def fill(
            spec: Spec, path: str, rng: np.random.Generator = rng, arrays: dict[str, Any] = arrays, name: str = name
        ) -> None:
            if isinstance(spec, TensorSpec):
                arrays[path] = draw(spec, name, rng)
            elif isinstance(spec, NumberSpec):
                arrays[path] = (
                    int(rng.integers(int(spec.low), int(spec.high) + 1))
                    if spec.whole
                    else float(np.float32(rng.uniform(spec.low, spec.high)))
                )
            elif isinstance(spec, Group):
                for index, item in enumerate(spec.items):
                    fill(item, f"{path}.{index}")

        for argument in arguments.call:
            fill(argument.spec, argument.name)
        drawn.append(Sample(name, arrays))
    return drawn


def wire(arguments: tuple[Argument, ...], sample: Sample, twin: bool) -> list[dict[str, Any]]:
    """The arguments as a worker takes them; tensors of the twin are in the twin's axes."""

    def value(spec: Spec, path: str, axes: Axes) -> dict[str, Any]:
        if isinstance(spec, TensorSpec):
            array = sample.arrays[path]
            if twin and axes.permutation is not None and len(axes.permutation) == array.ndim:
                array = np.transpose(array, axes.permutation)
            return {"tensor": array, "dtype": spec.dtype, "name": path}
        if isinstance(spec, NumberSpec):
            return {"literal": repr(sample.arrays[path])}
        if isinstance(spec, Literal):
            return {"literal": spec.source}
        if isinstance(spec, Expression):
            return {"expression": spec.source}
        items = [value(item, f"{path}.{index}", axes) for index, item in enumerate(spec.items)]
        if spec.kind == "dict":
            return {"dict": [[repr(key), item] for key, item in zip(spec.keys, items, strict=True)]}
        return {"tuple" if spec.kind == "tuple" else "sequence": items}

    return [{"index": a.index, "name": a.name, "value": value(a.spec, a.name, a.axes)} for a in arguments]
