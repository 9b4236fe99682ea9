"""What a conversion gives back: the twin, how its lines pair with the source's, and everything it did not or only
conditionally convert.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Framework = Literal["torch", "tensorflow"]
Layout = Literal["channels-last", "preserve"]
EntryKind = Literal["function", "class", "model"]


@dataclass(frozen=True)
class Leftover:
    """A place that was not converted (``error``) or was converted on an assumption (``warning``).

    Lines count from 1 and columns from 0, in code points of the source text.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    api: str
    reason: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Axes:
    """How the axes of one tensor differ between source and twin.

    ``permutation[i]`` is the source axis that stands at the twin's axis ``i``; ``None`` means the axes are the same.
    """

    permutation: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Parameter:
    """A parameter of an entry; ``annotation`` and ``default`` are source text, or ``None`` where absent."""

    name: str
    annotation: str | None = None
    default: str | None = None
    axes: Axes = Axes()


@dataclass(frozen=True)
class Entry:
    """Something that verification can run on both sides: a function, a module or model class, or a variable that
    holds a model.

    ``name`` is the same in source and twin. For a class, ``parameters`` are those of ``forward``/``call`` (without
    ``self``)
    and ``constructor`` those of ``__init__``. ``outputs`` gives the axes of each tensor returned,
    in flattened order; a single
    item stands for all. ``comment`` is the text after ``# diptych:`` that belongs to the definition, or ``None``.
    ``line`` is the source line of the definition; ``example`` holds call arguments found in the file, as text, if any.
    """

    name: str
    kind: EntryKind
    line: int
    parameters: tuple[Parameter, ...] = ()
    constructor: tuple[Parameter, ...] = ()
    outputs: tuple[Axes, ...] = ()
    comment: str | None = None


@dataclass(frozen=True)
class Held:
    """How the twin holds what the source's ``line`` assigns to ``name`` (or returns, where that is ``return``):
    ``permutations`` of each tensor in it, as in :class:`Axes`; a single one stands for all. ``known`` says what a
    tensor's dtype and sizes are in the source, ``float32[?,8,?,?]``; it is empty where nothing is known.
    """

    line: int
    name: str
    permutations: tuple[tuple[int, ...] | None, ...]
    known: str = ""


@dataclass(frozen=True)
class Conversion:
    """The result of converting one text. ``lines`` pairs (source line, twin line) of statements, both counted from
    1; ``held`` tells of those values whose order of axes is known.
    """

    source: str
    twin: str
    framework: Framework
    to: Framework
    layout: Layout = "channels-last"
    leftovers: tuple[Leftover, ...] = ()
    notes: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    lines: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    held: tuple[Held, ...] = field(default=(), repr=False)

    @property
    def complete(self) -> bool:
        """Whether nothing was left over; assumptions do not count."""
        return not any(leftover.severity == "error" for leftover in self.leftovers)
