"""Rules by the names that people use: ``F.gelu``, ``nn.Conv2d``, ``tensorflow.reduce_sum``, or a rule's own name."""

from __future__ import annotations

import difflib

from diptych.catalog.index import Index
from diptych.catalog.reasons import Reason
from diptych.catalog.rule import SIDES, Rule
from diptych.syntax.canonical import canonical

# Written prefix -> prefix in the index.
ALIASES = {
    "F.": "torch.nn.functional.",
    "nn.Module.": "Module.",
    "nn.": "torch.nn.",
    "torch.nn.Module.": "Module.",
    "torch.optim.Optimizer.": "Optimizer.",
    "optim.": "torch.optim.",
    "torch.Tensor.": "Tensor.",
    "tf.Tensor.": "Tensor.",
    "layers.": "keras.layers.",
    "keras.Model.": "Model.",
    "tf.keras.Model.": "Model.",
}

# What a qualified name starts with; before anything else a dot means a method of a tensor.
ROOTS = {"torch", "tf", "keras", "Tensor", "math"}

# Classes whose methods have reasons.
OWNERS = ("Tensor", "Module", "Optimizer", "Model")


def qualified_name(name: str) -> str:
    """The qualified name, as the index has it, of a name as written."""
    name = name.strip().removesuffix("()")
    for alias, prefix in ALIASES.items():
        if name.startswith(alias):
            name = prefix + name.removeprefix(alias)
            break
    return canonical(name)


def rules_named(index: Index, name: str) -> list[tuple[Rule, str]]:
    """Rules that a name leads to, each with the side that the name is on; empty if there are none.

    A name that several rules share (the overloads of ``torch.max``) gives them all.
    """
    qualified = qualified_name(name)
    root, _, rest = qualified.partition(".")
    method = f"Tensor.{qualified if not rest or root in ROOTS else rest}"
    found: dict[str, tuple[Rule, str]] = {}
    for side in SIDES:
        for key in (qualified, method):
            for rule, _, _ in reversed(index.candidates(side, key)):  # the simplest first
                found.setdefault(rule.name, (rule, side))
            if found:
                break
    if name in index.numbers:
        found.setdefault(name, (index.rule(name), "torch"))
    return list(found.values())


def reason_named(index: Index, name: str) -> Reason | None:
    """Why there is no rule for a name, where that is known; a method may be given as ``x.backward``."""
    qualified = qualified_name(name)
    found = (index.reason(side, key) for key in (qualified, *_methods(qualified)) for side in SIDES)
    return next((reason for reason in found if reason is not None), None)


def _methods(qualified: str) -> list[str]:
    """A method's name without its object, which may be of any of these classes."""
    root, _, rest = qualified.partition(".")
    return [] if root in ROOTS or "." in rest else [f"{owner}.{rest or root}" for owner in OWNERS]


def similar_names(index: Index, name: str, limit: int = 5) -> list[str]:
    """Names in the index that look like ``name``, the nearest first."""
    known = sorted(
        {key for side in SIDES for key in index.entries[side] if not key.startswith(("operator.", "helper."))}
    )
    qualified = qualified_name(name)
    last = qualified.rpartition(".")[2].lower()
    same = [key for key in known if key.rpartition(".")[2].lower() == last]
    near = difflib.get_close_matches(qualified, known, n=limit, cutoff=0.6)
    by_last = {key.rpartition(".")[2]: key for key in known}
    near += [by_last[word] for word in difflib.get_close_matches(last, list(by_last), n=limit, cutoff=0.7)]
    return list(dict.fromkeys(same + near))[:limit]
