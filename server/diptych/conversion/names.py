"""How things are called: qualified names of imports in the source, and of the other framework in the twin."""

from __future__ import annotations

from collections.abc import Container
from functools import cache

import libcst as cst

ROOTS = {"torch": "torch", "tensorflow": "tf", "keras": "keras"}
ARRAY_LIBRARIES = {"pandas", "polars", "xarray", "dask", "cupy", "jax", "numpy"}
FRAMEWORK_ROOTS = {"torch": {"torch"}, "tensorflow": {"tf", "keras"}}

IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "from torch.nn import functional as F",
    "tf": "import tensorflow as tf",
    "keras": "import keras",
    "csv": "import csv",
    "datetime": "import datetime",
    "glob": "import glob",
    "math": "import math",
    "os": "import os",
    "pathlib": "import pathlib",
    "shutil": "import shutil",
    "socket": "import socket",
    "struct": "import struct",
}
STANDARD = ("csv", "datetime", "glob", "math", "os", "pathlib", "shutil", "socket", "struct")
PREFIXES = [
    ("torch.nn.functional", "F"),
    ("torch.nn", "nn"),
    ("torch", "torch"),
    ("keras", "keras"),
    ("tf", "tf"),
    *((name, name) for name in STANDARD),
]

# What to write where the name of an import is taken.
_LONGER = {"nn": ("torch", "nn"), "F": ("torch", "nn", "functional"), "keras": ("tf", "keras")}


@cache
def _divided(qualified: str) -> tuple[str, tuple[str, ...]]:
    """The name under which the beginning of a qualified name is imported, and the names after it."""
    for prefix, alias in PREFIXES:
        if qualified == prefix or qualified.startswith(f"{prefix}."):
            return alias, tuple(qualified[len(prefix) + 1 :].split(".")) if len(qualified) > len(prefix) else ()
    raise ValueError(f"no import is known for {qualified}")


def dotted(node: cst.BaseExpression) -> str | None:
    """``a.b.c`` as text, ``None`` for anything else."""
    last = ""
    while type(node) is cst.Attribute:
        last = f".{node.attr.value}{last}"
        node = node.value
    return f"{node.value}{last}" if type(node) is cst.Name else None


class TwinNames:
    """Chooses how framework things are called in the twin, so that no name of the source is hidden.

    ``taken`` are Python's own names and those that the source binds (parameters, variables, functions, imports that
    stay).
    """

    def __init__(self, taken: Container[str]) -> None:
        self.taken = taken
        self.used: set[str] = set()
        self.helpers: dict[str, str] = {}

    def expression(self, qualified: str) -> cst.BaseExpression:
        """Code that names something of a framework; its import is noted."""
        if qualified.startswith("helper."):
            name = self.fresh(qualified[7:])
            self.helpers[qualified[7:]] = name
            return cst.Name(name)
        alias, rest = _divided(qualified)
        if alias in _LONGER and alias in self.taken:
            root, *parts = _LONGER[alias]
            rest = (*parts, *rest)
        else:
            root = alias
        self.used.add(self._root(root))
        node: cst.BaseExpression = cst.Name(self._root(root))
        for part in rest:
            node = cst.Attribute(node, cst.Name(part))
        return node

    def _root(self, alias: str) -> str:
        return alias + "_" if alias in self.taken else alias

    def imports(self) -> list[str]:
        """The import statements that the used names need."""
        order = list(IMPORTS)
        lines = []
        for name in sorted(self.used, key=lambda n: order.index(n.rstrip("_"))):
            base = name.rstrip("_")
            line = IMPORTS[base]
            if name != base:
                line = f"import tensorflow as {name}" if base == "tf" else f"{line} as {name}"
            lines.append(line)
        return sorted(lines, key=lambda line: (line.split()[1] not in STANDARD, line.startswith("from"), line))

    def fresh(self, wanted: str) -> str:
        """A name that nothing in the source has."""
        name = wanted
        while name in self.taken and self.helpers.get(wanted) != name:
            name += "_"
        return name
