"""What the frameworks' functions accept: tables made by ``rules/signatures/generate.py``, and binding arguments by
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Overload = Sequence[Sequence[Any]]
T = TypeVar("T")

UNKNOWN = {"unknown": True}


def default_of(overloads: Sequence[Overload], name: str) -> Any:
    """The literal default of an argument, ``...`` if it has none or it is not literal. Lists are given as tuples."""
    for overload in overloads:
        for entry in overload:
            if entry[0] == name and len(entry) > 2 and entry[2] != UNKNOWN:
                return tuple(entry[2]) if isinstance(entry[2], list) else entry[2]
    return ...


def bind(overload: Overload, positional: Sequence[T], keywords: Mapping[str, T]) -> dict[str, T | list[T]] | None:
    """Give each argument its name, or return ``None`` where the overload does not accept them.

    Arguments of kind ``i`` and ``*`` come as a list.
    """
    bound: dict[str, T | list[T]] = {}
    count, place = len(positional), 0
    for entry in overload:
        name, kind = entry[0], entry[1]
        if place < count and kind in ("a", "p"):
            bound[name] = positional[place]
            place += 1
        elif kind in ("*", "i") and place < count:
            bound[name], place = list(positional[place:]), count
        elif kind == "**":
            continue
        elif name in keywords and kind != "p":
            bound[name] = keywords[name] if kind != "i" else [keywords[name]]
        elif len(entry) == 2 and kind in ("a", "p", "i", "k"):
            return None
    if place < count:
        return None
    for name, value in keywords.items():
        if name not in bound or (bound[name] is not value and bound[name] != [value]):
            return None
    return bound


def bind_all(
    overloads: Sequence[Overload], positional: Sequence[T], keywords: Mapping[str, T]
) -> list[dict[str, T | list[T]]]:
    """Every way in which the overloads accept these arguments; by position alone where no signature is known."""
    if not overloads:
        return [{**{f"#{i}": value for i, value in enumerate(positional)}, **keywords}]
    found = []
    for overload in overloads:
        bound = bind(overload, positional, keywords)
        if bound is not None and bound not in found:
            found.append(bound)
    return found
