"""A hundred mistakes that people make within one framework: which check finds each, or why none does.

``python -m tests.checks.mistakes docs/mistakes.md`` writes the page; ``test_mistakes.py`` runs every example.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from diptych import checks

DATA = Path(__file__).parent / "data" / "mistakes.toml"
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


def load() -> list[Mistake]:
    """All of them, in the order of the file."""
    return [Mistake(**one) for one in tomllib.loads(DATA.read_text(encoding="utf-8"))["mistake"]]


def found(mistake: Mistake) -> list[str]:
    """The codes of what the checks find in a mistake's example, each once."""
    return sorted({finding.code for finding in checks.run(_IMPORTS + mistake.example)})


def page() -> str:
    """The page as Markdown."""
    mistakes = [(one, found(one)) for one in load()]
    rows = [f"| {one.framework} | {one.mistake} | {', '.join(codes) or one.why} |" for one, codes in mistakes]
    count = sum(bool(codes) for _, codes in mistakes)
    head = (
        "# A hundred mistakes\n\nMistakes that people make within one framework, and the check that finds each; where "
        f"none does, the reason. {count} of {len(mistakes)} are found. The tests run an example of each.\n\n"
        "This page is generated from `tests/checks/data/mistakes.toml` by `python -m tests.checks.mistakes "
        "docs/mistakes.md`.\n\n| framework | mistake | found by, or why not |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
