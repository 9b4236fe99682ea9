"""Compiled rules, as the server holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diptych.catalog.template import Template, walk

SIDES = ("torch", "tensorflow")
# Conditions on dtypes of which nothing is assumed; a branch that has one is for emission alone.
KNOWN_DTYPES = {"known_bool": "bool", "known_floating": "float", "known_integer": "int"}


def other(side: str) -> str:
    """The other framework."""
    return "tensorflow" if side == "torch" else "torch"


@dataclass(frozen=True, slots=True)
class Branch:
    """One way through a body: conditions that must hold, those of earlier branches that must not, and the result.

    ``spellings`` is empty where the body refuses, with ``why``.
    """

    conditions: tuple[Template, ...]
    excluded: tuple[Template, ...]
    spellings: tuple[Template, ...]
    why: str | None = None
    general: bool = False

    @property
    def emission_only(self) -> bool:
        """Whether the branch stands for dtypes or sizes that are known: code like it says nothing of the other side."""
        names = (*KNOWN_DTYPES, "known")
        return any(part[0] == "fn" and part[1] in names for test in self.conditions for part in walk(test))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a rule. ``defaults`` gives the literal default of each parameter that has one; ``...`` is Absent."""

    parameters: tuple[str, ...]
    defaults: Mapping[str, Any]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``base`` is the name of its base class in language.py; see there for the other attributes."""

    name: str
    family: str
    base: str
    doc: str
    kinds: Mapping[str, str]
    sides: Mapping[str, Side]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    rank: tuple[Branch, ...] = ()

    def side(self, framework: str) -> Side:
        """The side in one framework."""
        return self.sides[framework]

    @property
    def reads_back(self) -> bool:
        """Whether calls of the helper that it writes are read back: not where a layer is called with a list."""
        return self.attributes.get("reads_back", "calling" not in self.attributes)

    @property
    def tensors(self) -> list[str]:
        """Parameters that are tensors."""
        return [name for name, kind in self.kinds.items() if kind in ("Tensor", "Operand")]
