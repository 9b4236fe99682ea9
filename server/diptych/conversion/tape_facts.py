"""What a file's text says of its functions with regard to ``tf.GradientTape``, before any of them is converted."""

from __future__ import annotations

import builtins
import keyword
import re

from diptych.text import blocks

OPENS = re.compile(r"^([ \t]*)with\b.*\bGradientTape\(.*$", re.MULTILINE)
CLASSES = re.compile(r"^[ \t]*class[ \t]+(\w+)", re.MULTILINE)
# What is called by a name of its own, as an attribute of ``self``, or as an element of something.
VALUES = re.compile(r"(?<![\w.])(?:self\.)?(\w+)\s*\(|\]\s*\(")
VARIABLES = re.compile(r"\b(\w+)\s*=\s*tf\.Variable\(")
IMPORTS = re.compile(r"^[ \t]*(?:from\s+\S+\s+)?import\b(?:\s*\([^)]*\)|[^\n]*)", re.MULTILINE)
PYTHON = set(dir(builtins)) | set(keyword.kwlist)


def facts_of(text: str) -> set[str]:
    """Facts of a TensorFlow file with tapes: "under a tape: NAME" of functions that are called under a tape, or by
    such functions; "takes gradients: NAME" of those that open one, or call one that does; "computes: NAME" of those
    that may read weights: they call what is no function of the file, such as a model, or read a variable.
    """
    if "GradientTape" not in text:
        return set()
    bodies = blocks.functions(text)
    calls = {name: blocks.called(body) for name, body in bodies.items()}
    taped = set[str]().union(*(blocks.called(blocks.indented(text, found)) for found in OPENS.finditer(text)))
    under = blocks.reached(taped, calls)
    known = PYTHON | set(CLASSES.findall(text)) | bodies.keys()
    for found in IMPORTS.finditer(text):
        known |= set(re.findall(r"\w+", found.group()))
    variables = set(VARIABLES.findall(text))
    takes = _callers(calls, {name for name, body in bodies.items() if "GradientTape" in body or ".minimize(" in body})
    computes = _callers(calls, {name for name, body in bodies.items() if _computes(body, known, variables)})
    named = {"under a tape": under, "takes gradients": takes, "computes": computes}
    return {f"{fact}: {name}" for fact, names in named.items() for name in names}


def _computes(body: str, known: set[str], variables: set[str]) -> bool:
    if any(found.group(1) is None or found.group(1) not in known for found in VALUES.finditer(body)):
        return True
    return not variables.isdisjoint(re.findall(r"\w+", body))


def _callers(calls: dict[str, set[str]], found: set[str]) -> set[str]:
    """The functions that are found, and those that call them."""
    while True:
        more = {name for name, called in calls.items() if name not in found and not called.isdisjoint(found)}
        if not more:
            return found
        found = found | more
