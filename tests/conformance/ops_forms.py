"""The forms in which a user would write a sample of an operator: function, method, operator, in place, index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from .render import Arguments

OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and_": "&", "or_": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
}  # fmt: skip
PREFIXES = {"neg": "-", "invert": "~", "pos": "+"}
REFLECTED = {
    "__radd__": "+", "__rdiv__": "/", "__rmul__": "*", "__rand__": "&", "__ror__": "|", "__rxor__": "^",
    "__rmatmul__": "@", "__rmod__": "%", "__rpow__": "**", "__rsub__": "-",
}  # fmt: skip
ATTRIBUTES = ("T", "H", "mT", "mH", "real", "imag")
INPLACE_NAMES = {
    "cauchy": "cauchy_", "exponential": "exponential_", "geometric": "geometric_", "log_normal": "log_normal_",
    "uniform": "uniform_", "resize_": "resize_", "resize_as_": "resize_as_", "zero_": "zero_",
}  # fmt: skip

LOW_RANK = ("pca_lowrank", "svd_lowrank")

Lines = Callable[[Arguments], list[str]]


def public(name: str) -> str | None:
    """The function's name in code, if there is a public one."""
    found: Any = torch
    for part in name.split("."):
        if part.startswith("_"):
            return None
        found = getattr(found, part, None)
    if found is None or not callable(found) or isinstance(found, (torch.dtype, type)):
        return None
    return name.replace("nn.functional.", "F.") if name.startswith("nn.functional.") else f"torch.{name}"


def forms(op: Any, sample: Any) -> Iterator[tuple[str, Lines]]:
    """Each form of one sample: its name, and what writes its lines."""
    x, args, kwargs = sample.input, tuple(sample.args), dict(sample.kwargs)
    name = op.name
    if name in REFLECTED:
        yield "operator", lambda names: [f"return {names.code(args[0])} {REFLECTED[name]} {names.code(x)}"]
        return
    if name == "__getitem__":
        yield "index", lambda names: [f"return {names.code(x)}[{names.index(args[0])}]"]
        return
    if name == "slice":
        dim, start, end, step = (*args, *(None,) * (4 - len(args))) if args else (0, None, None, None)
        part = slice(start, end, step)
        axes = (slice(None),) * (dim % max(x.ndim, 1)) + (part,)
        yield "index", lambda names: [f"return {names.code(x)}[{names.index(axes if len(axes) > 1 else part)}]"]
        return
    if name in ATTRIBUTES and isinstance(x, torch.Tensor):
        yield "attribute", lambda names: [f"return {names.code(x)}.{name}"]
        if name not in ("real", "imag"):
            return
    if name in INPLACE_NAMES or op.variant_test_name == "in_place":
        method = INPLACE_NAMES.get(name, f"{name}_")
        yield "in place", _in_place(x, args, lambda target, names: [names.call(f"{target}.{method}", args, kwargs)])
        return
    function = public(name)
    if name in LOW_RANK:
        yield "function", _low_rank(str(function), x, args[0], kwargs)
        return
    if function is not None:
        given = _reordered(name, x, args)
        yield "function", lambda names: [f"return {names.call(function, given, kwargs)}"]
    method = name.rpartition(".")[2]
    if not isinstance(x, torch.Tensor):
        return
    if "." not in name and callable(getattr(torch.Tensor, name, None)) and not name.startswith("_"):
        receiver, rest = (args[0], (x, *args[1:])) if name == "where" and args else (x, args)
        if name == "where" and args:
            receiver, rest = x, args
        yield "method", lambda names: [f"return {names.call(f'{names.code(receiver)}.{method}', rest, kwargs)}"]
    symbol = getattr(op.operator_variant, "__name__", "")
    if symbol in OPERATORS and len(args) == 1 and not kwargs:
        yield "operator", lambda names: [f"return {names.code(x)} {OPERATORS[symbol]} {names.code(args[0])}"]
    if symbol in PREFIXES and not args and not kwargs:
        yield "operator", lambda names: [f"return {PREFIXES[symbol]}{names.code(x)}"]
    if "." not in name and callable(getattr(torch.Tensor, f"{name}_", None)) and op.inplace_variant is not None:
        yield "in place", _in_place(x, args, lambda target, names: [names.call(f"{target}.{name}_", args, kwargs)])
    symbol = getattr(op.inplace_operator_variant, "__name__", "")[1:]
    symbol = symbol if symbol in OPERATORS else f"{symbol}_"
    if symbol in OPERATORS and len(args) == 1 and not kwargs:
        yield "augmented", _in_place(x, args, lambda t, names: [f"{t} {OPERATORS[symbol]}= {names.code(args[0])}"])


def _in_place(x: Any, args: Any, change: Callable[[str, Arguments], list[str]]) -> Lines:
    """A change of a copy: what is written into a parameter, the caller sees."""

    def lines(names: Arguments) -> list[str]:
        given = names.code(x)
        return [f"out = {given}.clone()", *change("out", names), "return out"]

    return lines


def _low_rank(function: str, x: Any, other: Any, options: dict[str, Any]) -> Lines:
    """A call on a matrix of low rank, which the database makes of two."""

    def lines(names: Arguments) -> list[str]:
        given = [f"{names.code(x)} @ {names.code(other)}.mT"]
        given += [f"{key}={names.code(value, key)}" for key, value in options.items() if value is not None]
        return [f"return {function}({', '.join(given)})"]

    return lines


def _reordered(name: str, x: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments in the public function's order, where the operator database has another."""
    if name in ("polygamma", "special.polygamma"):
        return (args[0], x, *args[1:])
    if name in ("where", "nn.functional.embedding", "nn.functional.embedding_bag"):
        return (args[0], x, *args[1:])
    if name == "einsum":
        return (args[0], *x)
    return (x, *args)
