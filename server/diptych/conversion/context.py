"""What the code around a call tells a rule: parameters that no argument gives, named in the rule's ``context``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from diptych.catalog.rule import Rule
from diptych.conversion import states

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

CHANGES_RATE = {
    "torch": re.compile(r"sched|param_groups|adjust_l|warmup", re.IGNORECASE),
    "tensorflow": re.compile(r"schedul|ReduceLR|\.learning_rate|\.lr\b", re.IGNORECASE),
}
SCHEDULER = re.compile(r"\blr_scheduler\.(?!SequentialLR|ChainedScheduler)\w+\(\s*(?:optimizer\s*=\s*)?([\w.]+)")


def settled(c: Converter, rule: Rule) -> dict[str, Any]:
    """The values of the rule's context.

    ``scheduled``: whether the learning rate may change. ``states``: whether a recurrent layer's states are used.
    """
    found: dict[str, Any] = {}
    for name in rule.attributes.get("context", ()):
        if name == "scheduled":
            found[name] = c.assigning is None or bool(CHANGES_RATE[c.source].search(text(c)))
        elif name == "states":
            found[name] = states.used(c)
    return found


def competing(c: Converter, rule: Rule) -> str | None:
    """Why a scheduler may not be converted beside others; ``None`` if it may."""
    if rule.base != "SchedulerEquivalence" or c.source != "torch":
        return None
    optimizers = SCHEDULER.findall(text(c))
    if len(optimizers) == len(set(optimizers)) or "SequentialLR(" in text(c):
        return None
    return "several schedulers change the learning rate of one optimizer: join them in a SequentialLR"


def text(c: Converter) -> str:
    """The text that is converted."""
    module = c.alive[0] if c.alive else None
    return _text(module) if isinstance(module, cst.Module) else ""


@lru_cache(maxsize=4)
def _text(module: cst.Module) -> str:
    return module.code
