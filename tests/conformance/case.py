"""One sample written as code, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["same", "tie", "kink", "rounding", "refused", "announced", "wrong", "raises", "crash", "invalid"]
# Where the twin computes the same: as it is, up to the choice among equal values, up to the choice of a gradient where
# the function has none, and up to rounding: the same in float64, and in float32 off by a hundred thousandth at most.
GOOD = ("same", "tie", "kink", "rounding")
# The twin differs, raises, or there is none, and nobody said so.
BAD = ("wrong", "raises", "crash")


@dataclass(frozen=True)
class Case:
    """One sample as code.

    ``code`` defines ``entry`` (a function, or a class for kind "class") below ``comment`` (``# diptych: ...``, or
    ``None`` where types are not stated); ``imports`` stand once at the top of a text of many cases. ``arrays`` are its
    arguments, ``sample`` says which cases have the same ones. ``compare`` is "values", "shapes" (random or
    uninitialised results) or the name of a comparison that the caller brings. ``gradients`` lists the arguments whose
    gradients are compared. ``job`` overrides what the worker is told (see ``diptych/worker/snippets.py``).
    """

    subject: str
    family: str
    form: str
    dtype: str
    label: str
    entry: str
    code: str
    arrays: tuple[Any, ...]
    comment: str | None = None
    sample: Any = None
    gradients: tuple[int, ...] = ()
    compare: str = "values"
    dim: int | None = None
    job: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The definition with its comment."""
        return f"{self.comment}\n{self.code}" if self.comment else self.code

    @property
    def typed(self) -> bool:
        """Whether the types are stated, as far as there are any."""
        return self.comment is not None or not self.arrays


@dataclass(frozen=True)
class Outcome:
    """What came of a case. ``detail`` is the reason of a refusal or what differs; ``assumed`` are the assumptions."""

    case: Case
    kind: Kind
    detail: str = ""
    twin: str = ""
    assumed: tuple[str, ...] = ()


def stated(names: list[str], arrays: list[Any]) -> str | None:
    """The comment that states what the arrays are."""
    import numpy as np

    said = [
        f"{name}={array.dtype}[{','.join(map(str, array.shape))}]"
        for name, array in zip(names, arrays, strict=True)
        if isinstance(array, np.ndarray)
    ]
    return f"# diptych: {', '.join(said)}" if said else None
