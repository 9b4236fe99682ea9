"""Every public layer of Keras, as models that a user would write, converted to PyTorch.

``python -m tests.conformance.layers`` runs them; with names (``LSTM Conv2D``) only those, and shows the code of the
first sample that is not the same. The layers are those of the installed package, their samples in ``keras_layers.py``.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tests.conformance import scoring
from tests.conformance.case import Case, stated
from tests.conformance.keras_layers import LAYERS, NO_LAYERS, RANDOM, Row

NAMES = "xyz"
IMPORT = re.compile(r"^from (\S+) import (\w+) as (\w+)$|^from (\S+) import \(\s*(\w+) as (\w+),?\s*\)$", re.MULTILINE)
INPUT = re.compile(r"(?:([a-z]+\d*)\[)?([\d,]*)\]?(?:<(\d+))?")


def public() -> dict[str, list[str]]:
    """The layer classes that the installed Keras makes public, each with all its names. The package is only read."""
    package = importlib.util.find_spec("keras")
    assert package is not None and package.origin is not None
    text = Path(package.origin).with_name("layers").joinpath("__init__.py").read_text()
    found: dict[str, list[str]] = {}
    for match in IMPORT.finditer(text):
        name, alias = match.group(2) or match.group(5), match.group(3) or match.group(6)
        if name[0].isupper() and name not in NO_LAYERS and name != "Input":
            found.setdefault(name, []).append(alias)
    return {name if name in aliases else aliases[0]: aliases for name, aliases in found.items()}


def arrays_of(inputs: str, seed: str) -> list[Any]:
    """The arrays of one row's inputs."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    found: list[Any] = []
    for text in inputs.split(";"):
        match = INPUT.fullmatch(text)
        assert match is not None, text
        dtype, shape = match.group(1) or "float32", [int(size) for size in match.group(2).split(",")]
        if dtype == "str":
            found.append(np.array(["a", "b", "c"])[rng.integers(0, 3, shape)])
        elif dtype.startswith("int"):
            found.append(rng.integers(0, int(match.group(3) or 10), shape).astype(dtype))
        else:
            found.append(rng.standard_normal(shape).astype(dtype))
    return found


def subclassed(layer: str, names: str, call: str) -> str:
    """A model that calls the layer."""
    return (
        f"class Model(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.layer = {layer}\n\n"
        f"    def call(self, {names}):\n        return self.layer({call})\n"
    )


def sequential(layer: str, array: np.ndarray) -> str:
    """A function that makes a ``Sequential`` of the layer."""
    made = f"{layer}, keras.layers.Dense(3)" if "InputLayer" in layer else f"{_input(array)}, {layer}"
    return f"def Model():\n    return keras.Sequential([{made}])\n"


def functional(layer: str, names: Sequence[str], arrays: Sequence[np.ndarray], call: str) -> str:
    """A function that makes a functional model of the layer."""
    given = "".join(f"    {name} = {_input(array)}\n" for name, array in zip(names, arrays, strict=True))
    inputs = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    return f"def Model():\n{given}    outputs = {layer}({call})\n    return keras.Model({inputs}, outputs)\n"


def _input(array: np.ndarray) -> str:
    shape = ", ".join(map(str, array.shape[1:])) + ("," if array.ndim == 2 else "")
    dtype = "" if array.dtype == np.float32 else f', dtype="{array.dtype}"'
    return f"keras.Input(({shape}){dtype})"


def written(name: str, row: Row, number: int, alias: str) -> Iterator[tuple[str, str, str | None, list[Any]]]:
    """One row in every form: label, code, comment and arrays."""
    arguments, inputs, *rest = row
    call = rest[0] if rest else "x"
    layer = f"keras.layers.{alias}({arguments})"
    arrays = arrays_of(inputs, f"{name}:{number}")
    names = list(NAMES[: len(arrays)])
    shown = ", ".join(f"{array.dtype}{list(array.shape)}" for array in arrays)
    words = any(array.dtype.kind == "U" for array in arrays)
    if name != "InputLayer":
        code = subclassed(layer, ", ".join(names), call)
        yield f"{layer}, {shown}", code, "" if words else stated(names, arrays), arrays
        yield f"{layer}, {shown}, types not stated", code, None, arrays
    if len(arrays) == 1 and call == "x":
        yield f"Sequential of {layer}, {shown}", sequential(layer, arrays[0]), "", arrays
    if number == 0 and len(arrays) > 1:
        yield f"functional model of {layer}, {shown}", functional(layer, names, arrays, call), "", arrays


def cases(names: Sequence[str] = (), most: int | None = None) -> list[Case]:
    """The cases of these layers (all if none are named), of at most so many rows each.

    Raises ``ValueError`` for a name that Keras does not have.
    """
    layers = public()
    unknown = set(names) - set(layers)
    if unknown:
        raise ValueError(f"Keras has no layer {', '.join(sorted(unknown))}")
    found: list[Case] = []
    for name, aliases in layers.items():
        if names and name not in names:
            continue
        rows = LAYERS.get(name, [])[:most]
        chosen = [(row, number, name) for number, row in enumerate(rows)]
        chosen += [(rows[0], 0, alias) for alias in aliases if alias != name and rows and most is None]
        for row, number, alias in chosen:
            for label, code, comment, arrays in written(name, row, number, alias):
                for training in (False, True) if name in RANDOM else (None,):
                    found.append(_case(name, label, code, comment, arrays, training, len(found)))
    return found


def _case(
    name: str, label: str, code: str, comment: str | None, arrays: list[Any], training: bool | None, number: int
) -> Case:
    """A case; ``training`` is the mode that it is run in, ``None`` for both."""
    entry = f"Model_{number}"
    text = code.replace("class Model(", f"class {entry}(").replace("def Model(", f"def {entry}(")
    job = {
        "kind": "class", "constructor": [], "modes": [False, True] if training is None else [training],
        "gradients": not training, "weights": True,
    }  # fmt: skip
    return Case(
        name, "tensorflow", "layer", "float32", label + (" in training" if training else ""), entry, text,
        tuple(arrays), comment, compare="shapes" if training else "values", job=job,
    )  # fmt: skip


def found(names: Sequence[str]) -> list[scoring.Score]:
    """The scores of these (all, if none are named)."""
    return scoring.scores(scoring.run(cases(names), "tensorflow"))


if __name__ == "__main__":
    sys.exit(scoring.command("layers", "layers", __doc__, found))
