"""The card of a rule: what hover and ``diptych explain`` show, as Markdown."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diptych.catalog import samples
from diptych.catalog.rendering import render
from diptych.catalog.rule import SIDES, Branch, Rule, Side

TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}


def card(rule: Rule, first: str = "torch") -> str:
    """The rule in Markdown: its docstring, on how many samples both sides agree, both as code, and where they differ.

    ``first`` is the side that comes first. The samples are those that ``diptych rules test`` runs.
    """
    order = sorted(SIDES, key=lambda side: side != first)
    number = samples.count(rule)
    parts = [f"{rule.doc.strip()}\n\nSame on {number} sample{'' if number == 1 else 's'}."]
    for side in order:
        parts.append(f"**{TITLES[side]}**\n\n```python\n{side_text(rule.side(side))}\n```")
    differences = list(differences_of(rule))
    if differences:
        parts.append("**Where they differ**\n\n" + "\n".join(f"- {difference}" for difference in differences))
    return "\n\n".join(parts)


def side_text(side: Side) -> str:
    """One side as code: the spellings of each branch, with the condition as a comment where there are several."""
    several = len(side.branches) > 1
    blocks = []
    for branch in side.branches:
        lines = [f"# {_condition(branch)}"] if several else []
        if branch.why is not None:
            lines.append(f"# not converted: {branch.why}")
        lines += [render(spelling) for spelling in branch.spellings]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def _condition(branch: Branch) -> str:
    if branch.conditions:
        return "where " + " and ".join(render(condition) for condition in branch.conditions)
    return "otherwise" if branch.excluded else "always"


def differences_of(rule: Rule) -> Iterator[str]:
    """The reasons given for the cases in which both sides are known to differ, each once."""
    text = rule.attributes.get("differs")
    if not text:
        return
    seen = set()
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if (
                    keyword.arg == "because"
                    and isinstance(keyword.value, ast.Constant)
                    and keyword.value.value not in seen
                ):
                    seen.add(keyword.value.value)
                    yield str(keyword.value.value)
