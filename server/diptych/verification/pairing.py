"""Pairs the places of two instrumented texts: by the source map, then by the name that is assigned there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

Site = Mapping[str, Any]
ENTRIES = {"call": "forward"}
"""A model's main method is called differently on the two sides."""


def pair_sites(
    source: Sequence[Site],
    twin: Sequence[Site],
    lines: Iterable[tuple[int, int]],
    renamed: Mapping[str, str] | None = None,
) -> dict[int, int]:
    """For each site of the source that has one, its partner in the twin. Without a source map, functions are paired by
    name (``renamed`` holds the twin's where it has another one), and within them what they assign, in order.
    """
    known_lines = list(lines)
    if not known_lines:
        return _by_function(source, twin, renamed or {})
    stands_for: dict[int, list[int]] = defaultdict(list)
    for here, there in known_lines:
        stands_for[there].append(here)
    near = _neighbours(twin, stands_for)
    free: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for number, site in enumerate(source):
        free[site["statement"], site["kind"], _label(site)].append(number)
    pairs: dict[int, int] = {}
    for known in (True, False):
        for number, site in enumerate(twin):
            here = stands_for.get(site["statement"], [])
            for line in here if known else [] if here else near[number]:
                found = free.get((line, site["kind"], _label(site)))
                if found:
                    pairs[found.pop(0)] = number
                    break
    return _without_other_lists(source, twin, pairs)


def _label(site: Site) -> str:
    """A name, attributes without the underscores that avoid reserved words."""
    first, *rest = site["label"].split(".")
    return ".".join([first, *(part.rstrip("_") or part for part in rest)])


def _neighbours(twin: Sequence[Site], stands_for: Mapping[int, list[int]]) -> list[list[int]]:
    """For sites on lines that the source map does not know: what the next known lines of the same function stand for,
    above and below.
    """
    found: list[list[int]] = [[] for _ in twin]
    order = sorted(range(len(twin)), key=lambda number: twin[number]["statement"])
    for direction in (order, order[::-1]):
        last: dict[str, list[int]] = {}
        for number in direction:
            site = twin[number]
            known = stands_for.get(site["statement"])
            if known:
                last[site["function"]] = known
            else:
                found[number] += last.get(site["function"], [])
    return found


def _without_other_lists(source: Sequence[Site], twin: Sequence[Site], pairs: dict[int, int]) -> dict[int, int]:
    """Layers in a list are paired by their place, so only where both lists are of one length."""

    def lengths(sites: Sequence[Site]) -> dict[tuple[int, str], int]:
        count: dict[tuple[int, str], int] = defaultdict(int)
        for site in sites:
            if site["kind"] == "layer":
                count[site["statement"], _label(site).rpartition("[")[0]] += 1
        return count

    ours, theirs = lengths(source), lengths(twin)

    def same(one: Site, other: Site) -> bool:
        name = _label(one).rpartition("[")[0]
        return ours[one["statement"], name] == theirs[other["statement"], name]

    return {
        one: other
        for one, other in pairs.items()
        if source[one]["kind"] != "layer" or same(source[one], twin[other])
    }  # fmt: skip


def _by_function(source: Sequence[Site], twin: Sequence[Site], renamed: Mapping[str, str]) -> dict[int, int]:
    def functions(sites: Sequence[Site], names: Mapping[str, str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, site in enumerate(sites):
            first, dot, rest = site["function"].partition(".")
            owner, _, name = (names.get(first, first) + dot + rest).rpartition(".")
            found[f"{owner}.{ENTRIES.get(name, name) if owner else name}"].append(number)
        return found

    ours, theirs = functions(source, renamed), functions(twin, {})
    pairs = {}
    for name, numbers in ours.items():
        others = theirs.get(name, [])
        first = [(source[number]["kind"], _label(source[number])) for number in numbers]
        second = [(twin[number]["kind"], _label(twin[number])) for number in others]
        for a, b, size in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
            pairs.update({numbers[a + step]: others[b + step] for step in range(size)})
    return pairs


def passes(events: Sequence[Sequence[int]], *, building: bool) -> dict[int, list[int]]:
    """The numbers of the events at each site, of those while layers were being built or of the others."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, (site, _, built) in enumerate(events):
        if built == building:
            found[site].append(number)
    return found
