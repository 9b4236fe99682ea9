"""The beginning of a rule for a call that none knows: its own side written, the other refused until somebody fills it
in.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diptych.catalog.rule import SIDES, other
from diptych.catalog.signatures import Overload

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
KINDS = {bool: "Flag", int: "Int", float: "Float", str: "Str"}
FILE = '''"""Rules of this project, for Diptych. Each is the same computation in both frameworks."""

import keras
import tensorflow as tf
import torch
import torch.nn.functional as F
from torch import nn

from diptych.catalog.language import *


class {name}(Equivalence):
    """Say here, in a line, what `{api}` does."""

    def in_{side}({declared}):
        return {call}

    def in_{other}({declared}):
        return refuse("{file} does not say yet what it is in {title}")

    samples = cases({samples})
'''


@dataclass(frozen=True)
class _Argument:
    """A parameter of the rule: ``word`` is the keyword that the call gives it by, if it does."""

    name: str
    word: str | None
    kind: str
    value: str | None


def file_name(api: str) -> str:
    """The name of a file for the rule of an API."""
    return re.sub(r"\W+", "_", api).strip("_").lower() + ".py"


def draft(api: str, code: str, side: str, overloads: Sequence[Overload]) -> str:
    """The text of a rule file for a call, given as code; ``api`` is its qualified name, or ``Tensor.name``.

    Raises ``ValueError`` where the code is no call whose arguments can be told apart.
    """
    try:
        call = ast.parse(code.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{code.strip()} is no expression by itself") from error
    if not isinstance(call, ast.Call) or any(keyword.arg is None for keyword in call.keywords):
        raise ValueError(f"{code.strip()} is not a call whose arguments can be told apart")
    arguments = list(_arguments(api, call, overloads))
    method = api.startswith("Tensor.")
    given = arguments[1:] if method else arguments
    written = ", ".join(a.name if a.word is None else f"{a.word}={a.name}" for a in given)
    function = f"{arguments[0].name}.{api.partition('.')[2]}" if method else api
    declared = [f"{a.name}: {a.kind}" + (f" = {a.value}" if a.word is not None and a.value else "") for a in arguments]
    samples = [f"{a.name}={f'[{a.value}]' if a.value else 'floats(2, 3)'}" for a in arguments]
    words = re.split(r"[._]", api.removeprefix("Tensor.").rpartition(".")[2])
    return FILE.format(
        name="Own" + "".join(word[:1].upper() + word[1:] for word in words), api=api, side=side, other=other(side),
        declared=", ".join(declared), call=f"{function}({written})", file=file_name(api), title=TITLES[other(side)],
        samples=", ".join(samples),
    )  # fmt: skip


def side_of(api: str, framework: str) -> str:
    """The side that a name belongs to: its framework's, else that of the file."""
    root = api.partition(".")[0]
    return {"torch": SIDES[0], "tf": SIDES[1], "keras": SIDES[1]}.get(root, framework)


def _arguments(api: str, call: ast.Call, overloads: Sequence[Overload]) -> Iterator[_Argument]:
    taken: set[str] = set()

    def fresh(name: str) -> str:
        while not name.isidentifier() or name in taken:
            name = f"{name}_" if name.isidentifier() else "argument"
        taken.add(name)
        return name

    if api.startswith("Tensor."):
        yield _Argument(fresh("x"), None, "Tensor", None)
    names = [entry[0] for entry in overloads[0] if entry[1] in ("a", "p")] if overloads else []
    for place, node in enumerate(call.args):
        if isinstance(node, ast.Starred):
            raise ValueError("starred arguments cannot be told apart")
        yield _Argument(fresh(names[place] if place < len(names) else "argument"), None, *_kind(node))
    for keyword in call.keywords:
        yield _Argument(fresh(keyword.arg or ""), keyword.arg, *_kind(keyword.value))


def _kind(node: ast.expr) -> tuple[str, str | None]:
    """The kind of an argument, and its code if it is a literal."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return "Tensor", None
    return KINDS.get(type(value), "Any"), ast.unparse(node)
