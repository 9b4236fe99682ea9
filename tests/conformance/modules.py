"""Every module of torch's own module database, as models that a user would write.

``python -m tests.conformance.modules`` runs them; with names (``LSTM Conv2d``) only those, and shows the code of the
first sample that is not the same.
"""

from __future__ import annotations

import inspect
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from tests.conformance import scoring
from tests.conformance.case import Case, stated
from torch import nn
from torch.testing._internal.common_modules import ModuleInfo, module_db

UNTYPED = 12  # so many samples of each module are written without types as well: building Transformers takes seconds
RECORDED = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.LayerNorm)
FUNCTIONS = {nn.functional.relu: "F.relu", nn.functional.gelu: "F.gelu", torch.relu: "torch.relu"}


class UnwritableError(Exception):
    """A value that no user's code would hold as it is."""


class Writer:
    """Writes arguments as code; tensors become parameters, collected in ``names`` and ``arrays``."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.arrays: list[Any] = []

    def parameter(self, name: str, value: torch.Tensor) -> str:
        """The name under which a tensor is passed in."""
        while name in self.names:
            name += "_"
        self.names.append(name)
        self.arrays.append(value.detach().cpu().contiguous().numpy().copy())
        return name

    def code(self, name: str, value: Any) -> str:
        """The code of one value. Raises ``UnwritableError``."""
        if isinstance(value, torch.Tensor):
            return self.parameter(name, value)
        if isinstance(value, (tuple, list)):
            parts = [self.code(f"{name}_{place}", item) for place, item in enumerate(value)]
            if isinstance(value, list):
                return f"[{', '.join(parts)}]"
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if isinstance(value, torch.dtype) or value is None or isinstance(value, (bool, int, float, str)):
            return repr(value) if not isinstance(value, float) else _float(value)
        if value in FUNCTIONS:
            return FUNCTIONS[value]
        if isinstance(value, nn.Module) and "written_as" in value.__dict__:
            args, kwargs = value.__dict__["written_as"]
            return f"nn.{type(value).__name__}({self.call(type(value), args, kwargs)})"
        raise UnwritableError(f"{type(value).__name__} as an argument")

    def call(self, function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> str:
        """The arguments of a call, as code."""
        names = _positional(function)
        parts = [
            self.code(names[place] if place < len(names) else f"x{place}", value) for place, value in enumerate(args)
        ]
        return ", ".join([*parts, *(f"{name}={self.code(name, value)}" for name, value in kwargs.items())])


def _float(value: float) -> str:
    return repr(value) if np.isfinite(value) else f"float({str(value)!r})"


def _positional(function: Any) -> list[str]:
    names = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    return [name for name in names if name != "self"]


@contextmanager
def recording() -> Iterator[None]:
    """Let modules that are passed to other modules remember the arguments that they were made with."""
    originals = {kind: kind.__init__ for kind in RECORDED}

    def wrapped(original: Any) -> Any:
        def init(self: nn.Module, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            self.__dict__["written_as"] = (args, kwargs)

        return init

    try:
        for kind, original in originals.items():
            kind.__init__ = wrapped(original)  # type: ignore[method-assign]
        yield
    finally:
        for kind, original in originals.items():
            kind.__init__ = original  # type: ignore[method-assign]


def inputs_of(info: ModuleInfo) -> list[Any]:
    """The module's inputs of the database, always the same."""
    found = []
    for training in (True, False) if info.train_and_eval_differ else (True,):
        torch.manual_seed(zlib.crc32(info.name.encode()))
        with recording():
            options = {"device": "cpu", "dtype": torch.float32, "requires_grad": False, "training": training}
            found += list(info.module_inputs_func(info, **options))
    return [item for item in found if item.forward_input is not None]


def short_name(info: ModuleInfo) -> str:
    """ "Linear" for ``torch.nn.Linear``."""
    return info.name.rpartition(".")[2]


def cases(names: Sequence[str] = (), most: int | None = None) -> list[Case]:
    """The cases of these modules (all if none are named), at most so many samples of each.

    Raises ``ValueError`` for a name that the database does not have.
    """
    unknown = set(names) - {short_name(info) for info in module_db}
    if unknown:
        raise ValueError(f"torch's database has no module {', '.join(sorted(unknown))}")
    found: list[Case] = []
    for info in module_db:
        if names and short_name(info) not in names:
            continue
        own: list[Case] = []
        texts: set[tuple[str, str]] = set()
        for item in inputs_of(info):
            if most is not None and len(texts) >= most:
                break
            try:
                sample, code, comment, job, arrays = written(info, item)
            except UnwritableError:
                continue
            if (sample, code) in texts:
                continue
            texts.add((sample, code))
            for said in (comment, None) if len(texts) <= UNTYPED else (comment,):
                entry = f"Model_{len(found) + len(own)}"
                text = code.replace("class Model(", f"class {entry}(")
                own.append(
                    Case(short_name(info), "torch", "module", "float32", sample, entry, text, arrays, said, job=job)
                )
        found += own
    return found


def written(info: ModuleInfo, item: Any) -> tuple[str, str, str, dict[str, Any], tuple[Any, ...]]:
    """One input of the database as a model: its label, code and comment, what the worker is told, and its arrays.

    Raises ``UnwritableError``.
    """
    made, called = Writer(), Writer()
    kind = info.module_cls
    arguments = made.call(kind.__init__, item.constructor_input.args, item.constructor_input.kwargs)
    call = called.call(kind.forward, item.forward_input.args, item.forward_input.kwargs)
    layer = f"nn.{short_name(info)}({arguments})"
    names, arrays = [*called.names, *made.names], [*called.arrays, *made.arrays]
    shapes = ", ".join(f"{name}: {array.dtype}{list(array.shape)}" for name, array in zip(names, arrays, strict=True))
    code = (
        f"class Model(nn.Module):\n    def __init__({', '.join(['self', *made.names])}):\n        super().__init__()\n"
        f"        self.layer = {layer}\n\n"
        f"    def forward({', '.join(['self', *called.names])}):\n        return self.layer({call})\n"
    )
    job = {
        "kind": "class", "constructor": made.arrays, "modes": [False, True], "gradients": True,
        "weights": not made.arrays,  # the buffers of a loss are its arguments
    }  # fmt: skip
    return f"{layer}({shapes})", code, stated(names, arrays) or "", job, tuple(called.arrays)


def found(names: Sequence[str]) -> list[scoring.Score]:
    """The scores of these (all, if none are named)."""
    return scoring.scores(scoring.run(cases(names)))


if __name__ == "__main__":
    sys.exit(scoring.command("modules", "modules", __doc__, found))
