"""What the code around a call tells a rule: parameters that no argument gives, named in the rule's ``context``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from diptych.catalog.rule import Rule
from diptych.conversion import (
    class_tests,
    eager_values,
    held_by_model,
    parameter_groups,
    states,
    tape_facts,
    tapes,
    train_steps,
)
from diptych.text.same_code import without_empty_space

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

CHANGES_RATE = {
    "torch": ("sched", "param_groups", "adjust_l", "warmup"),
    "tensorflow": ("schedul", "reducelr", ".learning_rate"),
}
KERAS_RATE = re.compile(r"\.lr\b")
CYCLES = re.compile(r"\b(OneCycleLR|CyclicLR)\b")
SCHEDULER = re.compile(
    r"\b(?:(?:Lambda|Multiplicative|Step|MultiStep|Constant|Linear|Exponential|Polynomial|CosineAnnealing|Cyclic|OneCycle)LR"
    r"|CosineAnnealingWarmRestarts|ReduceLROnPlateau)\(\s*(?:optimizer\s*=\s*)?([\w.]+)"
)
LOSS_KEPT = re.compile(r"\bself\.(\w+)\s*=\s*[\w.]*[lL]oss[\w.]*\(")


def facts_of(text: str, source: str) -> frozenset[str]:
    """What a whole file says: "scheduled" if the learning rate may change, "schedulers" if schedulers do it,
    "competing" if several do for one optimizer, "cycled" if one changes the momentum, too, "embedded" if there may be
    embeddings, whose gradients TensorFlow gives row by row, "autograd" if gradients may be asked for by name,
    "backward" if something may be differentiated, "called only: NAME" if ``self.NAME`` holds a loss and is used, by
    nothing but calls of it; and what ``facts_of`` of ``tape_facts``, ``held_by_model`` and ``train_steps`` say of
    TensorFlow's code, of ``class_tests`` and ``eager_values`` of PyTorch's.

    Comments count, as does what stands in strings; empty lines and spaces at the ends of lines do not.
    """
    text = "\n".join([*without_empty_space(text), ""])
    small = text.lower()
    found = {"scheduled"} if any(word in small for word in CHANGES_RATE[source]) else set[str]()
    if source == "tensorflow" and KERAS_RATE.search(small):
        found.add("scheduled")
    if "LR" in text and CYCLES.search(text):
        found.add("cycled")
    if source == "torch":
        found |= parameter_groups.facts_of(text)
    if "mbedding" in text:
        found.add("embedded")
    if "autograd" in text:
        found.add(tapes.AUTOGRAD)
    if "backward" in text or "lightning" in small:  # whose steps are written with it first
        found.add(tapes.BACKWARD)
    optimizers = SCHEDULER.findall(text) if "LR" in text or "WarmRestarts" in text else []
    if optimizers:
        found.add("schedulers")
    if len(optimizers) != len(set(optimizers)) and "SequentialLR(" not in text:
        found.add("competing")
    if "oss" in text:
        kept = LOSS_KEPT.findall(text)
        found |= {f"called only: {name}" for name in set(kept) if _called_only(text, name, kept.count(name))}
    more = (tape_facts, held_by_model, train_steps) if source == "tensorflow" else (class_tests, eager_values)
    return frozenset(found.union(*(each.facts_of(text) for each in more)))


def _called_only(text: str, name: str, assigned: int) -> bool:
    """Whether an attribute that is assigned a loss so many times is nothing else, and only called through ``self``."""
    calls = re.findall(rf"\bself\.{name}\s*\(", text)
    return bool(calls) and len(calls) + assigned == len(re.findall(rf"\.\s*{name}\b|[\"']{name}[\"']", text))


def settled(c: Converter, rule: Rule) -> dict[str, Any]:
    """The values of the rule's context.

    ``scheduled``: whether the learning rate may change. ``cycled``: whether the momentum may, too. ``embedded``:
    whether there may be embeddings. ``states``: whether
    a recurrent layer's states are used.
    """
    found: dict[str, Any] = {}
    for name in rule.attributes.get("context", ()):
        if name in ("scheduled", "cycled", "embedded"):
            found[name] = name in c.facts or (name == "scheduled" and c.assigning is None)
        elif name == "states":
            found[name] = states.used(c)
    return found


def competing(c: Converter, rule: Rule) -> str | None:
    """Why a scheduler may not be converted beside others; ``None`` if it may."""
    if rule.base != "SchedulerEquivalence" or "competing" not in c.facts:
        return None
    return "several schedulers change the learning rate of one optimizer: join them in a SequentialLR"
