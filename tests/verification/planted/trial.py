"""One planted bug: convert a model, change a line of the twin, verify, and judge the line that is reported."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.conversion import convert
from diptych.conversion.result import Conversion
from diptych.verification import Options, Verdict, verify

from .plant import Bug, bugs
from .reading import rightful

MODELS = Path(__file__).parent / "models"
TRIES = 40


@dataclass(frozen=True)
class Trial:
    """A bug that made the verdict *differs*, what was said of it, and how many before it changed nothing that shows."""

    model: str
    bug: Bug
    twin: str
    verdict: Verdict
    replaced: int

    @property
    def reported(self) -> int | None:
        """The line of the twin that verification points at."""
        found = self.verdict.divergence
        return found.twin.line if found is not None and found.twin is not None else None

    @property
    def right(self) -> bool:
        """Whether that is the planted line, or the first that reads its value."""
        return self.reported in rightful(self.twin, self.bug.line)

    def row(self) -> str:
        """One line of the table."""
        found = self.verdict.divergence
        reported = "nothing" if self.reported is None else f"line {self.reported} ({found.kind if found else ''})"
        mark = "ok  " if self.right else "MISS"
        change = f"{self.bug.before.strip()}  ->  {self.bug.after.strip()}"
        return f"{mark} {self.model:12} {self.bug.kind:9} line {self.bug.line:<4} {reported:22} {change}"

    def explained(self) -> str:
        """Everything needed to see why a line was missed."""
        found = self.verdict.divergence
        said = "\n".join(found.lines()) if found is not None else "no divergence"
        may_be = sorted(rightful(self.twin, self.bug.line))
        return f"{self.row()}\nright would be {may_be}\n{self.verdict.summary}\n{said}"


def names() -> list[str]:
    """The models, in alphabetical order."""
    return sorted(path.stem for path in MODELS.glob("*.py"))


@functools.cache
def converted(path: Path) -> Conversion:
    """The twin of a model; it must be whole."""
    conversion = convert(path.read_text(encoding="utf-8"))
    assert conversion.complete, (path.name, conversion.leftovers)
    return conversion


def of_the_user(conversion: Conversion) -> set[int]:
    """The lines of the twin that stand for definitions of the source: not the helpers that Diptych brings along."""
    mapped = {there for _, there in conversion.lines}
    found: set[int] = set()
    for node in ast.parse(conversion.twin).body:
        lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if lines & mapped and not isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= lines
    return found


def trials(path: Path, seed: int, each: int, *, silent: bool = False) -> Iterator[Trial]:
    """The first ``each`` bugs of a model that make a difference, ``silent`` ones without the twin raising. Raises
    ``LookupError`` where none does.
    """
    conversion = converted(path)
    entry = conversion.entries[-1].name
    own = of_the_user(conversion)
    replaced = found = 0
    for bug in bugs(conversion.twin, own, f"{seed}:{path.stem}")[:TRIES]:
        wrong = replace(conversion, twin=bug.planted(conversion.twin))
        [verdict] = verify(wrong, [entry], Options(device="cpu"))
        raises = verdict.divergence is not None and verdict.divergence.kind == "raises"
        if verdict.verdict != "differs" or (silent and (raises or verdict.twin_line is not None)):
            replaced += 1
            continue
        yield Trial(path.stem, bug, wrong.twin, verdict, replaced)
        found += 1
        if found == each:
            return
    if not found:
        raise LookupError(f"{path.name}: none of {replaced} bugs makes a difference")
