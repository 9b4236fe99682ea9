"""Converts many cases as one text and takes the twin apart again."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diptych.conversion import Conversion, convert
from diptych.conversion.result import Framework

from .case import Case

IMPORTS: dict[str, str] = {
    "torch": "import math\n\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n",
    "tensorflow": "import math\n\nimport keras\nimport tensorflow as tf\n",
}


@dataclass(frozen=True)
class Converted:
    """The twin of one case: its text with the imports and helpers that it needs, and the axes of what it takes and
    gives. ``error`` says why there is none, ``crash`` that the conversion raised.
    """

    twin: str = ""
    entry: str = ""
    inputs: tuple[Any, ...] = ()
    constructor: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    error: str | None = None
    crash: str | None = None
    assumed: tuple[str, ...] = ()


def converted(cases: Sequence[Case], to: Framework = "tensorflow") -> list[Converted]:
    """Convert cases, whose entries must have different names, in one text; those that are the same text, once."""
    first: dict[str, Case] = {}
    for case in cases:
        first.setdefault(_anonymous(case), case)
    twins = dict(zip(first, _together(list(first.values()), to), strict=True))
    return [twins[_anonymous(case)] for case in cases]


def _anonymous(case: Case) -> str:
    return re.sub(rf"\b{case.entry}\b", "sample", case.text)


def _together(cases: Sequence[Case], to: Framework) -> list[Converted]:
    head = IMPORTS["torch" if to == "tensorflow" else "tensorflow"]
    lines: list[tuple[int, int]] = []
    parts = [head]
    line = head.count("\n") + 1
    for case in cases:
        part = f"\n\n{case.text.rstrip()}\n"
        lines.append((line + 2, line + part.count("\n")))
        line += part.count("\n")
        parts.append(part)
    try:
        conversion = convert("".join(parts), to=to)
    except Exception as error:
        if len(cases) == 1:
            return [Converted(crash=f"the conversion raised {type(error).__name__}: {error}")]
        half = len(cases) // 2
        return _together(cases[:half], to) + _together(cases[half:], to)
    pieces = _Pieces(conversion.twin)
    return [_one(case, conversion, pieces, first, last) for case, (first, last) in zip(cases, lines, strict=True)]


def _one(case: Case, conversion: Conversion, pieces: _Pieces, first: int, last: int) -> Converted:
    here = [leftover for leftover in conversion.leftovers if first <= leftover.line <= last]
    errors = [f"{leftover.api}: {leftover.reason}" for leftover in here if leftover.severity == "error"]
    assumed = tuple(leftover.reason for leftover in here if leftover.severity == "warning")
    if errors:
        return Converted(error="; ".join(dict.fromkeys(errors)), assumed=assumed, twin=pieces.definition(case.entry))
    entry = next((entry for entry in conversion.entries if entry.name == case.entry), None)
    if entry is None:
        return Converted(crash=f"the conversion lists no entry {case.entry!r}")
    return Converted(
        pieces.text(case.entry),
        case.entry,
        tuple(parameter.axes.permutation for parameter in entry.parameters),
        tuple(parameter.axes.permutation for parameter in entry.constructor),
        tuple(out.permutation for out in entry.outputs),
        assumed=assumed,
    )


class _Pieces:
    """The top-level statements of a text by the name that they define."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.named: dict[str, ast.stmt] = {}
        self.imports: list[tuple[set[str], str]] = []
        self.order: list[str] = []
        for node in ast.parse(text).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.named[node.name] = node
                self.order.append(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                bound = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
                self.imports.append((bound, self._source(node)))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.named[node.targets[0].id] = node
                self.order.append(node.targets[0].id)

    def _source(self, node: ast.stmt) -> str:
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        return "\n".join(self.lines[first - 1 : node.end_lineno])

    def definition(self, name: str) -> str:
        """The definition alone."""
        return self._source(self.named[name]) if name in self.named else ""

    def text(self, name: str) -> str:
        """The definition with what it uses, however far."""
        wanted, names, queue = {name}, set(), [name]
        while queue:
            node = self.named[queue.pop()]
            used = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
            names |= used
            new = (used & set(self.named)) - wanted
            wanted |= new
            queue += new
        imports = [source for bound, source in self.imports if bound & names]
        return "\n".join(imports + [self._source(self.named[item]) for item in self.order if item in wanted]) + "\n"
