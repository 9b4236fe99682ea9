"""Blocks of a text by their indentation alone, without parsing it: what a whole file says, before any of it is read."""

from __future__ import annotations

import re

DEFINES = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*(?:\((?:[^()]|\([^()]*\))*\))?", re.MULTILINE)
CALLED = re.compile(r"\b(\w+)\s*\(")


def indented(text: str, opening: re.Match[str]) -> str:
    """The rest of a line, and those below it that stand further in than the first group of ``opening`` does."""
    deep = rf"[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n|{opening.group(1)}[ \t]+[^\n]*(?:\n|\Z))*"
    found = re.compile(deep).match(text, opening.end())
    return found.group() if found else ""


def functions(text: str) -> dict[str, str]:
    """The bodies of functions and methods by name, those of several of one name together."""
    bodies: dict[str, str] = {}
    for found in DEFINES.finditer(text):
        bodies[found.group(2)] = bodies.get(found.group(2), "") + indented(text, found)
    return bodies


def called(text: str) -> set[str]:
    """The last names of what a text calls."""
    return set(CALLED.findall(text))


def reached(names: set[str], calls: dict[str, set[str]]) -> set[str]:
    """The functions among names, and those that they call in turn."""
    waiting, found = set(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name in calls and name not in found:
            found.add(name)
            waiting |= calls[name]
    return found
