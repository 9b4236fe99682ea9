"""A hundred mistakes that people make within one framework: which check finds each, or why none does.

Then the rules of TorchFix in the same way. ``python -m tests.checks.mistakes docs/mistakes.md`` writes the page;
``test_mistakes.py`` runs every example.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from diptych import checks

DATA = Path(__file__).parent / "data"
PAGE = Path(__file__).parents[2] / "docs" / "mistakes.md"
_IMPORTS = """\
import keras
import numpy as np
import random
import tensorflow as tf
import torch
import torch.nn.functional as F
from torch import nn
"""


@dataclass(frozen=True)
class Mistake:
    """What goes wrong and code that does it; ``why`` is the reason where no check finds it."""

    framework: str
    mistake: str
    example: str
    why: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule of TorchFix: what it looks for, and code that has it or the reason why no check looks for it."""

    code: str
    what: str
    examples: list[str] = field(default_factory=list)
    why: str = ""


def load() -> list[Mistake]:
    """All of them, in the order of the file."""
    return [Mistake(**one) for one in _read("mistakes.toml")["mistake"]]


def rules() -> list[Rule]:
    """The rules of TorchFix, in the order of the file."""
    return [Rule(**one) for one in _read("torchfix.toml")["rule"]]


def _read(name: str) -> dict[str, list[dict[str, object]]]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def found(example: str) -> list[str]:
    """The codes of what the checks find in an example, each once."""
    return sorted({finding.code for finding in checks.run(_IMPORTS + example)})


def page() -> str:
    """The page as Markdown."""
    mistakes = [(one, found(one.example)) for one in load()]
    rows = [f"| {one.framework} | {one.mistake} | {', '.join(codes) or one.why} |" for one, codes in mistakes]
    count = sum(bool(codes) for _, codes in mistakes)
    head = (
        "# A hundred mistakes\n\nMistakes that people make within one framework, and the check that finds each; where "
        f"none does, the reason. {count} of {len(mistakes)} are found. The tests run an example of each.\n\n"
        "This page is generated from `tests/checks/data` by `python -m tests.checks.mistakes "
        "docs/mistakes.md`.\n\n| framework | mistake | found by, or why not |\n|---|---|---|\n"
    )
    theirs = (
        "\n## TorchFix's rules\n\nWhat TorchFix 0.7 looks for, and the checks that find it; where none does, the "
        "reason.\n\n| rule | looks for | found by, or why not |\n|---|---|---|\n"
    )
    codes = [(one, sorted({code for example in one.examples for code in found(example)})) for one in rules()]
    other = [f"| {one.code} | {one.what} | {', '.join(by) or one.why} |" for one, by in codes]
    return head + "\n".join(rows) + "\n" + theirs + "\n".join(other) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
