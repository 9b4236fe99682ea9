"""Reads the labelled pairs: same-named functions and classes of two files, with their inputs in a comment above."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from diptych.conversion.result import Entry, Parameter
from diptych.verification import Pair

FOLDER = Path(__file__).parent
LABELS = ("rounding", "bugs")
HARD = "hard_float32"
ACCURACY = "accuracy"
COMMENT = re.compile(r"#\s*diptych:\s*(.*)")


@dataclass(frozen=True)
class Labelled:
    """A pair and what is known of it: ``kept`` is the folder, ``group`` the file that it stands in."""

    name: str
    kept: str
    group: str
    entry: Entry
    torch: str
    tensorflow: str

    @property
    def hard(self) -> bool:
        """Whether its code rounds to float32 where the float64 run cannot prevent it."""
        return self.group == HARD

    def label(self, backwards: bool) -> str:
        """``rounding`` or ``bugs``: a twin that rounds far worse is a bug, one that rounds better is not."""
        return "rounding" if self.group == ACCURACY and backwards else self.kept

    @property
    def held_back(self) -> bool:
        """Whether it belongs to the half on which the thresholds were not calibrated."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 1

    def pair(self, backwards: bool) -> Pair:
        """What verification takes; ``backwards`` makes TensorFlow the source."""
        if backwards:
            return Pair(self.tensorflow, self.torch, "tensorflow", "torch", (self.entry,))
        return Pair(self.torch, self.tensorflow, "torch", "tensorflow", (self.entry,))


def read() -> list[Labelled]:
    """All pairs, by label, group and place in their file."""
    found = []
    for label in LABELS:
        for path in sorted((FOLDER / label).glob("*_torch.py")):
            group = path.stem.removesuffix("_torch")
            torch = path.read_text()
            tensorflow = path.with_name(f"{group}_tensorflow.py").read_text()
            found += [Labelled(entry.name, label, group, entry, torch, tensorflow) for entry in entries(torch)]
    return found


def entries(text: str) -> list[Entry]:
    """The functions and classes of a text that have a ``# diptych:`` comment."""
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            continue
        comment = COMMENT.match(lines[node.lineno - 2])
        if comment is None:
            continue
        called = _forward(node) if isinstance(node, ast.ClassDef) else node
        names = [argument.arg for argument in called.args.args if argument.arg != "self"]
        kind = "class" if isinstance(node, ast.ClassDef) else "function"
        parameters = tuple(Parameter(name) for name in names)
        found.append(Entry(node.name, kind, node.lineno, parameters, comment=comment[1]))
    return found


def _forward(node: ast.ClassDef) -> ast.FunctionDef:
    return next(item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "forward")
