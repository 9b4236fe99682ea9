"""What the code around a call tells a rule: parameters that no argument gives, named in the rule's ``context``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from diptych.catalog.rule import Rule
from diptych.conversion import states

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

CHANGES_RATE = {
    "torch": re.compile(r"sched|param_groups|adjust_l|warmup", re.IGNORECASE),
    "tensorflow": re.compile(r"schedul|ReduceLR|\.learning_rate|\.lr\b", re.IGNORECASE),
}
SCHEDULER = re.compile(r"\blr_scheduler\.(?!SequentialLR|ChainedScheduler)\w+\(\s*(?:optimizer\s*=\s*)?([\w.]+)")


def facts_of(text: str, source: str) -> frozenset[str]:
    """What a whole file says: "scheduled" if the learning rate may change, "competing" if several schedulers do it,
    "embedded" if there may be embeddings, whose gradients TensorFlow gives row by row, "autograd" if gradients may be
    asked for by name.
    """
    found = {"scheduled"} if CHANGES_RATE[source].search(text) else set()
    if "mbedding" in text:
        found.add("embedded")
    if "autograd" in text:
        found.add("autograd")
    optimizers = SCHEDULER.findall(text)
    if len(optimizers) != len(set(optimizers)) and "SequentialLR(" not in text:
        found.add("competing")
    return frozenset(found)


def settled(c: Converter, rule: Rule) -> dict[str, Any]:
    """The values of the rule's context.

    ``scheduled``: whether the learning rate may change. ``states``: whether a recurrent layer's states are used.
    """
    found: dict[str, Any] = {}
    for name in rule.attributes.get("context", ()):
        if name == "scheduled":
            found[name] = c.assigning is None or "scheduled" in c.facts
        elif name == "states":
            found[name] = states.used(c)
    return found


def competing(c: Converter, rule: Rule) -> str | None:
    """Why a scheduler may not be converted beside others; ``None`` if it may."""
    if rule.base != "SchedulerEquivalence" or "competing" not in c.facts:
        return None
    return "several schedulers change the learning rate of one optimizer: join them in a SequentialLR"
