"""What Lightning's names stand for, whichever package they come from, and what one of its modules turned out to be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion.names import dotted
from diptych.syntax.walk import walk

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

ROOTS = ("lightning", "pytorch_lightning")
MODULE, TRAINER, SEED = "lightning.LightningModule", "lightning.Trainer", "lightning.seed_everything"
CONVERTED = {MODULE, TRAINER, SEED}
_PACKAGE = re.compile(r"^(?:lightning\.pytorch|pytorch_lightning|lightning)(?:\.(?:core|trainer|utilities|seed))*\.")


@dataclass
class Steps:
    """What is known of a Lightning module.

    ``modes`` is the mode in which each step runs the model, by name. ``unknown`` says why ``fit`` cannot be
    converted, ``left`` are methods that stay as they are. ``schedule`` tells when the scheduler steps that
    ``configure_optimizers`` gives beside the optimizer: after each "epoch" or "step"; ``None`` where there is none.
    ``evaluates`` is the method that Keras' ``test_step`` was made of, ``loaders`` are methods that give loaders.
    ``means`` are attributes for metrics that keep the mean of what is logged; ``logged`` are the calls of ``self.log``
    that they take, by identity: attribute, value, number of samples and batch. ``shown`` are the keys of what steps
    return. ``names`` are all names of the class.
    """

    modes: dict[str, bool] = field(default_factory=dict)
    unknown: str | None = None
    left: set[str] = field(default_factory=set)
    schedule: str | None = None
    evaluates: str | None = None
    loaders: frozenset[str] = frozenset()
    means: list[str] = field(default_factory=list)
    logged: dict[int, tuple[str, cst.BaseExpression, cst.BaseExpression | None, cst.Name]] = field(default_factory=dict)
    shown: dict[str, set[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    @property
    def hides_tracker(self) -> bool:
        """Whether Keras would take its own mean of a loss, which nothing updates, for what a step returns."""
        return any(keys == {"loss", *self.means} for keys in self.shown.values())


def api(module: str, name: str = "") -> str | None:
    """The name under which something of Lightning is known; ``None`` for other libraries."""
    if module.split(".")[0] not in ROOTS:
        return None
    return f"{module}.{name}" if name else module


def name_of(c: Converter, node: cst.BaseExpression) -> str | None:
    """What of Lightning an expression names, as ``lightning.Trainer``, from whichever package; ``None`` otherwise."""
    if c.source != "torch":
        return None
    name = dotted(node)
    if name is None:
        return None
    first, _, rest = name.partition(".")
    known = c.scope.lookup(first)
    if known is None or known.kind != "foreign" or known.api is None or known.api.split(".")[0] not in ROOTS:
        return None
    return canonical(f"{known.api}.{rest}" if rest else known.api)


def canonical(name: str) -> str:
    """One name for all that the two packages call the same."""
    return _PACKAGE.sub("lightning.", name)


def is_known(name: str) -> bool:
    """Whether what an import brings is converted where it is used, or left over there."""
    return name in ROOTS or name == "lightning.pytorch" or canonical(name) in CONVERTED


def names_in(node: cst.CSTNode) -> set[str]:
    """Every name in code, looked up or bound, and every attribute."""
    names = {part.value for part in walk(node) if isinstance(part, cst.Name)}
    return names | {part.attr.value for part in walk(node) if isinstance(part, cst.Attribute)}


def uses(node: cst.CSTNode, name: str) -> bool:
    """Whether a name is looked up or bound in code."""
    return any(isinstance(part, cst.Name) and part.value == name for part in walk(node))
