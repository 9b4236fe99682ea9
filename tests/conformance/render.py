"""Python code for a call: values as a user would write them, tensors as parameters."""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch

LETTERS = ("x", "y", "z", "u", "v", "w", "a", "b", "c", "d")
TAKEN = {"torch", "nn", "F", "math", "tf", "keras"}


class UnwritableError(Exception):
    """A value that no user writes as a literal, or a tensor that numpy cannot hold."""


class Arguments:
    """The tensors of one call, by the names that they got. Every tensor becomes a parameter."""

    def __init__(self) -> None:
        self.tensors: dict[str, torch.Tensor] = {}

    def code(self, value: Any, name: str | None = None) -> str:
        """A value as code. Raises ``UnwritableError``."""
        if isinstance(value, torch.Tensor):
            return self._tensor(value, name)
        if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
            items = [self.code(item) for item in value]
            return _sequence(items, value)
        return literal(value)

    def _tensor(self, value: torch.Tensor, name: str | None) -> str:
        for known, tensor in self.tensors.items():
            if tensor is value:
                return known
        if value.layout is not torch.strided or value.is_quantized or value.is_nested:
            raise UnwritableError("sparse, quantised or nested tensors")
        if value.dtype.is_complex:
            raise UnwritableError("complex-valued")
        if value.dtype in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
            raise UnwritableError(f"tensors of {value.dtype}, which numpy has not")
        choices = [name] if name and name.isidentifier() and not keyword.iskeyword(name) else []
        choices += [*LETTERS, *(f"x{number}" for number in range(1, 100))]
        chosen = next(choice for choice in choices if choice not in self.tensors and choice not in TAKEN)
        self.tensors[chosen] = value
        return chosen

    def call(self, function: str, args: Iterable[Any], kwargs: Mapping[str, Any]) -> str:
        """A call of a function, or of a method of what stands before the dot."""
        parts = [self.code(value) for value in args]
        parts += [f"{name}={self.code(value, name)}" for name, value in kwargs.items()]
        return f"{function}({', '.join(parts)})"

    def index(self, value: Any) -> str:
        """What stands between the brackets."""
        if isinstance(value, tuple) and value:
            return ", ".join(self._subscript(item) for item in value) + ("," if len(value) == 1 else "")
        return self._subscript(value)

    def _subscript(self, value: Any) -> str:
        if isinstance(value, slice):
            parts = [value.start, value.stop] + ([value.step] if value.step is not None else [])
            return ":".join("" if part is None else self.code(part) for part in parts)
        return "..." if value is ... else self.code(value)


def literal(value: Any) -> str:
    """A value that holds no tensor, as code. Raises ``UnwritableError``."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, torch.Size):
        value = tuple(value)
    if value is None or isinstance(value, (bool, int, str)):
        return repr(value)
    if isinstance(value, float):
        if math.isnan(value):
            return 'float("nan")'
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if isinstance(value, complex):
        return repr(value)
    if isinstance(value, (torch.dtype, torch.memory_format, torch.layout)):
        return str(value)
    if isinstance(value, torch.device):
        return repr(str(value))
    if isinstance(value, (list, tuple)):
        items = [literal(item) for item in value]
        return _sequence(items, value)
    raise UnwritableError(f"an argument that is no literal: {type(value).__name__}")


def _sequence(items: list[str], value: list[Any] | tuple[Any, ...]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(items)}]"
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def definition(entry: str, names: Iterable[str], lines: Iterable[str]) -> str:
    """A function of these lines."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"def {entry}({', '.join(names)}):\n{body}"


def array(tensor: torch.Tensor) -> np.ndarray:
    """The tensor's values."""
    return tensor.detach().cpu().contiguous().resolve_conj().resolve_neg().numpy().copy()
