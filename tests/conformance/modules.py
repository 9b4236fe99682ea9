"""Every module of torch's own module database, as models that a user would write: ``python -m tests.conformance.modules``.

With names (``LSTM Conv2d``) only those modules, and the code of their first sample that is not the same.
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
from torch import nn
from torch.testing._internal.common_modules import ModuleInfo, module_db

from tests.conformance import running
from tests.conformance.running import Case

RECORDED = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.LayerNorm)
FUNCTIONS = {nn.functional.relu: "F.relu", nn.functional.gelu: "F.gelu", torch.relu: "torch.relu"}


class Unwritable(Exception):
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
        """The code of one value. Raises ``Unwritable``."""
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
        raise Unwritable(f"{type(value).__name__} as an argument")

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


def cases(names: Sequence[str] = (), most: int | None = None) -> tuple[list[Case], dict[str, str]]:
    """The cases of these modules (all if none are named), at most so many of each, and why others have none."""
    found: list[Case] = []
    without: dict[str, str] = {}
    for info in module_db:
        name = short_name(info)
        if names and name not in names:
            continue
        own: list[Case] = []
        texts: set[str] = set()
        for item in inputs_of(info):
            try:
                pair = written(info, item)
            except Unwritable as error:
                without[name] = str(error)
                continue
            if pair[0].text not in texts:
                texts.add(pair[0].text)
                own += pair
        found += own[: 2 * most] if most is not None else own
    return found, {name: why for name, why in without.items() if not any(case.name == name for case in found)}


def written(info: ModuleInfo, item: Any) -> list[Case]:
    """One input of the database as a model, with and without a comment that states the types."""
    made, called = Writer(), Writer()
    kind = info.module_cls
    arguments = made.call(kind.__init__, item.constructor_input.args, item.constructor_input.kwargs)
    call = called.call(kind.forward, item.forward_input.args, item.forward_input.kwargs)
    layer = f"nn.{short_name(info)}({arguments})"
    names, arrays = [*called.names, *made.names], [*called.arrays, *made.arrays]
    said = ", ".join(
        f"{name}={array.dtype}[{','.join(map(str, array.shape))}]" for name, array in zip(names, arrays, strict=True)
    )
    body = (
        f"class Model(nn.Module):\n    def __init__({', '.join(['self', *made.names])}):\n        super().__init__()\n"
        f"        self.layer = {layer}\n\n"
        f"    def forward({', '.join(['self', *called.names])}):\n        return self.layer({call})\n"
    )
    imports = "import torch\n" if "torch." in body else ""
    imports += "from torch import nn\n" + ("from torch.nn import functional as F\n" if "F." in body else "")
    sample = f"{layer}({', '.join(f'{n}: {a.dtype}{list(a.shape)}' for n, a in zip(names, arrays, strict=True))})"
    return [
        Case(
            short_name(info), sample, "torch", f"{imports}\n\n{comment}{body}", tuple(called.arrays),
            tuple(made.arrays), weights=not made.arrays, typed=bool(comment),
        )
        for comment in (f"# diptych: {said}\n", "")
    ]  # fmt: skip


def main(names: Sequence[str] = ()) -> dict[str, Any]:
    """Run the modules and report; what is asked of them is in ``summary``."""
    found, without = cases(names)
    scored = running.scores(running.run(found, progress=True))
    running.show(scored, chosen=bool(names))
    for name, why in without.items():
        print(f"{'unwritten':8} {name}: {why}")
    endings = [score.ending() for score in scored]
    summary = {
        "modules": len(scored) + len(without),
        "same on every sample": endings.count("same"),
        "same on some, refused on others": endings.count("partly"),
        "refused": endings.count("refused") + len(without),
        "wrong": endings.count("wrong"),
        "crash": endings.count("crash"),
        "samples": sum(score.count().total() for score in scored),
        "samples the same": sum(score.count()["same"] for score in scored),
        "samples the same without stated types": sum(score.count(False)["same"] for score in scored),
        "samples wrong": sum(score.count(None)["wrong"] for score in scored),
    }
    for label, number in summary.items():
        print(f"{label:42}{number}")
    if not names:
        path = running.write("modules", summary, [running.described(score) for score in scored])
        print(f"written to {path}")
    return summary


if __name__ == "__main__":
    main(sys.argv[1:])
