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
    rest = list(positional)
    for name, kind, *default in overload:
        if kind in ("*", "i") and rest:
            bound[name], rest = list(rest), []
        elif kind == "**":
            continue
        elif kind in ("a", "p") and rest:
            bound[name] = rest.pop(0)
        elif name in keywords and kind != "p":
            bound[name] = keywords[name] if kind != "i" else [keywords[name]]
        elif not default and kind in ("a", "p", "i", "k"):
            return None
    if (
        rest
        or any(name not in bound for name in keywords)
        or any(
            name in keywords and bound[name] is not keywords[name] and bound[name] != [keywords[name]] for name in bound
        )
    ):
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
