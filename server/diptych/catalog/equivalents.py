"""What one framework's names are in the other, as somebody would type it: for completion."""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from diptych.catalog.index import Index, load
from diptych.catalog.rendering import render, short_name
from diptych.catalog.rule import Rule, other
from diptych.catalog.template import Template, walk

ROOTS = {"torch": "torch", "tf": "tensorflow", "keras": "tensorflow"}
IMPORTS = {"torch": "import torch", "tf": "import tensorflow as tf", "keras": "import keras"}

COMPUTED = {"parts", "helper", "fn", "for", "lambda"}


@dataclass(frozen=True)
class Equivalent:
    """``name`` is what one framework calls it, ``template`` what the other does: a name alone where its arguments are
    the typist's to write, else an expression of ``parameters``.
    """

    name: str
    template: Template
    parameters: tuple[str, ...] = ()

    @property
    def is_name(self) -> bool:
        """Whether it is a name alone."""
        return self.template[0] == "api"

    @property
    def likeness(self) -> float:
        """How much two names sound alike: of several, ``minimum`` is ``minimum`` rather than ``clamp``."""
        if not self.is_name:
            return 0.0
        first, second = (name.rpartition(".")[2].lower() for name in (self.name, self.template[1]))
        return difflib.SequenceMatcher(None, first, second).ratio()


@dataclass(frozen=True)
class Written:
    """Code for a file: it uses the file's own names where it has some, and else needs ``imports``."""

    text: str
    imports: tuple[str, ...]


@cache
def equivalents(side: str) -> tuple[Equivalent, ...]:
    """All names of one side that have an equivalent which can be written in one expression, sorted."""
    index = load()
    names = sorted(name for name in index.entries[side] if ROOTS.get(name.partition(".")[0]) == side)
    return tuple(found for name in names if (found := _equivalent(index, side, name)) is not None)


def beginning(side: str, prefix: str) -> Sequence[Equivalent]:
    """Those whose name begins with a prefix."""
    known = equivalents(side)
    first = bisect.bisect_left(known, prefix, key=lambda item: item.name)
    last = bisect.bisect_left(known, prefix + "\U0010ffff", lo=first, key=lambda item: item.name)
    return known[first:last]


def _equivalent(index: Index, side: str, name: str) -> Equivalent | None:
    """The best of what rules say: a name where one has it, and only of code that is no special case."""
    found: list[Equivalent] = []
    for rule, place, spelling in reversed(index.candidates(side, name)):  # the simplest first
        ours = rule.attributes.get("one_way") in (None, side) and not rule.side(side).branches[place].conditions
        if not ours or not (spelling[0] == "api" or _is_plain(spelling)):
            continue
        for template in _spellings(rule, other(side)):
            plain = _is_plain(template)
            parameters = () if plain else tuple(rule.side(other(side)).parameters)
            found.append(Equivalent(name, template[1] if plain else template, parameters))
    return min(found, key=lambda item: (not item.is_name, -item.likeness), default=None)


def _is_plain(template: Template) -> bool:
    """Whether it is a call of a framework's function on parameters and literals alone."""
    if template[0] != "call" or template[1][0] != "api":
        return False
    return all(part[0] in ("p", "v", "star") for part in [*template[2], *(value for _, value in template[3])])


def _spellings(rule: Rule, side: str) -> Iterator[Template]:
    """The first spelling of each branch that stands for itself: that does not depend on dtypes, needs no helper and
    nothing that only a converter computes. What holds in any case comes first.
    """
    branches = [branch for branch in rule.side(side).branches if branch.spellings]
    for branch in sorted(branches, key=lambda branch: bool(branch.conditions) and not branch.general):
        decides = {part[0] for condition in branch.conditions for part in walk(condition)}
        template = branch.spellings[0]
        parts = walk(template)
        foreign = any(part[0] == "api" and ROOTS.get(part[1].partition(".")[0]) != side for part in parts)
        if "fn" not in decides and not foreign and not any(part[0] in COMPUTED for part in parts):
            yield template


def written(equivalent: Equivalent, aliases: Mapping[str, str], *, snippet: bool) -> Written:
    """The code for a file whose imports bind ``aliases``; as a ``snippet``, with its parameters as places to fill."""
    text, imports = render(equivalent.template), []
    if snippet and not equivalent.is_name:
        text = text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
        for number, name in enumerate(equivalent.parameters, 1):
            text = re.sub(rf"(?<![\w.{{]){name}\b(?!=[^=])", f"${{{number}:{name}}}", text)
    apis = {part[1] for part in walk(equivalent.template) if part[0] == "api"}
    for api in sorted(apis, key=len, reverse=True):
        local, needed = _local(api, aliases)
        text = re.sub(rf"(?<![\w.]){re.escape(short_name(api))}(?!\w)", local, text)
        if needed is not None and needed not in imports:
            imports.append(needed)
    return Written(text, tuple(imports))


def _local(api: str, aliases: Mapping[str, str]) -> tuple[str, str | None]:
    """What a file calls an API, and the import that it lacks."""
    known = [
        (len(full), alias + api[len(full) :]) for alias, full in aliases.items() if f"{api}.".startswith(f"{full}.")
    ]
    if known:
        return max(known)[1], None
    root = api.partition(".")[0]
    if root == "keras" and (tensorflow := next((alias for alias, full in aliases.items() if full == "tf"), None)):
        return f"{tensorflow}.{api}", None
    return api, IMPORTS[root]
