"""Arguments from their wire form to values, and results to a flat list of arrays with a description of their
structure.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

Place = Callable[[dict], Any]


@dataclasses.dataclass
class Materialised:
    """Arguments ready to be passed: ``leaves`` are the tensors among them by name, ``places`` rebuild each argument."""

    leaves: dict[str, Any]
    places: list[tuple[int, str, Place]]

    def place(self, leaves: dict[str, Any]) -> list[dict[str, Any]]:
        """The arguments with these tensors in their places, in the form that :func:`bind` takes."""
        return [{"index": index, "name": name, "ready": place(leaves)} for index, name, place in self.places]


def materialise(side: Any, module: Any, arguments: list[dict[str, Any]]) -> Materialised:
    """Build the values of ``arguments``: ``{"index", "name", "value": spec}``.

    A spec is ``{"tensor": array, "dtype", "name"}``, ``{"literal": text}``, ``{"expression": text}`` (evaluated in the
    user's module), or ``{"sequence" | "tuple": [spec]}``, ``{"dict": [[key, spec]]}`` (keys as literals).
    """
    leaves: dict[str, Any] = {}

    def build(spec: dict[str, Any]) -> Place:
        if "tensor" in spec:
            name = spec["name"]
            leaves[name] = side.tensor(spec["tensor"], spec["dtype"])
            return lambda given: given[name]
        if "sequence" in spec or "tuple" in spec:
            places = [build(item) for item in spec["sequence" if "sequence" in spec else "tuple"]]
            kind: Any = tuple if "tuple" in spec else list
            return lambda given: kind(place(given) for place in places)
        if "dict" in spec:
            items = {ast.literal_eval(key): build(item) for key, item in spec["dict"]}
            return lambda given: {key: place(given) for key, place in items.items()}
        value = evaluate(module, spec)
        return lambda given: value

    places = [(item["index"], item["name"], build(item["value"])) for item in arguments]
    return Materialised(leaves, places)


def evaluate(module: Any, spec: dict[str, Any]) -> Any:
    """The value of a literal, or of an expression in the user's module."""
    if "expression" in spec:
        return eval(compile(spec["expression"], "<# diptych: comment>", "eval"), vars(module))
    return ast.literal_eval(spec["literal"])


def bind(side: Any, module: Any, function: Any, arguments: list[dict[str, Any]], skip: int = 0) -> tuple[list, dict]:
    """Positional and named arguments for ``function``: by name where it has that name, else by position."""
    callee = function
    if side.is_model(function):
        callee = getattr(function, "forward" if side.NAME == "torch" else "call", function)
    try:
        names = list(inspect.signature(callee).parameters.values())[skip:]
    except (TypeError, ValueError):
        names = []
    positional: list[Any] = []
    named: dict[str, Any] = {}
    by_name = {parameter.name for parameter in names if parameter.kind is not inspect.Parameter.POSITIONAL_ONLY}
    for order, item in enumerate(sorted(arguments, key=lambda item: item["index"])):
        value = item["ready"] if "ready" in item else _constant(side, module, item["value"])
        if order == item["index"] == len(positional) and not named:
            positional.append(value)
        elif item["name"] in by_name or item["index"] >= len(names):
            named[item["name"]] = value
        else:
            named[names[item["index"]].name] = value
    return positional, named


def _constant(side: Any, module: Any, spec: dict[str, Any]) -> Any:
    built = materialise(side, module, [{"index": 0, "name": "", "value": spec}])
    return built.places[0][2](built.leaves)


@dataclasses.dataclass
class Flat:
    """A result taken apart. ``leaves`` go to the server; ``tensors`` are (framework tensor, index of its leaf)."""

    structure: Any
    leaves: list[dict[str, Any]]
    tensors: list[tuple[Any, int]]
    models: list[Any]


def flatten(side: Any, result: Any) -> Flat:
    """Take a result apart: tuples and lists are one kind, dicts go by sorted key, scalars are arrays of rank 0."""
    flat = Flat(None, [], [], [])

    def leaf(kind: str, **content: Any) -> str:
        flat.leaves.append({"kind": kind, **content})
        return kind

    def walk(value: Any, path: str) -> Any:
        if value is None:
            return None
        if side.is_tensor(value):
            flat.tensors.append((value, len(flat.leaves)))
            array, dtype = side.to_numpy(value)
            return leaf("array", value=array, dtype=dtype, path=path)
        if isinstance(value, (bool, int, float, complex, np.ndarray, np.generic)):
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                return leaf("text", value=repr(value), path=path)
            array = np.asarray(value)
            if array.dtype.kind in "biufc":
                return leaf("array", value=array, dtype="python" if np.isscalar(value) else str(array.dtype), path=path)
        if isinstance(value, (str, bytes)):
            return leaf("text", value=repr(value), path=path)
        if side.is_model(value):
            flat.models.append(value)
            return leaf("model", path=path)
        if isinstance(value, dict):
            return {"dict": [[str(key), walk(value[key], f"{path}[{key!r}]")] for key in sorted(value, key=str)]}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = sorted(field.name for field in dataclasses.fields(value))
            return {"dict": [[name, walk(getattr(value, name), f"{path}.{name}")] for name in names]}
        if isinstance(value, (tuple, list)):
            return [walk(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return leaf("opaque", type=type(value).__name__, path=path)

    flat.structure = walk(result, "result")
    return flat
